package snapshot

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
)

// This file is an optimisation: a body of more than 128 KiB that lies in memory
// already, in a bytes.Reader or a bytes.Buffer, is copied once and not through a
// buffer, while another goroutine digests it. driver/bench measures it by writing
// 256 MiB.

// memory is a source that hands all its bytes to one Write of WriteTo.
type memory interface {
	io.WriterTo
	Len() int
}

// inMemory returns src if it is a memory and more than a buffer of it is wanted;
// else nil. A strings.Reader is none: its WriteTo may make a copy.
func inMemory(src io.Reader, size int64) memory {
	var m memory
	switch src := src.(type) {
	case *bytes.Reader:
		m = src
	case *bytes.Buffer:
		m = src
	default:
		return nil
	}
	if m.Len() <= maxBuffer || size >= 0 && size <= maxBuffer {
		return nil
	}
	return m
}

// receiveMemory is [receiver.receive] for a memory.
func (r *receiver) receiveMemory(m memory) (received, error) {
	w := &memoryWriter{*r}
	_, err := m.WriteTo(w)
	if err == errEnough {
		err = nil
	}
	return w.finish(err)
}

// memoryWriter is the io.Writer passed to WriteTo. It holds a copy of the receiver,
// so that on the common path the receiver stays on the stack.
type memoryWriter struct{ receiver }

// errEnough stops a WriteTo once size bytes have arrived.
var errEnough = errors.New("the body is whole")

// Write receives p, or the wanted part of it. It copies while another goroutine
// digests, which takes as long or longer.
func (w *memoryWriter) Write(p []byte) (n int, err error) {
	var enough error
	if w.size >= 0 && int64(len(p)) > w.size {
		p, enough = p[:w.size], errEnough
	}
	w.total = int64(len(p))
	if err := w.admit(w.total); err != nil {
		return 0, err
	}
	var digesting sync.WaitGroup
	var digestErr error
	digesting.Go(func() { digestErr = eachPiece(w.ctx, p, w.digest.write) })
	err = eachPiece(w.ctx, p, func(piece []byte) { w.body.write(piece, w.total) })
	digesting.Wait()
	if err := cmp.Or(err, digestErr); err != nil {
		return 0, err
	}
	return len(p), enough
}

// maxPiece bounds the bytes copied between two checks of the context. A piece
// becomes one leaf; longer runs are copied faster.
const maxPiece = 4 << 20

// eachPiece hands p to do in pieces, until ctx is done.
func eachPiece(ctx context.Context, p []byte, do func([]byte)) error {
	for piece := range slices.Chunk(p, maxPiece) {
		if err := ctx.Err(); err != nil {
			return err
		}
		do(piece)
	}
	return nil
}
