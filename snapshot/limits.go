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

// checkKey holds a normalised key to the limits.
func checkKey(l *storage.Limits, key string) error {
	if l.MaxKey > 0 && len(key) > l.MaxKey {
		return fmt.Errorf("%w: the key has %d bytes, the most are %d", storage.ErrInvalid, len(key), l.MaxKey)
	}
	return checkName(l, key)
}

// checkName holds the names in a key or in the path of a directory to the limits.
func checkName(l *storage.Limits, path string) error {
	if l.MaxName > 0 {
		for name := range strings.SplitSeq(path, "/") {
			if len(name) > l.MaxName {
				return fmt.Errorf("%w: a name in the key has %d bytes, the most are %d", storage.ErrInvalid, len(name), l.MaxName)
			}
		}
	}
	return nil
}

// checkMetadata holds an object's metadata to the limits.
func checkMetadata(l *storage.Limits, metadata map[string]string) error {
	if l.MaxMetadata <= 0 {
		return nil
	}
	n := 0
	for key, value := range metadata {
		n += len(key) + len(value)
	}
	if n > l.MaxMetadata {
		return fmt.Errorf("%w: the metadata have %d bytes, the most are %d", storage.ErrInvalid, n, l.MaxMetadata)
	}
	return nil
}

// checkSize holds the size of an object to the limits.
func checkSize(l *storage.Limits, size int64) error {
	if l.MaxObject > 0 && size > l.MaxObject {
		return fmt.Errorf("%w: the object has %d bytes, the most are %d", storage.ErrInvalid, size, l.MaxObject)
	}
	return nil
}

// checkPart holds the size of a part that is not the last to the limits.
func checkPart(l *storage.Limits, number int, size int64) error {
	if size < l.MinPart {
		return fmt.Errorf("%w: part %d has %d bytes; each but the last must have %d", storage.ErrInvalid, number, size, l.MinPart)
	}
	return nil
}

// checkUnconditional refuses conditions where a relaxed O7 has none.
func checkUnconditional(l *storage.Limits, rule string, opts storage.Options) error {
	if !l.Relaxes(rule) {
		return nil
	}
	for _, key := range []string{storage.OptIfMatch, storage.OptIfNoneMatch, storage.OptIfModifiedSince, storage.OptIfUnmodifiedSince, storage.OptUpsert} {
		if opts[key] != nil {
			return fmt.Errorf("%w: %s cannot be judged atomically here", storage.ErrUnsupported, key)
		}
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
		return s.checkTwins(at)
	}
	return nil
}

// checkTwins refuses a key beside a directory of its name, or beneath an object's.
func (s *Snapshot) checkTwins(at address) error {
	objects := s.objectsOf(at.bucket)
	if _, ok := objects.Dir(at.key + "/"); ok {
		return fmt.Errorf("%w: there is a directory of this name", storage.ErrExist)
	}
	return checkBeneath(objects, at.key)
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

// round returns a time in the resolution of the limits.
func round(l *storage.Limits, t time.Time) time.Time {
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
