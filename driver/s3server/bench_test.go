package s3server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api"
)

// contestants are the endpoints that are measured, each started empty.
var contestants = []struct {
	name  string
	start func(b *testing.B) (url string)
}{
	{"s3server", func(b *testing.B) string { return newTestServer(b).URL() }},
	{"gofakes3", startGofakes3},
	{"versitygw-tmpfs", startPosix},
	{"map", startMap},
}

func startGofakes3(b *testing.B) string {
	srv := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	b.Cleanup(srv.Close)
	return srv.URL
}

// startPosix starts versitygw over a directory in memory.
func startPosix(b *testing.B) string {
	dir, err := os.MkdirTemp("/dev/shm", "s3server")
	if err != nil {
		b.Skip("there is no /dev/shm")
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	here, err := os.Getwd()
	require.NoError(b, err)
	be, err := posix.New(dir, meta.XattrMeta{}, posix.PosixOpts{})
	require.NoError(b, err)
	b.Cleanup(func() {
		be.Shutdown()
		os.Chdir(here) // which posix has left
	})
	c := defaults()
	c.layerOptions = []s3api.Option{}
	server, err := newProtocol(be, newAccounts(&c), &c)
	require.NoError(b, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	b.Cleanup(func() { l.Close() })
	go server.Serve(l)
	return "http://" + l.Addr().String()
}

// startMap starts a map behind net/http, which knows nothing of S3 but GET and PUT.
func startMap(b *testing.B) string {
	var objects sync.Map
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPut:
			content, _ := io.ReadAll(r.Body)
			objects.Store(r.URL.Path, content)
			w.Header().Set("ETag", `"0"`)
		case http.MethodGet:
			if content, ok := objects.Load(r.URL.Path); ok {
				w.Write(content.([]byte))
			} else {
				w.WriteHeader(http.StatusNotFound)
			}
		}
	}))
	b.Cleanup(srv.Close)
	return srv.URL
}

// benchClient returns a client of an endpoint.
func benchClient(b *testing.B, url string) *s3.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	b.Cleanup(transport.CloseIdleConnections)
	return s3.New(s3.Options{
		BaseEndpoint: &url, Region: DefaultRegion, UsePathStyle: true, HTTPClient: &http.Client{Transport: transport},
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: DefaultAccessKey, SecretAccessKey: DefaultSecretKey}, nil
		}),
	})
}

// inParallel divides n requests, counted from 1, among clients.
func inParallel(b *testing.B, clients int, n int64, request func(i int64) error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for i := next.Add(1); i <= n; i = next.Add(1) {
				if err := request(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkStart measures to start and stop a server.
func BenchmarkStart(b *testing.B) {
	store := NewStore()
	defer store.Close()
	for b.Loop() {
		srv, err := New(store)
		require.NoError(b, err)
		require.NoError(b, srv.Close())
	}
}

// BenchmarkRewind measures to take and restore a snapshot, and to fork a server.
func BenchmarkRewind(b *testing.B) {
	srv := newTestServer(b)
	for i := range 1000 {
		_, err := srv.Store().Bucket("bench").Write(context.Background(), fmt.Sprint(i), strings.NewReader("x"), 1, "", nil)
		require.NoError(b, err)
	}
	b.Run("snapshot", func(b *testing.B) {
		for b.Loop() {
			srv.Store().Snapshot()
		}
	})
	b.Run("restore", func(b *testing.B) {
		snap := srv.Store().Snapshot()
		for b.Loop() {
			srv.Store().Restore(snap)
		}
	})
	b.Run("fork", func(b *testing.B) {
		for b.Loop() {
			f, err := srv.control.fork(srv.Store().Snapshot())
			require.NoError(b, err)
			srv.control.closeFork(f.Name)
		}
	})
}
