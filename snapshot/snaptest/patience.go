package snaptest

import (
	"slices"
	"sort"
)

// line is a line of a diff. Its sign is ' ' if it is in both texts, '-' if it is
// only in the old one and '+' if it is only in the new one.
type line struct {
	sign byte
	text string
}

// diffLines returns the patience diff of two texts: it takes off their common
// start and end, and splits the rest at its anchors.
func diffLines(old, new []string) (lines []line) {
	start, end := commonEnds(old, new)
	lines = appendLines(lines, ' ', old[:start])
	lines = append(lines, diffAtAnchors(old[start:len(old)-end], new[start:len(new)-end])...)
	return appendLines(lines, ' ', old[len(old)-end:])
}

// commonEnds returns the number of lines that two texts have in common at their
// start and, after these, at their end.
func commonEnds(old, new []string) (start, end int) {
	shorter := min(len(old), len(new))
	for start < shorter && old[start] == new[start] {
		start++
	}
	for end < shorter-start && old[len(old)-1-end] == new[len(new)-1-end] {
		end++
	}
	return start, end
}

// diffAtAnchors diffs texts part by part. Each part but the first begins with an
// anchor, which is often the marker of an entry.
func diffAtAnchors(old, new []string) (lines []line) {
	parts := anchors(old, new)
	if len(parts) == 0 {
		return appendLines(appendLines(nil, '-', old), '+', new)
	}
	var from pair
	for _, to := range append(parts, pair{len(old), len(new)}) {
		lines = append(lines, diffLines(old[from.old:to.old], new[from.new:to.new])...)
		from = to
	}
	return lines
}

func appendLines(lines []line, sign byte, texts []string) []line {
	for _, text := range texts {
		lines = append(lines, line{sign, text})
	}
	return lines
}

// pair is the position of a line in both texts.
type pair struct{ old, new int }

// anchors returns the longest sequence of lines that is in both texts and in
// which every line is unique in new.
func anchors(old, new []string) []pair {
	type link struct {
		pair
		before *link
	}
	// chains[n] is the last link of the chain of n links that ends first in new.
	chains := []*link{nil}
	inNew := uniqueLines(new)
	for i, text := range old {
		j, ok := inNew[text]
		if !ok {
			continue
		}
		n := 1 + sort.Search(len(chains)-1, func(n int) bool { return chains[n+1].new >= j })
		next := &link{pair{i, j}, chains[n-1]}
		if n == len(chains) {
			chains = append(chains, next)
		} else {
			chains[n] = next
		}
	}
	var found []pair
	for l := chains[len(chains)-1]; l != nil; l = l.before {
		found = append(found, l.pair)
	}
	slices.Reverse(found)
	return found
}

// uniqueLines returns the positions of the lines that occur once.
func uniqueLines(lines []string) map[string]int {
	where, again := make(map[string]int), make(map[string]bool)
	for i, text := range lines {
		if _, ok := where[text]; ok {
			again[text] = true
		}
		where[text] = i
	}
	for text := range again {
		delete(where, text)
	}
	return where
}
