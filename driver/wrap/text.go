package wrap

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// String returns the call on one line, as in a shell: the operation, the bucket and
// the key, and the arguments that are not zero. It does not show bodies, nor what
// differs between two runs, such as the IDs of uploads.
//
//	write photos/cat.jpg size=4 type=image/jpeg if_none_match=*
func (c *Call) String() string {
	words := []string{c.Op}
	switch {
	case c.Key != "":
		words = append(words, quote(c.Bucket+"/"+c.Key))
	case c.Bucket != "":
		words = append(words, quote(c.Bucket))
	}
	add := func(name, value string) {
		if value != "" && value != "0" {
			words = append(words, name+"="+quote(value))
		}
	}
	switch {
	case c.SrcBucket != "":
		add("from", c.SrcBucket+"/"+c.SrcKey)
	default:
		add("from", c.SrcKey)
	}
	add("to", c.DstPath)
	add("part", strconv.Itoa(c.Number))
	if c.Src != nil {
		words = append(words, "size="+strconv.FormatInt(c.Size, 10))
	}
	add("type", c.ContentType)
	add("offset", strconv.FormatInt(c.Offset+int64(c.Skip), 10))
	add("limit", strconv.FormatInt(c.Length+int64(c.Limit), 10))
	add("method", c.Method)
	for _, key := range slices.Sorted(maps.Keys(c.Options)) {
		words = append(words, key+"="+quote(optionText(c.Options[key])))
	}
	return strings.Join(words, " ")
}

func optionText(v any) string {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

// quote returns s, in Go syntax if it would not be clear on a line.
func quote(s string) string {
	if quoted := strconv.Quote(s); s == "" || strings.Contains(s, " ") || quoted != `"`+s+`"` {
		return quoted
	}
	return s
}
