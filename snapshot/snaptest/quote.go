package snaptest

import (
	"strconv"
	"strings"
	"unicode"
)

// isUnclear reports whether a character cannot be seen or can be taken for
// another: controls, formats such as U+200B and U+202E, blanks other than the
// space, combining accents, and U+FFFD, which also stands for invalid UTF-8.
func isUnclear(r rune) bool {
	switch {
	case r < unicode.MaxASCII:
		return r < ' '
	case 0x300 <= r && r <= 0x36F, r == unicode.ReplacementChar:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Z, unicode.Other_Default_Ignorable_Code_Point)
}

// isClear reports whether a line shows all that is on it. A tab may stand within
// the line, but no blank at its end.
func isClear(line string) bool {
	unclear := func(r rune) bool { return isUnclear(r) && r != '\t' }
	return !strings.ContainsFunc(line, unclear) && strings.TrimRight(line, " \t") == line
}

// quote returns s as a Go string literal with every unclear character escaped.
func quote(s string) string {
	var b strings.Builder
	for _, r := range strconv.Quote(s) {
		if isUnclear(r) && r != unicode.ReplacementChar || unicode.Is(unicode.Variation_Selector, r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// quoteUnclear returns s, quoted if it would be ambiguous on a line.
func quoteUnclear(s string) string {
	if s == "" || s[0] == '"' || s != strings.TrimSpace(s) || strings.ContainsFunc(s, isUnclear) {
		return quote(s)
	}
	return s
}

// quoteName returns s as quoteUnclear does, and quotes a colon, too, which would
// end a name.
func quoteName(s string) string {
	if strings.Contains(s, ":") {
		return quote(s)
	}
	return quoteUnclear(s)
}

// skeleton returns a line without the characters that cannot be seen, and with
// single spaces. Lines with one skeleton look alike.
func skeleton(line string) string {
	seen := func(r rune) rune {
		if isUnclear(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}
	return strings.Join(strings.Fields(strings.Map(seen, line)), " ")
}
