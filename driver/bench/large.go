package main

import (
	"bytes"
	"errors"
	"fmt"
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

// emptyWorkloads run on empty stores, with large objects.
var emptyWorkloads = []workload{
	{copyLarge, measureCopyLarge},
	{multipart, measureMultipart},
	{writeLarge, measureWriteLarge},
	{readLarge, measureReadLarge},
}

// random returns bytes that are the same on every run.
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

// measureMultipart times whole uploads and, in them, their completion. What is
// allocated is counted for the latter. The first upload warms up.
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

// uploadParts begins an upload and gives it all its parts.
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

// collect collects garbage between large writes. Otherwise whether a write gets
// memory that an earlier one has left, or pages that the system has yet to clear,
// depends on when the collector last ran, and the latter costs many times as much
// as the copying.
func collect() error {
	runtime.GC()
	return nil
}

// measureWriteLarge writes one object again and again.
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
		return nil, fmt.Errorf("read something else than was written")
	}
	c, err := measure(ops{do: read}, f.budget)
	return []figure{c.figure(readLarge)}, err
}

// bareCopy stands in for a store where only the bytes are to be copied.
type bareCopy struct {
	Store   // none: only Put and Get are called
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
