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

// BenchmarkRequests measures PUT and GET of 1 KiB by the AWS SDK.
func BenchmarkRequests(b *testing.B) {
	content := strings.Repeat("x", 1024)
	for _, clients := range []int{1, 8} {
		for _, method := range []string{"put", "get"} {
			for _, c := range contestants {
				b.Run(fmt.Sprintf("%s/clients=%d/%s", method, clients, c.name), func(b *testing.B) {
					client := benchClient(b, c.start(b))
					ctx, bucket := context.Background(), aws.String("bench")
					client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
					put := func(i int64) error {
						_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprintf("key-%d", i%1000)), Body: strings.NewReader(content)})
						return err
					}
					request := put
					if method == "get" {
						for i := range int64(1000) {
							require.NoError(b, put(i))
						}
						request = func(i int64) error {
							out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprintf("key-%d", i%1000))})
							if err != nil {
								return err
							}
							defer out.Body.Close()
							_, err = io.Copy(io.Discard, out.Body)
							return err
						}
					}
					inParallel(b, clients, request)
				})
			}
		}
	}
}

// inParallel divides b.N requests among clients.
func inParallel(b *testing.B, clients int, request func(i int64) error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range clients {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := request(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

// BenchmarkList measures listings of 20,000 objects in 100 directories.
func BenchmarkList(b *testing.B) {
	for _, c := range contestants[:3] {
		b.Run(c.name, func(b *testing.B) {
			client := benchClient(b, c.start(b))
			ctx, bucket := context.Background(), aws.String("bench")
			_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
			require.NoError(b, err)
			for i := range 20_000 {
				_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprintf("dir-%02d/sub-%d/key-%05d", i%100, i/100%10, i)), Body: strings.NewReader("")})
				require.NoError(b, err)
			}
			b.Run("root", func(b *testing.B) {
				for b.Loop() {
					out, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, Delimiter: aws.String("/")})
					require.NoError(b, err)
					require.Len(b, out.CommonPrefixes, 100)
				}
			})
			b.Run("after", func(b *testing.B) {
				for b.Loop() {
					_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, StartAfter: aws.String("dir-50/sub-5"), MaxKeys: aws.Int32(100)})
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
					require.Equal(b, 20_000, n)
				}
			})
		})
	}
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
