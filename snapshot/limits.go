package snapshot

import (
	"fmt"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/tree"
)

// These checks make a store refuse operations because of its [storage.Limits], so
// that it stands in for an engine that has them. Relaxed rules whose weak half cannot
// be observed without a race (D3, D4, O6, L3, Move, O3) stay strong.

// checkPart holds the size of a part that is not the last to the limits.
func checkPart(l *storage.Limits, number int, size int64) error {
	if size < l.MinPart {
		return fmt.Errorf("%w: part %d has %d bytes; each but the last must have %d", storage.ErrInvalid, number, size, l.MinPart)
	}
	return nil
}

// checkNoDigests refuses digests of a completed upload where a relaxed O3 has none.
func checkNoDigests(l *storage.Limits, opts storage.Options) error {
	if !l.Relaxes(storage.RelaxedO3Complete) {
		return nil
	}
	for _, key := range []string{storage.OptChecksum, storage.OptChecksumAlgorithms} {
		if opts[key] != nil {
			return fmt.Errorf("%w: %s of a completed upload", storage.ErrUnsupported, key)
		}
	}
	return nil
}

// checkRelaxed refuses to put an object where a relaxed B2 or K1 has none.
func (s *Snapshot) checkRelaxed(at address, l *storage.Limits) error {
	if len(l.Relaxed) == 0 {
		return nil
	}
	if l.Relaxes(storage.RelaxedB2) && s.bucket(at.bucket) == nil {
		return storage.ErrNoBucket
	}
	if l.Relaxes(storage.RelaxedTwins) {
		return checkTwins(s.objectsOf(at.bucket), at.key)
	}
	return nil
}

// checkTwins refuses a key beside a directory of its name, or beneath an object's.
func checkTwins(objects tree.Tree[*object], key string) error {
	if _, ok := objects.Dir(key + "/"); ok {
		return fmt.Errorf("%w: there is a directory of the name %q", storage.ErrExist, key)
	}
	return checkBeneath(objects, key)
}

// checkMovedTwins refuses the move of a directory from src to dst beneath an object,
// or one that makes twins. It costs a step per object in src.
func checkMovedTwins(objects, moved tree.Tree[*object], dst, src string) error {
	if err := checkBeneath(objects, dst); err != nil {
		return err
	}
	for from := objects.Walk(tree.Walk{Prefix: src, Values: true}); ; {
		e, ok := from.Next()
		if !ok {
			return nil
		}
		if err := checkTwins(moved, dst+strings.TrimPrefix(e.Key, src)); err != nil {
			return err
		}
	}
}

// checkBeneath refuses a key, or the path of a directory with its slash, that is
// beneath an object's.
func checkBeneath(objects tree.Tree[*object], key string) error {
	for i := range len(key) {
		if key[i] != '/' {
			continue
		}
		if _, ok := objects.Get(key[:i]); ok {
			return fmt.Errorf("%w: there is an object %q", storage.ErrExist, key[:i])
		}
	}
	return nil
}

// truncate returns a time in the resolution of the limits.
func truncate(l *storage.Limits, t time.Time) time.Time {
	if l.TimeResolution > 0 {
		return t.Truncate(l.TimeResolution)
	}
	return t
}

// relaxTimes clears the times of a description that relaxed rules omit.
func relaxTimes(l *storage.Limits, o *storage.Object) {
	if o.IsDir && l.Relaxes(storage.RelaxedD1) {
		o.Created, o.Updated = time.Time{}, time.Time{}
	}
	if !o.IsDir && l.Relaxes(storage.RelaxedO2) {
		o.Created = time.Time{}
	}
}

// relaxListed clears the fields of a listed description that a relaxed L1 omits.
func relaxListed(l *storage.Limits, o *storage.Object) {
	if !o.IsDir && l.Relaxes(storage.RelaxedL1) {
		o.ContentType, o.Metadata, o.Hash, o.Created = "", nil, nil, time.Time{}
	}
	relaxTimes(l, o)
}
