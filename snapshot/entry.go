package snapshot

import (
	"bytes"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
)

// savedEntry is the head of an entry in a saved snapshot: its tar header and the
// records of the extended header before it. append and parse are inverse, and
// [Load] takes only heads that append would write. Package archive/tar takes more,
// is slower, and allocates more for every entry.
type savedEntry struct {
	path       string // ends in a slash for a directory
	link       string // path of the entry with the content; empty if it follows this one
	size       int64
	attributes // in the records
}

// attributes are the properties that a tar header has no field for.
type attributes struct {
	modified          time.Time
	created           time.Time // left out if it is modified
	born              time.Time // left out if it is created
	bucket, key, id   string    // where the path does not say them
	contentType, etag string
	public            bool
	hash              storage.Hashes
	metadata          map[string]string
}

// The layout of a tar header, POSIX.1-1988 (ustar).
const (
	blockSize = 512

	nameField, nameSize     = 0, 100
	modeField, modeSize     = 100, 8
	uidField, gidField      = 108, 116
	sizeField, mtimeField   = 124, 136
	longSize                = 12 // of the size and the mtime
	sumField                = 148
	typeField               = 156
	linkField               = 157
	magicField              = 257
	devMajor, devMinor      = 329, 337
	headerEnd               = devMinor + modeSize // zeros follow
	maxOctal                = 1<<33 - 1           // in longSize bytes
	magic                   = "ustar\x0000"
	typeFile, typeLink      = '0', '1'
	typeDir, typeExtended   = '5', 'x'
	extendedPath            = savedDir + "/attributes"
	attributePrefix         = "SCHILY.xattr.user.openlake."
	hashPrefix, metaPrefix  = "hash.", "meta."
	recordPath, recordLink  = "path", "linkpath"
	recordSize, recordMtime = "size", "mtime"
)

// append appends the head to b.
func (e *savedEntry) append(b []byte) []byte {
	start := len(b)
	b = append(b, zeros[:blockSize]...)
	b = e.appendRecords(b)
	if n := len(b) - start - blockSize; n > 0 {
		b = append(b, zeros[:padding(int64(n))]...)
		fillHeader(b[start:], extendedPath, "", typeExtended, int64(n), 0)
		start = len(b)
		b = append(b, zeros[:blockSize]...)
	}
	size, mtime := e.size, int64(0)
	if size > maxOctal {
		size = 0
	}
	if e.hasMtime() {
		mtime = e.modified.Unix()
	}
	fillHeader(b[start:], e.path, e.link, e.typ(), size, mtime)
	return b
}

func (e *savedEntry) typ() byte {
	switch {
	case strings.HasSuffix(e.path, "/"):
		return typeDir
	case e.link != "":
		return typeLink
	}
	return typeFile
}

// hasMtime reports whether a tar header can hold the modification time.
func (e *savedEntry) hasMtime() bool {
	sec := e.modified.Unix()
	return sec >= 0 && sec <= maxOctal
}

// fillHeader fills the header at the beginning of b, which is zero.
func fillHeader(b []byte, path, link string, typ byte, size, mtime int64) {
	b = b[:blockSize]
	copy(b[nameField:][:nameSize], path)
	copy(b[linkField:][:nameSize], link)
	mode := int64(0o644)
	if typ == typeDir {
		mode = 0o755
	}
	fillOctal(b[modeField:][:modeSize], mode)
	for _, field := range []int{uidField, gidField, devMajor, devMinor} {
		fillOctal(b[field:][:modeSize], 0)
	}
	fillOctal(b[sizeField:][:longSize], size)
	fillOctal(b[mtimeField:][:longSize], mtime)
	b[typeField] = typ
	copy(b[magicField:], magic)
	sum := int64(8 * ' ') // the field of the sum counts as blanks
	for _, c := range b[:headerEnd] {
		sum += int64(c)
	}
	fillOctal(b[sumField:][:7], sum)
	b[sumField+7] = ' '
}

// fillOctal fills a field with octal digits and a NUL.
func fillOctal(field []byte, n int64) {
	for i := len(field) - 2; i >= 0; i-- {
		field[i] = '0' + byte(n&7)
		n >>= 3
	}
}

// padding returns how many bytes fill the last block of n bytes.
func padding(n int64) int64 { return -n & (blockSize - 1) }

var zeros [2 * blockSize]byte

// appendRecords appends the records of the extended header.
func (e *savedEntry) appendRecords(b []byte) []byte {
	if isLong(e.path) {
		b = appendRecord(b, recordPath, "", e.path)
	}
	if isLong(e.link) {
		b = appendRecord(b, recordLink, "", e.link)
	}
	if e.size > maxOctal {
		b = appendRecord(b, recordSize, "", strconv.FormatInt(e.size, 10))
	}
	if !e.hasMtime() {
		b = appendAttribute(b, "modified", formatTime(e.modified))
	} else if e.modified.Nanosecond() > 0 {
		b = appendRecord(b, recordMtime, "", formatTime(e.modified))
	}
	if !e.created.Equal(e.modified) {
		b = appendAttribute(b, "created", formatTime(e.created))
	}
	if !e.born.Equal(e.created) {
		b = appendAttribute(b, "born", formatTime(e.born))
	}
	for _, a := range e.texts() {
		if *a.value != "" {
			b = appendAttribute(b, a.name, *a.value)
		}
	}
	if e.public {
		b = appendAttribute(b, "public", "true")
	}
	b = appendPairs(b, hashPrefix, e.hash)
	return appendPairs(b, metaPrefix, e.metadata)
}

// isLong reports whether a path needs a record.
func isLong(path string) bool {
	if len(path) > nameSize {
		return true
	}
	for i := range len(path) {
		if path[i] >= 0x80 {
			return true
		}
	}
	return false
}

type textAttribute struct {
	name  string
	value *string
}

// texts returns the attributes that are text, which are left out if empty.
func (a *attributes) texts() [5]textAttribute {
	return [...]textAttribute{
		{"bucket", &a.bucket}, {"key", &a.key}, {"upload", &a.id}, {"type", &a.contentType}, {"etag", &a.etag},
	}
}

// appendPairs appends an attribute for each pair by key. Keys are escaped, since
// they cannot hold an equals sign or a NUL.
func appendPairs(b []byte, prefix string, pairs map[string]string) []byte {
	if len(pairs) == 0 {
		return b
	}
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		b = appendAttribute(b, prefix+url.QueryEscape(key), pairs[key])
	}
	return b
}

func appendAttribute(b []byte, name, value string) []byte {
	return appendRecord(b, attributePrefix, name, value)
}

// appendRecord appends a record: its length, which counts itself, the key and the
// value.
func appendRecord(b []byte, prefix, key, value string) []byte {
	rest := len(" =\n") + len(prefix) + len(key) + len(value)
	n := rest + len(strconv.Itoa(rest))
	n = rest + len(strconv.Itoa(n))
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, ' ')
	b = append(b, prefix...)
	b = append(b, key...)
	b = append(b, '=')
	b = append(b, value...)
	return append(b, '\n')
}

// parse sets e to what a header and the records of the extended header before it
// say. It is lax: the head that append writes for e must then be compared.
func (e *savedEntry) parse(header, records []byte) error {
	*e = savedEntry{path: field(header, nameField), link: field(header, linkField)}
	e.size = octal(header[sizeField:][:longSize])
	e.modified = time.Unix(octal(header[mtimeField:][:longSize]), 0).UTC()
	var created, born bool
	for len(records) > 0 {
		key, value, rest, ok := cutRecord(records)
		if !ok {
			return errNotSaved
		}
		records = rest
		created = created || key == attributePrefix+"created"
		born = born || key == attributePrefix+"born"
		if !e.set(key, value) {
			return errNotSaved
		}
	}
	if !created {
		e.created = e.modified
	}
	if !born {
		e.born = e.created
	}
	return nil
}

// set sets the field that a record names. It reports whether the record is known.
func (e *savedEntry) set(key, value string) (ok bool) {
	switch key {
	case recordPath:
		e.path = value
		return true
	case recordLink:
		e.link = value
		return true
	case recordSize:
		size, err := strconv.ParseInt(value, 10, 64)
		e.size = size
		return err == nil && size >= 0
	case recordMtime:
		e.modified, ok = parseTime(value)
		return ok
	}
	name, ok := strings.CutPrefix(key, attributePrefix)
	return ok && e.attributes.set(name, value)
}

func (a *attributes) set(name, value string) (ok bool) {
	switch name {
	case "modified":
		a.modified, ok = parseTime(value)
		return ok
	case "created":
		a.created, ok = parseTime(value)
		return ok
	case "born":
		a.born, ok = parseTime(value)
		return ok
	case "public":
		a.public = value == "true"
		return a.public
	}
	for _, text := range a.texts() {
		if text.name == name {
			*text.value = value
			return true
		}
	}
	if key, ok := strings.CutPrefix(name, hashPrefix); ok {
		return addPair((*map[string]string)(&a.hash), key, value)
	}
	key, ok := strings.CutPrefix(name, metaPrefix)
	return ok && addPair(&a.metadata, key, value)
}

func addPair(pairs *map[string]string, key, value string) bool {
	key, err := url.QueryUnescape(key)
	if *pairs == nil {
		*pairs = make(map[string]string)
	}
	(*pairs)[key] = value
	return err == nil
}

// cutRecord returns the key and the value of the first record, and the others.
func cutRecord(records []byte) (key, value string, rest []byte, ok bool) {
	digits, _, _ := bytes.Cut(records, []byte(" "))
	n, err := strconv.Atoi(string(digits))
	if err != nil || n <= len(digits) || n > len(records) || records[n-1] != '\n' {
		return "", "", nil, false
	}
	key, value, ok = strings.Cut(string(records[len(digits)+1:n-1]), "=")
	return key, value, records[n:], ok
}

// field returns the text of a name field.
func field(header []byte, at int) string {
	name, _, _ := bytes.Cut(header[at:][:nameSize], []byte{0})
	return string(name)
}

// octal returns the number in a field, any if it has none.
func octal(field []byte) (n int64) {
	for _, c := range field[:len(field)-1] {
		n = n<<3 | int64(c&7)
	}
	return n
}

// formatTime writes a time in seconds since 1970, with up to nine decimals.
func formatTime(t time.Time) string {
	sec, nsec, sign := t.Unix(), t.Nanosecond(), ""
	if sec < 0 && nsec > 0 {
		sec, nsec = sec+1, 1e9-nsec
		if sec == 0 {
			sign = "-"
		}
	}
	text := sign + strconv.FormatInt(sec, 10)
	if nsec > 0 {
		text += "." + strings.TrimRight(strconv.Itoa(1e9 + nsec)[1:], "0")
	}
	return text
}

// parseTime is the inverse of formatTime.
func parseTime(text string) (time.Time, bool) {
	whole, decimals, _ := strings.Cut(text, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || len(decimals) > 9 {
		return time.Time{}, false
	}
	nsec, err := strconv.ParseUint((decimals + "000000000")[:9], 10, 30)
	if strings.HasPrefix(whole, "-") {
		return time.Unix(sec, -int64(nsec)).UTC(), err == nil
	}
	return time.Unix(sec, int64(nsec)).UTC(), err == nil
}
