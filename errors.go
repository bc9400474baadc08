package storage

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
)

// Errors that operations return, wrapped in an [*Error]. Those with a twin in
// the standard library match it too: errors.Is(err, fs.ErrNotExist) holds where
// errors.Is(err, storage.ErrNotExist) does.
var (
	ErrNotExist    error = &sentinel{"does not exist", fs.ErrNotExist}
	ErrExist       error = &sentinel{"already exists", fs.ErrExist}
	ErrPermission  error = &sentinel{"not permitted", fs.ErrPermission}
	ErrUnsupported error = &sentinel{"not supported", errors.ErrUnsupported}
	ErrInvalid     error = &sentinel{"invalid argument", fs.ErrInvalid}
	ErrClosed      error = &sentinel{"already closed", fs.ErrClosed}

	ErrPrecondition = errors.New("precondition failed") // a condition does not hold (O7)
	ErrChecksum     = errors.New("checksum mismatch")   // the content is not what OptChecksum says (O3)
	ErrQuota        = errors.New("quota exceeded")      // the store is full
)

type sentinel struct {
	text string
	twin error
}

func (s *sentinel) Error() string { return s.text }
func (s *sentinel) Unwrap() error { return s.twin }

// Error is the error of a failed operation: what was tried, on what, and why it
// failed. Bucket and Key are empty where the operation has none; Key is as the
// caller gave it if it could not be normalised.
type Error struct {
	Op     string // the method in lower case: "write", "createbucket", "directory.move", …
	Bucket string
	Key    string
	Err    error
}

// Error names the operation, the bucket, the key and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("storage: ")
	b.WriteString(e.Op)
	if e.Bucket != "" {
		b.WriteString(" bucket ")
		b.WriteString(strconv.Quote(e.Bucket))
	}
	if e.Key != "" {
		b.WriteString(" key ")
		b.WriteString(strconv.Quote(e.Key))
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
