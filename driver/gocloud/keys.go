package gocloud

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"open-lake.dev/lib/storage"
)

// keys translates between keys of blobs and keys of a store's objects.
type keys struct {
	exact bool // the store takes keys as they are (contract rule K4)
}

// keys returns the translation for the store as it is now: Restore may bring back a
// state with keys of the other kind.
func (b *bucket) keys() keys {
	h, ok := b.store.(storage.HasExactKeys)
	return keys{exact: ok && h.ExactKeys()}
}

// stored returns the key under which the blob at key is stored.
func (k keys) stored(key string) string {
	if k.exact {
		return key
	}
	return encodeKey(key)
}

// blob returns the key of the blob that is stored under key. A trailing slash, that
// of a directory, stays.
func (k keys) blob(key string) string {
	if k.exact {
		return key
	}
	return decodeKey(key)
}

// prefix returns a list prefix that all objects match whose blobs' keys begin with
// prefix, which need not end at a character. Between slashes it has as many names.
func (k keys) prefix(prefix string) string {
	prefix = validPart(prefix)
	if k.exact {
		return prefix
	}
	return encodePrefix(prefix)
}

// validPart returns the longest beginning of s that is valid UTF-8.
func validPart(s string) string {
	for i, r := range s {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
			return s[:i]
		}
	}
	return s
}

// An escape is mark, the hexadecimal code of a rune, and end. Without a code it
// stands for an empty name.
const (
	mark  = "__0x"
	end   = "__"
	empty = mark + end
)

// encodeKey returns the clean key under which the blob at key is stored. It pairs
// all keys with all clean keys, one to one, and decodeKey is its inverse. An empty
// key stays empty, for the store to refuse.
func encodeKey(key string) string {
	if isClean(key) && !strings.Contains(key, mark) {
		return key
	}
	return mapNames(key, encode)
}

// decodeKey returns the key of the blob that is stored under the clean key. A
// trailing slash, that of a directory, stays.
func decodeKey(key string) string {
	if !strings.Contains(key, mark) {
		return key
	}
	return mapNames(key, decode)
}

// encodePrefix returns the longest prefix that it knows all encoded keys to share
// whose decoded keys begin with prefix.
func encodePrefix(prefix string) string {
	i := strings.LastIndexByte(prefix, '/') + 1
	dir := mapNames(prefix[:i]+"x", encode) // x stands for the unfinished name
	return strings.TrimSuffix(dir, "x") + stable(prefix[i:])
}

// mapNames maps each name of key. It calls f with alone set if there is one only.
func mapNames(key string, f func(name string, alone bool) string) string {
	names := strings.Split(key, "/")
	for i, name := range names {
		names[i] = f(name, len(names) == 1)
	}
	return strings.Join(names, "/")
}

// encode returns name itself if it can be stored and is not the encoding of another
// name. An empty name that stands alone is no key and has no encoding.
func encode(name string, alone bool) string {
	if name == "" && alone {
		return ""
	}
	if isClean(name) {
		other := unescape(name)
		if other == name || encode(other, alone) != name {
			return name
		}
	}
	return escape(name)
}

// decode reverses encode. What encode would not have written, it returns as it is.
func decode(name string, alone bool) string {
	if other := unescape(name); encode(other, alone) == name {
		return other
	}
	return name
}

// isClean reports whether a key, or a name in a key, can be stored as it is.
func isClean(key string) bool {
	clean, err := storage.CleanKey(key)
	return err == nil && clean == key
}

// escape escapes what cannot be stored, and each mark, so that unescape finds only
// the escapes that it wrote.
func escape(name string) string {
	if name == "" {
		return empty
	}
	var b strings.Builder
	whole := isDots(name) || isBlank(name)
	for i, r := range name {
		_, size := utf8.DecodeRuneInString(name[i:])
		next := i + size
		if isSpecial(r) || whole && next == len(name) || strings.HasPrefix(name[i:], mark) {
			fmt.Fprintf(&b, mark+"%x"+end, r)
		} else {
			b.WriteString(name[i:next]) // not r: an invalid byte stays one
		}
	}
	return b.String()
}

// unescape reverses escape and leaves the rest as it is.
func unescape(name string) string {
	if name == empty {
		return ""
	}
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(name, mark)
		b.WriteString(text)
		if !found {
			return b.String()
		}
		code, after, _ := strings.Cut(rest, end)
		if r, err := strconv.ParseInt(code, 16, 32); err == nil {
			b.WriteRune(rune(r))
			name = after
		} else {
			b.WriteString(mark)
			name = rest
		}
	}
}

// stable returns a beginning of name that encode keeps whatever follows name.
func stable(name string) string {
	name, _, _ = strings.Cut(name, mark)
	if i := strings.IndexFunc(name, isSpecial); i >= 0 {
		name = name[:i]
	}
	if isDots(name) || isBlank(name) {
		return ""
	}
	return name
}

func isSpecial(r rune) bool    { return r == 0 || r == '\\' }
func isDots(name string) bool  { return name == "." || name == ".." }
func isBlank(name string) bool { return strings.TrimSpace(name) == "" }
