package drivertest

import (
	"io"

	"open-lake.dev/lib/storage"
)

// sourceVariants get wrong what they read from a caller.
var sourceVariants = []variant{{
	name: "an error that comes with bytes is lost", rule: "O1",
	phrase: "a source that fails together with its last bytes",
	fault:  before("write uploadpart", func(c *request) { c.src = ignoring(c.src) }),
}, {
	name: "the source is not asked again after size bytes", rule: "O1",
	phrase: "a source that fails when it is read after its last bytes",
	fault:  before("write", notAskedAgain),
}, {
	name: "the source of a part is not asked again after size bytes", rule: "O1",
	phrase: "UploadPart from a source that fails when it is read after its last bytes",
	fault:  before("uploadpart", notAskedAgain),
}, {
	name: "a source that fails for ever is read for ever", rule: "O1", hangs: true,
	phrase: "no end within",
	fault: before("write", func(c *request) {
		if c.src != nil && c.size < 0 {
			src, ctx := c.src, c.ctx
			c.src = source(func(p []byte) (int, error) {
				n, err := src.Read(p)
				if n > 0 && err == errSource && ctx.Err() == nil {
					err = nil
				}
				return n, err
			})
		}
	}),
}, {
	name: "a nil source is refused", rule: "O1",
	phrase: "Write from a nil source",
	fault:  refuses("write", storage.ErrInvalid, func(c *request) bool { return c.src == nil }),
}, {
	name: "a nil source is a panic", rule: "O1",
	phrase: "panic:",
	fault:  before("uploadpart", func(c *request) { c.src = io.MultiReader(c.src) }),
}, {
	name: "a source that panics is stored as far as it came", rule: "O1",
	phrase: "Write whose source panics must not succeed",
	fault: on("write", func(c *request, do func()) {
		if c.src == nil {
			do()
			return
		}
		got := c.buffer()
		if err := survive(func() error { do(); return nil }); err != nil {
			c.obj, c.err = c.b.Write(background, c.key, got, -1, "", nil)
		}
	}),
}}

// ignoring returns a reader without the errors that come with bytes.
func ignoring(src io.Reader) io.Reader {
	if src == nil {
		return nil
	}
	return source(func(p []byte) (int, error) {
		n, err := src.Read(p)
		if n > 0 && err != io.EOF {
			err = nil
		}
		return n, err
	})
}

// notAskedAgain ends the source of the call after size bytes.
func notAskedAgain(c *request) {
	if c.src == nil || c.size <= 0 {
		return
	}
	src, left := c.src, c.size
	c.src = source(func(p []byte) (int, error) {
		if left == 0 {
			return 0, io.EOF
		}
		n, err := src.Read(p)
		left -= int64(n)
		return n, err
	})
}
