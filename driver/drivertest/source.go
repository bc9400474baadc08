package drivertest

import (
	"errors"
	"io"
	"strings"
)

// errSource is what a failing source fails with.
var errSource = errors.New("the source fails")

// source is a function as an io.Reader.
type source func(p []byte) (int, error)

func (s source) Read(p []byte) (int, error) { return s(p) }

// broken gives content and then an error.
func broken(content string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(content), source(func([]byte) (int, error) { return 0, err }))
}

// interrupted gives content, and calls do when half of it has been read. It is
// how a case acts in the middle of a Write.
func interrupted(content string, do func()) io.Reader {
	half := len(content) / 2
	return io.MultiReader(strings.NewReader(content[:half]),
		source(func([]byte) (int, error) { do(); return 0, io.EOF }),
		strings.NewReader(content[half:]))
}

// endless gives zeros for ever, in small pieces, and tells do how many bytes it
// has given; an error from do ends it.
func endless(do func(given int) error) io.Reader {
	given := 0
	return source(func(p []byte) (int, error) {
		if err := do(given); err != nil {
			return 0, err
		}
		n := min(len(p), 4096)
		clear(p[:n])
		given += n
		return n, nil
	})
}
