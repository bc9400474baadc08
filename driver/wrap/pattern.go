package wrap

import (
	"fmt"
	"path"

	"open-lake.dev/lib/storage"
)

// pattern selects calls by glob patterns as in path.Match. An empty one matches all.
type pattern struct{ op, bucket, key string }

// matches reports whether the pattern selects a call. A key matches as the caller
// wrote it, or normalised.
func (p pattern) matches(c *Call) (bool, error) {
	op, err := glob(p.op, c.Op)
	bucket, bucketErr := glob(p.bucket, c.Bucket)
	key, keyErr := glob(p.key, c.Key)
	if clean, e := storage.CleanKey(c.Key); e == nil && !key {
		key, _ = glob(p.key, clean)
	}
	for _, e := range []error{err, bucketErr, keyErr} {
		if e != nil {
			return false, c.Fail(e)
		}
	}
	return op && bucket && key, nil
}

func glob(pattern, name string) (bool, error) {
	if pattern == "" {
		return true, nil
	}
	ok, err := path.Match(pattern, name)
	if err != nil {
		return false, fmt.Errorf("%w: pattern %q: %w", storage.ErrInvalid, pattern, err)
	}
	return ok, nil
}
