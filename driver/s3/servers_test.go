package s3driver

import (
	"crypto/rand"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// onServices runs a test on each service.
func onServices(t *testing.T, test func(t *testing.T, s *testservers.Service)) {
	for name, get := range map[string]func(testing.TB) *testservers.Service{
		"s3mem":     testservers.S3Mem,
		"versitygw": testservers.VersityGW,
	} {
		t.Run(name, func(t *testing.T) { test(t, get(t)) })
	}
}

// nameOf returns the data source name of a bucket of a service, with more parameters.
func nameOf(s *testservers.Service, bucket string, more ...string) string {
	return "s3://" + bucket + "?" + strings.Join(append(more, "use_path_style=true", "endpoint="+url.QueryEscape(s.URL)), "&")
}

// client returns a client of a service.
func client(t testing.TB, s *testservers.Service, options ...func(*s3.Options)) *s3.Client {
	c, err := newClient(t.Context(), &settings{endpoint: s.URL, pathStyle: true})
	require.NoError(t, err)
	return s3.New(c.Options(), options...)
}

// newBucket creates a bucket of a service.
func newBucket(t testing.TB, s *testservers.Service) string {
	name := "b" + strings.ToLower(rand.Text())
	_, err := client(t, s).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(name)})
	require.NoError(t, err)
	return name
}

// newStore opens a store of its own.
func newStore(t testing.TB, s *testservers.Service, options ...func(*s3.Options)) storage.Storage {
	st, err := Open(t.Context(), client(t, s, options...), Config{Bucket: newBucket(t, s)})
	require.NoError(t, err)
	t.Cleanup(func() { st.Close() })
	return st
}
