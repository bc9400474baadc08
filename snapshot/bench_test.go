package snapshot_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"

	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// BenchmarkDiff compares two snapshots that differ in one directory: what it
// costs does not grow with the others. "all" walks every object instead.
func BenchmarkDiff(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		st := memdriver.Open()
		bucket := st.Bucket("b")
		for i := range n {
			_, err := bucket.Write(ctx, fmt.Sprintf("%d/%d", i%1000, i), strings.NewReader(""), 0, "", nil)
			require.NoError(b, err)
		}
		before := st.Snapshot()
		write(b, bucket, "500/new", "text")
		after := st.Snapshot()
		b.Run(fmt.Sprint("one directory of 1000/objects ", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				changes := 0
				for range snapshot.Diff(before, after) {
					changes++
				}
				require.Equal(b, 1, changes)
			}
		})
		b.Run(fmt.Sprint("all/objects ", n), func(b *testing.B) {
			for b.Loop() {
				changes := 0
				for range snapshot.Diff(new(snapshot.Snapshot), after) {
					changes++
				}
				require.Equal(b, n+1, changes)
			}
		})
	}
}

// BenchmarkDigest compares copying content with computing its ETag, which every
// write must do.
func BenchmarkDigest(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 20, 256 << 20} {
		content := make([]byte, n)
		rand.NewChaCha8([32]byte{}).Read(content)
		to := bytes.Clone(content)
		b.Run(fmt.Sprint("copy/bytes ", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				copy(to, content)
			}
		})
		b.Run(fmt.Sprint("digest/bytes ", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				xxhash.Sum64(content)
			}
		})
	}
}
