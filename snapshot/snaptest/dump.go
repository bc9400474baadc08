package snaptest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// dumper writes stores as golden files.
type dumper struct {
	buckets    []string // all if empty
	prefixes   []string
	show       Attr
	formatTime func(time.Time) string
	maxInline  int // bytes of the longest content shown
}

// defaultInline is the length of the longest content that is shown as text unless
// the test says otherwise, in bytes.
const defaultInline = 1024

const noBuckets = "no buckets\n"

// dump returns the golden file of a store.
func (d *dumper) dump(ctx context.Context, st storage.Storage) ([]byte, error) {
	names := make([]string, 0, len(d.buckets))
	for _, name := range d.buckets {
		names = append(names, st.Bucket(name).Name())
	}
	if s, ok := st.(snapshot.Store); ok {
		if snap := s.Snapshot(); snap != nil { // else it is closed
			st = snap.Storage()
		}
	}
	infos, err := bucketInfos(ctx, st, names)
	if err != nil {
		return nil, err
	}
	var a txtar.Archive
	for _, info := range infos {
		objects, err := d.list(ctx, st.Bucket(info.Name))
		if err != nil {
			return nil, err
		}
		a.Comment = append(a.Comment, d.bucketHead(info, objects)...)
		for _, o := range objects {
			entry, err := d.objectEntry(ctx, st.Bucket(info.Name), o)
			if err != nil {
				return nil, err
			}
			a.Files = append(a.Files, txtar.File{Name: quoteUnclear(info.Name + "/" + o.Key), Data: entry})
		}
	}
	if len(infos) == 0 {
		a.Comment = []byte(noBuckets)
	}
	return txtar.Format(&a), nil
}

// bucketInfos returns the named buckets, or all if names is empty, by name.
func bucketInfos(ctx context.Context, st storage.Storage, names []string) (infos []*storage.BucketInfo, err error) {
	if len(names) == 0 {
		it, err := st.Buckets(ctx, 0, 0, nil)
		if infos, err = collect(it, err); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		info, err := st.Bucket(name).Info(ctx)
		if err != nil {
			return nil, err
		}
		infos = append(infos, info)
	}
	slices.SortFunc(infos, func(a, b *storage.BucketInfo) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(infos, func(a, b *storage.BucketInfo) bool { return a.Name == b.Name }), nil
}

// list returns the objects to show, sorted by key, whatever order the driver
// lists them in.
func (d *dumper) list(ctx context.Context, b storage.Bucket) (objects []*storage.Object, err error) {
	for _, prefix := range d.prefixes {
		it, err := b.List(ctx, prefix, 0, 0, nil)
		found, err := collect(it, err)
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	slices.SortFunc(objects, func(a, b *storage.Object) int { return strings.Compare(a.Key, b.Key) })
	return slices.CompactFunc(objects, func(a, b *storage.Object) bool { return a.Key == b.Key }), nil
}

// collect returns the rest of an iterator, or err if it is not nil.
func collect[T any, I interface {
	Next() (*T, error)
	Close() error
}](it I, err error) (all []*T, _ error) {
	if err != nil {
		return nil, err
	}
	for v, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// bucketHead returns the lines of a bucket.
func (d *dumper) bucketHead(info *storage.BucketInfo, objects []*storage.Object) string {
	title := fmt.Sprintf("bucket %s: %s", quoteName(info.Name), plural(int64(len(objects)), "object"))
	if d.show&Size != 0 {
		var size int64
		for _, o := range objects {
			size += o.Size
		}
		title += ", " + plural(size, "byte")
	}
	return title + "\n" + d.lines("  ", bucketProperties(info, d.formatTime))
}

// lines returns the properties that the dumper shows.
func (d *dumper) lines(indent string, properties []property) string {
	var b strings.Builder
	for _, f := range properties {
		if f.attr&d.show != 0 {
			b.WriteString(indent + f.text + "\n")
		}
	}
	return b.String()
}

// objectEntry returns the entry of an object.
func (d *dumper) objectEntry(ctx context.Context, b storage.Bucket, o *storage.Object) ([]byte, error) {
	var entry bytes.Buffer
	entry.WriteString(d.lines("", objectProperties(o, d.formatTime)))
	if d.show&Content == 0 {
		return entry.Bytes(), nil
	}
	r, _, err := b.Open(ctx, o.Key, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	start, digest, err := read(r, d.maxInline+1)
	switch {
	case err != nil:
		return nil, err
	case len(start) == 0:
	case len(start) <= d.maxInline && isText(start):
		entry.WriteString(inline(string(start)))
	default:
		fmt.Fprintf(&entry, "content sha256: %x\n", digest)
	}
	return entry.Bytes(), nil
}

// read reads r to the end and returns its first n bytes and its digest.
func read(r io.Reader, n int) (start, digest []byte, err error) {
	sum := sha256.New()
	start, err = io.ReadAll(io.LimitReader(io.TeeReader(r, sum), int64(n)))
	if err == nil {
		_, err = io.Copy(sum, r)
	}
	return start, sum.Sum(nil), err
}

const noNewline = "\\ No newline at end of file\n"

// isText reports whether an entry can show content. Content that would read as
// txtar or ends in the noNewline marker would be ambiguous.
func isText(content []byte) bool {
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	return utf8.Valid(content) && !bytes.ContainsFunc(content, control) &&
		!bytes.HasSuffix(content, []byte(noNewline)) && len(txtar.Parse(content).Files) == 0
}

// inline returns text as an entry shows it: as it is, or with each line quoted
// if one of them is not clear.
func inline(text string) string {
	lines := slices.Collect(strings.Lines(text))
	unclear := func(line string) bool { return !isClear(strings.TrimSuffix(line, "\n")) }
	if slices.ContainsFunc(lines, unclear) {
		for i, line := range lines {
			lines[i] = quote(line) + "\n"
		}
		return "content quoted:\n" + strings.Join(lines, "")
	}
	if strings.HasSuffix(text, "\n") {
		return "\n" + text
	}
	return "\n" + text + "\n" + noNewline
}

// plural returns "1 thing" or "n things".
func plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprint(n, " ", thing, "s")
}
