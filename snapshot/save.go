package snapshot

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// Save writes the whole snapshot to w, for [Load]: buckets, objects, uploads in
// progress, and everything that can be observed of them. The same snapshot is the
// same bytes. The package comment describes the format.
//
// Content that objects share is written once. Save does not compress.
func (s *Snapshot) Save(w io.Writer) error {
	err := s.save(w)
	if err != nil {
		return &storage.Error{Op: "save", Err: err}
	}
	return nil
}

func (s *Snapshot) save(w io.Writer) error {
	switch {
	case s == nil:
		return fmt.Errorf("%w: the snapshot is nil, as that of a closed store", storage.ErrInvalid)
	case w == nil:
		return fmt.Errorf("%w: the writer is nil", storage.ErrInvalid)
	}
	sv := &saver{w: bufio.NewWriterSize(w, savedBuffer), paths: make(map[contentID]string)}
	sv.sum.Reset()
	if err := sv.text(savedHead, s.savedHead()); err != nil {
		return err
	}
	for name, b := range s.buckets.tree(nil).All() {
		if err := sv.bucket(name, b); err != nil {
			return fmt.Errorf("bucket %q: %w", name, err)
		}
	}
	return sv.end()
}

// The entries that are not those of buckets.
const (
	savedDir   = ".openlake"
	savedHead  = savedDir + "/snapshot"
	savedSum   = savedDir + "/xxh64"
	savedTitle = "open-lake snapshot "
)

// savedBuffer is the size of the buffer that a saved snapshot passes through, in
// bytes.
const savedBuffer = 64 << 10

// savedHead returns the content of the first entry.
func (s *Snapshot) savedHead() string {
	head := savedTitle + "1\n"
	if s.exactKeys {
		head += "exact keys\n"
	}
	if s.md5ETags {
		head += "MD5 ETags\n"
	}
	return head
}

// saver writes a snapshot.
type saver struct {
	w     *bufio.Writer
	sum   xxhash.Digest // of the bytes written
	head  []byte        // of the last entry
	paths map[contentID]string
	places
}

// contentID identifies content that is shared.
type contentID struct {
	leaf *byte
	size int
	rope *rope
}

func (c *content) id() contentID {
	if c.rope != nil {
		return contentID{rope: c.rope}
	}
	return contentID{leaf: unsafe.StringData(c.leaf), size: len(c.leaf)}
}

// text writes an entry that is no bucket's.
func (sv *saver) text(path, text string) error {
	return sv.file(textEntry(path, len(text)), &content{leaf: text})
}

func textEntry(path string, size int) *savedEntry {
	epoch := time.Unix(0, 0)
	return &savedEntry{path: path, size: int64(size), attributes: attributes{modified: epoch, created: epoch, born: epoch}}
}

// end writes the checksum, of all before the content of its entry, and the end of
// the archive.
func (sv *saver) end() error {
	if err := sv.entry(textEntry(savedSum, sumSize)); err != nil {
		return err
	}
	if err := sv.content(&content{leaf: formatSum(sv.sum.Sum64())}); err != nil {
		return err
	}
	sv.w.Write(zeros[:])
	return sv.w.Flush()
}

func formatSum(sum uint64) string { return xxhashETag(sum).String() + "\n" }

const sumSize = 2*8 + len("\n")

func (sv *saver) bucket(name string, b *bucket) error {
	e := b.entry()
	sv.place(e, bucketPlace, name, "", isPlainBucket(name))
	if err := sv.entry(e); err != nil {
		return err
	}
	if err := sv.objects(name, b.objects); err != nil || b.uploads == nil {
		return err
	}
	for it := b.uploads.Iterator(); !it.Done(); {
		id, up, _ := it.Next()
		if err := sv.upload(name, id, up); err != nil {
			return err
		}
	}
	return nil
}

func (sv *saver) objects(bucketName string, objects tree.Tree[*object]) error {
	twins := twins(objects)
	c := objects.Walk(tree.Walk{Values: true, Dirs: true})
	for t, ok := c.Next(); ok; t, ok = c.Next() {
		if t.IsDir {
			e := directoryEntry(t.Dir.Born(), t.Dir.Changed())
			sv.place(e, directoryPlace, bucketName, t.Key, isPlainDir(bucketName, t.Key))
			if err := sv.entry(e); err != nil {
				return err
			}
			continue
		}
		e := t.Value.entry()
		sv.place(e, objectPlace, bucketName, t.Key, isPlain(bucketName, t.Key) && !twins[t.Key])
		if err := sv.object(e, t.Value); err != nil {
			return err
		}
	}
	return nil
}

// object writes an object, or a link if its content was written with another.
func (sv *saver) object(e *savedEntry, o *object) error {
	if o.size() > 1 { // strings of one byte are shared by the language
		if path, ok := sv.paths[o.id()]; ok {
			e.link, e.size = path, 0
			return sv.entry(e)
		}
		sv.paths[o.id()] = e.path
	}
	return sv.file(e, &o.content)
}

func (sv *saver) upload(bucketName string, id uploadID, up *upload) error {
	e := up.entry(bucketName, id)
	e.path = sv.next(uploadPlace) + "/"
	if err := sv.entry(e); err != nil {
		return err
	}
	for it := up.parts.Iterator(); !it.Done(); {
		number, p, _ := it.Next()
		pe := p.entry()
		pe.path = partPath(e.path, number)
		if err := sv.file(pe, &p.content); err != nil {
			return err
		}
	}
	return nil
}

func partPath(dir string, number int) string { return dir + strconv.Itoa(number) }

// The entries of buckets, objects and uploads, without their paths.

func (b *bucket) entry() *savedEntry {
	return &savedEntry{attributes: attributes{
		modified: b.objects.Changed(), created: b.created, born: b.objects.Born(), public: b.public, metadata: b.metadata,
	}}
}

func directoryEntry(born, changed time.Time) *savedEntry {
	return &savedEntry{attributes: attributes{modified: changed, created: born, born: born}}
}

func (o *object) entry() *savedEntry {
	e := &savedEntry{size: o.size(), attributes: attributes{
		modified: o.updated(), created: o.created(), contentType: o.contentType.Value(), etag: o.etag, hash: o.hash(),
	}}
	e.born = e.created
	if o.extra != nil {
		e.metadata = o.extra.metadata
	}
	return e
}

func (up *upload) entry(bucketName string, id uploadID) *savedEntry {
	return &savedEntry{attributes: attributes{
		modified: up.created, created: up.created, born: up.created, contentType: up.contentType, metadata: up.metadata,
		bucket: bucketName, key: id.key, id: id.id,
	}}
}

func (p *part) entry() *savedEntry {
	return &savedEntry{size: p.size(), attributes: attributes{
		modified: p.updated, created: p.updated, born: p.updated, etag: p.etag.String(), hash: p.hash,
	}}
}

func (sv *saver) entry(e *savedEntry) error {
	sv.head = e.append(sv.head[:0])
	sv.sum.Write(sv.head)
	_, err := sv.w.Write(sv.head)
	return err
}

func (sv *saver) file(e *savedEntry, c *content) error {
	if err := sv.entry(e); err != nil {
		return err
	}
	return sv.content(c)
}

// content writes content and fills its last block.
func (sv *saver) content(c *content) error {
	for off, size := int64(0), c.size(); off < size; {
		leaf := c.at(off)
		off += int64(len(leaf))
		sv.sum.WriteString(leaf)
		if _, err := sv.w.WriteString(leaf); err != nil {
			return err
		}
	}
	pad := zeros[:padding(c.size())]
	sv.sum.Write(pad)
	_, err := sv.w.Write(pad)
	return err
}

// places gives entries their paths. An object's is its bucket and key, and so is a
// directory's. Where a path could not be unpacked, it is a number in a directory of
// [savedDir], and the entry has the bucket and the key as attributes.
type places struct{ numbers int }

const (
	bucketPlace    = savedDir + "/buckets/"
	directoryPlace = savedDir + "/directories/"
	objectPlace    = savedDir + "/objects/"
	uploadPlace    = savedDir + "/uploads/"
)

// place sets the path of an entry. The key of a directory ends in a slash, and that
// of a bucket is empty.
func (p *places) place(e *savedEntry, numbered, bucketName, key string, plain bool) {
	if plain {
		e.path = bucketName + "/" + key
		return
	}
	e.path = p.next(numbered)
	if numbered != objectPlace {
		e.path += "/"
	}
	e.bucket, e.key = bucketName, key
}

// next returns the next numbered path.
func (p *places) next(dir string) string {
	p.numbers++
	return dir + strconv.Itoa(p.numbers)
}

// isPlain reports whether an object can be unpacked to the path that its bucket and
// its key make.
func isPlain(bucketName, key string) bool { return isPlainBucket(bucketName) && isPlainKey(key) }

func isPlainDir(bucketName, dir string) bool {
	return isPlain(bucketName, strings.TrimSuffix(dir, "/"))
}

func isPlainBucket(name string) bool { return name != savedDir && len(name) <= maxFileName }

func isPlainKey(key string) bool {
	if clean, err := storage.CleanKey(key); err != nil || clean != key {
		return false
	}
	for len(key) > maxFileName {
		i := strings.IndexByte(key, '/')
		if i < 0 || i > maxFileName {
			return false
		}
		key = key[i+1:]
	}
	return true
}

// maxFileName is the longest name that file systems take, in bytes.
const maxFileName = 255

// twins returns the plain keys of objects that have a directory of the same name
// beside them, which a file system cannot hold; nil if there are none.
func twins(objects tree.Tree[*object]) (found map[string]bool) {
	c := objects.Walk(tree.Walk{Dirs: true})
	for t, ok := c.Next(); ok; t, ok = c.Next() {
		key := strings.TrimSuffix(t.Key, "/")
		if _, ok := objects.Get(key); ok && isPlainKey(key) {
			if found == nil {
				found = make(map[string]bool)
			}
			found[key] = true
		}
	}
	return found
}
