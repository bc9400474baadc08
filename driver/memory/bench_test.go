package memdriver_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/benbjohnson/immutable"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/mapstore"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// BenchmarkOverwrite replaces objects of 1 KiB, in this store and in a map under a
// mutex, and values in an immutable.SortedMap: the least that a commit can take
// which is built on that, before it has stored any content.
func BenchmarkOverwrite(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = fmt.Sprintf("k%07d", i)
		}
		run := func(name string, write func(key string)) {
			for _, key := range keys {
				write(key)
			}
			b.Run(fmt.Sprint(name, "/objects ", n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					write(keys[i*7919%n])
				}
			})
		}
		content := make([]byte, 1<<10)
		into := func(st storage.Storage) func(string) {
			bucket := st.Bucket("b")
			return func(key string) {
				if _, err := bucket.Write(ctx, key, bytes.NewReader(content), int64(len(content)), "", nil); err != nil {
					b.Fatal(err)
				}
			}
		}
		run("store", into(memdriver.Open()))
		run("map", into(mapstore.New()))
		sorted, value := immutable.NewSortedMap[string, *int](nil), new(int)
		run("SortedMap", func(key string) { sorted = sorted.Set(key, value) })
	}
}

// BenchmarkUpdate overwrites 1,000 objects of 1 KiB one by one, in one Update and in
// a map under a mutex.
func BenchmarkUpdate(b *testing.B) {
	content := make([]byte, 1<<10)
	write := func(b *testing.B, st storage.Storage, key string) {
		if _, err := st.Bucket("b").Write(ctx, key, bytes.NewReader(content), int64(len(content)), "", nil); err != nil {
			b.Fatal(err)
		}
	}
	for _, n := range []int{1_000, 10_000, 100_000} {
		keys := make([]string, n)
		st, inPlace := memdriver.Open(), mapstore.New()
		for i := range keys {
			keys[i] = fmt.Sprintf("k%07d", i)
			write(b, st, keys[i])
			write(b, inPlace, keys[i])
		}
		thousand := func(b *testing.B, st storage.Storage, from int) {
			for j := range 1_000 {
				write(b, st, keys[(from*1_000+j)*7919%n])
			}
		}
		b.Run(fmt.Sprint("one by one/objects ", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				thousand(b, st, i)
			}
		})
		b.Run(fmt.Sprint("in one Update/objects ", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				err := st.Update(ctx, func(tx storage.Storage) error {
					thousand(b, tx, i)
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("map/objects ", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				thousand(b, inPlace, i)
			}
		})
	}
}
