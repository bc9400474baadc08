package main

import (
	"io"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
)

// memblobStore is gocloud.dev/blob/memblob: a map and a mutex.
//
// Every listing sorts all keys, and an iterator sorts them again for each page of
// 1,000. So the methods here call ListPage and get the whole result in one page,
// whose limit is the expected size of the store.
type memblobStore struct {
	bucket *blob.Bucket
	page   int // limit of a page that holds every object
}

// openMemblob turns off the MD5 of every write. The memory driver does not compute
// one by default either.
func openMemblob(expect int) (Store, error) {
	return &memblobStore{memblob.OpenBucket(&memblob.Options{NoMD5: true}), expect + expect/8}, nil
}

func (s *memblobStore) Put(key string, content []byte) error {
	u, err := s.Upload(key)
	if err == nil {
		err = u.Part(content)
	}
	if err == nil {
		err = u.Complete()
	}
	return err
}

// Get reads from a Reader. ReadAll and Download also create one, and then grow a
// buffer.
func (s *memblobStore) Get(key string, buf []byte) error {
	r, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.ReadFull(r, buf)
	return err
}

func (s *memblobStore) Stat(key string) (int64, error) {
	attrs, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return 0, err
	}
	return attrs.Size, nil
}

func (s *memblobStore) Delete(key string) error { return s.bucket.Delete(ctx, key) }

// Copy shares the content.
func (s *memblobStore) Copy(dst, src string) error { return s.bucket.Copy(ctx, dst, src, nil) }

// MoveDir copies and deletes each object, since there are no directories.
func (s *memblobStore) MoveDir(src, dst string) error {
	objs, err := s.list(&blob.ListOptions{Prefix: src + "/"})
	if err != nil {
		return err
	}
	for _, obj := range objs {
		if err := s.Copy(dst+strings.TrimPrefix(obj.Key, src), obj.Key); err != nil {
			return err
		}
		if err := s.Delete(obj.Key); err != nil {
			return err
		}
	}
	return nil
}

func (s *memblobStore) ListPrefix(prefix string, limit int, yield func(string)) error {
	objs, _, err := s.bucket.ListPage(ctx, blob.FirstPageToken, limit, &blob.ListOptions{Prefix: prefix})
	yieldBlobs(objs, yield)
	return err
}

// ListAfter uses after as the page token: the token of a page is its last key.
func (s *memblobStore) ListAfter(after string, limit int, yield func(string)) error {
	objs, _, err := s.bucket.ListPage(ctx, []byte(after), limit, nil)
	yieldBlobs(objs, yield)
	return err
}

// ListOffset lists the skipped keys in the same page. A second page would sort all
// keys again.
func (s *memblobStore) ListOffset(offset, limit int, yield func(string)) error {
	objs, _, err := s.bucket.ListPage(ctx, blob.FirstPageToken, offset+limit, nil)
	yieldBlobs(objs[min(offset, len(objs)):], yield)
	return err
}

func (s *memblobStore) ListAll(yield func(string)) error {
	objs, err := s.list(nil)
	yieldBlobs(objs, yield)
	return err
}

func (s *memblobStore) ListDir(dir string, yield func(string)) error {
	objs, err := s.list(&blob.ListOptions{Prefix: dir + "/", Delimiter: "/"})
	yieldBlobs(objs, yield)
	return err
}

// list returns all objects that opts select.
func (s *memblobStore) list(opts *blob.ListOptions) ([]*blob.ListObject, error) {
	objs, next, err := s.bucket.ListPage(ctx, blob.FirstPageToken, s.page, opts)
	for err == nil && next != nil {
		var more []*blob.ListObject
		more, next, err = s.bucket.ListPage(ctx, next, s.page, opts)
		objs = append(objs, more...)
	}
	return objs, err
}

func yieldBlobs(objs []*blob.ListObject, yield func(string)) {
	for _, obj := range objs {
		yield(strings.TrimSuffix(obj.Key, "/"))
	}
}

// Upload writes the parts to a Writer. It disables the detection of the content
// type, since giving a type costs more: the Writer parses it.
func (s *memblobStore) Upload(key string) (Upload, error) {
	w, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{DisableContentTypeDetection: true})
	return memblobUpload{w}, err
}

type memblobUpload struct{ w *blob.Writer }

func (u memblobUpload) Part(content []byte) error {
	_, err := u.w.Write(content)
	return err
}

func (u memblobUpload) Complete() error { return u.w.Close() }

// snapshotDir is the prefix of a snapshot's copies. It sorts after all other keys.
const snapshotDir = "~snapshot/"

// Snapshot copies every object to another key of the same bucket, since copies
// share content only within a bucket. Restore lists both and copies back the
// objects whose times differ: a copy keeps the time of its source.
func (s *memblobStore) Snapshot() (Snapshot, error) {
	objs, err := s.list(nil)
	if err != nil {
		return nil, err
	}
	for _, obj := range objs {
		if err := s.Copy(snapshotDir+obj.Key, obj.Key); err != nil {
			return nil, err
		}
	}
	return memblobSnapshot{s}, nil
}

type memblobSnapshot struct{ of *memblobStore }

func (s memblobSnapshot) Restore() error {
	before, now, err := s.versions()
	if err != nil {
		return err
	}
	putBack := func(key string) error { return s.of.Copy(key, snapshotDir+key) }
	return rewind(before, now, putBack, s.of.Delete)
}

// versions lists the copies and the other objects in one page, since sorting all
// keys is most of the work.
func (s memblobSnapshot) versions() (before, now []version, err error) {
	both := memblobStore{s.of.bucket, 2 * s.of.page}
	objs, err := both.list(nil)
	for _, obj := range objs {
		if key, ok := strings.CutPrefix(obj.Key, snapshotDir); ok {
			before = append(before, version{key, obj.ModTime.UnixNano()})
		} else {
			now = append(now, version{key, obj.ModTime.UnixNano()})
		}
	}
	return before, now, err
}

func (s memblobSnapshot) Drop() error {
	before, _, err := s.versions()
	for _, v := range before {
		if err == nil {
			err = s.of.Delete(snapshotDir + v.key)
		}
	}
	return err
}
