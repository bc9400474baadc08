package wrap_test

import (
	"testing"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
)

// BenchmarkIntercept compares calls of a store in memory with those of the same
// store intercepted.
func BenchmarkIntercept(b *testing.B) {
	for _, kind := range []string{"none", "intercepted"} {
		var st storage.Storage = memdriver.Open()
		put(b, st, "k", "content")
		if kind == "intercepted" {
			st = wrap.Intercept(st, pass)
		}
		bucket := st.Bucket("b")
		b.Run("Stat/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bucket.Stat(b.Context(), "k", nil)
			}
		})
		b.Run("ReadAll/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				storage.ReadAll(b.Context(), bucket, "k")
			}
		})
		b.Run("Write/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			content := []byte("content")
			for b.Loop() {
				storage.WriteAll(b.Context(), bucket, "k", content, "", nil)
			}
		})
		b.Run("Bucket/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				st.Bucket("b")
			}
		})
	}
}
