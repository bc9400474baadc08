package memdriver_test

import (
	"maps"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

func (w *world) multipart(bucket name) storage.HasMultipart {
	return w.store.Bucket(bucket.given).(storage.HasMultipart)
}

func (m *machine) initMultipart(t *rapid.T) {
	w, bucket, key := m.world(t), drawBucket(t), m.key(t)
	opts := storage.Options{}
	maybe(t, opts, 2, storage.OptMetadata, map[string]string{"up": "load"}, map[string]string{})
	c := m.call(t, w, "initmultipart", opts, bucket, key)
	given := copyOf(c.opts)
	got, err := w.multipart(bucket).InitMultipart(c.ctx, key.given, "text/html", c.opts)
	agree(t, c, got, err, func() (*storage.MultipartUpload, error) {
		if got == nil {
			return nil, nil
		}
		return w.model.begin(m.at(), bucket.clean, key.clean, got.UploadID, "text/html", given), nil
	})
	if err != nil {
		return
	}
	require.NotEmpty(t, got.UploadID)
	require.NotContains(t, w.issued, got.UploadID, "a store gives an id but once")
	w.issued[got.UploadID] = true
	m.uploads = append(m.uploads, got)
}

// uploader returns a store, most often one with an upload in progress.
func (m *machine) uploader(t *rapid.T) *world {
	var busy []*world
	for _, w := range m.worlds {
		if !w.closed && len(w.model.inProgress()) > 0 {
			busy = append(busy, w)
		}
	}
	if len(busy) == 0 || chance(t, 8) {
		return m.world(t)
	}
	return busy[rapid.IntRange(0, len(busy)-1).Draw(t, "uploader")]
}

// upload returns a handle on an upload, perhaps a finished, unknown or nil one,
// with the bucket to use it in and a call that names it.
func (m *machine) upload(t *rapid.T, w *world, op string, opts storage.Options) (mu *storage.MultipartUpload, bucket name, c call) {
	mus := w.model.inProgress()
	if len(mus) == 0 || chance(t, 8) {
		mus = m.uploads
	}
	if len(mus) == 0 {
		t.Skip("no upload was begun")
	}
	mu = mus[len(mus)-1-rapid.IntRange(0, len(mus)-1).Draw(t, "upload")]
	bucket = name{mu.Bucket, mu.Bucket, nil}
	if chance(t, 30) {
		bucket = drawBucket(t)
	}
	if chance(t, 30) {
		mu = draw(t, "wrong upload", nil,
			&storage.MultipartUpload{Bucket: mu.Bucket, Key: mu.Key, UploadID: "none"},
			&storage.MultipartUpload{Bucket: mu.Bucket, Key: mu.Key + "x", UploadID: mu.UploadID})
	}
	key := name{}
	if mu != nil {
		key.clean = mu.Key
	}
	c = m.call(t, w, op, opts, bucket, key)
	if c.err != nil {
		c.key = "" // it had not looked at the handle
	}
	return mu, bucket, c
}

func (m *machine) uploadPart(t *rapid.T) {
	w := m.uploader(t)
	s := m.source(t, w)
	opts := storage.Options{}
	if _, restores := s.Reader.(*meanwhile); !restores { // which may be why it fails, or its options
		putting(t, opts, s.body)
	}
	mu, bucket, c := m.upload(t, w, "uploadpart", opts)
	number := draw(t, "number", 1, 2, 3, 9, storage.MaxParts)
	if chance(t, 30) {
		number = draw(t, "bad number", 0, -1, storage.MaxParts+1)
	}
	given := copyOf(c.opts)
	got, err := w.multipart(bucket).UploadPart(c.ctx, mu, number, s.Reader, s.size, c.opts)
	agree(t, c, got, err, func() (*storage.PartInfo, error) {
		return w.model.uploadPart(m.at(), bucket.clean, mu, number, s, given)
	})
}

func (m *machine) copyPart(t *rapid.T) {
	w := m.uploader(t)
	mu, bucket, c := m.upload(t, w, "copypart", nil)
	got, err := w.multipart(bucket).CopyPart(c.ctx, mu, 1, c.opts)
	agree(t, c, got, err, func() (*storage.PartInfo, error) {
		if _, err := w.model.upload(bucket.clean, mu); err != nil {
			return nil, err
		}
		return nil, storage.ErrUnsupported
	})
}

func (m *machine) listParts(t *rapid.T) {
	w := m.uploader(t)
	mu, bucket, c := m.upload(t, w, "listparts", nil)
	limit, offset := paging(t)
	got, err := w.multipart(bucket).ListParts(c.ctx, mu, limit, offset, c.opts)
	agree(t, c, got, err, func() ([]*storage.PartInfo, error) {
		parts, err := w.model.listParts(bucket.clean, mu, limit, offset)
		if len(parts) == 0 {
			parts = nil
		}
		return parts, err
	})
}

func (m *machine) completeMultipart(t *rapid.T) {
	w := m.uploader(t)
	mu, bucket, c := m.upload(t, w, "completemultipart", storage.Options{})
	parts, body := m.parts(t, w, bucket, mu)
	if mu != nil && c.err == nil {
		key := name{clean: mu.Key}
		maps.Copy(c.opts, putting(t, m.conditions(t, w, bucket, key), body))
	}
	given := copyOf(c.opts)
	got, err := w.multipart(bucket).CompleteMultipart(c.ctx, mu, parts, c.opts)
	agree(t, c, got, err, func() (*storage.Object, error) {
		return w.model.complete(m.at(), bucket.clean, mu, parts, given)
	})
}

// parts names the parts of an upload in any order, now and then wrongly. It also
// returns what they hold, if they are all of them.
func (m *machine) parts(t *rapid.T, w *world, bucket name, mu *storage.MultipartUpload) (parts []*storage.PartInfo, body string) {
	up, err := w.model.upload(bucket.clean, mu)
	if err != nil {
		return []*storage.PartInfo{{Number: 1, ETag: modelETag("")}}, ""
	}
	for _, number := range slices.Sorted(maps.Keys(up.parts)) {
		body += up.parts[number].body
		parts = append(parts, up.parts[number].describe(number))
	}
	switch rapid.IntRange(0, 16).Draw(t, "parts") {
	case 1, 2:
		slices.Reverse(parts)
	case 3:
		parts = parts[:len(parts)/2]
	case 4:
		parts = append(parts, parts...)
	case 5:
		parts = append(parts, &storage.PartInfo{Number: 4, ETag: modelETag("")})
	case 6:
		parts = append(parts, nil)
	case 7:
		if len(parts) > 0 {
			parts[0].ETag += "0"
		}
	}
	return parts, body
}

func (m *machine) abortMultipart(t *rapid.T) {
	w := m.uploader(t)
	mu, bucket, c := m.upload(t, w, "abortmultipart", nil)
	err := w.multipart(bucket).AbortMultipart(c.ctx, mu, c.opts)
	agreeOn(t, c, err, func() error { return w.model.abort(bucket.clean, mu) })
}
