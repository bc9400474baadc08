package gateway

import (
	"bytes"
	"errors"
	"io"

	"open-lake.dev/lib/storage"
)

// bucket returns NoSuchBucket unless the bucket exists.
func (s state) bucket(name string) error {
	if Hidden(name) {
		return noSuchBucket(name)
	}
	_, err := s.st.Bucket(name).Info(s.ctx)
	return apiError(err)
}

// stat returns the object at a key, nil if there is none.
func (s state) stat(bucket, key string) (*storage.Object, error) {
	o, err := s.st.Bucket(bucket).Stat(s.ctx, key, nil)
	switch {
	case errors.Is(err, storage.ErrNotExist) || err == nil && o.IsDir:
		return nil, nil
	case err != nil:
		return nil, apiError(err)
	}
	return o, nil
}

// document returns a document of a bucket, nil if there is none.
func (s state) document(bucket, name string) ([]byte, error) {
	r, o, err := s.st.Bucket(hiddenBucket(bucket)).Open(s.ctx, documentKey(name), 0, 0, nil)
	switch {
	case errors.Is(err, storage.ErrNotExist) || errors.Is(err, storage.ErrPermission):
		return nil, nil
	case err != nil:
		return nil, err
	}
	defer r.Close()
	doc := make([]byte, o.Size)
	_, err = io.ReadFull(r, doc)
	return doc, err
}

// setDocument stores a document of a bucket, or removes it if it is nil.
func (s state) setDocument(bucket, name string, doc []byte) error {
	b := s.st.Bucket(hiddenBucket(bucket))
	if doc == nil {
		err := b.Delete(s.ctx, documentKey(name), nil)
		if errors.Is(err, storage.ErrNotExist) {
			return nil
		}
		return err
	}
	_, err := b.Write(s.ctx, documentKey(name), bytes.NewReader(doc), int64(len(doc)), "", nil)
	return err
}

// setMetadata replaces the metadata of an object and keeps its times.
func (s state) setMetadata(o *storage.Object, metadata map[string]string) error {
	_, err := s.st.Bucket(o.Bucket).Move(s.ctx, o.Key, "", o.Key, storage.Options{storage.OptMetadata: metadata})
	return err
}

// list calls yield for the objects of a bucket with a prefix, after a key, until it
// returns false.
func (s state) list(bucket, prefix, after string, limit int, yield func(*storage.Object) bool) error {
	opts := storage.Options{}
	if after != "" {
		opts[storage.OptStartAfter] = afterKey(after)
	}
	it, err := s.st.Bucket(bucket).List(s.ctx, prefix, limit, 0, opts)
	if err != nil {
		return err
	}
	for o, err := range storage.All(it) {
		if err != nil {
			return err
		}
		if !yield(o) {
			break
		}
	}
	return nil
}

// afterKey returns the start of a listing that begins after a key and leaves out no
// directory of that name.
func afterKey(key string) string { return (&storage.Object{Key: key}).PageKey() }
