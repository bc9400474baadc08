package console

import (
	"fmt"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible returns a text as HTML in which every character can be seen and none changes
// how others are read: those that control the direction of text, those without width,
// and control characters stand there as their code points.
func visible(s string) string {
	return mark(s, template.HTMLEscapeString, markup)
}

const markup = `<span class="code">%s</span>`

// visibleName returns a name as HTML, as visible does. Blanks at its ends are marked,
// too.
func visibleName(s string) template.HTML {
	name := strings.Trim(s, " ")
	start := strings.Index(s, name)
	blank := fmt.Sprintf(markup, "U+0020")
	return template.HTML(strings.Repeat(blank, start) + visible(name) + strings.Repeat(blank, len(s)-start-len(name)))
}

// visibleTitle is visible where there is no markup, such as in a title.
func visibleTitle(s string) string {
	return mark(s, func(s string) string { return s }, "[%s]")
}

// mark returns s with the marks of characters in a format, and the rest of it escaped.
func mark(s string, escape func(string) string, format string) string {
	var b strings.Builder
	plain := 0 // up to here, s is written
	for i, r := range s {
		if mark := markOf(s[i:], r); mark != "" {
			b.WriteString(escape(s[plain:i]))
			fmt.Fprintf(&b, format, mark)
			_, size := utf8.DecodeRuneInString(s[i:])
			plain = i + size
		}
	}
	b.WriteString(escape(s[plain:]))
	return b.String()
}

// markOf returns the mark for the character r that s begins with, empty if it can be
// seen.
func markOf(s string, r rune) string {
	_, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf("%02X", s[0])
	case r == '\u200C', r == '\u200D': // they join letters and emoji
		return ""
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp), unicode.Is(unicode.Zs, r) && r != ' ', strings.ContainsRune(blanks, r):
		return fmt.Sprintf("U+%04X", r)
	}
	return ""
}

// blanks are letters that show nothing.
const blanks = "\u115F\u1160\u3164\uFFA0\u2800"

// visibleText is visible for a text of many lines, whose ends and tabs stay.
func visibleText(s string) template.HTML {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(s, "\n") {
		end := ""
		if cut, ok := strings.CutSuffix(line, "\n"); ok {
			line, end = strings.TrimSuffix(cut, "\r"), "\n"
		}
		for i, cell := range strings.Split(line, "\t") {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(visible(cell))
		}
		b.WriteString(end)
	}
	return template.HTML(b.String())
}
