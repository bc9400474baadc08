package snaptest

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// line is a line of a diff: ' ' is in both texts, '-' in the old, '+' in the new.
type line struct {
	sign byte
	text string
}

// show returns the text, quoted if it has unclear characters or its skeleton is
// in alike.
func (l line) show(alike map[string]bool) string {
	if !isClear(l.text) || l.sign != ' ' && alike[skeleton(l.text)] {
		return quote(l.text)
	}
	return l.text
}

// lookAlikes returns the skeletons that a deleted line shares with an inserted
// line that differs from it.
func lookAlikes(lines []line) map[string]bool {
	deleted, alike := make(map[string]string), make(map[string]bool)
	for _, l := range lines {
		if l.sign == '-' {
			deleted[skeleton(l.text)] = l.text
		}
	}
	for _, l := range lines {
		if l.sign == '+' {
			key := skeleton(l.text)
			text, ok := deleted[key]
			alike[key] = alike[key] || ok && text != l.text
		}
	}
	return alike
}

// margin is how many equal lines a diff shows around those that differ.
const margin = 3

// unified returns how two golden files differ, as a unified diff. The header of
// a hunk that begins within an entry has the entry's marker.
func unified(oldName, newName, old, new string) string {
	out := []string{"--- " + oldName, "+++ " + newName}
	lines := compare(split(old), split(new))
	alike := lookAlikes(lines)
	oldAt, newAt, entry := 1, 1, "" // at the current line
	for i, l := range lines {
		if near(lines, i) {
			if i == 0 || !near(lines, i-1) {
				hunk := lines[i:hunkEnd(lines, i)]
				out = append(out, fmt.Sprintf("@@ -%d,%d +%d,%d @@%s", oldAt, count(hunk, '-'), newAt, count(hunk, '+'), entry))
			}
			out = append(out, string(l.sign)+l.show(alike))
		}
		if l.sign != '+' {
			oldAt++
		}
		if l.sign != '-' {
			newAt++
		}
		if strings.HasPrefix(l.text, "-- ") && strings.HasSuffix(l.text, " --") {
			entry = " " + l.show(nil)
		}
	}
	return shorten(out)
}

func split(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// near reports whether a line differs, or stands close to one that does.
func near(lines []line, i int) bool {
	around := lines[max(i-margin, 0):min(i+margin+1, len(lines))]
	return slices.ContainsFunc(around, func(l line) bool { return l.sign != ' ' })
}

// hunkEnd returns where the hunk that begins at i ends.
func hunkEnd(lines []line, i int) int {
	for i < len(lines) && near(lines, i) {
		i++
	}
	return i
}

// count returns how many lines are in the text that sign stands for.
func count(lines []line, sign byte) (n int) {
	for _, l := range lines {
		if l.sign == ' ' || l.sign == sign {
			n++
		}
	}
	return n
}

// compare returns the lines of both texts as a patience diff: it sets apart what
// they begin and end with, and divides the rest.
func compare(old, new []string) (lines []line) {
	start, end := shared(old, new)
	lines = appendLines(lines, ' ', old[:start])
	lines = append(lines, divide(old[start:len(old)-end], new[start:len(new)-end])...)
	return appendLines(lines, ' ', old[len(old)-end:])
}

// shared returns how many lines two texts begin with and end with.
func shared(old, new []string) (start, end int) {
	shorter := min(len(old), len(new))
	for start < shorter && old[start] == new[start] {
		start++
	}
	for end < shorter-start && old[len(old)-1-end] == new[len(new)-1-end] {
		end++
	}
	return start, end
}

// divide compares texts, part by part, that do not begin alike. A part begins
// with an anchor, as the marker of an entry is.
func divide(old, new []string) (lines []line) {
	parts := anchors(old, new)
	if len(parts) == 0 {
		return appendLines(appendLines(nil, '-', old), '+', new)
	}
	var from pair
	for _, to := range append(parts, pair{len(old), len(new)}) {
		lines = append(lines, compare(old[from.old:to.old], new[from.new:to.new])...)
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

// pair is where a line stands in both texts.
type pair struct{ old, new int }

// anchors returns the longest chain of lines that occur once in new and come in
// the same order in old.
func anchors(old, new []string) []pair {
	type link struct {
		pair
		before *link
	}
	// chains[n] is the end of the chain of n links that leaves most of new.
	chains := []*link{nil}
	inNew := once(new)
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

// once returns where the lines stand that occur once.
func once(lines []string) map[string]int {
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
