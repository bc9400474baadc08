package snapshot

import (
	"fmt"
	"strings"
	"time"

	"github.com/benbjohnson/immutable"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// The updates: each returns the value that follows s, and leaves s as it is. If s is
// a [Draft]'s it may change, but not before the update is sure to succeed. They run
// within a commit, so they judge conditions and call nothing of a user's. One that
// was prepared by other rules than those of s returns errAgain.

// change is the context of an update: its time, the rules by which it was made, its
// options, the store's limits.
type change struct {
	now    time.Time
	rules  rules
	opts   storage.Options
	limits *storage.Limits
}

// createBucket returns s with a new, empty bucket (B3).
func (s *Snapshot) createBucket(name string, metadata map[string]string, c change) (*Snapshot, error) {
	if s.bucket(name) != nil {
		return nil, storage.ErrExist
	}
	return s.edit(name, c.now, func(b *bucket) {
		b.public = c.opts.Bool(storage.OptPublic, false)
		b.metadata = metadata
	}), nil
}

// deleteBucket returns s without the bucket (B3).
func (s *Snapshot) deleteBucket(name string, c change) (*Snapshot, error) {
	b := s.bucket(name)
	switch {
	case b == nil:
		return nil, storage.ErrNoBucket
	case b.objects.Len() > 0 && !c.opts.Bool(storage.OptForce, false):
		return nil, fmt.Errorf("%w: the bucket holds %d objects; delete them first or set %s",
			storage.ErrPermission, b.objects.Len(), storage.OptForce)
	}
	return s.with(name, b, nil), nil
}

// put returns s with o, which is not shared yet, at an address. An object that was
// there passes on its creation, and its Updated if that is later (O2).
func (s *Snapshot) put(at address, o *object, c change) (*Snapshot, error) {
	if err := s.checkPut(at, c); err != nil {
		return nil, err
	}
	o.setCreated(c.now)
	o.setUpdated(c.now)
	return s.edit(at.bucket, c.now, func(b *bucket) {
		var old *object
		b.objects, old, _ = b.objects.SwapBy(b.owner, at.key, o, c.now)
		if old != nil {
			o.createdSec, o.createdNsec = old.createdSec, old.createdNsec
			o.notBefore(old)
		}
	}), nil
}

// copy returns s with the object at src also at dst, as an object of its own, which
// it returns, too.
func (s *Snapshot) copy(dst, src address, metadata map[string]string, c change) (*Snapshot, *object, error) {
	o, err := s.copyOf(src, dst, metadata, c)
	if err != nil {
		return nil, nil, err
	}
	o.setCreated(c.now)
	o.setUpdated(c.now)
	next := s.edit(dst.bucket, c.now, func(b *bucket) {
		var old *object
		b.objects, old, _ = b.objects.SwapBy(b.owner, dst.key, o, c.now)
		if old != nil {
			o.notBefore(old)
		}
	})
	return next, o, nil
}

// move returns s with the object at src at dst instead, with its times (O2). Onto
// itself it changes at most the metadata.
func (s *Snapshot) move(dst, src address, metadata map[string]string, c change) (*Snapshot, *object, error) {
	o, err := s.copyOf(src, dst, metadata, c)
	if err != nil || dst == src && metadata == nil {
		return s, o, err
	}
	next := s.edit(dst.bucket, c.now, func(b *bucket) { b.objects, _, _ = b.objects.SwapBy(b.owner, dst.key, o, c.now) })
	if dst != src {
		// Only now, so that a directory both keys are in does not vanish between.
		next = next.edit(src.bucket, c.now, func(b *bucket) { b.objects, _ = b.objects.DeleteBy(b.owner, src.key, c.now) })
	}
	return next, o, nil
}

// copyOf returns a copy of the object at src that may be put at dst. Metadata that
// is not nil replaces the object's.
func (s *Snapshot) copyOf(src, dst address, metadata map[string]string, c change) (*object, error) {
	if s.rules != c.rules {
		return nil, errAgain
	}
	from := s.object(src)
	if from == nil {
		return nil, fmt.Errorf("source %q in bucket %q: %w", src.key, src.bucket, s.notFound(src))
	}
	if err := s.checkPut(dst, c); err != nil {
		return nil, err
	}
	o := *from
	if metadata != nil {
		o.setExtra(metadata, from.hash())
	}
	return &o, nil
}

// checkPut returns the error of an operation that may not put an object at an
// address: a key that s cannot hold, a missing bucket that must not be created
// (B2), a condition that does not hold (O7).
func (s *Snapshot) checkPut(at address, c change) error {
	if s.rules != c.rules {
		return errAgain
	}
	if err := s.checkRelaxed(at, c.limits); err != nil {
		return err
	}
	if err := c.limits.CheckKey(at.key); err != nil {
		return err
	}
	if len(c.opts) == 0 {
		return nil
	}
	if o := s.object(at); o != nil {
		return storage.CheckConditions(c.opts, o.conditional())
	}
	return storage.CheckConditions(c.opts, nil)
}

// remove returns s without the object and, if the options say so, everything
// beneath the directory of its name (O6).
func (s *Snapshot) remove(at address, c change) (*Snapshot, error) {
	if s.rules != c.rules {
		return nil, errAgain
	}
	recursive := c.opts.Bool(storage.OptRecursive, false)
	var found *storage.Object
	if o := s.object(at); o != nil {
		found = o.conditional()
	} else if found = s.directory(at.bucket, at.key); found == nil || !recursive {
		return nil, s.notFound(at)
	}
	if err := storage.CheckConditions(c.opts, found); err != nil {
		return nil, err
	}
	return s.edit(at.bucket, c.now, func(b *bucket) {
		b.objects, _ = b.objects.DeleteBy(b.owner, at.key, c.now)
		if recursive {
			b.objects, _ = b.objects.DeleteDir(dirPrefix(at.key), c.now)
		}
	}), nil
}

// removeDir returns s without the objects directly in a directory or, if the
// options say so, without all beneath it (D3).
func (s *Snapshot) removeDir(bucketName, dir string, c change) (*Snapshot, error) {
	if s.rules != c.rules {
		return nil, errAgain
	}
	remove := tree.Tree[*object].DeleteValues
	if c.opts.Bool(storage.OptRecursive, false) {
		remove = tree.Tree[*object].DeleteDir
	}
	objects, ok := remove(s.objectsOf(bucketName), dir, c.now)
	if !ok {
		return nil, s.notExist(bucketName)
	}
	return s.edit(bucketName, c.now, func(b *bucket) { b.objects = objects }), nil
}

// moveDir returns s with everything beneath the directory src re-keyed to lie
// beneath dst (D4).
func (s *Snapshot) moveDir(bucketName, dst, src string, c change) (*Snapshot, error) {
	if s.rules != c.rules {
		return nil, errAgain
	}
	objects := s.objectsOf(bucketName)
	if _, ok := objects.Dir(src); !ok {
		return nil, s.notExist(bucketName)
	}
	if err := checkMoveDir(objects, dst, src, c.limits); err != nil {
		return nil, err
	}
	moved, _ := objects.Move(dst, src, c.now)
	if dst != src && c.limits.Relaxes(storage.RelaxedTwins) {
		if err := checkMovedTwins(objects, moved, dst, src); err != nil {
			return nil, err
		}
	}
	return s.edit(bucketName, c.now, func(b *bucket) { b.objects = moved }), nil
}

// checkMoveDir returns the error of a move that would make a key that cannot be:
// one that is too long, or the empty one, from an exact key that ends in a slash.
func checkMoveDir(objects tree.Tree[*object], dst, src string, l *storage.Limits) error {
	if dst == src {
		return nil
	}
	most := storage.MaxKey
	if l.MaxKey > 0 {
		most = min(most, l.MaxKey)
	}
	if key, ok := objects.LongerThan(src, most-len(dst)); ok {
		return fmt.Errorf("%w: key %q would get longer than %d bytes", storage.ErrInvalid, dst+strings.TrimPrefix(key, src), most)
	}
	if _, ok := objects.Get(src); ok && dst == "" {
		return fmt.Errorf("%w: key %q would get empty", storage.ErrInvalid, src)
	}
	return l.CheckNames(dst)
}

// notExist returns ErrNotExist, or ErrNoBucket if the bucket is missing.
func (s *Snapshot) notExist(bucketName string) error {
	if s.bucket(bucketName) == nil {
		return storage.ErrNoBucket
	}
	return storage.ErrNotExist
}

// beginUpload returns s with a new upload (M1).
func (s *Snapshot) beginUpload(bucketName string, id uploadID, up *upload, c change) (*Snapshot, error) {
	if err := s.checkPut(address{bucketName, id.key}, change{rules: c.rules, limits: c.limits}); err != nil {
		return nil, err
	}
	return s.edit(bucketName, c.now, func(b *bucket) {
		if b.uploads == nil {
			b.uploads = immutable.NewSortedMap[uploadID, *upload](byKeyAndID{})
		}
		b.uploads = b.uploads.Set(id, up)
	}), nil
}

// putPart returns s with a part added to an upload, or replaced (M1).
func (s *Snapshot) putPart(bucketName string, id uploadID, number int, p *part, c change) (*Snapshot, error) {
	if s.rules != c.rules {
		return nil, errAgain
	}
	up, err := s.upload(bucketName, id)
	if err != nil {
		return nil, err
	}
	next := *up
	next.parts = up.parts.Set(number, p)
	return s.edit(bucketName, c.now, func(b *bucket) {
		if old, ok := up.parts.Get(number); ok {
			b.parts -= old.size()
		}
		b.parts += p.size()
		b.uploads = b.uploads.Set(id, &next)
	}), nil
}

// endUpload returns s without an upload.
func (s *Snapshot) endUpload(bucketName string, id uploadID, c change) (*Snapshot, error) {
	if s.rules != c.rules {
		return nil, errAgain
	}
	up, err := s.upload(bucketName, id)
	if err != nil {
		return nil, err
	}
	return s.edit(bucketName, c.now, func(b *bucket) {
		b.uploads = b.uploads.Delete(id)
		for it := up.parts.Iterator(); !it.Done(); {
			_, p, _ := it.Next()
			b.parts -= p.size()
		}
	}), nil
}

// edit returns s with the named bucket, created if need be (B2), changed by f.
func (s *Snapshot) edit(name string, now time.Time, f func(*bucket)) *Snapshot {
	old := s.bucket(name)
	if old != nil && s.owner != nil && s.owner == old.owner {
		s.objects -= old.objects.Len()
		s.bytes -= old.bytes()
		f(old)
		s.objects += old.objects.Len()
		s.bytes += old.bytes()
		return s
	}
	b := &bucket{created: now, objects: tree.New(weight)}
	if old != nil {
		*b = *old
	}
	b.owner = s.owner
	f(b)
	return s.with(name, old, b)
}

// with returns s with b in place of old, the named bucket. There is none if old is nil,
// and none is left if b is nil.
func (s *Snapshot) with(name string, old, b *bucket) *Snapshot {
	next := s
	if s.owner == nil {
		other := *s
		next = &other
	}
	if old != nil {
		next.objects -= old.objects.Len()
		next.bytes -= old.bytes()
	}
	if b == nil {
		next.buckets = s.buckets.without(name)
		return next
	}
	next.objects += b.objects.Len()
	next.bytes += b.bytes()
	next.buckets = s.buckets.with(name, b)
	return next
}
