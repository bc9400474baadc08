package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// startCommand runs the command and returns the environment that it prints.
func startCommand(t *testing.T, args ...string) map[string]string {
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, args, w, io.Discard)
		w.Close()
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	env := make(map[string]string)
	lines := bufio.NewScanner(r)
	for len(env) < 5 && lines.Scan() {
		text, ok := strings.CutPrefix(lines.Text(), "export ")
		require.True(t, ok, lines.Text())
		name, value, _ := strings.Cut(text, "=")
		env[name] = value
	}
	require.Len(t, env, 5)
	return env
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "photos", "alps"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "photos", "alps", "peak.txt"), []byte("Matterhorn"), 0o666))
	env := startCommand(t, "-load", dir, "-buckets", "more, most", "-anonymous", "-time", "2026-01-02T03:04:05Z")
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(env["AWS_ENDPOINT_URL"]), Region: env["AWS_REGION"], UsePathStyle: true,
		Credentials: aws.AnonymousCredentials{}, HTTPClient: &http.Client{Transport: transport},
	})
	ctx := context.Background()
	buckets, err := client.ListBuckets(ctx, &s3.ListBucketsInput{})
	require.NoError(t, err)
	require.Len(t, buckets.Buckets, 3)
	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("more"), Key: aws.String("a b+c/é"), Body: strings.NewReader("x")})
	require.NoError(t, err)
	head, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("more"), Key: aws.String("a b+c/é")})
	require.NoError(t, err)
	require.Equal(t, "2026-01-02T03:04:05Z", head.LastModified.Format(time.RFC3339))
	object, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("photos"), Key: aws.String("alps/peak.txt")})
	require.NoError(t, err)
	content, err := io.ReadAll(object.Body)
	require.NoError(t, err)
	require.Equal(t, "Matterhorn", string(content))
	require.Equal(t, `"a07bff3e727bbe305ae3b74f1606c250"`, *object.ETag)
}

// What one command saves at the end, another starts from.
func TestSaveAndLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "saved")
	t.Run("save", func(t *testing.T) {
		env := startCommand(t, "-buckets", "photos", "-save", file, "-anonymous")
		requestOf(t, http.MethodPut, env["AWS_ENDPOINT_URL"]+"/photos/a", "1")
		requestOf(t, http.MethodPost, env["AWS_ENDPOINT_URL"]+"/photos/big?uploads", "")
	})
	env := startCommand(t, "-load", file, "-anonymous")
	require.Equal(t, "1", requestOf(t, http.MethodGet, env["AWS_ENDPOINT_URL"]+"/photos/a", ""))
	require.Contains(t, requestOf(t, http.MethodGet, env["AWS_ENDPOINT_URL"]+"/photos?uploads", ""), "<Key>big</Key>")
}

// requestOf sends a request and returns the body of the answer.
func requestOf(t *testing.T, method, url, body string) string {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{
		{"-unknown"}, {"argument"}, {"-time", "yesterday"}, {"-load", "missing"}, {"-addr", "nowhere:-1"}, {"-buckets", "\xff"},
	} {
		require.Error(t, run(context.Background(), args, io.Discard, io.Discard), args)
	}
}
