package drivertest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// Benchmarks measures the common operations of a driver in buckets of several
// sizes, each as a sub-benchmark: "Write/100", "Stat/10000", ….
func Benchmarks(b *testing.B, factory func(b *testing.B) (storage.Storage, func())) {
	for _, op := range []struct {
		name string
		run  func(b *testing.B, bucket storage.Bucket, n int)
	}{
		{"Write", benchWrite},
		{"Open", benchOpen},
		{"Stat", benchStat},
		{"ListPage", func(b *testing.B, bucket storage.Bucket, n int) { benchList(b, bucket, 100, n/2) }},
		{"ListAll", func(b *testing.B, bucket storage.Bucket, _ int) { benchList(b, bucket, 0, 0) }},
		{"MoveDirectory", benchMove},
	} {
		for _, n := range []int{100, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", op.name, n), func(b *testing.B) {
				st, release := factory(b)
				defer release()
				bucket := st.Bucket(bucketName)
				for i := range n {
					benchPut(b, bucket, benchKey(i))
				}
				b.ReportAllocs()
				op.run(b, bucket, n)
			})
		}
	}
}

var benchContent = strings.Repeat("0123456789abcdef", 64)

// benchKey spreads keys over directories of a hundred objects.
func benchKey(i int) string { return fmt.Sprintf("dir/%04d/%06d", i/100, i) }

func benchPut(b *testing.B, bucket storage.Bucket, key string) {
	_, err := bucket.Write(context.Background(), key, strings.NewReader(benchContent), int64(len(benchContent)), "text/plain", nil)
	require.NoError(b, err)
}

func benchWrite(b *testing.B, bucket storage.Bucket, n int) {
	for i := 0; b.Loop(); i++ {
		benchPut(b, bucket, benchKey(i%n))
	}
}

func benchOpen(b *testing.B, bucket storage.Bucket, n int) {
	for i := 0; b.Loop(); i++ {
		rc, _, err := bucket.Open(context.Background(), benchKey(i%n), 0, 0, nil)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, rc)
		require.NoError(b, err)
		require.NoError(b, rc.Close())
	}
}

func benchStat(b *testing.B, bucket storage.Bucket, n int) {
	for i := 0; b.Loop(); i++ {
		_, err := bucket.Stat(context.Background(), benchKey(i%n), nil)
		require.NoError(b, err)
	}
}

func benchList(b *testing.B, bucket storage.Bucket, limit, offset int) {
	for b.Loop() {
		require.NoError(b, listing(bucket.List(context.Background(), "", limit, offset, nil)))
	}
}

func benchMove(b *testing.B, bucket storage.Bucket, _ int) {
	dirs, ok := bucket.(storage.HasDirectories)
	if !ok {
		b.Skip("the driver's buckets have no directories (storage.HasDirectories)")
	}
	places := []string{"dir", "moved"}
	for i := 0; b.Loop(); i++ {
		_, err := dirs.Directory(places[i%2]).Move(context.Background(), places[1-i%2], nil)
		require.NoError(b, err)
	}
}
