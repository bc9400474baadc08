package snapshot

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/benbjohnson/immutable"
	"github.com/cespare/xxhash/v2"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// Load reads a snapshot that [Snapshot.Save] wrote, up to the end of r.
//
// It is the saved snapshot, or an error and no snapshot: anything but the whole
// file as it was written is ErrInvalid. Load takes memory as it reads, whatever
// the file claims, but a checksum does not make the file of a stranger safe to
// trust: it may hold any objects.
func Load(r io.Reader) (*Snapshot, error) {
	s, err := load(r)
	if err != nil {
		return nil, &storage.Error{Op: "load", Err: err}
	}
	return s, nil
}

func load(r io.Reader) (*Snapshot, error) {
	if r == nil {
		return nil, fmt.Errorf("%w: the reader is nil", storage.ErrInvalid)
	}
	l := loader{in: savedReader{r: newSavedBuffer(r)}, contents: make(map[string]content)}
	l.in.sum.Reset()
	return l.load()
}

var (
	errNotSaved  = fmt.Errorf("%w: it is not as a snapshot is saved", storage.ErrInvalid)
	errEndsEarly = fmt.Errorf("%w: the saved snapshot ends early", storage.ErrInvalid)
)

// loader reads a snapshot. It makes each value as the entry says, and takes the
// entry only if that is the one with which the value would be saved. So nothing in
// an entry goes unchecked, and what is loaded is saved as it was.
type loader struct {
	in       savedReader
	s        *Snapshot
	bucket   *loadedBucket      // nil before the first
	last     string             // name of the last bucket
	contents map[string]content // by path, for links
	places
}

// loadedBucket is the bucket that is being loaded.
type loadedBucket struct {
	*bucket
	name    string
	objects *tree.Builder[*object]
	twins   map[string]bool
	last    uploadID
	upload  *upload // nil before the first
	path    string  // of its entry
	parts   int     // number of its last part
}

func (l *loader) load() (*Snapshot, error) {
	if err := l.head(); err != nil {
		return nil, err
	}
	for last := savedHead; ; {
		var e savedEntry
		if err := l.in.next(&e); err != nil {
			return nil, fmt.Errorf("after entry %q: %w", last, err)
		}
		if e.path == savedSum {
			return l.end(&e)
		}
		if err := l.entry(&e); err != nil {
			return nil, fmt.Errorf("entry %q: %w", e.path, err)
		}
		last = e.path
	}
}

// head reads the first entry.
func (l *loader) head() error {
	var e savedEntry
	err := l.in.next(&e)
	if errors.Is(err, storage.ErrInvalid) || err == nil && e.path != savedHead {
		return errNotSaved
	}
	if err == nil {
		err = l.in.check(textEntry(savedHead, int(min(e.size, 1<<10))))
	}
	if err != nil {
		return err
	}
	c, err := l.in.content(e.size)
	if err != nil {
		return err
	}
	for _, exact := range []bool{false, true} {
		for _, md5 := range []bool{false, true} {
			if s := (&Snapshot{rules: rules{exact, md5}}); s.savedHead() == c.leaf {
				l.s = s
				return nil
			}
		}
	}
	return fmt.Errorf("%w: it was saved by a version with another format, %q", storage.ErrInvalid, c.leaf)
}

// end reads the checksum and the end.
func (l *loader) end(e *savedEntry) (*Snapshot, error) {
	if err := l.in.check(textEntry(savedSum, sumSize)); err != nil {
		return nil, err
	}
	if err := l.endBucket(); err != nil {
		return nil, err
	}
	want := formatSum(l.in.sum.Sum64())
	got, err := l.in.content(e.size)
	if err != nil {
		return nil, err
	}
	if got.leaf != want {
		return nil, fmt.Errorf("%w: the checksum differs: the saved snapshot was altered", storage.ErrInvalid)
	}
	if err := l.in.end(); err != nil {
		return nil, err
	}
	return l.s, nil
}

// entry reads an entry of a bucket.
func (l *loader) entry(e *savedEntry) error {
	rest, numbered := strings.CutPrefix(e.path, savedDir+"/")
	if !numbered {
		var ok bool
		if e.bucket, e.key, ok = strings.Cut(e.path, "/"); !ok {
			return errNotSaved
		}
	}
	isDir := strings.HasSuffix(e.path, "/")
	switch {
	case numbered && strings.HasPrefix(rest, "uploads/"):
		if isDir {
			return l.beginUpload(e)
		}
		return l.part(e)
	case isDir && e.key == "":
		return l.beginBucket(e)
	case l.bucket == nil || e.bucket != l.bucket.name || l.bucket.upload != nil:
		return errNotSaved
	case isDir:
		return l.directory(e)
	}
	return l.object(e)
}

func (l *loader) beginBucket(e *savedEntry) error {
	if clean, err := storage.CleanBucket(e.bucket); err != nil || clean != e.bucket || clean <= l.last {
		return errNotSaved
	}
	if err := l.endBucket(); err != nil {
		return err
	}
	b := &bucket{created: e.created, public: e.public, metadata: e.metadata}
	l.last = e.bucket
	l.bucket = &loadedBucket{bucket: b, name: e.bucket, objects: tree.NewBuilder(weight, e.born, e.modified)}
	want := b.entry()
	want.born, want.modified = e.born, e.modified
	l.place(want, bucketPlace, e.bucket, "", isPlainBucket(e.bucket))
	return l.in.check(want)
}

// endBucket adds the bucket to the snapshot.
func (l *loader) endBucket() error {
	b := l.bucket
	if b == nil {
		return nil
	}
	var err error
	if b.bucket.objects, err = b.objects.Tree(); err != nil {
		return fmt.Errorf("%w: %w", errNotSaved, err)
	}
	if isPlainBucket(b.name) && !maps.Equal(b.twins, twins(b.bucket.objects)) {
		return errNotSaved
	}
	l.s = l.s.with(b.name, nil, b.bucket)
	return nil
}

func (l *loader) directory(e *savedEntry) error {
	if err := l.bucket.objects.Dir(e.key, e.created, e.modified); err != nil {
		return fmt.Errorf("%w: %w", errNotSaved, err)
	}
	want := directoryEntry(e.created, e.modified)
	l.place(want, directoryPlace, e.bucket, e.key, isPlainDir(e.bucket, e.key))
	return l.in.check(want)
}

func (l *loader) object(e *savedEntry) error {
	if clean, err := l.s.cleanKey(e.key); err != nil || clean != e.key {
		return errNotSaved
	}
	if _, err := parseETag(e.etag); err != nil {
		return err
	}
	o := &object{etag: e.etag, contentType: internType(e.contentType)}
	o.setCreated(e.created)
	o.setUpdated(e.modified)
	o.setExtra(e.metadata, e.hash)
	want := o.entry()
	if want.link = e.link; want.link == "" {
		want.size = e.size
	}
	plain := isPlain(e.bucket, e.key)
	if plain && strings.HasPrefix(e.path, objectPlace) {
		l.bucket.addTwin(e.key)
		plain = false
	}
	l.place(want, objectPlace, e.bucket, e.key, plain)
	if err := l.in.check(want); err != nil {
		return err
	}
	if err := l.objectContent(e, o); err != nil {
		return err
	}
	if err := l.bucket.objects.Add(e.key, o); err != nil {
		return fmt.Errorf("%w: %w", errNotSaved, err)
	}
	return nil
}

// objectContent reads the content of an object, or takes it from another.
func (l *loader) objectContent(e *savedEntry, o *object) (err error) {
	if e.link != "" {
		linked, ok := l.contents[e.link]
		if !ok {
			return fmt.Errorf("%w: a link to %q, which has no content before it", storage.ErrInvalid, e.link)
		}
		o.content = linked
		return nil
	}
	o.content, err = l.in.content(e.size)
	if e.size > 1 {
		l.contents[e.path] = o.content
	}
	return err
}

func (b *loadedBucket) addTwin(key string) {
	if b.twins == nil {
		b.twins = make(map[string]bool)
	}
	b.twins[key] = true
}

func (l *loader) beginUpload(e *savedEntry) error {
	b, id := l.bucket, uploadID{e.key, e.id}
	if b == nil || id.id == "" || b.upload != nil && (byKeyAndID{}).Compare(b.last, id) >= 0 {
		return errNotSaved
	}
	if clean, err := l.s.cleanKey(id.key); err != nil || clean != id.key {
		return errNotSaved
	}
	b.upload = &upload{
		contentType: e.contentType, metadata: e.metadata, created: e.created,
		parts: immutable.NewSortedMap[int, *part](nil),
	}
	b.last, b.parts = id, 0
	if b.uploads == nil {
		b.uploads = immutable.NewSortedMap[uploadID, *upload](byKeyAndID{})
	}
	b.uploads = b.uploads.Set(id, b.upload)
	want := b.upload.entry(b.name, id)
	want.path = l.next(uploadPlace) + "/"
	b.path = want.path
	return l.in.check(want)
}

func (l *loader) part(e *savedEntry) error {
	b := l.bucket
	if b == nil || b.upload == nil {
		return errNotSaved
	}
	number, err := strconv.Atoi(strings.TrimPrefix(e.path, b.path))
	if err != nil || number <= b.parts || number > storage.MaxParts {
		return errNotSaved
	}
	p := &part{received{hash: e.hash}, e.modified}
	if p.etag, err = parseETag(e.etag); err != nil || p.etag.parts > 0 {
		return errNotSaved
	}
	want := p.entry()
	want.size, want.path = e.size, partPath(b.path, number)
	if err := l.in.check(want); err != nil {
		return err
	}
	if p.content, err = l.in.content(e.size); err != nil {
		return err
	}
	b.bucket.parts += p.size()
	b.parts = number
	b.upload.parts = b.upload.parts.Set(number, p) // nobody else has the upload yet
	return nil
}

// savedReader reads the entries of a saved snapshot.
type savedReader struct {
	r    *bufio.Reader
	sum  xxhash.Digest // of the bytes read
	head []byte        // of the last entry
	want []byte
}

// newSavedBuffer returns a buffer from which savedBuffer bytes can be taken.
func newSavedBuffer(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, savedBuffer) }

// take reads n bytes, at most savedBuffer. They are good until it is called again.
func (r *savedReader) take(n int) ([]byte, error) {
	p, err := r.r.Peek(n)
	if err == io.EOF {
		return nil, errEndsEarly
	}
	if err != nil {
		return nil, err
	}
	r.sum.Write(p)
	r.r.Discard(n)
	return p, nil
}

// next reads the head of an entry into e.
func (r *savedReader) next(e *savedEntry) error {
	header, err := r.take(blockSize)
	if err != nil {
		return err
	}
	r.head = append(r.head[:0], header...)
	var records int64
	if header[typeField] == typeExtended {
		records = octal(header[sizeField:][:longSize])
		for left := records + padding(records) + blockSize; left > 0; {
			p, err := r.take(int(min(left, savedBuffer)))
			if err != nil {
				return err
			}
			r.head = append(r.head, p...)
			left -= int64(len(p))
		}
	}
	end := len(r.head) - blockSize
	if records > 0 {
		return e.parse(r.head[end:], r.head[blockSize:][:records])
	}
	return e.parse(r.head[end:], nil)
}

// check returns an error unless the last head is the one of want.
func (r *savedReader) check(want *savedEntry) error {
	r.want = want.append(r.want[:0])
	if !bytes.Equal(r.want, r.head) {
		return errNotSaved
	}
	return nil
}

// content reads content and what fills its last block.
func (r *savedReader) content(size int64) (c content, err error) {
	var p []byte
	if size <= savedBuffer {
		p, err = r.take(int(size))
		c.leaf = string(p)
	} else {
		var b body
		for left := size; left > 0 && err == nil; left -= int64(len(p)) {
			p, err = r.take(int(min(left, savedBuffer)))
			b.write(p, size)
		}
		c = b.content()
	}
	if err != nil {
		return content{}, err
	}
	pad, err := r.take(int(padding(size)))
	if err == nil && !bytes.Equal(pad, zeros[:len(pad)]) {
		err = errNotSaved
	}
	return c, err
}

// end reads the end of the archive, which must be the end of all.
func (r *savedReader) end() error {
	p, err := r.take(len(zeros))
	if err != nil {
		return err
	}
	if !bytes.Equal(p, zeros[:]) {
		return errNotSaved
	}
	switch _, err := r.r.ReadByte(); err {
	case io.EOF:
		return nil
	case nil:
		return fmt.Errorf("%w: something follows the saved snapshot", storage.ErrInvalid)
	default:
		return err
	}
}
