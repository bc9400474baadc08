package gateway

import (
	"strings"

	"open-lake.dev/lib/storage"
)

// query says what a listing is to give.
type query struct {
	prefix, delimiter string
	after             string // a key, or a common prefix of an earlier page
	max               int
}

// page is what a listing gives: objects and common prefixes, each in order.
type page struct {
	objects   []*storage.Object
	prefixes  []string
	last      string // the last of both, from which the next page continues
	truncated bool
}

// page returns the page of a bucket's objects that q asks for. It costs what the
// page holds if the delimiter is a slash or none.
func (s state) page(bucket string, q query) (p page, err error) {
	if q.max <= 0 {
		return p, nil
	}
	c, err := s.cursor(bucket, "", q)
	if err != nil {
		return p, err
	}
	defer c.close()
	for {
		e, err := c.next()
		switch {
		case err != nil || e == nil:
			return p, err
		case len(p.objects)+len(p.prefixes) == q.max:
			p.truncated = true
			return p, nil
		case e.object == nil:
			p.prefixes = append(p.prefixes, e.key)
		default:
			p.objects = append(p.objects, e.object)
		}
		p.last = e.key
	}
}

// entry is an object or, without one, a common prefix.
type entry struct {
	key    string
	object *storage.Object
}

// cursor walks the objects and common prefixes of a bucket in order.
type cursor struct {
	s      state
	bucket string
	dir    string // the keys begin with it, and q and the entries leave it out
	q      query
	it     storage.ObjectIter
	first  *entry // what comes before the rest
}

// cursor returns a cursor on the keys of a bucket that begin with dir.
func (s state) cursor(bucket, dir string, q query) (*cursor, error) {
	c := &cursor{s: s, bucket: bucket, dir: dir, q: q}
	if common, ok := q.common(q.after); ok && q.after != "" {
		if err := c.begin(common); err != nil {
			return nil, err
		}
	}
	return c, c.open(q.after)
}

// common returns the common prefix that stands for a key, if one does.
func (q *query) common(key string) (string, bool) {
	rest, ok := strings.CutPrefix(key, q.prefix)
	if !ok || q.delimiter == "" {
		return "", false
	}
	name, _, found := strings.Cut(rest, q.delimiter)
	return q.prefix + name + q.delimiter, found
}

// begin prepares a listing that begins among the keys of a common prefix. They are
// one entry, unless the listing begins after that or they end before.
func (c *cursor) begin(common string) error {
	if c.q.after == common {
		c.q.after = last(common)
		return nil
	}
	err := c.s.list(c.bucket, c.dir+common, c.dir+c.q.after, 1, func(*storage.Object) bool {
		c.first = &entry{key: common}
		return false
	})
	c.q.after = last(common)
	return err
}

// last returns a key that sorts after nearly all that begin with prefix.
func last(prefix string) string { return prefix + "\U0010FFFF" }

// open begins a listing after a key.
func (c *cursor) open(after string) (err error) {
	opts := storage.Options{storage.OptRecursive: c.q.delimiter != "/"}
	if after != "" {
		opts[storage.OptStartAfter] = afterKey(c.dir + after)
	}
	c.it, err = c.s.st.Bucket(c.bucket).List(c.s.ctx, c.dir+c.q.prefix, 0, 0, opts)
	return err
}

// next returns the next entry, nil at the end.
func (c *cursor) next() (*entry, error) {
	if first := c.first; first != nil {
		c.first = nil
		return first, nil
	}
	for {
		o, err := c.it.Next()
		if err != nil || o == nil {
			return nil, err
		}
		if o.IsDir {
			return &entry{key: strings.TrimPrefix(o.PageKey(), c.dir)}, nil
		}
		key := strings.TrimPrefix(o.Key, c.dir)
		common, ok := c.q.common(key)
		if !ok {
			return &entry{key, o}, nil
		}
		if c.q.after != "" && strings.HasPrefix(c.q.after, common) {
			continue // beyond last(common)
		}
		c.close()
		c.q.after = last(common)
		return &entry{key: common}, c.open(c.q.after)
	}
}

func (c *cursor) close() { c.it.Close() }
