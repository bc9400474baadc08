package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// syncBuffer is a buffer that goroutines may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// startCommand runs the command and returns the environment that it prints.
func startCommand(t *testing.T, args ...string) map[string]string {
	return startCommandLog(t, io.Discard, args...)
}

// startCommandLog is startCommand, and stderr goes to log.
func startCommandLog(t *testing.T, log io.Writer, args ...string) map[string]string {
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, args, w, log)
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
	require.Less(t, resp.StatusCode, 300)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}

func TestBadFlags(t *testing.T) {
	good, bad := t.TempDir(), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(good, "bucket"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(good, "bucket", "file"), []byte("1234"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(bad, "text"), []byte("not saved"), 0o666))
	for want, args := range map[string][]string{
		"not defined":      {"-unknown"},
		"unknown argument": {"argument"},
		"cannot parse":     {"-time", "yesterday"},
		"no such file":     {"-load", filepath.Join(bad, "missing")},
		"invalid":          {"-load", filepath.Join(bad, "text")},
		"in no bucket":     {"-load", bad},
		"holds 4 bytes":    {"-load", good, "-max-bytes", "3"},
		"invalid port":     {"-addr", "nowhere:-1"},
		"negative":         {"-max-bytes", "-1"},
		`"\xff" is not`:    {"-buckets", "\xff"},
		`".s3" is not`:     {"-buckets", "good,.s3"},
		"-save: open":      {"-save", filepath.Join(bad, "missing", "file")},
		"is not a file":    {"-save", bad},
		"access key is":    {"-access-key="},
		`"me" is empty`:    {"-access-key", "me", "-secret-key="},
	} {
		require.ErrorContains(t, run(t.Context(), args, io.Discard, io.Discard), want)
	}
	left, err := os.ReadDir(bad)
	require.NoError(t, err)
	require.Len(t, left, 1, "what the check of -save leaves")
}

// TestLoadKeeps starts from a snapshot of a store without exact keys, and keeps what its
// objects have beside the content.
func TestLoadKeeps(t *testing.T) {
	at := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	plain := memdriver.Open(memdriver.WithClock(func() time.Time { return at }))
	_, err := plain.CreateBucket(t.Context(), "photos", nil)
	require.NoError(t, err)
	at = at.Add(time.Hour)
	_, err = plain.Bucket("photos").Write(t.Context(), "a", strings.NewReader("1"), 1, "image/raw", storage.Options{storage.OptMetadata: map[string]string{"mine": "yes"}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "saved")
	require.NoError(t, plain.Snapshot().SaveFile(file))
	env := startCommand(t, "-load", file, "-anonymous")
	resp, err := http.Get(env["AWS_ENDPOINT_URL"] + "/photos/a")
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, `"c4ca4238a0b923820dcc509a6f75849b"`, resp.Header.Get("ETag"))
	require.Equal(t, []string{"image/raw", "yes", at.Format(http.TimeFormat)},
		[]string{resp.Header.Get("Content-Type"), resp.Header.Get("X-Amz-Meta-Mine"), resp.Header.Get("Last-Modified")})
}

// TestLimitAndLog refuses what is more than -max-bytes, in forks too, and logs requests.
func TestLimitAndLog(t *testing.T) {
	log := new(syncBuffer)
	env := startCommandLog(t, log, "-buckets", "photos", "-max-bytes", "10", "-log", "-anonymous", "-access-key", "me", "-secret-key", "mysecret")
	require.Equal(t, "me", env["AWS_ACCESS_KEY_ID"])
	require.Equal(t, "mysecret", env["AWS_SECRET_ACCESS_KEY"])
	url := env["AWS_ENDPOINT_URL"]
	var fork struct{ URL string }
	require.NoError(t, json.Unmarshal([]byte(requestOf(t, http.MethodPost, url+"/_/forks", "")), &fork))
	for _, url := range []string{url, fork.URL} {
		requestOf(t, http.MethodPut, url+"/photos/a", "1234567890")
		r, err := http.NewRequest(http.MethodPut, url+"/photos/b", strings.NewReader("1"))
		require.NoError(t, err)
		r.Close = true
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.NotEqual(t, http.StatusOK, resp.StatusCode)
	}
	require.Contains(t, log.String(), "PUT /photos/a 200")
}
