package gocloud

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"open-lake.dev/lib/storage/driver/internal/engine"
)

// byteOrder puts a listing that may be in the order of UTF-16 into byte order. These
// differ where keys that agree up to some place go on with characters from U+E000 on:
// UTF-16 has those past U+FFFF first, and bytes have them last. Such keys are read
// together and sorted.
type byteOrder struct {
	engine.Lister
	group []*engine.Blob // what was read
	ready int            // how many of the group are sorted, and come next
}

// Next implements [engine.Lister].
func (l *byteOrder) Next(ctx context.Context) (*engine.Blob, error) {
	for l.ready == 0 {
		if len(l.group) == 1 && !hasHigh(l.group[0].Key) {
			l.ready = 1
			break
		}
		blob, err := l.Lister.Next(ctx)
		if err != nil {
			return nil, err
		}
		if blob == nil && len(l.group) == 0 {
			return nil, nil
		}
		l.add(blob)
	}
	first := l.group[0]
	l.group = l.group[1:]
	l.ready--
	return first, nil
}

// add adds the next entry, nil at the end. One that does not belong to the group
// completes it.
func (l *byteOrder) add(blob *engine.Blob) {
	if len(l.group) > 0 && (blob == nil || !goesOnHigh(blob.Key, beforeHigh(l.group[0].Key))) {
		slices.SortFunc(l.group, func(a, b *engine.Blob) int { return strings.Compare(a.Key, b.Key) })
		l.ready = len(l.group)
	}
	if blob != nil {
		l.group = append(l.group, blob)
	}
}

// hasHigh reports whether key has a character past U+FFFF.
func hasHigh(key string) bool { return strings.ContainsFunc(key, isHigh) }

// beforeHigh returns the beginning of key up to its first character past U+FFFF, which
// it has.
func beforeHigh(key string) string {
	return key[:strings.IndexFunc(key, isHigh)]
}

func isHigh(r rune) bool { return r > '\uffff' }

// goesOnHigh reports whether key begins with prefix and goes on with a character from
// U+E000 on.
func goesOnHigh(key, prefix string) bool {
	rest, ok := strings.CutPrefix(key, prefix)
	r, _ := utf8.DecodeRuneInString(rest)
	return ok && r >= '\ue000'
}
