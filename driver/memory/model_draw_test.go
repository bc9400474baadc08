package memdriver_test

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing/iotest"

	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

// draw returns one of the values.
func draw[V any](t *rapid.T, label string, of ...V) V {
	return rapid.SampledFrom(of).Draw(t, label)
}

// chance is true rarely: about once in n, or in 40 if that is less.
func chance(t *rapid.T, n int) bool { return rapid.IntRange(0, n-1).Draw(t, "chance") == n-1 }

// name is a spelling of a name or key, and what is to come of it.
type name struct {
	given, clean string
	err          error
}

// of returns how an error names it.
func (n name) of() string {
	if n.err != nil {
		return n.given
	}
	return n.clean
}

var (
	bucketNames = []name{
		{"b", "b", nil}, {" b\t", "b", nil}, {"c", "c", nil}, {`d/\`, "d__", nil}, {"", "default", nil}, {"..", "_..", nil},
	}
	badBuckets = []name{{"\x00", "", storage.ErrInvalid}, {"\xff", "", storage.ErrInvalid}}
)

func drawBucket(t *rapid.T) name {
	switch {
	case chance(t, 60):
		return draw(t, "bad bucket", badBuckets...)
	case chance(t, 3):
		return draw(t, "bucket", bucketNames...)
	}
	return bucketNames[0]
}

var badKeys = []name{
	{"", "", storage.ErrInvalid}, {" / ", "", storage.ErrInvalid}, {".", "", storage.ErrInvalid}, {"a/..", "", storage.ErrInvalid},
	{"..", "", storage.ErrPermission}, {`a\..\..\b`, "", storage.ErrPermission},
	{"a\x00", "", storage.ErrInvalid}, {"a\xff", "", storage.ErrInvalid},
}

var (
	narrowNames = []string{"a", "b", "a-", "a.", "ab", "é"}
	spellings   = []func(string) string{
		func(key string) string { return key },
		func(key string) string { return "/" + key },
		func(key string) string { return strings.ReplaceAll(key, "/", `\`) },
		func(key string) string { return strings.ReplaceAll(key, "/", "//./") },
		func(key string) string { return "\n" + key + " " },
		func(key string) string { return "x/../" + key },
	}
)

// path returns a normal key.
func (m *machine) path(t *rapid.T) string {
	if m.wide {
		return draw(t, "directory", "", "a/", "a/b/") + rapid.StringMatching("[0-9]{1,3}").Draw(t, "name")
	}
	path := draw(t, "name", narrowNames...)
	for range rapid.IntRange(0, 2).Draw(t, "depth") {
		path += "/" + draw(t, "name", narrowNames...)
	}
	return path
}

// key returns a key, now and then a bad one.
func (m *machine) key(t *rapid.T) name {
	if chance(t, 40) {
		return draw(t, "bad key", badKeys...)
	}
	path := m.path(t)
	return name{spellings[rapid.IntRange(0, len(spellings)-1).Draw(t, "spelling")](path), path, nil}
}

// existing returns a key that has an object, if it can.
func (m *machine) existing(t *rapid.T, w *world, bucket name) name {
	b := w.model.buckets[bucket.clean]
	if b == nil || len(b.objects) == 0 || chance(t, 4) {
		return m.key(t)
	}
	path := draw(t, "existing", b.beneath("")...)
	return name{path, path, nil}
}

// dir returns the path of a directory, often one that exists.
func (m *machine) dir(t *rapid.T, w *world, bucket name) name {
	if chance(t, 40) {
		return draw(t, "bad path", badKeys[4:]...)
	}
	if chance(t, 8) {
		return draw(t, "root", name{}, name{given: "/"}, name{given: " ./ "})
	}
	path := m.path(t)
	if b := w.model.buckets[bucket.clean]; b != nil && len(b.objects) > 0 {
		path = draw(t, "existing", b.beneath("")...)
	}
	i := lastSlash(path)
	if chance(t, 3) {
		i = strings.IndexByte(path, '/')
	}
	if i > 0 && !chance(t, 8) {
		path = path[:i]
	}
	return name{path + draw(t, "slash", "", "/"), path, nil}
}

// prefix returns a list prefix, or what a list starts after.
func (m *machine) prefix(t *rapid.T) name {
	if chance(t, 40) {
		return draw(t, "bad prefix", badKeys[4:]...)
	}
	path := m.path(t)
	switch rapid.IntRange(0, 3).Draw(t, "prefix") {
	case 0:
		return name{}
	case 1:
		path += "/"
	case 2:
		path = path[:strings.LastIndexByte(path, '/')+1] + draw(t, "stem", "", "a", "é", "1")
	}
	return name{path, path, nil}
}

func (m *machine) world(t *rapid.T) *world {
	return m.worlds[rapid.IntRange(0, len(m.worlds)-1).Draw(t, "world")]
}

// call is how an operation is called, and what it must fail with before it looks
// at the state, naming itself.
type call struct {
	ctx             context.Context
	opts            storage.Options
	err             error
	op, bucket, key string
}

var done = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// badOptions are known options with values of the wrong type.
var badOptions = storage.Options{
	storage.OptPublic: 1, storage.OptMetadata: "x", storage.OptForce: nil, storage.OptUpsert: "false",
	storage.OptChecksumAlgorithms: "md5", storage.OptChecksum: []string{}, storage.OptIfMatch: 1,
	storage.OptIfNoneMatch: []byte("*"), storage.OptIfModifiedSince: "now", storage.OptIfUnmodifiedSince: 0,
	storage.OptRecursive: 1, storage.OptFilesOnly: nil, storage.OptDirsOnly: "true", storage.OptStartAfter: 'a',
}

// call begins an operation on names, which are judged in order. Now and then it
// spoils the context or an option, or has the store restored before the
// operation commits (S2).
func (m *machine) call(t *rapid.T, w *world, op string, opts storage.Options, bucket, key name) call {
	c := call{ctx: context.Background(), opts: opts, op: op, bucket: bucket.of(), key: key.clean}
	if c.err = bucket.err; c.err == nil {
		c.err = key.err
	}
	if chance(t, 60) {
		bad := draw(t, "bad option", allOptions...)
		if c.opts == nil {
			c.opts = storage.Options{}
		}
		c.opts[bad], c.err = badOptions[bad], storage.ErrInvalid
	}
	if chance(t, 60) {
		c.ctx, c.err = done, context.Canceled
	}
	if w.closed {
		c.err = storage.ErrClosed
	}
	if m.between = nil; len(m.kept) > 0 && !w.closed && chance(t, 60) {
		to := m.version(t)
		m.between = func() { w.restore(t, to) }
	}
	if c.err != nil {
		c.key = key.given // it does not come to normalising it
	}
	return c
}

var allOptions = func() (keys []string) {
	for key := range badOptions {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}()

// maybe sets an option, once in n times, to one of the values.
func maybe[V any](t *rapid.T, opts storage.Options, n int, key string, of ...V) {
	if chance(t, n) {
		opts[key] = draw(t, key, of...)
	}
}

// conditions are options that judge the object at key (O7).
func (m *machine) conditions(t *rapid.T, w *world, bucket, key name) storage.Options {
	opts := storage.Options{"unknown": 1}
	if !chance(t, 4) {
		return opts
	}
	etag, updated := modelETag("a"), m.at()
	if o := w.model.object(bucket.clean, key.clean); o != nil {
		etag, updated = o.etag, o.updated
	}
	maybe(t, opts, 4, storage.OptIfMatch, etag, "*", modelETag("b"), "")
	maybe(t, opts, 4, storage.OptIfNoneMatch, etag, "*", modelETag("b"), "")
	maybe(t, opts, 4, storage.OptIfModifiedSince, updated, updated.Add(-1), updated.Add(1))
	maybe(t, opts, 4, storage.OptIfUnmodifiedSince, updated, updated.Add(-1), updated.Add(1))
	return opts
}

// putting adds options for a new object to others.
func putting(t *rapid.T, opts storage.Options, body string) storage.Options {
	maybe(t, opts, 3, storage.OptMetadata, map[string]string{"k": "v"}, map[string]string{"k": "w", "l": ""}, map[string]string{}, nil)
	maybe(t, opts, 8, storage.OptUpsert, false, true)
	maybe(t, opts, 8, storage.OptChecksumAlgorithms, []string{"md5"}, []string{"sha1", "sha256", "crc32c", "sha1"}, []string{}, []string{"md4"})
	if !chance(t, 8) {
		return opts
	}
	algorithm := draw(t, "algorithm", "md5", "sha1", "sha256", "crc32c")
	opts[storage.OptChecksum] = draw[any](t, "checksum",
		storage.Hashes{algorithm: strings.ToUpper(modelHashes[algorithm](body))},
		map[string]string{algorithm: modelHashes[algorithm](body + "!")},
		map[string]string{"md4": ""})
	return opts
}

// big is longer than what the store keeps or reads in one piece.
var big = strings.Repeat("0123456789abcdef", 1<<13) + "end"

// source returns a body, now and then one that misbehaves. While it is read the
// world may be restored: no lock is held then, and the write applies to what was
// restored (S2).
func (m *machine) source(t *rapid.T, w *world) source {
	body := draw(t, "body", "", "a", "b", "hello", "hello, world", "0123456789")
	if w.model.maxBytes == 0 && chance(t, 64) {
		body = draw(t, "big body", big, big[:128<<10], big+big)
	}
	s := source{Reader: strings.NewReader(body), size: int64(len(body)), body: body}
	switch rapid.IntRange(0, 40).Draw(t, "source") {
	case 8:
		s.size = -1
	case 9:
		s.Reader, s.size = iotest.DataErrReader(s.Reader), -1
	case 10:
		s.Reader = iotest.HalfReader(s.Reader)
	case 11:
		s.size = min(2, s.size)
		s.body = body[:s.size]
	case 12:
		s.size++
		s.err = io.ErrUnexpectedEOF
	case 13:
		s.Reader, s.size, s.err = io.MultiReader(s.Reader, iotest.ErrReader(errBoom)), -1, errBoom
	case 14:
		s.Reader, s.err = nil, storage.ErrInvalid
	case 15:
		s.Reader, s.size, s.err = misreader(-1), -1, storage.ErrInvalid
	case 16:
		s.Reader, s.size, s.err = misreader(1<<20), -1, storage.ErrInvalid
	case 17:
		s.Reader, s.size, s.err = misreader(0), -1, io.ErrNoProgress
	case 18, 19:
		if len(m.kept) > 0 {
			to := m.version(t)
			s.Reader = &meanwhile{s.Reader, func() { w.restore(t, to) }}
		}
	}
	return s
}

// misreader is a Read that returns the same number whatever it is given.
type misreader int

func (n misreader) Read([]byte) (int, error) { return int(n), nil }

// meanwhile does something before the first Read.
type meanwhile struct {
	io.Reader
	do func()
}

func (r *meanwhile) Read(p []byte) (int, error) {
	if r.do != nil {
		r.do()
		r.do = nil
	}
	return r.Reader.Read(p)
}

// paging returns a limit and an offset.
func paging(t *rapid.T) (limit, offset int) {
	return draw(t, "limit", 0, -1, 1, 2, 5), draw(t, "offset", 0, -1, 1, 2, 5)
}

// copyOf returns a copy of the options that later changes of the values do not
// reach.
func copyOf(opts storage.Options) storage.Options {
	c := storage.Options{}
	for key, v := range opts {
		switch v := v.(type) {
		case map[string]string:
			c[key] = maps.Clone(v)
		case storage.Hashes:
			c[key] = maps.Clone(v)
		case []string:
			c[key] = slices.Clone(v)
		default:
			c[key] = v
		}
	}
	return c
}

func lastSlash(path string) int { return strings.LastIndexByte(path, '/') }
