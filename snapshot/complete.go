package snapshot

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"open-lake.dev/lib/storage"
)

func (h *bucketHandle) CompleteMultipart(ctx context.Context, mu *storage.MultipartUpload, parts []*storage.PartInfo, opts storage.Options) (*storage.Object, error) {
	return runUpload(ctx, h, "completemultipart", mu, opts, func(cur *Snapshot, up *upload, id uploadID) (*storage.Object, error) {
		return h.complete(ctx, cur, up, id, parts, opts)
	})
}

// complete joins the named parts of an upload and commits the object.
func (h *bucketHandle) complete(ctx context.Context, cur *Snapshot, up *upload, id uploadID, parts []*storage.PartInfo, opts storage.Options) (*storage.Object, error) {
	limits := &h.store.limits
	if err := cmp.Or(limits.CheckConditional(storage.RelaxedO7Complete, opts), checkNoDigests(limits, opts)); err != nil {
		return nil, err
	}
	named, err := up.named(parts, limits)
	if err != nil {
		return nil, err
	}
	in, err := assemble(ctx, named, cur.md5ETags, opts)
	if err != nil {
		return nil, err
	}
	if err := limits.CheckSize(in.size()); err != nil {
		return nil, err
	}
	o := newObject(in, up.contentType, up.metadata)
	c := h.store.change(cur.rules, opts)
	err = h.store.head.Commit(func(cur *Snapshot) (*Snapshot, error) { return cur.completeUpload(h.name, id, named, o, c) })
	if err != nil {
		return nil, err
	}
	return h.describe(o, id.key), nil
}

// completeUpload returns s with the object that the named parts made and without
// the upload, or errAgain if they are not the upload's any more (M2).
func (s *Snapshot) completeUpload(bucketName string, id uploadID, named []namedPart, o *object, c change) (*Snapshot, error) {
	if s.rules != c.rules {
		return nil, errAgain
	}
	up, err := s.upload(bucketName, id)
	if err != nil {
		return nil, err
	}
	for _, n := range named {
		if p, _ := up.parts.Get(n.number); p != n.part {
			return nil, errAgain
		}
	}
	next, err := s.put(address{bucketName, id.key}, o, c)
	if err != nil {
		return nil, err
	}
	return next.endUpload(bucketName, id, c)
}

// namedPart is a part that a completion names.
type namedPart struct {
	number int
	*part
}

// named returns the parts that infos name, by number, or ErrInvalid (M2).
func (up *upload) named(infos []*storage.PartInfo, l *storage.Limits) ([]namedPart, error) {
	if len(infos) == 0 {
		return nil, fmt.Errorf("%w: no parts are named", storage.ErrInvalid)
	}
	named := make([]namedPart, 0, len(infos))
	for _, info := range infos {
		if info == nil {
			return nil, fmt.Errorf("%w: a part is nil", storage.ErrInvalid)
		}
		p, ok := up.parts.Get(info.Number)
		switch {
		case !ok:
			return nil, fmt.Errorf("%w: part %d was not uploaded", storage.ErrInvalid, info.Number)
		case info.ETag != "" && !storage.MatchETag(info.ETag, p.etag.String()):
			return nil, fmt.Errorf("%w: part %d has the ETag %q, not %q", storage.ErrInvalid, info.Number, p.etag, info.ETag)
		}
		named = append(named, namedPart{info.Number, p})
	}
	slices.SortFunc(named, func(a, b namedPart) int { return cmp.Compare(a.number, b.number) })
	for i, n := range named[:len(named)-1] {
		if n.number == named[i+1].number {
			return nil, fmt.Errorf("%w: part %d is named twice", storage.ErrInvalid, n.number)
		}
		if err := checkPart(l, n.number, n.size()); err != nil {
			return nil, err
		}
	}
	return named, nil
}

// assemble joins the content of parts. It costs a step per part, unless the options
// ask for digests, which read the content.
func assemble(ctx context.Context, parts []namedPart, md5ETags bool, opts storage.Options) (received, error) {
	contents := make([]content, len(parts))
	var sums []byte
	for i, p := range parts {
		contents[i] = p.content
		sums = append(sums, p.etag.bytes()...)
	}
	in := received{content: join(contents), etag: etagOf(sums, md5ETags)}
	in.etag.parts = len(parts)
	var err error
	in.hash, err = in.digest(ctx, opts)
	return in, err
}
