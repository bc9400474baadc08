package drivertest

import (
	"io"
	"slices"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// coarseTimes truncates times, and judges conditions by truncated ones.
func coarseTimes(resolution time.Duration) fault {
	truncate := func(t *time.Time) {
		if t != nil {
			*t = t.Truncate(resolution)
		}
	}
	inObjects := objects(func(_ *request, o *storage.Object) { truncate(&o.Created); truncate(&o.Updated) })
	elsewhere := fault(func(c *request, do func()) {
		if do(); c.err != nil {
			return
		}
		if c.info != nil {
			truncate(&c.info.CreatedAt)
		}
		if c.buckets != nil {
			infos := collect(c.buckets)
			for _, info := range infos {
				truncate(&info.CreatedAt)
			}
			c.buckets = &iterOf[storage.BucketInfo]{ctx: c.ctx, items: infos}
		}
		if c.uploads != nil {
			uploads := collect(c.uploads)
			for _, u := range uploads {
				truncate(&u.Created)
			}
			c.uploads = &iterOf[storage.UploadInfo]{ctx: c.ctx, items: uploads}
		}
		for _, p := range append(slices.Clone(c.parts), c.part) {
			if p != nil {
				truncate(p.LastModified)
			}
		}
	})
	inConditions := fault(func(c *request, do func()) {
		for _, key := range []string{storage.OptIfModifiedSince, storage.OptIfUnmodifiedSince} {
			if t, ok := c.opts.Time(key); ok && !t.IsZero() {
				c.set(key, t.Truncate(resolution).Add(resolution-1))
			}
		}
		do()
	})
	return both(inObjects, both(elsewhere, inConditions))
}

// sizeLimits refuses what exceeds the limits.
func sizeLimits(limits storage.Limits) fault {
	name := refuses("createbucket", storage.ErrInvalid, func(c *request) bool {
		clean, err := storage.CleanBucket(c.bucket)
		return err == nil && limits.BucketName != nil && limits.BucketName(clean) != nil
	})
	put := refuses("write copy move initmultipart", storage.ErrInvalid, func(c *request) bool {
		return c.valid() && exceeds(c, limits)
	})
	body := before("write", func(c *request) {
		if limits.MaxObject > 0 && c.src != nil {
			c.src = &limitedReader{c.src, limits.MaxObject}
		}
	})
	parts := refuses("completemultipart", storage.ErrInvalid, func(c *request) bool {
		return c.mu != nil && c.valid() && hasSmallPart(c, limits.MinPart)
	})
	return both(both(name, put), both(body, parts))
}

func exceeds(c *request, limits storage.Limits) bool {
	key := c.cleanKey()
	if limits.MaxKey > 0 && len(key) > limits.MaxKey {
		return true
	}
	for name := range strings.SplitSeq(key, "/") {
		if limits.MaxName > 0 && len(name) > limits.MaxName {
			return true
		}
	}
	size := 0
	meta, _ := c.opts.StringMap(storage.OptMetadata)
	for k, v := range meta {
		size += len(k) + len(v)
	}
	return limits.MaxMetadata > 0 && size > limits.MaxMetadata
}

func hasSmallPart(c *request, smallest int64) bool {
	parts := uploaded(c)
	last := 0
	for _, p := range c.named {
		if p != nil {
			last = max(last, p.Number)
		}
	}
	return slices.ContainsFunc(c.named, func(p *storage.PartInfo) bool {
		return p != nil && parts[p.Number] != nil && p.Number != last && parts[p.Number].Size < smallest
	})
}

// limitedReader fails when more than left bytes are read from it.
type limitedReader struct {
	src  io.Reader
	left int64
}

func (r *limitedReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if r.left -= int64(max(n, 0)); r.left < 0 {
		return n, storage.ErrInvalid
	}
	return n, err
}
