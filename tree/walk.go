package tree

import "strings"

// Walk says what a [Cursor] visits.
type Walk struct {
	Prefix  string // only what lies in the prefix's directory and begins with it
	After   string // only what sorts after it, unless it is empty
	Shallow bool   // only what is directly in the prefix's directory
	Values  bool   // visit values
	Dirs    bool   // visit directories, each before what is in it
	Except  string
}

// Entry is a value, or a directory if IsDir is set.
type Entry[V comparable] struct {
	Key   string // of a directory: its path with the slash
	Value V
	Dir   Tree[V]
	IsDir bool
}

// Cursor visits a tree's entries in order. It is for one goroutine.
type Cursor[V comparable] struct {
	walk  Walk
	weigh func(V) int64
	stack []frame[V] // the directories from the prefix's down to the current
}

// frame is what is left to visit in one directory.
type frame[V comparable] struct {
	path   string
	values scan[V]
	dirs   scan[*node[V]]
}

// Walk returns a cursor before the first entry that w wants. It costs
// O(depth · log width).
func (t Tree[V]) Walk(w Walk) *Cursor[V] {
	c := &Cursor[V]{walk: w, weigh: t.weigh}
	base, name := split(w.Prefix)
	n := t.root.find(base)
	if n.len() == 0 {
		return c
	}
	end := prefixEnd(name)
	switch {
	case w.After == "" || w.After < w.Prefix:
		c.push(base, n, n.values.from(name, end), n.dirs.from(name, end))
	case strings.HasPrefix(w.After, base):
		c.pushAfter(base, n, w.After[len(base):], end)
	}
	return c
}

// prefixEnd returns the first string behind all that begin with prefix, "" if
// there is none.
func prefixEnd(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if b := prefix[i]; b < 0xff {
			return prefix[:i] + string([]byte{b + 1})
		}
	}
	return ""
}

func (c *Cursor[V]) push(path string, n *node[V], values scan[V], dirs scan[*node[V]]) {
	f := frame[V]{path: path}
	if c.walk.Values {
		f.values = values
	}
	if c.walk.Dirs || !c.walk.Shallow {
		f.dirs = dirs
	}
	c.stack = append(c.stack, f)
}

// pushAfter pushes the directories on the way to key, each with what follows.
func (c *Cursor[V]) pushAfter(path string, n *node[V], key, end string) {
	i := strings.IndexByte(key, '/') + 1
	if i == 0 {
		c.push(path, n, n.values.after(key, end), n.dirs.after(key, end))
		return
	}
	dir := key[:i]
	c.push(path, n, n.values.after(dir, end), n.dirs.after(dir, end))
	if sub, ok := n.dirs.get(dir); ok && !c.walk.Shallow && (end == "" || dir < end) {
		c.pushAfter(path+dir, sub, key[i:], "")
	}
}

// enter pushes a directory whole.
func (c *Cursor[V]) enter(path string, n *node[V]) {
	c.push(path, n, n.values.from("", ""), n.dirs.from("", ""))
}

// next returns the current directory, nil at the end, the value and the directory
// in it that come next, zero where there are no more, and whether the directory
// is the first of them.
func (c *Cursor[V]) next() (f *frame[V], value item[V], dir item[*node[V]], isDir bool) {
	for len(c.stack) > 0 {
		f = &c.stack[len(c.stack)-1]
		value, hasValue := f.values.head()
		dir, hasDir := f.dirs.head()
		if hasValue || hasDir {
			return f, value, dir, !hasValue || hasDir && dir.name <= value.name
		}
		c.stack = c.stack[:len(c.stack)-1]
	}
	return nil, value, dir, false
}

// Next returns the next entry; false at the end.
func (c *Cursor[V]) Next() (e Entry[V], ok bool) {
	for {
		f, value, dir, isDir := c.next()
		switch {
		case f == nil:
			return e, false
		case !isDir:
			f.values.drop(1)
			return Entry[V]{Key: f.path + value.name, Value: value.value}, true
		}
		path := f.path + dir.name
		f.dirs.drop(1)
		if !c.walk.Shallow {
			c.enter(path, dir.value)
		}
		if c.walk.Dirs {
			return Entry[V]{Key: path, Dir: Tree[V]{root: dir.value, weigh: c.weigh}, IsDir: true}, true
		}
	}
}

// Skip passes over n entries, or to the end. Values are skipped by the page and
// directories by their counts: it costs a step per directory that is passed over
// whole and a step per page, or the logarithm of the pages of a directory once
// skips have passed over as many; a walk of directories at any depth steps over
// each.
func (c *Cursor[V]) Skip(n int) {
	for n > 0 {
		f, value, dir, isDir := c.next()
		switch {
		case f == nil:
			return
		case !isDir:
			n -= f.values.skip(n, dir.name)
		case c.walk.Shallow:
			n -= f.dirs.skip(n, value.name)
		case c.walk.Dirs:
			c.Next()
			n--
		default:
			path := f.path + dir.name
			f.dirs.drop(1)
			if dir.value.count > n {
				c.enter(path, dir.value)
			} else {
				n -= dir.value.count
			}
		}
	}
}
