package drivertest

import (
	"bytes"
	"io"
	"math"
)

// readerVariants give out readers that are not as they must be.
var readerVariants = []variant{{
	name: "Seek goes before the start of a part", fails: "O4_seek_and_read_at_stay_in_the_part",
	phrase: "to before the start of a part",
	fault:  onSuccess("open", func(c *request) { c.rc = lenientSeeker{held(c.rc)} }),
}, {
	name: "ReadAt reads beyond a part", fails: "O4_part_of_an_object_reads_as_readers_must",
	phrase: "ReadAt",
	fault: onSuccess("open", func(c *request) {
		whole, _, err := c.b.Open(background, c.key, c.offset, 0, nil)
		if err == nil {
			c.rc = beyond{held(c.rc), held(whole).Reader}
		}
	}),
}, {
	name: "ReadAt overflows", fails: "O4_seek_and_read_at_stay_in_the_part",
	phrase: "ReadAt(9223372036854775807)",
	fault:  onSuccess("open", func(c *request) { c.rc = overflowing{held(c.rc)} }),
}, {
	name: "a closed reader is at its end", fails: "O4_closed_reader",
	phrase: "must not look like the end",
	fault:  onSuccess("open", func(c *request) { c.rc = endsWhenClosed{held(c.rc)} }),
}, {
	name: "a part does not end", fails: "O4_part_of_an_object_reads_as_readers_must",
	phrase: "testing/iotest.TestReader",
	fault: onSuccess("open", func(c *request) {
		if c.length > 1000 {
			c.rc, _, c.err = c.b.Open(background, c.key, c.offset, 0, nil)
		}
	}),
}}

// heldReader is a reader over all that another gave.
type heldReader struct{ *bytes.Reader }

func held(rc io.ReadCloser) heldReader {
	content, _ := io.ReadAll(rc)
	rc.Close()
	return heldReader{bytes.NewReader(content)}
}

func (heldReader) Close() error { return nil }

type endsWhenClosed struct{ heldReader }

func (r endsWhenClosed) Close() error {
	_, err := r.Seek(0, io.SeekEnd)
	return err
}

type lenientSeeker struct{ heldReader }

func (r lenientSeeker) Seek(offset int64, whence int) (int64, error) {
	at, err := r.Reader.Seek(offset, whence)
	if err != nil {
		return r.Reader.Seek(0, io.SeekStart)
	}
	return at, nil
}

type beyond struct {
	heldReader
	whole io.ReaderAt
}

func (r beyond) ReadAt(p []byte, offset int64) (int, error) { return r.whole.ReadAt(p, offset) }

type overflowing struct{ heldReader }

func (r overflowing) ReadAt(p []byte, offset int64) (int, error) {
	if offset == math.MaxInt64 {
		return 0, nil
	}
	return r.Reader.ReadAt(p, offset)
}
