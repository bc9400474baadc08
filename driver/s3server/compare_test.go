package s3server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// cpuTime returns the processor time of this process.
func cpuTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sample is what a round measured.
type sample struct {
	perSecond float64
	cpu       time.Duration // per request, client and server
}

// median returns the medians of both.
func median(samples []sample) (m sample) {
	rates, cpus := make([]float64, len(samples)), make([]time.Duration, len(samples))
	for i, s := range samples {
		rates[i], cpus[i] = s.perSecond, s.cpu
	}
	slices.Sort(rates)
	slices.Sort(cpus)
	return sample{rates[len(rates)/2], cpus[len(cpus)/2]}
}

// measure makes requests from clients for a while.
func measure(tb testing.TB, clients int, request func(i int64) error) sample {
	var next atomic.Int64
	var wg sync.WaitGroup
	start, cpu := time.Now(), cpuTime(tb)
	for range clients {
		wg.Go(func() {
			for time.Since(start) < round {
				if err := request(next.Add(1)); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	n := next.Load()
	return sample{float64(n) / time.Since(start).Seconds(), (cpuTime(tb) - cpu) / time.Duration(n)}
}

// The rounds of a comparison: each contestant has as many, in turns, so that what else
// the machine does befalls all alike.
const (
	rounds = 9
	round  = 300 * time.Millisecond
)

// BenchmarkCompare compares the contestants in one run: PUT and GET of 1 KiB by one
// client and by eight. It runs once, whatever -benchtime says.
func BenchmarkCompare(b *testing.B) {
	content := strings.Repeat("x", 1024)
	ctx, bucket := context.Background(), aws.String("bench")
	clients := make([]*s3.Client, len(contestants))
	for i, c := range contestants {
		clients[i] = benchClient(b, c.start(b))
		clients[i].CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	}
	put := func(client *s3.Client, i int64) error {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprintf("key-%d", i%1000)), Body: strings.NewReader(content)})
		return err
	}
	get := func(client *s3.Client, i int64) error {
		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprintf("key-%d", i%1000))})
		if err != nil {
			return err
		}
		defer out.Body.Close()
		_, err = io.Copy(io.Discard, out.Body)
		return err
	}
	for _, client := range clients {
		for i := range int64(1000) {
			require.NoError(b, put(client, i))
		}
	}
	for _, n := range []int{1, 8} {
		compare(b, fmt.Sprintf("put x%d", n), clients, n, put)
		compare(b, fmt.Sprintf("get x%d", n), clients, n, get)
	}
}

// BenchmarkCompareLists compares listings of 20,000 objects in 100 directories. It runs
// once, whatever -benchtime says.
func BenchmarkCompareLists(b *testing.B) {
	ctx, bucket := context.Background(), aws.String("bench")
	clients := make([]*s3.Client, 3)
	for i, c := range contestants[:3] {
		clients[i] = benchClient(b, c.start(b))
		_, err := clients[i].CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
		require.NoError(b, err)
		inParallel(b, 8, 20_000, func(n int64) error {
			key := fmt.Sprintf("dir-%02d/sub-%d/key-%05d", n%100, n/100%10, n)
			_, err := clients[i].PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader("")})
			return err
		})
	}
	page := func(in s3.ListObjectsV2Input, entries int) func(*s3.Client, int64) error {
		in.Bucket = bucket
		return func(client *s3.Client, _ int64) error {
			out, err := client.ListObjectsV2(ctx, &in)
			if err == nil && len(out.Contents)+len(out.CommonPrefixes) != entries {
				err = fmt.Errorf("%d objects and %d prefixes", len(out.Contents), len(out.CommonPrefixes))
			}
			return err
		}
	}
	compare(b, "root", clients, 1, page(s3.ListObjectsV2Input{Delimiter: aws.String("/")}, 100))
	compare(b, "dir", clients, 1, page(s3.ListObjectsV2Input{Delimiter: aws.String("/"), Prefix: aws.String("dir-50/sub-5/")}, 20))
	compare(b, "after", clients, 1, page(s3.ListObjectsV2Input{StartAfter: aws.String("dir-50/sub-5"), MaxKeys: aws.Int32(100)}, 100))
	compare(b, "all", clients, 1, func(client *s3.Client, _ int64) error {
		n := 0
		for pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket}); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			n += len(page.Contents)
		}
		if n != 20_000 {
			return fmt.Errorf("%d objects", n)
		}
		return nil
	})
	compare(b, "page unread", clients, 1, func(client *s3.Client, _ int64) error {
		_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket}, func(o *s3.Options) { o.HTTPClient = unread{o.HTTPClient} })
		return err
	})
}

// unread receives answers and passes on none of their bodies. What is measured with it
// is nearly the server's alone: of a full list, most is the SDK's, which reads XML, and
// in a row of a listing gofakes3 sends four elements, S3 and s3server seven.
type unread struct{ s3.HTTPClient }

func (u unread) Do(r *http.Request) (*http.Response, error) {
	resp, err := u.HTTPClient.Do(r)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		resp.Body = http.NoBody
	}
	return resp, err
}

// compare prints a line for each contestant.
func compare(b *testing.B, name string, clients []*s3.Client, parallel int, request func(*s3.Client, int64) error) {
	samples := make([][]sample, len(clients))
	for r := range rounds {
		for j := range clients {
			i := (r + j) % len(clients)
			samples[i] = append(samples[i], measure(b, parallel, func(n int64) error { return request(clients[i], n) }))
		}
	}
	text := name
	for i, s := range samples {
		m := median(s)
		text += fmt.Sprintf("\n%-16s %8.1f req/s %10s of the processor", contestants[i].name, m.perSecond, m.cpu.Round(time.Microsecond))
	}
	fmt.Println(text) // a benchmark logs ten lines only
}

// BenchmarkUpload measures 64 MiB by the SDK's upload manager, and reading it.
func BenchmarkUpload(b *testing.B) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 64<<20/16)
	for _, c := range contestants[:3] {
		b.Run(c.name, func(b *testing.B) {
			client := benchClient(b, c.start(b))
			ctx, bucket, key := context.Background(), aws.String("bench"), aws.String("key")
			client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
			b.Run("put", func(b *testing.B) {
				b.SetBytes(int64(len(content)))
				for b.Loop() {
					_, err := transfermanager.New(client).UploadObject(ctx, &transfermanager.UploadObjectInput{Bucket: bucket, Key: key, Body: bytes.NewReader(content)})
					require.NoError(b, err)
				}
			})
			b.Run("get", func(b *testing.B) {
				b.SetBytes(int64(len(content)))
				for b.Loop() {
					out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
					require.NoError(b, err)
					n, err := io.Copy(io.Discard, out.Body)
					require.NoError(b, err)
					require.EqualValues(b, len(content), n)
					out.Body.Close()
				}
			})
		})
	}
}
