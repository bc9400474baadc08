package drivertest

import (
	"io"

	"open-lake.dev/lib/storage"
)

// sourceVariants get wrong what they read from a caller.
var sourceVariants = []variant{{
	name: "an error that comes with bytes is lost", fails: "O1_error_with_the_last_bytes",
	phrase: "a source that fails together with its last bytes",
	fault:  before("write uploadpart", func(c *request) { c.src = ignoring(c.src) }),
}, {
	name: "the source is not asked again after size bytes", fails: "O1_error_after_the_last_bytes",
	phrase: "a source that fails when it is read after its last bytes",
	fault:  before("write", notAskedAgain),
}, {
	name: "the source of a part is not asked again after size bytes", fails: "O1_error_after_the_last_bytes",
	phrase: "UploadPart from a source that fails when it is read after its last bytes",
	fault:  before("uploadpart", notAskedAgain),
}, {
	name: "a source that fails for ever is read for ever", fails: "O1_source_that_never_stops_failing", hangs: true,
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
	name: "a nil source is refused", fails: "O1_nil_source",
	phrase: "Write from a nil source",
	fault:  refuses("write", storage.ErrInvalid, func(c *request) bool { return c.src == nil }),
}, {
	name: "a nil source is a panic", fails: "O1_nil_source",
	phrase: "panic:",
	fault:  before("uploadpart", func(c *request) { c.src = io.MultiReader(c.src) }),
}, {
	name: "a source that panics is stored as far as it came", fails: "O1_source_that_panics",
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
}, {
	name: "the error of a tee is lost", fails: "O1_tee_that_fails_with_the_last_bytes",
	phrase: "UploadPart from a TeeReader whose writer fails",
	fault:  before("uploadpart", func(c *request) { c.src = ignoring(c.src) }),
}, {
	name: "the checksum error of an archive is lost", fails: "O1_archive_with_a_bad_checksum",
	phrase: "with a bad checksum (size",
	fault:  before("write", notAskedAgain),
}, {
	name: "bytes that come with io.EOF are lost", fails: "O1_last_bytes_come_with_EOF",
	phrase: "a source that returns its last bytes together with io.EOF",
	fault:  before("write uploadpart", losingTheLast),
}, {
	name: "the last bytes of an archive are lost", fails: "O1_archive_with_a_good_checksum",
	phrase: "archive of ",
	fault:  before("write", losingTheLast),
}, {
	name: "a source is read once", fails: "O1_source_in_small_pieces",
	phrase: "a source that gives a byte at a time",
	fault: before("write", func(c *request) {
		if c.src == nil {
			return
		}
		src, read := c.src, false
		c.src = source(func(p []byte) (int, error) {
			if read {
				return 0, io.EOF
			}
			read = true
			return src.Read(p)
		})
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

// losingTheLast makes the source lose the bytes that come with io.EOF.
func losingTheLast(c *request) {
	if c.src == nil {
		return
	}
	src := c.src
	c.src = source(func(p []byte) (int, error) {
		n, err := src.Read(p)
		if err == io.EOF {
			n = 0
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
