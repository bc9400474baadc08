package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"open-lake.dev/lib/storage"
)

// The length of a Read, in bytes, and that beyond maxAlone.
const (
	maxPiece   = 32 << 10
	largePiece = 1 << 20
)

// Source is the content of a Write while it is read (contract rule O1). Its errors are
// those of the Write.
type Source struct {
	ctx     context.Context
	src     io.Reader
	spool   spool  // an empty one, for each Body
	left    int64  // bytes to come, negative if that is not known
	room    []byte // what src reads into, to which it may go on writing after Read (O8)
	pending []byte // bytes that were read, and not yet given
	read    int64  // bytes that were read
	ended   bool
	given   int64 // bytes in the bodies so far

	mu   sync.Mutex
	free []bytes.Buffer // of bodies that were released
}

// newSource returns the source of size bytes, or of all that src has if size < 0.
func newSource(ctx context.Context, src io.Reader, size int64) (*Source, error) {
	if isNil(src) {
		src = nil
	}
	if src == nil && size > 0 {
		return nil, fmt.Errorf("%w: no source for %d bytes", storage.ErrInvalid, size)
	}
	room := int64(maxPiece)
	if size >= 0 {
		room = min(room, size)
	}
	return &Source{ctx: ctx, src: src, left: size, room: make([]byte, room), ended: src == nil}, nil
}

// isNil reports whether src is nil, or a nil pointer that cannot be read.
func isNil(src io.Reader) bool {
	switch src := src.(type) {
	case nil:
		return true
	case *bytes.Reader:
		return src == nil
	case *bytes.Buffer:
		return src == nil
	case *strings.Reader:
		return src == nil
	}
	return false
}

// Next returns the next n bytes, or those that are left, and reports whether there are
// more. The caller closes the Body, which has no digest.
func (s *Source) Next(n int64) (body *Body, more bool, err error) {
	b := &Body{spool: s.spool}
	defer func() {
		if body == nil { // also if the source panics
			b.Close()
		}
	}()
	b.memory = s.buffer(min(n, s.spool.most, s.given)) // as much may come again
	for {
		if len(s.pending) == 0 && !s.ended {
			if err := s.fill(); err != nil {
				return nil, false, err
			}
		}
		if len(s.pending) == 0 || b.size == n {
			s.given += b.size
			return b, len(s.pending) > 0, nil
		}
		piece := s.pending[:min(int64(len(s.pending)), n-b.size)]
		s.pending = s.pending[len(piece):]
		if _, err := b.Write(piece); err != nil {
			return nil, false, err
		}
	}
}

// Release closes a body that was stored, and lets Next use its memory again.
func (s *Source) Release(b *Body) {
	memory := b.memory
	b.Close()
	memory.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, memory)
}

// buffer returns a buffer with room for n bytes.
func (s *Source) buffer(n int64) (b bytes.Buffer) {
	s.mu.Lock()
	if last := len(s.free) - 1; last >= 0 {
		b, s.free = s.free[last], s.free[:last]
	}
	s.mu.Unlock()
	b.Grow(int(n))
	return b
}

// fill reads the next bytes into pending, at least one unless the source ends.
func (s *Source) fill() error {
	if s.read > maxAlone && len(s.room) < largePiece {
		s.room = make([]byte, largePiece)
	}
	for range 100 {
		room := s.room
		if s.left == 0 {
			s.ended = true
			return checkEnd(s.ctx, s.src)
		}
		if s.left > 0 {
			room = room[:min(int64(len(room)), s.left)]
		}
		n, err := read(s.ctx, s.src, room)
		s.pending = room[:n]
		s.read += int64(n)
		if s.left > 0 {
			s.left -= int64(n)
		}
		switch {
		case err == io.EOF && s.left > 0:
			return io.ErrUnexpectedEOF
		case err == io.EOF:
			s.ended = true
		case err != nil:
			return err
		}
		if n > 0 || s.ended {
			return nil
		}
	}
	return io.ErrNoProgress
}

// copyTo writes the content to dst.
func (s *Source) copyTo(dst io.Writer) error {
	for !s.ended {
		if err := s.fill(); err != nil {
			return err
		}
		if _, err := dst.Write(s.pending); err != nil {
			return err
		}
		s.pending = nil
	}
	return nil
}

// copyBody copies size bytes of src to dst, or all if size < 0 (contract rule O1).
func copyBody(ctx context.Context, dst io.Writer, src io.Reader, size int64) error {
	s, err := newSource(ctx, src, size)
	if err != nil {
		return err
	}
	return s.copyTo(dst)
}
