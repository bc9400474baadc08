package storage

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
)

// Errors that operations return, wrapped in an [*Error]. Each of the first six
// has the text of its twin in the standard library and matches it too:
// errors.Is(err, fs.ErrNotExist) holds where errors.Is(err, storage.ErrNotExist)
// does.
var (
	ErrNotExist    error = &sentinel{fs.ErrNotExist}
	ErrExist       error = &sentinel{fs.ErrExist}
	ErrPermission  error = &sentinel{fs.ErrPermission}
	ErrUnsupported error = &sentinel{errors.ErrUnsupported}
	ErrInvalid     error = &sentinel{fs.ErrInvalid}
	ErrClosed      error = &sentinel{fs.ErrClosed}

	// ErrNoBucket is an ErrNotExist: it is the bucket that is missing (B1, B2).
	ErrNoBucket error = noBucket{}

	ErrPrecondition = errors.New("precondition failed") // a condition does not hold (O7)
	ErrChecksum     = errors.New("checksum mismatch")   // the content has another digest than OptChecksum (O3)
	ErrQuota        = errors.New("quota exceeded")      // the store is full
)

// sentinel is an error with a twin in the standard library.
type sentinel struct{ twin error }

func (s *sentinel) Error() string { return s.twin.Error() }
func (s *sentinel) Unwrap() error { return s.twin }

type noBucket struct{}

func (noBucket) Error() string { return "bucket does not exist" }
func (noBucket) Unwrap() error { return ErrNotExist }

// Error is the error of a failed operation. Bucket and Key are empty where the
// operation has none; Key is normalised, or as the caller gave it if that is not
// possible.
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
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
