package s3server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// million is the number of objects of the benchmarks of large stores, in 1,000
// directories.
const million = 1_000_000

func millionKey(i int) string { return fmt.Sprintf("dir-%03d/key-%06d", i%1000, i) }

// newMillionServer serves a store with as many objects.
func newMillionServer(b *testing.B) *Server {
	srv := newTestServer(b)
	ctx := context.Background()
	require.NoError(b, srv.Store().Update(ctx, func(tx storage.Storage) error {
		if _, err := tx.CreateBucket(ctx, "bench", nil); err != nil {
			return err
		}
		for i := range million {
			if _, err := tx.Bucket("bench").Write(ctx, millionKey(i), nil, 0, "", nil); err != nil {
				return err
			}
		}
		return nil
	}))
	return srv
}

// BenchmarkMillionControl measures the control API at a million objects: the medians
// of 301 requests, over HTTP. It runs once, whatever -benchtime says.
func BenchmarkMillionControl(b *testing.B) {
	srv := newMillionServer(b)
	var forks []string
	b.Logf("snapshot %v", medianOf(301, func(i int) { post[any](b, srv, fmt.Sprintf("/_/snapshots?name=s%d", i)) }))
	b.Logf("restore  %v", medianOf(301, func(int) { post[any](b, srv, "/_/snapshots/s0/restore") }))
	before := heapInUse()
	b.Logf("fork     %v", medianOf(301, func(int) {
		forks = append(forks, post[struct{ Name string }](b, srv, "/_/forks?from=s0").Name)
	}))
	b.Logf("a fork keeps %d KiB", (heapInUse()-before)/301>>10)
	b.Logf("end      %v", medianOf(len(forks), func(i int) { del(b, srv, "/_/forks/"+forks[i]) }))
}

// medianOf calls f n times and returns the median time.
func medianOf(n int, f func(i int)) time.Duration {
	took := make([]time.Duration, n)
	for i := range took {
		begin := time.Now()
		f(i)
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	return took[n/2]
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// post posts to the control API and returns the answer.
func post[T any](b *testing.B, srv *Server, path string) (answer T) {
	resp, err := http.Post(srv.URL()+path, "", nil)
	require.NoError(b, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.Less(b, resp.StatusCode, 300, string(text))
	if len(bytes.TrimSpace(text)) > 0 {
		require.NoError(b, json.Unmarshal(text, &answer))
	}
	return answer
}

func del(b *testing.B, srv *Server, path string) {
	r, err := http.NewRequest(http.MethodDelete, srv.URL()+path, nil)
	require.NoError(b, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(b, err)
	resp.Body.Close()
	require.Less(b, resp.StatusCode, 300)
}

// BenchmarkMillionList lists a million objects, beside gofakes3.
func BenchmarkMillionList(b *testing.B) {
	for _, c := range []struct {
		name  string
		start func(b *testing.B) string
	}{
		{"s3server", func(b *testing.B) string { return newMillionServer(b).URL() }},
		{"gofakes3", startGofakes3Million},
	} {
		b.Run(c.name, func(b *testing.B) {
			client := benchClient(b, c.start(b))
			ctx, bucket := context.Background(), aws.String("bench")
			b.Run("root", func(b *testing.B) {
				for b.Loop() {
					out, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, Delimiter: aws.String("/")})
					require.NoError(b, err)
					require.Len(b, out.CommonPrefixes, 1000)
				}
			})
			b.Run("after", func(b *testing.B) {
				for b.Loop() {
					_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, StartAfter: aws.String("dir-500/key-5"), MaxKeys: aws.Int32(100)})
					require.NoError(b, err)
				}
			})
			b.Run("all", func(b *testing.B) {
				for b.Loop() {
					n := 0
					for pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket}); pages.HasMorePages(); {
						page, err := pages.NextPage(ctx)
						require.NoError(b, err)
						n += len(page.Contents)
					}
					require.Equal(b, million, n)
				}
			})
		})
	}
}

func startGofakes3Million(b *testing.B) string {
	be := s3mem.New()
	require.NoError(b, be.CreateBucket("bench"))
	for i := range million {
		_, err := be.PutObject("bench", millionKey(i), map[string]string{}, bytes.NewReader(nil), 0, nil)
		require.NoError(b, err)
	}
	srv := httptest.NewServer(gofakes3.New(be).Server())
	b.Cleanup(srv.Close)
	return srv.URL
}

// BenchmarkFirstStart measures the first start in a process, and the median of the
// next ones. It runs once, whatever -benchtime says.
func BenchmarkFirstStart(b *testing.B) {
	store := NewStore()
	defer store.Close()
	start := func(int) {
		srv, err := New(store)
		require.NoError(b, err)
		b.Cleanup(func() { srv.Close() })
	}
	b.Logf("first %v", medianOf(1, start))
	before := heapInUse()
	b.Logf("next  %v", medianOf(100, start))
	b.Logf("a server keeps %d KiB", (heapInUse()-before)/100>>10)
}
