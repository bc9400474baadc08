package tree

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Builder makes a tree from all its directories and values in the order of
// [Tree.Walk], each directory before its entries and with its times. A value costs
// O(1), unlike one that is set. After an error the Builder is useless.
type Builder[V comparable] struct {
	weigh     func(V) int64
	open      []building[V] // directories from the root down to the current one
	last      string        // entry
	lastIsDir bool
}

// building is a directory that is being filled.
type building[V comparable] struct {
	path, name string
	node       *node[V]
	dirs       filling[*node[V]]
	values     filling[V]
}

// NewBuilder returns a Builder of a tree whose values have the given weight, as in
// [New], and whose root has the given times.
func NewBuilder[V comparable](weigh func(V) int64, born, changed time.Time) *Builder[V] {
	root := building[V]{node: &node[V]{times: times{born, changed}}}
	return &Builder[V]{weigh: weigh, open: []building[V]{root}, lastIsDir: true}
}

// Dir begins a directory, which must get a value and may not be changed before it
// is born.
func (b *Builder[V]) Dir(dir string, born, changed time.Time) error {
	if changed.Before(born) {
		return errors.New("changed before it was born")
	}
	dir = asDir(dir)
	parent, _ := split(strings.TrimSuffix(dir, "/"))
	if _, err := b.enter(parent, dir, true); err != nil {
		return err
	}
	b.open = append(b.open, building[V]{
		path: dir,
		name: strings.Clone(dir[len(parent):]),
		node: &node[V]{times: times{born, changed}},
	})
	return nil
}

// Add adds a value.
func (b *Builder[V]) Add(key string, value V) error {
	dir, name := split(key)
	d, err := b.enter(dir, key, false)
	if err != nil {
		return err
	}
	d.values.add(strings.Clone(name), value)
	d.node.longest = max(d.node.longest, len(name))
	d.node.count++
	d.node.weight += Tree[V]{weigh: b.weigh}.weight(value)
	return nil
}

// Tree returns the tree.
func (b *Builder[V]) Tree() (t Tree[V], err error) {
	if err := b.close(1); err != nil {
		return t, err
	}
	root := b.open[0].filled()
	if root.changed.Before(root.born) {
		return t, errors.New("changed before it was born")
	}
	if root.count == 0 && root.times == (times{}) {
		root = nil
	}
	return Tree[V]{root: root, weigh: b.weigh}, nil
}

// enter closes the directories that end before an entry, and returns the one in
// which it is.
func (b *Builder[V]) enter(parent, entry string, isDir bool) (*building[V], error) {
	if entry < b.last || entry == b.last && (isDir || !b.lastIsDir) {
		return nil, errors.New("out of order")
	}
	b.last, b.lastIsDir = entry, isDir
	n := len(b.open)
	for !strings.HasPrefix(entry, b.open[n-1].path) {
		n--
	}
	if err := b.close(n); err != nil {
		return nil, err
	}
	d := &b.open[n-1]
	if d.path != parent {
		return nil, errors.New("not in the directory that came before")
	}
	return d, nil
}

// close ends the directories but for the first n.
func (b *Builder[V]) close(n int) error {
	for len(b.open) > n {
		d := &b.open[len(b.open)-1]
		if d.node.count == 0 {
			return errors.New("after an empty directory")
		}
		parent := &b.open[len(b.open)-2]
		parent.dirs.add(d.name, d.filled())
		parent.node.longest = max(parent.node.longest, len(d.name)+d.node.longest)
		parent.node.count += d.node.count
		parent.node.weight += d.node.weight
		*d = building[V]{}
		b.open = b.open[:len(b.open)-1]
	}
	return nil
}

// filled returns the node, whole.
func (d *building[V]) filled() *node[V] {
	d.node.dirs, d.node.values = d.dirs.entries(), d.values.entries()
	return d.node
}

// filling is entries to which names are added in order.
type filling[T any] struct {
	pages []*page[T]
	last  page[T] // being filled
	count int
}

func (f *filling[T]) add(name string, value T) {
	f.last.names = append(f.last.names, name)
	f.last.values = append(f.last.values, value)
	if f.count++; f.last.len() == maxPage {
		f.flush()
	}
}

// flush ends the last page. It copies the names, to take no more room than they
// need.
func (f *filling[T]) flush() {
	if f.last.len() > 0 {
		f.pages = append(f.pages, newPage(slices.Clone(f.last.names), f.last.values, change{}))
		f.last = page[T]{names: f.last.names[:0], values: f.last.values[:0]}
	}
}

// entries returns what was added.
func (f *filling[T]) entries() (e entries[T]) {
	f.flush()
	switch len(f.pages) {
	case 0:
		return e
	case 1:
		return onePage(f.pages[0])
	}
	var branches []*branch[T]
	for pages := range slices.Chunk(f.pages, maxPage) {
		bounds := make([]string, len(pages))
		for i, p := range pages {
			bounds[i] = p.names[0]
		}
		branches = append(branches, newPage(bounds, pages, change{}))
	}
	branches[0].names[0] = ""
	return manyBranches(branches, f.count)
}
