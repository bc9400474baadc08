package drivertest

import (
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// multipart returns the bucket's multipart methods.
func (h *harness) multipart() storage.HasMultipart {
	m, ok := h.b.(storage.HasMultipart)
	if !ok {
		h.skip("the driver's buckets take no multipart uploads (storage.HasMultipart)")
	}
	return m
}

// padded returns a part lengthened to the smallest size that the driver takes.
func (h *harness) padded(part string) string {
	if missing := h.limits.MinPart - int64(len(part)); missing > 0 {
		part += strings.Repeat(".", int(missing))
	}
	return part
}

// joined returns the content that an upload of parts makes.
func (h *harness) joined(parts ...string) string {
	content := ""
	for _, part := range parts {
		content += h.padded(part)
	}
	return content
}

// upload begins an upload and gives it parts, numbered from 1.
func (h *harness) upload(key string, parts ...string) (*storage.MultipartUpload, []*storage.PartInfo) {
	mu, err := h.multipart().InitMultipart(h.ctx, key, "text/plain", nil)
	require.NoError(h, err, "InitMultipart must succeed")
	require.NotNil(h, mu, "InitMultipart must return the upload")
	infos := make([]*storage.PartInfo, len(parts))
	for i, part := range parts {
		infos[i] = h.part(mu, i+1, part)
	}
	return mu, infos
}

// part uploads a part, padded, that must be accepted.
func (h *harness) part(mu *storage.MultipartUpload, number int, content string) *storage.PartInfo {
	return h.partAsItIs(mu, number, h.padded(content))
}

// partAsItIs is part without the padding.
func (h *harness) partAsItIs(mu *storage.MultipartUpload, number int, content string) *storage.PartInfo {
	info, err := h.multipart().UploadPart(h.ctx, mu, number, strings.NewReader(content), int64(len(content)), nil)
	require.NoError(h, err, "UploadPart %d must succeed", number)
	require.NotNil(h, info, "UploadPart must return the part")
	return info
}

// complete completes an upload that must succeed.
func (h *harness) complete(mu *storage.MultipartUpload, parts ...*storage.PartInfo) *storage.Object {
	o, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, nil)
	require.NoError(h, err, "CompleteMultipart must succeed")
	require.NotNil(h, o, "CompleteMultipart must return the object")
	return o
}

// listParts lists the parts of an upload that must be in progress.
func (h *harness) listParts(mu *storage.MultipartUpload, limit, offset int) []*storage.PartInfo {
	parts, err := h.multipart().ListParts(h.ctx, mu, limit, offset, nil)
	require.NoError(h, err, "M1: ListParts of an upload in progress must succeed")
	return parts
}

// uploadCall is one way to pass an upload to the store.
type uploadCall struct {
	name string
	do   func(mu *storage.MultipartUpload) error
}

// uploadCalls are all ways to pass an upload. part is one of its parts.
func (h *harness) uploadCalls(part *storage.PartInfo) []uploadCall {
	m := h.multipart()
	return []uploadCall{
		{"UploadPart", func(mu *storage.MultipartUpload) error {
			_, err := m.UploadPart(h.ctx, mu, 1, strings.NewReader("x"), 1, nil)
			return err
		}},
		{"ListParts", func(mu *storage.MultipartUpload) error { _, err := m.ListParts(h.ctx, mu, 0, 0, nil); return err }},
		{"CompleteMultipart", func(mu *storage.MultipartUpload) error {
			_, err := m.CompleteMultipart(h.ctx, mu, []*storage.PartInfo{part}, nil)
			return err
		}},
		{"AbortMultipart", func(mu *storage.MultipartUpload) error { return m.AbortMultipart(h.ctx, mu, nil) }},
	}
}

// refused checks that every method refuses an upload and changes nothing.
func (h *harness) refused(mu *storage.MultipartUpload, part *storage.PartInfo, want error, what string) {
	h.unchanged("M1: a refused upload must change nothing", func() {
		for _, c := range h.uploadCalls(part) {
			require.ErrorIs(h, c.do(mu), want, "M1: %s of %s", c.name, what)
		}
	})
}

// useHandle goes on with an upload by a handle that may be spelt in another way.
func useHandle(h *harness, b storage.Bucket, mu *storage.MultipartUpload) {
	m := b.(storage.HasMultipart)
	what := fmt.Sprintf("an upload of %q in bucket %q", mu.Key, mu.Bucket)
	part, err := m.UploadPart(h.ctx, mu, 1, strings.NewReader("part"), 4, nil)
	require.NoError(h, err, "M1: UploadPart to %s", what)
	list, err := m.ListParts(h.ctx, mu, 0, 0, nil)
	require.NoError(h, err, "M1: ListParts of %s", what)
	require.Len(h, list, 1, "M1: ListParts of %s", what)
	_, err = m.CompleteMultipart(h.ctx, mu, []*storage.PartInfo{part}, nil)
	require.NoError(h, err, "M1: CompleteMultipart of %s", what)
}
