package s3driver

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/testservers"
)

// TestRequests pins the requests of operations. The first write to a bucket, which
// makes it, is not counted.
func TestRequests(t *testing.T) {
	onServices(t, func(t *testing.T, s *testservers.Service) {
		wire := new(tap)
		b := newStore(t, s, wire.option).Bucket("data")
		ctx := t.Context()
		write := func(key string, opts storage.Options) *storage.Object {
			o, err := storage.WriteAll(ctx, b, key, []byte("content"), "text/plain", opts)
			require.NoError(t, err, key)
			return o
		}
		for i := range 1000 {
			write(fmt.Sprintf("many/%04d", i), nil)
		}
		etag := write("there", nil).ETag
		for _, c := range []struct {
			name string
			do   func() error
			want []string
		}{
			{"write", func() error { write("new", nil); return nil }, []string{"PUT"}},
			{"create", func() error { write("new2", storage.Options{storage.OptIfNoneMatch: "*"}); return nil }, []string{"PUT"}},
			{"create without upsert", func() error { write("new3", storage.Options{storage.OptUpsert: false}); return nil }, []string{"PUT"}},
			{"replace", func() error { write("there", storage.Options{storage.OptIfMatch: etag}); return nil }, []string{"PUT"}},
			{"stat", func() error { _, err := b.Stat(ctx, "there", nil); return err }, []string{"HEAD"}},
			{"open", func() error { return read(ctx, b, 0, 0) }, []string{"GET"}},
			{"open a range", func() error { return read(ctx, b, 2, 3) }, []string{"GET"}},
			{"open a range to the end", func() error { return read(ctx, b, 3, 0) }, []string{"GET"}},
			{"list 1,000", func() error { return count(ctx, b, "many/", 1000) }, []string{"GET list-type"}},
			{"copy", func() error { _, err := b.Copy(ctx, "copy", "", "there", nil); return err }, []string{"HEAD", "PUT copy"}},
			{"move", func() error { _, err := b.Move(ctx, "moved", "", "copy", nil); return err }, []string{"HEAD", "PUT copy", "DELETE"}},
			{"delete", func() error { return b.Delete(ctx, "moved", nil) }, []string{"HEAD", "DELETE"}},
			{"sign", func() error { _, err := b.SignedURL(ctx, "there", http.MethodGet, time.Minute, nil); return err }, nil},
			{"delete 1,000", func() error {
				return b.(storage.HasDirectories).Directory("many").Delete(ctx, nil)
			}, []string{"GET list-type", "POST delete"}},
		} {
			wire.set(nil)
			require.NoError(t, c.do(), c.name)
			require.Equal(t, c.want, wire.seen(), c.name)
		}
	})
}

// read reads a part of the object at "there".
func read(ctx context.Context, b storage.Bucket, offset, length int64) error {
	r, _, err := b.Open(ctx, "there", offset, length, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.ReadAll(r)
	return err
}

// count lists n objects.
func count(ctx context.Context, b storage.Bucket, prefix string, want int) error {
	it, err := b.List(ctx, prefix, 0, 0, nil)
	if err != nil {
		return err
	}
	n := 0
	for _, err := range storage.All(it) {
		if err != nil {
			return err
		}
		n++
	}
	if n != want {
		return fmt.Errorf("%d objects", n)
	}
	return nil
}
