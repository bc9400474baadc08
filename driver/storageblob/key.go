package storageblob

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"open-lake.dev/lib/storage"
)

// An escape is mark, the hexadecimal code of a rune, and end. Without a code it
// stands for an empty segment.
const (
	mark  = "__0x"
	end   = "__"
	empty = mark + end
)

// encodeKey returns the clean key under which the blob at key is stored.
// Together with decodeKey it pairs all keys with all clean keys, one to one.
// An empty key stays empty, for the store to refuse.
func encodeKey(key string) string {
	if clean, err := storage.CleanKey(key); err == nil && clean == key && !strings.Contains(key, mark) {
		return key
	}
	return mapSegments(key, encode)
}

// decodeKey returns the key of the blob that is stored under the clean key. A
// trailing slash, that of a directory, stays.
func decodeKey(key string) string {
	if !strings.Contains(key, mark) {
		return key
	}
	return mapSegments(key, decode)
}

// encodePrefix returns a prefix that all encoded keys share whose decoded keys
// begin with prefix. It reaches as far as what follows prefix cannot matter.
func encodePrefix(prefix string) string {
	return mapSegments(prefix, func(seg string, first, last bool) string {
		if last {
			return stable(seg)
		}
		return encode(seg, first, false)
	})
}

// mapSegments maps each segment of key; first and last say that it is that one,
// where white space at the beginning or the end counts.
func mapSegments(key string, f func(seg string, first, last bool) string) string {
	segs := strings.Split(key, "/")
	for i, seg := range segs {
		segs[i] = f(seg, i == 0, i == len(segs)-1)
	}
	return strings.Join(segs, "/")
}

// encode returns seg itself if it can be stored and is not the encoding of
// another segment.
func encode(seg string, first, last bool) string {
	if seg == "" && first && last {
		return "" // no key
	}
	if isClean(seg, first, last) {
		other := unescape(seg)
		if other == seg || encode(other, first, last) != seg {
			return seg
		}
	}
	return escape(seg, first, last)
}

// decode reverses encode: what encode would not have written, it leaves as is.
func decode(seg string, first, last bool) string {
	if other := unescape(seg); encode(other, first, last) == seg {
		return other
	}
	return seg
}

// isClean tells whether a segment is part of a clean key in its place.
func isClean(seg string, first, last bool) bool {
	if !first {
		seg = "x/" + seg
	}
	if !last {
		seg += "/x"
	}
	clean, err := storage.CleanKey(seg)
	return err == nil && clean == seg
}

// escape escapes what cannot be stored, and each mark, so that unescape finds
// no others than it wrote.
func escape(seg string, first, last bool) string {
	if seg == "" {
		return empty
	}
	var b strings.Builder
	for i, r := range seg {
		_, size := utf8.DecodeRuneInString(seg[i:])
		next := i + size
		outer := first && i == 0 || last && next == len(seg)
		switch {
		case isSpecial(r), outer && unicode.IsSpace(r),
			isDots(seg) && next == len(seg), strings.HasPrefix(seg[i:], mark):
			fmt.Fprintf(&b, mark+"%x"+end, r)
		default:
			b.WriteString(seg[i:next]) // not r: an invalid byte stays one
		}
	}
	return b.String()
}

// unescape reverses escape; what is no escape stays.
func unescape(seg string) string {
	if seg == empty {
		return ""
	}
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(seg, mark)
		b.WriteString(text)
		if !found {
			return b.String()
		}
		code, after, _ := strings.Cut(rest, end)
		if r, err := strconv.ParseInt(code, 16, 32); err == nil {
			b.WriteRune(rune(r))
			seg = after
		} else {
			b.WriteString(mark)
			seg = rest
		}
	}
}

// stable returns the beginning of seg that encode keeps whatever follows seg.
func stable(seg string) string {
	if isDots(seg) {
		return ""
	}
	seg, _, _ = strings.Cut(seg, mark)
	if i := strings.IndexFunc(seg, func(r rune) bool {
		return isSpecial(r) || unicode.IsSpace(r) || r == utf8.RuneError
	}); i >= 0 {
		seg = seg[:i]
	}
	return seg
}

func isSpecial(r rune) bool  { return r == 0 || r == '\\' }
func isDots(seg string) bool { return seg == "." || seg == ".." }
