package drivertest

import (
	"errors"
	"io"
	"strings"
	"testing/iotest"
)

// errSource is the error of a failing source.
var errSource = errors.New("the source fails")

// source is a function as an io.Reader.
type source func(p []byte) (int, error)

func (s source) Read(p []byte) (int, error) { return s(p) }

// broken gives content and then an error.
func broken(content string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(content), iotest.ErrReader(err))
}

// brokenAtTheEnd gives an error together with the last bytes of content, and only
// then.
func brokenAtTheEnd(content string, err error) io.Reader {
	r, given := strings.NewReader(content), false
	return source(func(p []byte) (int, error) {
		n, _ := r.Read(p) // io.EOF counts only below
		switch {
		case given:
			return 0, io.EOF
		case r.Len() > 0:
			return n, nil
		}
		given = true
		return n, err
	})
}

// interrupted gives content, and calls do when half of it has been read. It is
// how a case acts in the middle of a Write.
func interrupted(content string, do func()) io.Reader {
	half := len(content) / 2
	return io.MultiReader(strings.NewReader(content[:half]),
		source(func([]byte) (int, error) { do(); return 0, io.EOF }),
		strings.NewReader(content[half:]))
}

// endless gives zeros without end, in small pieces. It calls do with the number
// of bytes given so far, and ends with the error of do.
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
