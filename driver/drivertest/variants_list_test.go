package drivertest

import (
	"slices"
	"strings"

	"open-lake.dev/lib/storage"
)

// listVariants break the rules of listings.
var listVariants = []variant{{
	name: "a listing is recursive always", fails: "L1_direct_children",
	phrase: "recursive: false must give the direct children",
	fault:  before("list", func(c *request) { c.set(storage.OptRecursive, true) }),
}, {
	name: "a listing is not recursive unless asked", fails: "L1_is_recursive_by_default",
	phrase: "List must give all objects, and no directories",
	fault: before("list", func(c *request) {
		if !c.opts.Bool(storage.OptRecursive, false) {
			c.set(storage.OptRecursive, false)
		}
	}),
}, {
	name: "files_only is ignored", fails: "L1_files_only",
	phrase: "files_only must leave out directories",
	fault:  before("list directory.list", func(c *request) { c.drop(storage.OptFilesOnly) }),
}, {
	name: "files_only and dirs_only give nothing", fails: "L1_files_only_and_dirs_only",
	phrase: "files_only and dirs_only together are as neither",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		if c.opts.Bool(storage.OptFilesOnly, false) && c.opts.Bool(storage.OptDirsOnly, false) {
			return nil
		}
		return all
	}),
}, {
	name: "recursive dirs_only gives the top directories", fails: "L1_dirs_only",
	phrase: "dirs_only recursive must give all directories",
	fault: before("list", func(c *request) {
		if c.opts.Bool(storage.OptDirsOnly, false) && !c.opts.Bool(storage.OptFilesOnly, false) {
			c.set(storage.OptRecursive, false)
		}
	}),
}, {
	name: "entries come in the order of a map", fails: "L2_byte_order",
	phrase: "byte order of their whole keys",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		slices.SortFunc(all, func(a, b *storage.Object) int { return strings.Compare(scramble(a), scramble(b)) })
		return all
	}),
}, {
	name: "a directory sorts without its slash", fails: "L2_directory_sorts_with_its_slash",
	phrase: "a directory must sort as its key and a slash",
	fault:  paged(func(a, b *storage.Object) int { return strings.Compare(a.Key, b.Key) }),
}, {
	name: "keys sort by segments", fails: "L2_byte_order",
	phrase: "byte order of their whole keys",
	fault: paged(func(a, b *storage.Object) int {
		return slices.Compare(strings.Split(a.Key, "/"), strings.Split(b.Key, "/"))
	}),
}, {
	name: "limit 0 is nothing", fails: "L2_limit_and_offset",
	phrase: "List with limit -1, offset 0",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		if c.limit == 0 {
			return nil
		}
		return all
	}),
}, {
	name: "a negative offset fails", fails: "L2_limit_and_offset",
	phrase: "listing must succeed",
	fault:  refuses("list", storage.ErrInvalid, func(c *request) bool { return c.skip < 0 }),
}, {
	name: "the limit counts what the offset skips", fails: "L2_limit_and_offset",
	phrase: "List with limit 1, offset 1",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		if c.limit > 0 {
			return all[:min(len(all), max(c.limit-max(c.skip, 0), 0))]
		}
		return all
	}),
}, {
	name: "start_after includes the key", fails: "L2_start_after_is_exclusive",
	phrase: "must give what sorts after it",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		key, _ := c.opts.String(storage.OptStartAfter)
		if o, err := c.b.Stat(background, key, nil); err == nil && !o.IsDir {
			return slices.Insert(all, 0, o)
		}
		return all
	}),
}, {
	name: "start_after is ignored", fails: "L2_start_after_is_exclusive",
	phrase: "must give what sorts after it",
	fault:  before("list directory.list", func(c *request) { c.drop(storage.OptStartAfter) }),
}, {
	name: "an iterator sees later writes", fails: "L3_walks_the_state_it_began_with",
	phrase: "must give what was there when List was called",
	fault: on("list", func(c *request, do func()) {
		if do(); c.err == nil {
			c.objects.Close()
			c.objects = &lateIter{list: func() storage.ObjectIter { do(); return c.objects }}
		}
	}),
}, {
	name: "an iterator lists again for each entry", fails: "L3_walks_the_state_it_began_with",
	phrase: "must give what was there when List was called",
	fault: onSuccess("list", func(c *request) {
		c.objects.Close()
		c.objects = &relistingIter{c: *c}
	}),
}, {
	name: "a listing is gathered in two goes", fails: "L3_listing_is_one_state",
	phrase: "a listing must be one state",
	fault: listed(func(c *request, all []*storage.Object) []*storage.Object {
		if c.op != "list" || len(c.opts) > 0 || c.limit > 0 || c.skip > 0 || len(all) > 9 {
			return all
		}
		first := slices.DeleteFunc(all, func(o *storage.Object) bool { return o.Key >= "b" })
		second := slices.DeleteFunc(beneath(c, c.key), func(o *storage.Object) bool { return o.Key < "b" })
		return slices.Concat(first, second)
	}),
}, {
	name: "an iterator leaves out what is deleted meanwhile", fails: "L3_walks_the_state_it_began_with",
	phrase: "must give what was there when List was called",
	fault:  onSuccess("list", func(c *request) { c.objects = &checkingIter{c.objects, c.b} }),
}, {
	name: "pages of a directory repeat a directory", fails: "L2_pages_by_start_after_of_a_directory",
	phrase: "a loop of pages must end",
	fault:  before("directory.list", pageKeyOfAnObject),
}, {
	name: "a listing stops at a thousand entries", fails: "L2_more_than_a_thousand_entries",
	phrase: "a listing of more than a thousand objects must be whole",
	fault: listed(func(_ *request, all []*storage.Object) []*storage.Object {
		return all[:min(len(all), 1000)]
	}),
}, {
	name: "a Key is the token of an object only", fails: "L2_pages_by_start_after_join_to_the_whole",
	phrase: "a loop of pages must end",
	fault:  before("list", pageKeyOfAnObject),
}, {
	name: "a PageKey is not understood", fails: "L2_pages_among_twins",
	phrase: "each after the PageKey of the last entry",
	fault: before("list", func(c *request) {
		if place, ok := c.opts.String(storage.OptStartAfter); ok {
			c.set(storage.OptStartAfter, strings.TrimSuffix(place, "\x00"))
		}
	}),
}}

// scramble is an order like a map's: any, but the same each time.
func scramble(o *storage.Object) string {
	key := []byte(o.Key)
	slices.Reverse(key)
	return string(key)
}

// paged is a fault in the order that listings are paged by.
func paged(order func(a, b *storage.Object) int) fault {
	return on("list directory.list", func(c *request, do func()) {
		limit, skip := c.limit, max(c.skip, 0)
		c.limit, c.skip = 0, 0
		if do(); c.err != nil {
			return
		}
		all := collect(c.objects)
		slices.SortStableFunc(all, order)
		all = all[min(skip, len(all)):]
		if limit > 0 {
			all = all[:min(limit, len(all))]
		}
		c.objects = &iterOf[storage.Object]{items: all}
	})
}

// lateIter lists when it is first asked for an entry.
type lateIter struct {
	list func() storage.ObjectIter
	it   storage.ObjectIter
}

func (it *lateIter) Next() (*storage.Object, error) {
	if it.it == nil {
		it.it = it.list()
	}
	return it.it.Next()
}

func (it *lateIter) Close() error {
	if it.it == nil {
		it.it = it.list()
	}
	return it.it.Close()
}

// relistingIter lists one entry at a time, by its offset.
type relistingIter struct {
	c      request
	closed bool
}

func (it *relistingIter) Next() (*storage.Object, error) {
	if it.closed {
		return nil, storage.ErrClosed
	}
	page, err := it.c.b.List(it.c.ctx, it.c.key, 1, it.c.skip, it.c.opts)
	if err != nil {
		return nil, err
	}
	defer page.Close()
	it.c.skip++
	return page.Next()
}

func (it *relistingIter) Close() error {
	it.closed = true
	return nil
}

// checkingIter leaves out what is not there any more.
type checkingIter struct {
	storage.ObjectIter
	b storage.Bucket
}

func (it *checkingIter) Next() (*storage.Object, error) {
	for {
		o, err := it.ObjectIter.Next()
		if err != nil || o == nil {
			return o, err
		}
		if _, err := it.b.Stat(background, o.Key, nil); err == nil {
			return o, nil
		}
	}
}
