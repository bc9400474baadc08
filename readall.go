package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
)

// ReadAll returns the content of an object and its description. For a part of the
// content, or under conditions, use [Bucket.Open].
func ReadAll(ctx context.Context, b Bucket, key string) ([]byte, *Object, error) {
	if err := checkBucket(b, "open", key); err != nil {
		return nil, nil, err
	}
	r, o, err := b.Open(ctx, key, 0, 0, nil)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	var content bytes.Buffer
	content.Grow(int(min(o.Size, maxGrow)) + bytes.MinRead)
	if _, err := content.ReadFrom(r); err != nil {
		return nil, nil, err
	}
	return content.Bytes(), o, nil
}

// maxGrow bounds the bytes that are allocated before any are read.
const maxGrow = 1 << 20

// WriteAll stores data under key, as [Bucket.Write] does. With the ETag that
// [ReadAll] returned as OptIfMatch, it replaces that content and no other.
func WriteAll(ctx context.Context, b Bucket, key string, data []byte, contentType string, opts Options) (*Object, error) {
	if err := checkBucket(b, "write", key); err != nil {
		return nil, err
	}
	return b.Write(ctx, key, bytes.NewReader(data), int64(len(data)), contentType, opts)
}

// Exists reports whether there is an object at key. A directory is not one, and in
// a bucket that does not exist there is none.
func Exists(ctx context.Context, b Bucket, key string) (bool, error) {
	if err := checkBucket(b, "stat", key); err != nil {
		return false, err
	}
	if e, ok := b.(HasExactKeys); !ok || !e.ExactKeys() {
		key = strings.TrimRight(key, `/\`) // of a key with a slash, Stat may describe the directory
	}
	switch o, err := b.Stat(ctx, key, nil); {
	case errors.Is(err, ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	default:
		return !o.IsDir, nil
	}
}

// checkBucket returns the error of an operation on a nil bucket.
func checkBucket(b Bucket, op, key string) error {
	if b == nil {
		return &Error{Op: op, Key: key, Err: fmt.Errorf("%w: the bucket is nil", ErrInvalid)}
	}
	return nil
}
