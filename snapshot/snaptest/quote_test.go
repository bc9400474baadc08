package snaptest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const unclearCharacters = "\x00\t\n\r\x7f\u0085\u00a0\u00ad\u0301\u034f\u061c\u115f\u180e\u2003\u200b\u200d\u2028\u202e\u2060\u3000\u3164\ue000\ufeff\ufffd\U000e0001"

func TestIsUnclear(t *testing.T) {
	for _, r := range unclearCharacters {
		require.True(t, isUnclear(r), "%U", r)
	}
	for _, r := range " aé€ж字ไ\u0939😀❤~" {
		require.False(t, isUnclear(r), "%U", r)
	}
}

func TestIsClear(t *testing.T) {
	for _, line := range []string{"", "a", "a b", "\ta\tb", " a"} {
		require.True(t, isClear(line), "%q", line)
	}
	for _, line := range []string{" ", "a ", "a\t", "a\u00a0", "a\r", "\xff"} {
		require.False(t, isClear(line), "%q", line)
	}
}

// What is quoted shows every character and can be read back.
func TestQuoteComesBack(t *testing.T) {
	texts := rapid.StringOf(rapid.RuneFrom([]rune(unclearCharacters + "a \"\\'é❤\ufe0f\U000e0100")))
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		quoted := quote(text)
		require.False(t, strings.ContainsFunc(strings.ReplaceAll(quoted, "\ufffd", ""), isUnclear), quoted)
		back, err := strconv.Unquote(quoted)
		require.NoError(t, err)
		require.Equal(t, text, back)
		line := quoteUnclear(text)
		require.True(t, line == text || line == quoted)
		require.True(t, isClear(strings.ReplaceAll(line, "\ufffd", "")), line)
	})
}
