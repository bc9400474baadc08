package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"
)

const (
	partSize    = 8 << 20
	copiedParts = 8
	hugeParts   = 32

	copyLarge         = "copy an object of 64 MiB"
	multipart         = "multipart of 64 MiB, 8 MiB parts: in all"
	multipartComplete = "multipart of 64 MiB, 8 MiB parts: completing"
	writeLarge        = "write 256 MiB"
	readLarge         = "read 256 MiB"
)

// emptyWorkloads lists the workloads that write large objects to empty stores.
var emptyWorkloads = []workload{
	{copyLarge, measureCopyLarge},
	{multipart, measureMultipart},
	{writeLarge, measureWriteLarge},
	{readLarge, measureReadLarge},
}

// random returns size pseudo-random bytes, the same ones in every run.
func random(size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

func measureCopyLarge(f *fixture) ([]figure, error) {
	if err := f.Put("large", random(copiedParts*f.part)); err != nil {
		return nil, err
	}
	c, err := measure(ops{do: func(int, int) error { return f.Copy("copy", "large") }}, f.budget)
	return []figure{c.figure(copyLarge)}, err
}

// measureMultipart times whole uploads and their completion. It counts the
// allocations of the completion only. The first upload is a warm-up.
func measureMultipart(f *fixture) ([]figure, error) {
	content := random(copiedParts * f.part)
	var parts, completing time.Duration
	for n := 0; ; n++ {
		start := time.Now()
		up, err := uploadParts(f, content)
		if err != nil {
			return nil, err
		}
		spent := time.Since(start)
		c, err := counted(1, func() (time.Duration, error) {
			start := time.Now()
			err := up.Complete()
			return time.Since(start), err
		})
		if err := errors.Join(err, collect()); err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		parts += spent
		completing += time.Duration(c.ns)
		if parts+completing > f.budget {
			whole := cost{ns: float64(parts+completing) / float64(n)}
			c.ns = float64(completing) / float64(n)
			return []figure{whole.figure(multipart), c.figure(multipartComplete)}, nil
		}
	}
}

// uploadParts starts an upload and uploads all parts.
func uploadParts(f *fixture, content []byte) (Upload, error) {
	up, err := f.Upload("multipart")
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(content, f.part) {
		if err := up.Part(part); err != nil {
			return nil, err
		}
	}
	return up, nil
}

// collect runs the garbage collector between large writes, so that each write
// reuses the memory of an earlier one. Otherwise it would depend on the last
// collection whether a write gets such memory or fresh pages, which the system
// must clear first. Clearing costs many times as much as the copying.
func collect() error {
	runtime.GC()
	return nil
}

// measureWriteLarge overwrites one object repeatedly.
func measureWriteLarge(f *fixture) ([]figure, error) {
	content := random(hugeParts * f.part)
	c, err := measure(ops{
		batch: 1,
		do:    func(int, int) error { return f.Put("large", content) },
		undo:  collect,
	}, f.budget)
	return []figure{c.figure(writeLarge)}, err
}

func measureReadLarge(f *fixture) ([]figure, error) {
	content := random(hugeParts * f.part)
	if err := f.Put("large", content); err != nil {
		return nil, err
	}
	buf := make([]byte, len(content))
	read := func(int, int) error { return f.Get("large", buf) }
	if err := read(0, 0); err != nil {
		return nil, err
	}
	if !bytes.Equal(buf, content) {
		return nil, errors.New("the content read differs from the content written")
	}
	c, err := measure(ops{do: read}, f.budget)
	return []figure{c.figure(readLarge)}, err
}

// bareCopy takes the place of a store and only copies the bytes.
type bareCopy struct {
	Store   // nil: only Put and Get are called
	content []byte
}

func openBareCopy(int) (Store, error) { return &bareCopy{}, nil }

func (c *bareCopy) Put(_ string, content []byte) error {
	c.content = bytes.Clone(content)
	return nil
}

func (c *bareCopy) Get(_ string, buf []byte) error {
	copy(buf, c.content)
	return nil
}
