package engine

// hasher computes digests, those of a large body in a goroutine of its own.
type hasher struct {
	d    digests
	size int
	full chan []byte // pieces to be hashed; nil before the goroutine runs
	free chan []byte
	done chan struct{}
}

// maxAlone is how much of a body is read in small pieces and hashed by the goroutine
// that writes, in bytes.
const maxAlone = 1 << 20

// Write implements [io.Writer].
func (h *hasher) Write(p []byte) (int, error) {
	if h.size += len(p); h.size <= maxAlone {
		return h.d.Write(p)
	}
	if h.full == nil {
		h.start()
	}
	piece := <-h.free
	h.full <- append(piece[:0], p...)
	return len(p), nil
}

func (h *hasher) start() {
	const pieces = 4
	h.full, h.free, h.done = make(chan []byte, pieces), make(chan []byte, pieces), make(chan struct{})
	for range pieces {
		h.free <- nil
	}
	go func() {
		defer close(h.done)
		for piece := range h.full {
			h.d.Write(piece)
			h.free <- piece
		}
	}()
}

// wait ends the writing. After it the digests are complete.
func (h *hasher) wait() {
	if h.full != nil {
		close(h.full)
		<-h.done
	}
}
