package s3server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// maxInline is the length of the longest content that a golden shows, in bytes.
const maxInline = 1024

// golden returns a snapshot as text, a txtar archive: a line for each bucket, and an
// entry for each object. Two snapshots with the same buckets, content, types and
// metadata have the same text.
func golden(ctx context.Context, snap *snapshot.Snapshot) []byte {
	var a txtar.Archive
	st := snap.Storage()
	it, err := st.Buckets(ctx, 0, 0, nil)
	must(err)
	for info, err := range storage.All(it) {
		must(err)
		b := st.Bucket(info.Name)
		objects, err := b.List(ctx, "", 0, 0, nil)
		must(err)
		count, size := 0, int64(0)
		for o, err := range storage.All(objects) {
			must(err)
			count, size = count+1, size+o.Size
			a.Files = append(a.Files, txtar.File{Name: name(info.Name + "/" + o.Key), Data: goldenEntry(ctx, b, o)})
		}
		a.Comment = fmt.Appendf(a.Comment, "bucket %s: objects: %d, bytes: %d\n", info.Name, count, size)
	}
	return txtar.Format(&a)
}

// name returns a name as it stands in an archive, quoted if it would not be clear.
func name(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}

func goldenEntry(ctx context.Context, b storage.Bucket, o *storage.Object) []byte {
	text := fmt.Appendf(nil, "size: %d\ntype: %s\netag: %s\n", o.Size, name(o.ContentType), o.ETag)
	for _, key := range slices.Sorted(maps.Keys(o.Metadata)) {
		text = fmt.Appendf(text, "meta %s: %s\n", name(key), name(o.Metadata[key]))
	}
	r, _, err := b.Open(ctx, o.Key, 0, 0, nil)
	must(err)
	defer r.Close()
	if o.Size > maxInline {
		sum := sha256.New()
		_, err = io.Copy(sum, r)
		must(err)
		return fmt.Appendf(text, "content sha256: %x\n", sum.Sum(nil))
	}
	content, err := io.ReadAll(r)
	must(err)
	if len(content) == 0 {
		return text
	}
	if !utf8.Valid(content) || !bytes.HasSuffix(content, []byte("\n")) || len(txtar.Parse(content).Files) > 0 {
		return fmt.Appendf(text, "content quoted: %q\n", content)
	}
	return fmt.Appendf(text, "\n%s", content)
}
