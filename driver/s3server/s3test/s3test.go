// Package s3test starts S3 endpoints for tests.
//
//	func TestUpload(t *testing.T) {
//		srv := s3test.New(t)
//		snaptest.Rollback(t, srv.Store())
//		upload(srv.Client())
//		s3test.Golden(t, srv, "testdata/upload.golden")
//	}
//
// The server listens on a port of 127.0.0.1 that nothing else has, and is closed with
// the test. Its Store is the whole endpoint as a value, so everything in package
// snaptest works on it while the client is any SDK: [snaptest.Rollback] brings
// buckets, objects, versions and uploads in progress back at the end of a subtest,
// and [snaptest.Fork] starts a store of its own for each of a thousand parallel
// subtests, which [Over] serves.
//
// The examples use the AWS SDK; the tests of this package, which are there to be
// copied, also the MinIO client.
package s3test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"go.uber.org/goleak"

	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/s3server"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// Server is an S3 endpoint for a test.
type Server struct{ *s3server.Server }

// New starts a server over an empty store. Both are closed when the test ends.
func New(tb testing.TB, opts ...s3server.Option) *Server {
	tb.Helper()
	return Over(tb, snaptest.New(tb, memdriver.WithExactKeys(), memdriver.WithMD5ETags()), opts...)
}

// Over starts a server over a store with exact keys, such as a fork of another
// server's. The server is closed when the test ends.
func Over(tb testing.TB, store snapshot.Store, opts ...s3server.Option) *Server {
	tb.Helper()
	srv, err := s3server.New(store, opts...)
	if err != nil {
		tb.Fatalf("s3test: %v", err)
	}
	tb.Cleanup(func() { srv.Close() })
	return &Server{srv}
}

// Client returns a client of the AWS SDK with the keys of the root account.
func (s *Server) Client(opts ...func(*s3.Options)) *s3.Client {
	url := s.URL()
	base := s3.Options{BaseEndpoint: &url, Region: s.Region(), UsePathStyle: true, Credentials: s.AWSCredentials()}
	return s3.New(base, opts...)
}

// AWSCredentials returns the keys of the root account, for the AWS SDK.
func (s *Server) AWSCredentials() aws.CredentialsProvider {
	access, secret := s.Credentials()
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: access, SecretAccessKey: secret}, nil
	})
}

// Setenv sets the environment of the test for clients that look there, until the
// test ends. It cannot be used in parallel tests.
func (s *Server) Setenv(tb testing.TB) {
	tb.Helper()
	for _, env := range s.Env() {
		name, value, _ := strings.Cut(env, "=")
		tb.Setenv(name, value)
	}
}

// Golden compares what S3 clients see of the server's store with a golden file, as
// [snaptest.Golden] does. Called with the store itself, that also shows what S3 keeps
// beside objects: hidden buckets, and metadata whose keys begin with a colon.
func Golden(tb testing.TB, s *Server, path string, opts ...snaptest.Option) {
	tb.Helper()
	snaptest.Golden(tb, snaptest.Fork(tb, s3server.Visible(s.Store().Snapshot())), path, opts...)
}

// Nth returns a function for [s3server.WithIntercept] that lets the fault befall the
// nth request of a method, counted from 1.
func Nth(n int64, method string, fault s3server.Fault) func(*s3server.Request) *s3server.Fault {
	var count atomic.Int64
	return func(r *s3server.Request) *s3server.Fault {
		if r.Method != method || count.Add(1) != n {
			return nil
		}
		return &fault
	}
}

// IgnoreLeaks returns options for goleak that ignore the goroutines that the HTTP
// server leaves behind: one for the process, and one for up to ten seconds after a
// server was closed.
func IgnoreLeaks() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	}
}
