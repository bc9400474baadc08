package memdriver_test

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"open-lake.dev/lib/storage"
)

// draw returns one of the values.
func draw[V any](t *rapid.T, label string, of ...V) V {
	return rapid.SampledFrom(of).Draw(t, label)
}

// chance is true rarely: about once in n, or in 40 if that is less.
func chance(t *rapid.T, n int) bool { return rapid.IntRange(0, n-1).Draw(t, "chance") == n-1 }

// name is a spelling of a name or key, its normal form and its error.
type name struct {
	given, clean string
	err          error
}

// of returns the name that an error has.
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

func drawBucket(t *rapid.T, w *world) name {
	switch {
	case chance(t, 60):
		return draw(t, "bad bucket", badBuckets...)
	case chance(t, 3):
		return w.model.limitBucket(draw(t, "bucket", bucketNames...))
	}
	return bucketNames[0]
}

// long is a name of which a key has room for one, and another that is shorter.
var long = strings.Repeat("l", 510)

var (
	// badNames are bad anywhere, but in a store with exact keys.
	badNames = []name{
		{"../b", "", storage.ErrPermission}, {`a\..\..\b`, "", storage.ErrPermission}, {" /a", "", storage.ErrInvalid},
		{"a\x00", "", storage.ErrInvalid}, {"a\xff", "", storage.ErrInvalid},
	}
	// badKeys are bad for a key.
	badKeys = append([]name{
		{"", "", storage.ErrInvalid}, {"a/ ", "", storage.ErrInvalid}, {".", "", storage.ErrInvalid}, {"a/..", "", storage.ErrInvalid},
		{"..", "", storage.ErrPermission}, {long + "/" + long + "/abcd", "", storage.ErrInvalid},
	}, badNames...)
	badExactKeys = []name{{"", "", storage.ErrInvalid}, {"a\xff", "", storage.ErrInvalid}, {long + long + "/abcd", "", storage.ErrInvalid}}
)

var (
	narrowNames = []string{"a", "b", "a-", "a.", "ab", "é", ".a", " a", "a "}
	spellings   = []func(string) string{
		func(key string) string { return key },
		func(key string) string { return "/" + key },
		func(key string) string { return strings.ReplaceAll(key, "/", `\`) },
		func(key string) string { return strings.ReplaceAll(key, "/", "//./") },
		func(key string) string { return key + "/" },
		func(key string) string { return "x/../" + key },
	}
	// exactKeys make of a normal key one that only a store with exact keys has.
	exactKeys = []func(string) string{
		func(key string) string { return "/" + key },
		func(key string) string { return key + "/" },
		func(key string) string { return strings.ReplaceAll(key, "/", "//") },
		func(key string) string { return strings.ReplaceAll(key, "a", "..") },
		func(key string) string { return key + `\ ` },
	}
)

// path returns a key as the store of w keeps it.
func (m *machine) path(t *rapid.T, w *world) string {
	if m.wide {
		return draw(t, "directory", "", "a/", "a/b/") + rapid.StringMatching("[0-9]{1,3}").Draw(t, "name")
	}
	path := draw(t, "name", narrowNames...)
	if chance(t, 12) {
		path = long
	}
	for range rapid.IntRange(0, 2).Draw(t, "depth") {
		path += "/" + draw(t, "name", narrowNames...)
	}
	if w.model.exact && chance(t, 3) {
		return exactKeys[rapid.IntRange(0, len(exactKeys)-1).Draw(t, "exact")](path)
	}
	return path
}

// key returns a key, now and then a bad one.
func (m *machine) key(t *rapid.T, w *world) name {
	path := m.path(t, w)
	switch bad := chance(t, 40); {
	case bad && w.model.exact:
		return draw(t, "bad key", badExactKeys...)
	case bad:
		return draw(t, "bad key", badKeys...)
	case w.model.exact:
		return name{path, path, nil}
	}
	return spelt(t, path)
}

// spelt returns one spelling of a normal key.
func spelt(t *rapid.T, path string) name {
	return name{spellings[rapid.IntRange(0, len(spellings)-1).Draw(t, "spelling")](path), path, nil}
}

// existing returns a key that has an object, if it can.
func (m *machine) existing(t *rapid.T, w *world, bucket name) name {
	b := w.model.buckets[bucket.clean]
	if b == nil || len(b.objects) == 0 || chance(t, 4) {
		return m.key(t, w)
	}
	path := draw(t, "existing", b.beneath("")...)
	return name{path, path, nil}
}

// dir returns the path of a directory, often one that exists.
func (m *machine) dir(t *rapid.T, w *world, bucket name) name {
	switch bad := chance(t, 40); {
	case bad && w.model.exact:
		return draw(t, "bad path", badExactKeys[1:]...)
	case bad:
		return draw(t, "bad path", badNames...)
	case chance(t, 8) && !w.model.exact:
		return draw(t, "root", name{}, name{given: "/"}, name{given: "a/../"})
	}
	path := m.path(t, w)
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
	path += draw(t, "slash", "", "/")
	if w.model.exact {
		return name{path, w.model.dirKey(slashed(path)), nil}
	}
	return name{path, strings.TrimSuffix(path, "/"), nil}
}

// prefix returns a list prefix, or the start of a listing.
func (m *machine) prefix(t *rapid.T, w *world) name {
	if chance(t, 40) && !w.model.exact {
		return draw(t, "bad prefix", badNames...)
	}
	path := m.path(t, w)
	switch rapid.IntRange(0, 4).Draw(t, "prefix") {
	case 0:
		return name{}
	case 1:
		path += "/"
	case 2:
		path = path[:lastSlash(path)+1] + draw(t, "stem", "", "a", "é", "1", ".", "..", " ")
	case 3:
		if !w.model.exact {
			return name{"//" + strings.ReplaceAll(path, "/", `\./`), path, nil}
		}
	}
	return name{path, path, nil}
}

func (m *machine) world(t *rapid.T) *world {
	if m.within != nil {
		return m.within
	}
	return m.worlds[rapid.IntRange(0, len(m.worlds)-1).Draw(t, "world")]
}

// call is the arguments of an operation, and the error that it must fail with before
// it looks at the state, if any.
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

// badOptions are known options with values of the wrong type, goodOptions with such
// of the right one.
var (
	badOptions = storage.Options{
		storage.OptPublic: 1, storage.OptMetadata: "x", storage.OptForce: "", storage.OptUpsert: "false",
		storage.OptChecksumAlgorithms: "md5", storage.OptChecksum: []string{}, storage.OptIfMatch: 1,
		storage.OptIfNoneMatch: []byte("*"), storage.OptIfModifiedSince: "now", storage.OptIfUnmodifiedSince: 0,
		storage.OptRecursive: 1, storage.OptFilesOnly: new(bool), storage.OptDirsOnly: "true", storage.OptStartAfter: 'a',
	}
	goodOptions = storage.Options{
		storage.OptPublic: true, storage.OptMetadata: map[string]string{}, storage.OptForce: true, storage.OptUpsert: true,
		storage.OptChecksumAlgorithms: []string{}, storage.OptChecksum: storage.Hashes{}, storage.OptIfMatch: "*",
		storage.OptIfNoneMatch: "", storage.OptIfModifiedSince: time.Time{}, storage.OptIfUnmodifiedSince: time.Time{},
		storage.OptRecursive: true, storage.OptFilesOnly: true, storage.OptDirsOnly: true, storage.OptStartAfter: "",
	}
	allOptions = slices.Sorted(maps.Keys(badOptions))
)

// spoil adds an option that is not for the operation, and returns whether it found
// one.
func spoil(t *rapid.T, op string, opts storage.Options) bool {
	key := draw(t, "option", allOptions...)
	switch rapid.IntRange(0, 2).Draw(t, "spoilt") {
	case 0:
		opts[key] = badOptions[key]
	case 1:
		if slices.Contains(storage.OptionsOf(op), key) {
			return false
		}
		opts[key] = goodOptions[key]
	case 2:
		opts[strings.ToUpper(key)] = 1
	}
	return true
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
		if c.opts == nil {
			c.opts = storage.Options{}
		}
		if spoil(t, op, c.opts) {
			c.err = storage.ErrInvalid
		}
	}
	m.spoilContext(t, w, &c)
	if m.between = nil; !w.closed && chance(t, 60) {
		if to, ok := m.like(t, w); ok {
			m.between = func() { w.restore(t, to) }
		}
	}
	if c.err != nil {
		c.key = key.given // it does not come to normalising it
	}
	return c
}

// spoilContext closes the store's world for the call or ends its context, now and
// then.
func (m *machine) spoilContext(t *rapid.T, w *world, c *call) {
	if chance(t, 60) {
		c.ctx, c.err = done, context.Canceled
	}
	if chance(t, 120) {
		c.ctx, c.err = nil, storage.ErrInvalid
	}
	if w.closed {
		c.err = storage.ErrClosed
	}
}

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
	etag, updated := modelETag("a"), m.at(w)
	if o := w.model.object(bucket.clean, key.clean); o != nil {
		etag, updated = o.etag, o.updated
	}
	other := modelETag("b")
	tags := []any{etag, "*", other, "", `"` + etag + `"`, `W/"` + etag + `"`, `"` + other + `", ` + etag, other + `,"` + other + `"`, nil}
	times := []any{updated, updated.Add(-1), updated.Add(1), updated.Format(time.RFC3339Nano), nil}
	maybe(t, opts, 4, storage.OptIfMatch, tags...)
	maybe(t, opts, 4, storage.OptIfNoneMatch, tags...)
	maybe(t, opts, 4, storage.OptIfModifiedSince, times...)
	maybe(t, opts, 4, storage.OptIfUnmodifiedSince, times...)
	return opts
}

// putting adds options for a new object to others. What a source reads while it has
// the store restored is judged before, so it is not held to digests.
func putting(t *rapid.T, opts storage.Options, s source) storage.Options {
	maybe(t, opts, 3, storage.OptMetadata, someMetadata()...)
	maybe[any](t, opts, 8, storage.OptUpsert, false, true, nil)
	if s.restores() {
		return opts
	}
	return digesting(t, opts, s.body)
}

// someMetadata returns metadata of every type.
func someMetadata() []any {
	return []any{map[string]string{"k": "v"}, map[string]string{"k": "w", "l": ""}, map[string]string{}, map[string]string(nil),
		map[string]any{"k": "x"}, map[string]any{}, nil}
}

// digesting adds options about digests to others.
func digesting(t *rapid.T, opts storage.Options, body string) storage.Options {
	maybe[any](t, opts, 8, storage.OptChecksumAlgorithms,
		[]string{"md5"}, []string{"sha1", "sha256", "crc32c", "sha1"}, []any{"md5", "sha1"}, []string{}, []string{"md4"}, nil)
	if !chance(t, 8) {
		return opts
	}
	algorithm := draw(t, "algorithm", "md5", "sha1", "sha256", "crc32c")
	opts[storage.OptChecksum] = draw[any](t, "checksum",
		storage.Hashes{algorithm: strings.ToUpper(modelHashes[algorithm](body))},
		map[string]any{algorithm: modelHashes[algorithm](body)},
		map[string]string{algorithm: modelHashes[algorithm](body + "!")},
		map[string]string{"md4": ""}, nil)
	return opts
}

// big is longer than a buffer and than a leaf of content.
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
	switch rapid.IntRange(0, 50).Draw(t, "source") {
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
		s.Reader, s.body = nil, ""
		if s.size > 0 {
			s.err = storage.ErrInvalid
		}
	case 15:
		s.Reader, s.size, s.err = misreader(-1), -1, storage.ErrInvalid
	case 16:
		s.Reader, s.size, s.err = misreader(1<<20), -1, storage.ErrInvalid
	case 17:
		s.Reader, s.size, s.err = misreader(0), -1, io.ErrNoProgress
	case 18, 19:
		if to, ok := m.like(t, w); ok && !w.closed {
			s.Reader = &meanwhile{s.Reader, func() { w.restore(t, to) }}
		}
	case 20:
		s.Reader, s.err = failsWithTheLast(body), errBoom
		s.size = draw(t, "size", -1, s.size)
	case 21:
		s.Reader, s.err = &failsAtTheEnd{strings.NewReader(body)}, errBoom
		s.size = draw(t, "size", -1, s.size)
	case 22:
		s.Reader, s.size, s.err = alwaysFails{}, draw(t, "size", -1, 3, int64(1<<20)), errBoom
	case 23:
		s.Reader, s.size, s.body = nil, -1, ""
	}
	return s
}

// failsWithTheLast returns a source that gives an error with its last bytes, or
// alone if it has none.
func failsWithTheLast(body string) io.Reader {
	return iotest.DataErrReader(io.MultiReader(strings.NewReader(body), iotest.ErrReader(errBoom)))
}

// failsAtTheEnd is a source that finds its error in the Read after the last byte,
// as a compressed stream with a wrong checksum does.
type failsAtTheEnd struct{ *strings.Reader }

func (r *failsAtTheEnd) Read(p []byte) (int, error) {
	if r.Len() == 0 {
		return 0, errBoom
	}
	return r.Reader.Read(p)
}

// alwaysFails is a source that gives an error with every byte.
type alwaysFails struct{}

func (alwaysFails) Read(p []byte) (int, error) { return len(p), errBoom }

// misreader is a Read that returns the same number whatever it is given.
type misreader int

func (n misreader) Read([]byte) (int, error) { return int(n), nil }

// restores reports whether the source has the store restored.
func (s source) restores() bool {
	_, ok := s.Reader.(*meanwhile)
	return ok
}

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
		case map[string]any:
			c[key] = maps.Clone(v)
		case []any:
			c[key] = slices.Clone(v)
		default:
			c[key] = v
		}
	}
	return c
}

func lastSlash(path string) int { return strings.LastIndexByte(path, '/') }
