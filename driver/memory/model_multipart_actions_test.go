package memdriver_test

import (
	"context"
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
	w := m.world(t)
	bucket, key, opts := drawBucket(t, w), m.key(t, w), storage.Options{}
	maybe(t, opts, 2, storage.OptMetadata, someMetadata()...)
	c := m.call(t, w, "initmultipart", opts, bucket, key)
	given := copyOf(c.opts)
	got, err := w.multipart(bucket).InitMultipart(c.ctx, key.given, "text/html", c.opts)
	agree(t, c, got, err, func() (*storage.MultipartUpload, error) {
		id := ""
		if got != nil {
			id = got.UploadID
		}
		return w.model.begin(m.at(w), bucket.clean, key.clean, id, "text/html", given)
	})
	if err != nil {
		return
	}
	require.NotEmpty(t, got.UploadID)
	require.NotContains(t, m.issued, got.UploadID, "no store gives out an ID again")
	m.issued[got.UploadID] = true
	m.uploads = append(m.uploads, got)
}

// inProgress returns a handle on every upload of a store, in the order in which they
// were begun.
func (m *machine) inProgress(w *world) (mus []*storage.MultipartUpload) {
	for _, mu := range m.uploads {
		if _, err := w.model.upload(mu.Bucket, mu); err == nil {
			mus = append(mus, mu)
		}
	}
	return mus
}

// uploader returns a store, most often one with an upload in progress.
func (m *machine) uploader(t *rapid.T) *world {
	if m.within != nil {
		return m.within
	}
	var busy []*world
	for _, w := range m.worlds {
		if !w.closed && len(m.inProgress(w)) > 0 {
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
	mus := m.inProgress(w)
	if len(mus) == 0 || chance(t, 8) {
		mus = m.uploads
	}
	if len(mus) == 0 {
		t.Skip("no upload was begun")
	}
	mu = mus[len(mus)-1-rapid.IntRange(0, len(mus)-1).Draw(t, "upload")]
	bucket = name{mu.Bucket, mu.Bucket, nil}
	if chance(t, 30) {
		bucket = drawBucket(t, w)
	} else {
		bucket = w.model.limitBucket(bucket)
	}
	switch {
	case chance(t, 30):
		mu = draw(t, "wrong upload", nil, new(storage.MultipartUpload),
			&storage.MultipartUpload{Bucket: mu.Bucket, Key: mu.Key, UploadID: "none"},
			&storage.MultipartUpload{Bucket: mu.Bucket, Key: mu.Key + "x", UploadID: mu.UploadID})
	case chance(t, 4) && !w.model.exact:
		mu = &storage.MultipartUpload{Bucket: mu.Bucket + " ", Key: spelt(t, mu.Key).given, UploadID: mu.UploadID}
	}
	key := name{}
	if mu != nil {
		key = name{given: mu.Key, clean: w.model.cleanKey(mu.Key)}
	}
	return mu, bucket, m.call(t, w, op, opts, bucket, key)
}

func (m *machine) uploadPart(t *rapid.T) {
	w := m.uploader(t)
	s := m.source(t, w)
	opts := storage.Options{}
	if !s.restores() { // which may be why it fails, or its options
		digesting(t, opts, s.body)
	}
	mu, bucket, c := m.upload(t, w, "uploadpart", opts)
	number := draw(t, "number", 1, 2, 3, 9, storage.MaxParts)
	if chance(t, 30) {
		number = draw(t, "bad number", 0, -1, storage.MaxParts+1)
	}
	given := copyOf(c.opts)
	got, err := w.multipart(bucket).UploadPart(c.ctx, mu, number, s.Reader, s.size, c.opts)
	agree(t, c, got, err, func() (*storage.PartInfo, error) {
		return w.model.uploadPart(m.at(w), bucket.clean, mu, number, s, given)
	})
}

func (m *machine) copyPart(t *rapid.T) {
	w := m.uploader(t)
	mu, bucket, c := m.upload(t, w, "copypart", nil)
	c.ctx, c.err, c.key = context.Background(), storage.ErrUnsupported, ""
	m.spoilContext(t, w, &c)
	got, err := w.multipart(bucket).CopyPart(c.ctx, mu, 1, c.opts)
	agree(t, c, got, err, nil) // whatever the arguments (M3)
}

func (m *machine) listUploads(t *rapid.T) {
	w := m.uploader(t)
	bucket, prefix := drawBucket(t, w), m.prefix(t, w)
	c := m.call(t, w, "uploads", nil, bucket, prefix)
	limit, offset := paging(t)
	it, err := w.store.Bucket(bucket.given).(storage.HasUploads).Uploads(c.ctx, prefix.given, limit, offset, c.opts)
	var want []*storage.UploadInfo
	agreeOn(t, c, err, func() (err error) {
		want, err = w.model.listUploads(bucket.clean, prefix.clean, limit, offset)
		return err
	})
	if err == nil {
		requireUploads(t, want, it)
	} else {
		require.Nil(t, it)
	}
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
		opts := m.conditions(t, w, bucket, name{clean: w.model.cleanKey(mu.Key)})
		maybe[any](t, opts, 8, storage.OptUpsert, false, true, nil)
		maps.Copy(c.opts, digesting(t, opts, body))
	}
	given := copyOf(c.opts)
	got, err := w.multipart(bucket).CompleteMultipart(c.ctx, mu, parts, c.opts)
	agree(t, c, got, err, func() (*storage.Object, error) {
		return w.model.complete(m.at(w), bucket.clean, mu, parts, given)
	})
}

// parts names the parts of an upload in any order, now and then wrongly. It also
// returns their content, if they are all of them.
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
	case 8, 9:
		for _, p := range parts {
			p.ETag = draw(t, "ETag", "", `"`+p.ETag+`"`)
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
