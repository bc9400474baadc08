package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/testservers"
	s3driver "open-lake.dev/lib/storage/driver/s3"
)

// s3Way is a way to write and read an object of S3.
type s3Way struct {
	name  string
	write func(ctx context.Context, key string, content []byte) error
	read  func(ctx context.Context, key string) (int64, error)
}

// BenchmarkS3 compares the driver with the AWS SDK beneath it and with gocloud.dev's
// s3blob.
func BenchmarkS3(b *testing.B) {
	b.Run("s3mem", func(b *testing.B) { compareS3(b, testservers.S3Mem(b)) })
	b.Run("versitygw", func(b *testing.B) { compareS3(b, testservers.VersityGW(b)) })
}

// compareS3 takes turns, so that whatever else the machine does slows all ways down
// alike, and reports the median of each.
func compareS3(b *testing.B, s *testservers.Service) {
	ways := s3Ways(b, s)
	for _, size := range []struct {
		name  string
		bytes int
	}{{"1KiB", 1 << 10}, {"64MiB", 64 << 20}} {
		content := make([]byte, size.bytes)
		rand.Read(content)
		key := "key-" + size.name
		b.Run(size.name+"/write", func(b *testing.B) {
			takeTurns(b, ways, func(way s3Way) error { return way.write(b.Context(), key, content) })
		})
		b.Run(size.name+"/read", func(b *testing.B) {
			takeTurns(b, ways, func(way s3Way) error {
				n, err := way.read(b.Context(), key)
				if err == nil && n != int64(size.bytes) {
					err = fmt.Errorf("%s gave %d bytes", way.name, n)
				}
				return err
			})
		})
	}
}

func takeTurns(b *testing.B, ways []s3Way, do func(s3Way) error) {
	took := make(map[string][]time.Duration)
	for b.Loop() {
		for _, way := range ways {
			start := time.Now()
			fatal(b, do(way))
			took[way.name] = append(took[way.name], time.Since(start))
		}
	}
	b.ReportMetric(0, "ns/op") // of all ways together
	for name, times := range took {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, name+"-ms")
	}
}

func s3Ways(b *testing.B, s *testservers.Service) []s3Way {
	client := s3.New(s3.Options{
		BaseEndpoint: &s.URL,
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(testservers.AccessKey, testservers.SecretKey, ""),
	})
	bucket := "b" + strings.ToLower(rand.Text())
	_, err := client.CreateBucket(b.Context(), &s3.CreateBucketInput{Bucket: &bucket})
	fatal(b, err)
	st, err := s3driver.Open(b.Context(), client, s3driver.Config{Bucket: bucket})
	fatal(b, err)
	gb, err := s3blob.OpenBucket(b.Context(), client, bucket, nil)
	fatal(b, err)
	b.Cleanup(func() { fatal(b, st.Close()); fatal(b, gb.Close()) })
	return []s3Way{
		sdkWay(client, bucket),
		partsWay(client, bucket),
		driverWay("driver", st.Bucket("bench"), func(r *bytes.Reader) io.Reader { return r }),
		driverWay("streamed", st.Bucket("streamed"), func(r *bytes.Reader) io.Reader { return struct{ io.Reader }{r} }),
		blobWay(gb),
	}
}

func sdkWay(client *s3.Client, bucket string) s3Way {
	return s3Way{"sdk", func(ctx context.Context, key string, content []byte) error {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("sdk/" + key), Body: bytes.NewReader(content)})
		return err
	}, func(ctx context.Context, key string) (int64, error) {
		return readSDK(ctx, client, bucket, "sdk/"+key)
	}}
}

// partsWay uploads a large object in parts by the SDK's own means.
func partsWay(client *s3.Client, bucket string) s3Way {
	manager := transfermanager.New(client)
	return s3Way{"sdk-parts", func(ctx context.Context, key string, content []byte) error {
		_, err := manager.UploadObject(ctx, &transfermanager.UploadObjectInput{Bucket: &bucket, Key: aws.String("parts/" + key), Body: bytes.NewReader(content)})
		return err
	}, func(ctx context.Context, key string) (int64, error) {
		return readSDK(ctx, client, bucket, "parts/"+key)
	}}
}

func readSDK(ctx context.Context, client *s3.Client, bucket, key string) (int64, error) {
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return 0, err
	}
	defer out.Body.Close()
	return io.Copy(io.Discard, out.Body)
}

// driverWay hands the driver a body as it is, or one that it has to read.
func driverWay(name string, bucket storage.Bucket, body func(*bytes.Reader) io.Reader) s3Way {
	return s3Way{name, func(ctx context.Context, key string, content []byte) error {
		_, err := bucket.Write(ctx, key, body(bytes.NewReader(content)), int64(len(content)), "", nil)
		return err
	}, func(ctx context.Context, key string) (int64, error) {
		r, _, err := bucket.Open(ctx, key, 0, 0, nil)
		if err != nil {
			return 0, err
		}
		defer r.Close()
		return io.Copy(io.Discard, r)
	}}
}

func blobWay(bucket *blob.Bucket) s3Way {
	return s3Way{"s3blob", func(ctx context.Context, key string, content []byte) error {
		return bucket.Upload(ctx, "s3blob/"+key, bytes.NewReader(content), &blob.WriterOptions{ContentType: "application/octet-stream"})
	}, func(ctx context.Context, key string) (int64, error) {
		r, err := bucket.NewReader(ctx, "s3blob/"+key, nil)
		if err != nil {
			return 0, err
		}
		defer r.Close()
		return io.Copy(io.Discard, r)
	}}
}

func fatal(b *testing.B, err error) {
	if b.Helper(); err != nil {
		b.Fatal(err)
	}
}

func TestMain(m *testing.M) { os.Exit(testservers.Main(m)) }
