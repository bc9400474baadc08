package storage

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// HasLimits is a [Storage] that says what it cannot do. Without it, a driver
// promises the whole contract.
type HasLimits interface {
	// Limits returns the limits of the store, in a value of the caller's own.
	Limits() Limits
}

// Limits says what a store cannot do. The zero value has no limits but those of
// the contract. The same value given to the memory driver makes that refuse the
// same, so that a test meets what production will.
//
// Relaxed names the rules whose strong half does not hold. What is left of each:
//
//   - B2: a missing bucket is ErrNoBucket for every operation on it.
//   - D3, D4, O6: a recursive delete and a directory move are not one commit, but
//     every object is at one of the places or at both, and the call can be
//     repeated.
//   - Move: the copy is whole before the source goes.
//   - L3: a listing is in order, and what was there all along comes exactly once.
//   - O2: Created ≤ Updated, or Created is zero. Updated of an object that was
//     uploaded in parts may be the time the upload began.
//   - O3: the ETag changes when the content does, and works in OptIfMatch.
//   - O3 on Complete: digests of a completed upload, OptChecksum and
//     OptChecksumAlgorithms, are ErrUnsupported.
//   - O7 on Write, O7 on Copy, O7 on Delete, O7 on Complete: an operation under a
//     condition, OptUpsert included, may be ErrUnsupported there, whether the
//     condition holds or not. It is never ignored. Move is a Copy.
//   - L1: key, size, ETag and Updated of a listed object are right, the rest is
//     right or absent. So are the content type and metadata of a listed upload.
//   - D1: the times of a directory are zero.
//   - K1 twins: an object beside a directory of its name is ErrExist, and so is a
//     directory that is moved beneath an object.
type Limits struct {
	MaxKey         int                // bytes of a key
	MaxName        int                // bytes of one name in a key
	MaxMetadata    int                // bytes of an object's metadata, keys and values together
	MinPart        int64              // bytes of a part that is not the last
	MaxObject      int64              // bytes of an object
	TimeResolution time.Duration      // of Created and Updated
	BucketName     func(string) error // nil if a bucket may have the name
	Relaxed        []string           // rules of the list above
}

// The names in [Limits.Relaxed].
const (
	RelaxedB2         = "B2"
	RelaxedD1         = "D1"
	RelaxedD3         = "D3"
	RelaxedD4         = "D4"
	RelaxedL1         = "L1"
	RelaxedL3         = "L3"
	RelaxedMove       = "Move"
	RelaxedO2         = "O2"
	RelaxedO3         = "O3"
	RelaxedO3Complete = "O3 on Complete"
	RelaxedO6         = "O6"
	RelaxedO7Write    = "O7 on Write"
	RelaxedO7Copy     = "O7 on Copy"
	RelaxedO7Delete   = "O7 on Delete"
	RelaxedO7Complete = "O7 on Complete"
	RelaxedTwins      = "K1 twins"
)

// Relaxes reports whether the strong half of a rule, one of the constants
// Relaxed…, does not hold.
func (l Limits) Relaxes(rule string) bool { return slices.Contains(l.Relaxed, rule) }

// CheckKey returns ErrInvalid if the key, which is normalised, or a name in it is too
// long.
func (l Limits) CheckKey(key string) error {
	return cmp.Or(atMost("the key", int64(len(key)), int64(l.MaxKey)), l.CheckNames(key))
}

// CheckNames returns ErrInvalid if a name in a key or in the path of a directory is
// too long.
func (l Limits) CheckNames(path string) error {
	if l.MaxName <= 0 {
		return nil
	}
	for name := range strings.SplitSeq(path, "/") {
		if err := atMost("a name in the key", int64(len(name)), int64(l.MaxName)); err != nil {
			return err
		}
	}
	return nil
}

// CheckMetadata returns ErrInvalid if an object's metadata is too large.
func (l Limits) CheckMetadata(metadata map[string]string) error {
	size := 0
	for key, value := range metadata {
		size += len(key) + len(value)
	}
	return atMost("the metadata", int64(size), int64(l.MaxMetadata))
}

// CheckSize returns ErrInvalid if an object of size bytes is too large.
func (l Limits) CheckSize(size int64) error { return atMost("the object", size, l.MaxObject) }

// CheckConditional returns ErrUnsupported, with the option, if opts hold a condition,
// OptUpsert included, and a rule, one of the constants RelaxedO7…, is relaxed.
func (l Limits) CheckConditional(rule string, opts Options) error {
	if len(opts) == 0 || !l.Relaxes(rule) {
		return nil
	}
	for _, key := range conditions {
		if opts[key] != nil {
			return fmt.Errorf("%w: %s cannot be judged atomically here", ErrUnsupported, key)
		}
	}
	if !opts.Bool(OptUpsert, true) {
		return fmt.Errorf("%w: %s false cannot be judged atomically here", ErrUnsupported, OptUpsert)
	}
	return nil
}

// atMost returns ErrInvalid if something has more bytes than the most, 0 for any
// number.
func atMost(what string, bytes, most int64) error {
	if most > 0 && bytes > most {
		return fmt.Errorf("%w: %s has %d bytes, the most are %d", ErrInvalid, what, bytes, most)
	}
	return nil
}

// LimitsOf returns the limits of a store, none if it is not [HasLimits].
func LimitsOf(st Storage) Limits {
	if h, ok := st.(HasLimits); ok {
		return h.Limits()
	}
	return Limits{}
}

// S3Limits returns the limits of Amazon S3 that a test should meet: keys of 1,024
// bytes, parts of 5 MiB, 2 KB of metadata, objects of 5 TiB, S3's bucket names, no
// bucket made by a write (B2), and listings without content type and metadata
// (L1).
func S3Limits() Limits {
	return Limits{
		MaxKey:      MaxKey,
		MaxMetadata: 2 << 10,
		MinPart:     5 << 20,
		MaxObject:   5 << 40,
		BucketName:  s3BucketName,
		Relaxed:     []string{RelaxedB2, RelaxedL1},
	}
}

var (
	s3Name  = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*[a-z0-9]$`)
	ipv4    = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
	s3Fixes = regexp.MustCompile(`^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$`)
)

// s3BucketName applies the rules for the names of general purpose buckets.
func s3BucketName(name string) error {
	switch {
	case len(name) < 3 || len(name) > 63:
		return fmt.Errorf("%w: a bucket name on S3 has 3 to 63 characters", ErrInvalid)
	case !s3Name.MatchString(name) || strings.Contains(name, ".."):
		return fmt.Errorf("%w: a bucket name on S3 has lower-case letters, digits, hyphens and single dots, and begins and ends with a letter or digit", ErrInvalid)
	case ipv4.MatchString(name):
		return fmt.Errorf("%w: a bucket name on S3 is not like an IP address", ErrInvalid)
	case s3Fixes.MatchString(name):
		return fmt.Errorf("%w: S3 reserves this prefix or suffix of a bucket name", ErrInvalid)
	}
	return nil
}
