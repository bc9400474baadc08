package s3driver

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// TestLargeCopy copies an object of more bytes than the service copies at once, a bound
// that is lowered here.
func TestLargeCopy(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		c := Config{Bucket: newBucket(t, s)}
		can, err := probe(t.Context(), client(t, s), c)
		require.NoError(t, err)
		st := engine.New(&service{client(t, s, wire.option), c, can, copySizes{most: minPart, part: minPart}}, "data")
		defer st.Close()
		b := st.Bucket("data")
		content := pattern(2*minPart + 1)
		meta := map[string]string{"of": "the source"}
		_, err = storage.WriteAll(t.Context(), b, "large", content, "text/plain", storage.Options{storage.OptMetadata: meta})
		require.NoError(t, err)
		_, err = storage.WriteAll(t.Context(), b, "small", content[:minPart], "", nil)
		require.NoError(t, err)

		parts := []string{"POST uploads", "PUT uploadId", "PUT uploadId", "PUT uploadId", "POST uploadId"}
		for _, c := range []struct {
			src  string
			opts storage.Options
			meta map[string]string
			want []string
		}{
			{"large", nil, meta, parts},
			{"large", storage.Options{storage.OptMetadata: map[string]string{"of": "the copy"}}, map[string]string{"of": "the copy"}, parts},
			{"small", nil, nil, []string{"PUT copy"}},
		} {
			wire.set(nil)
			o, err := b.Copy(t.Context(), "copy", "", c.src, c.opts)
			require.NoError(t, err)
			requests := slices.DeleteFunc(wire.seen(), func(r string) bool { return r == "HEAD" })
			require.Equal(t, c.want, requests)
			want, src, err := storage.ReadAll(t.Context(), b, c.src)
			require.NoError(t, err)
			got, stat, err := storage.ReadAll(t.Context(), b, "copy")
			require.NoError(t, err)
			require.True(t, bytes.Equal(want, got))
			require.Equal(t, stat.ETag, o.ETag)
			require.Equal(t, src.Size, o.Size)
			require.Equal(t, src.ContentType, stat.ContentType)
			require.Equal(t, c.meta, stat.Metadata)
		}
	})
}
