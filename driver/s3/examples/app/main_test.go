package main

import (
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/internal/testservers"
	"open-lake.dev/lib/storage/examples/app/archive"
)

func TestMain(m *testing.M) { os.Exit(testservers.Main(m)) }

// TestSameOutput runs the program on memory, disk and S3.
func TestSameOutput(t *testing.T) {
	want := output(t, "mem://")
	dir := url.URL{Path: filepath.ToSlash(filepath.Join(t.TempDir(), "data"))}
	require.Equal(t, want, output(t, "file://"+dir.EscapedPath()+"?create_dir=true"))
	for _, get := range []func(testing.TB) *testservers.Service{testservers.S3Mem, testservers.VersityGW} {
		t.Run("S3", func(t *testing.T) { require.Equal(t, want, output(t, bucketOf(t, get(t)))) })
	}
}

// output returns what the program prints on a store.
func output(t *testing.T, dsn string) string {
	t.Setenv("STORAGE_URL", dsn)
	var out strings.Builder
	require.NoError(t, archive.Main(t.Context(), &out), dsn)
	require.NotEmpty(t, out.String())
	return out.String()
}

// bucketOf creates a bucket of a service, and returns the data source name of a store in
// it.
func bucketOf(t *testing.T, s *testservers.Service) string {
	t.Setenv("AWS_ACCESS_KEY_ID", testservers.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", testservers.SecretKey)
	client := s3.New(s3.Options{
		BaseEndpoint: &s.URL,
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(testservers.AccessKey, testservers.SecretKey, ""),
	})
	bucket := "app-" + strings.ToLower(rand.Text()[:8])
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket})
	require.NoError(t, err)
	return "s3://" + bucket + "?use_path_style=true&prefix=test/&endpoint=" + url.QueryEscape(s.URL)
}
