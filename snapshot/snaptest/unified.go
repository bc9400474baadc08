package snaptest

import (
	"fmt"
	"slices"
	"strings"
)

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

// contextLines is the number of equal lines shown around those that differ.
const contextLines = 3

// unified returns the unified diff of two golden files. The header of a hunk that
// begins within an entry ends with the entry's marker.
func unified(oldName, newName, old, new string) string {
	return shorten(append([]string{"--- " + oldName, "+++ " + newName}, hunks(split(old), split(new))...))
}

// hunks returns the lines of a unified diff after its header.
func hunks(old, new []string) (out []string) {
	lines := diffLines(old, new)
	alike := lookAlikes(lines)
	oldAt, newAt, entry := 1, 1, "" // at the current line
	for i, l := range lines {
		if inHunk(lines, i) {
			if i == 0 || !inHunk(lines, i-1) {
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
	return out
}

func split(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// inHunk reports whether line i differs or is context of a line that does.
func inHunk(lines []line, i int) bool {
	around := lines[max(i-contextLines, 0):min(i+contextLines+1, len(lines))]
	return slices.ContainsFunc(around, func(l line) bool { return l.sign != ' ' })
}

// hunkEnd returns the end of the hunk that begins at line i.
func hunkEnd(lines []line, i int) int {
	for i < len(lines) && inHunk(lines, i) {
		i++
	}
	return i
}

// count returns the number of lines of the old text ('-') or the new one ('+').
func count(lines []line, sign byte) (n int) {
	for _, l := range lines {
		if l.sign == ' ' || l.sign == sign {
			n++
		}
	}
	return n
}
