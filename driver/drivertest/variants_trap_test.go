package drivertest

import (
	"io"
	"net/url"
	"strings"

	"open-lake.dev/lib/storage"
)

// trapVariants have the faults that other stores had, as far as no other variant
// has them.
var trapVariants = []variant{{
	name: "a rename to the root loses blanks", fails: "Trap_rename_to_the_root",
	phrase: "a Move to the root must re-key everything",
	fault: onSuccess("directory.move", func(c *request) {
		for _, o := range beneath(c, " ") {
			c.b.Move(background, strings.TrimSpace(o.Key), "", o.Key, nil)
		}
	}),
}, {
	name: "a rename that stopped half way blocks the next", fails: "Trap_rename_that_stopped_half_way_blocks_the_next",
	phrase: "Move of directory \"left\" to \"right\" must succeed",
	fault:  both(onceOnly("directory.move", storage.ErrExist), on("directory.move", moveOneByOne(storage.Limits{}))),
}, {
	name: "a blank at the end of a directory's name is lost", fails: "Trap_directory_whose_name_ends_in_a_blank",
	phrase: "a directory must be deleted itself",
	fault: onSuccess("directory.delete", func(c *request) {
		c.b.Directory(strings.TrimSpace(c.key)).Delete(background, c.opts)
		c.b.Directory("a").Delete(background, c.opts)
	}),
}, {
	name: "deep keys are refused", fails: "Trap_deep_nesting",
	phrase: "must succeed",
	fault:  refuses("write", storage.ErrInvalid, func(c *request) bool { return strings.Count(c.key, "/") > 100 }),
}, {
	name: "deep nesting exhausts the stack", fails: "Trap_deep_nesting",
	phrase: "panic:",
	fault: before("write", func(c *request) {
		if strings.Count(c.key, "/") > 1_000_000 {
			panic("stack overflow") // a real one cannot be recovered from
		}
	}),
}, {
	name: "directory times are those of the first child", fails: "Trap_directory_times_are_not_those_of_the_latest_child",
	phrase: "must be that of its latest child",
	fault: objects(func(_ *request, o *storage.Object) {
		if o.IsDir {
			o.Updated = o.Created
		}
	}),
}, {
	name: "a page of children repeats a prefix", fails: "Trap_page_of_children_repeats_a_prefix",
	phrase: "a loop of pages must end",
	fault:  before("list", pageKeyOfAnObject),
}, {
	name: "a prefix is unescaped", fails: "Trap_prefix_is_rewritten",
	phrase: "must be listed, and nothing else",
	fault: before("list", func(c *request) {
		if text, err := url.QueryUnescape(c.key); err == nil {
			c.key = text
		}
	}),
}, {
	name: "quoted ETags do not match", fails: "Trap_quoted_and_bare_etags_do_not_match",
	phrase: "must match, quoted or bare",
	fault:  before("stat", onlyBareETags),
}, {
	name: "a condition on Delete is ignored", fails: "Trap_condition_is_ignored",
	phrase: "Delete must not ignore a condition",
	fault:  before("delete", ignoreConditions),
}, {
	name: "a checksum error with the last bytes is lost", fails: "Trap_checksum_error_with_the_last_bytes_is_lost",
	phrase: "archive with a bad checksum must not be stored",
	fault:  before("write", func(c *request) { c.src = ignoring(c.src); notAskedAgain(c) }),
}, {
	name: "a failed write loses the rest", fails: "Trap_failed_write_loses_the_rest",
	phrase: "must go on where a failed WriteTo stopped",
	fault:  onSuccess("open", func(c *request) { c.rc = forgetful{c.rc} }),
}, {
	name: "ten bytes keep a long string alive", fails: "Trap_ten_bytes_keep_a_long_string_alive",
	phrase: "must not keep alive the long one",
	fault:  before("write", func(c *request) { c.memo.Store(c.key, c.contentType) }),
}}

// forgetful is a reader whose WriteTo reads more than the writer takes.
type forgetful struct{ io.ReadCloser }

func (r forgetful) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, struct{ io.Reader }{r.ReadCloser})
}

// pageKeyOfAnObject makes start_after without a slash the token of an object.
func pageKeyOfAnObject(c *request) {
	if place, ok := c.opts.String(storage.OptStartAfter); ok && place != "" && !strings.HasSuffix(place, "/") && !strings.HasSuffix(place, "\x00") {
		c.set(storage.OptStartAfter, place+"\x00")
	}
}
