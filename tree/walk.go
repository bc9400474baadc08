package tree

import "strings"

// Walk selects the entries that a [Cursor] visits.
type Walk struct {
	Prefix  string // only entries in the prefix's directory that begin with it
	After   string // only entries that sort after it, unless it is empty
	Shallow bool   // only entries directly in the prefix's directory
	Values  bool   // visit values
	Dirs    bool   // visit directories, each before its entries
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
	path  []byte     // of the current directory or entry
	stack []frame[V] // directories from the prefix's down that have entries left
}

// frame is the part of a directory that is left to visit.
type frame[V comparable] struct {
	path   int // length of the directory's path
	values scan[V]
	dirs   scan[*node[V]]
}

func (f *frame[V]) done() bool { return f.values.done() && f.dirs.done() }

// Walk returns a cursor before the first entry that w selects. It costs
// O(depth · log width).
func (t Tree[V]) Walk(w Walk) *Cursor[V] {
	c := &Cursor[V]{walk: w, weigh: t.weigh}
	base, name := split(w.Prefix)
	n := t.root.find(base)
	if n.len() == 0 {
		return c
	}
	c.path = append(c.path, base...)
	end := prefixEnd(name)
	switch {
	case w.After == "" || w.After < w.Prefix:
		c.push(n.values.from(name, end), n.dirs.from(name, end))
	case strings.HasPrefix(w.After, base):
		c.pushAfter(n, w.After[len(base):], end)
	}
	return c
}

// prefixEnd returns the least string greater than every string with the prefix,
// "" if there is none.
func prefixEnd(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if b := prefix[i]; b < 0xff {
			return prefix[:i] + string([]byte{b + 1})
		}
	}
	return ""
}

// push pushes the directory at c.path.
func (c *Cursor[V]) push(values scan[V], dirs scan[*node[V]]) {
	f := frame[V]{path: len(c.path)}
	if c.walk.Values {
		f.values = values
	}
	if c.walk.Dirs || !c.walk.Shallow {
		f.dirs = dirs
	}
	if top := len(c.stack) - 1; top >= 0 && c.stack[top].done() {
		c.stack = c.stack[:top]
	}
	c.stack = append(c.stack, f)
}

// pushAfter pushes n and the directories on the way to key, each with the
// entries that follow.
func (c *Cursor[V]) pushAfter(n *node[V], key, end string) {
	for {
		i := strings.IndexByte(key, '/') + 1
		name := key
		if i > 0 {
			name = key[:i]
		}
		c.push(n.values.after(name, end), n.dirs.after(name, end))
		if i == 0 || c.walk.Shallow || end != "" && name >= end {
			return
		}
		if n = n.find(name); n == nil {
			return
		}
		c.path = append(c.path, name...)
		key, end = key[i:], ""
	}
}

// front returns the innermost frame with something left (nil at the end), its
// next value and next directory, and whether the directory sorts first.
func (c *Cursor[V]) front() (f *frame[V], value item[V], dir item[*node[V]], isDir bool) {
	for len(c.stack) > 0 {
		f = &c.stack[len(c.stack)-1]
		value, hasValue := f.values.peek()
		dir, hasDir := f.dirs.peek()
		if hasValue || hasDir {
			return f, value, dir, !hasValue || hasDir && dir.name <= value.name
		}
		c.stack = c.stack[:len(c.stack)-1]
	}
	return nil, value, dir, false
}

// enter moves past the directory at the front of f, into it unless the walk is
// shallow.
func (c *Cursor[V]) enter(f *frame[V], dir item[*node[V]]) {
	c.path = append(c.path[:f.path], dir.name...)
	f.dirs.advance(1)
	if !c.walk.Shallow {
		c.push(dir.value.values.all(), dir.value.dirs.all())
	}
}

// Next returns the next entry; false at the end.
func (c *Cursor[V]) Next() (e Entry[V], ok bool) {
	for {
		f, value, dir, isDir := c.front()
		switch {
		case f == nil:
			return e, false
		case !isDir:
			f.values.advance(1)
			return Entry[V]{Key: c.key(f, value.name), Value: value.value}, true
		}
		c.enter(f, dir)
		if c.walk.Dirs {
			return Entry[V]{Key: string(c.path), Dir: Tree[V]{root: dir.value, weigh: c.weigh}, IsDir: true}, true
		}
	}
}

// key returns the key of a value in f.
func (c *Cursor[V]) key(f *frame[V], name string) string {
	if f.path == 0 {
		return name
	}
	c.path = append(c.path[:f.path], name...)
	return string(c.path)
}

// Skip passes over n entries, or to the end. It costs a step for each directory
// that is passed over whole and, in each other directory on the way, a step for each
// page of names; once skips have taken as many such steps in a directory as it can
// have pages, O(log width). A walk that visits directories at any depth steps over
// each.
func (c *Cursor[V]) Skip(n int) {
	for n > 0 {
		f, value, dir, isDir := c.front()
		switch {
		case f == nil:
			return
		case !isDir:
			n -= f.values.skip(n, dir.name)
		case c.walk.Shallow:
			n -= f.dirs.skip(n, value.name)
		case c.walk.Dirs:
			c.enter(f, dir)
			n--
		case dir.value.count > n:
			c.enter(f, dir)
		default:
			f.dirs.advance(1)
			n -= dir.value.count
		}
	}
}
