package storage_test

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// normalise is rule K1 step by step, without the limit on the length: an oracle for
// the cleaning of keys.
func normalise(key string) (string, error) {
	if strings.Contains(key, "\x00") || !utf8.ValidString(key) {
		return "", storage.ErrInvalid
	}
	var names []string
	for _, name := range strings.Split(strings.ReplaceAll(key, `\`, "/"), "/") {
		switch {
		case name == "" || name == ".":
		case name != "..":
			names = append(names, name)
		case len(names) == 0:
			return "", storage.ErrPermission
		default:
			names = names[:len(names)-1]
		}
	}
	for _, name := range names {
		if strings.TrimSpace(name) == "" {
			return "", storage.ErrInvalid
		}
	}
	return strings.Join(names, "/"), nil
}

// requireSame demands the same result, or errors of the same class.
func requireSame(t *testing.T, want string, wantErr error, got string, err error) {
	t.Helper()
	require.ErrorIs(t, err, wantErr)
	if wantErr == nil {
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func FuzzCleanKey(f *testing.F) {
	f.Fuzz(func(t *testing.T, key string) {
		want, wantErr := normalise(key)
		if wantErr == nil && (want == "" || len(want) > storage.MaxKey) {
			wantErr = storage.ErrInvalid
		}
		clean, err := storage.CleanKey(key)
		requireSame(t, want, wantErr, clean, err)
		if err != nil {
			return
		}
		require.Equal(t, path.Clean(clean), clean)
		again, err := storage.CleanKey(clean)
		requireSame(t, clean, nil, again, err)
		require.NoError(t, storage.CheckKey(clean))
		for i := range clean + "/" { // every prefix of a key is a list prefix as it is
			prefix, err := storage.CleanPrefix(clean[:i])
			requireSame(t, clean[:i], nil, prefix, err)
		}
		for _, o := range []*storage.Object{{Key: clean}, {Key: clean, IsDir: true}} {
			after, orDir, err := storage.Options{storage.OptStartAfter: o.PageKey()}.StartAfter(storage.CleanPrefix)
			requireSame(t, strings.TrimSuffix(o.PageKey(), "\x00"), nil, after, err)
			require.Empty(t, orDir)
		}
	})
}

// FuzzCleanPrefix: the whole names of a prefix are normalised, the last one is taken
// as it is.
func FuzzCleanPrefix(f *testing.F) {
	f.Fuzz(func(t *testing.T, prefix string) {
		end := max(strings.LastIndex(prefix, "/"), strings.LastIndex(prefix, `\`)) + 1
		want, wantErr := normalise(prefix[:end])
		if want != "" {
			want += "/"
		}
		want += prefix[end:]
		if wantErr == nil && (strings.Contains(prefix, "\x00") || !utf8.ValidString(prefix)) {
			wantErr = storage.ErrInvalid
		}
		clean, err := storage.CleanPrefix(prefix)
		requireSame(t, want, wantErr, clean, err)
		if err == nil {
			again, err := storage.CleanPrefix(clean)
			requireSame(t, clean, nil, again, err)
		}
	})
}

// FuzzCleanDir: a path is a key, but may be empty.
func FuzzCleanDir(f *testing.F) {
	f.Fuzz(func(t *testing.T, path string) {
		want, wantErr := normalise(path)
		if len(want) > storage.MaxKey {
			wantErr = storage.ErrInvalid
		}
		dir, err := storage.CleanDir(path)
		requireSame(t, want, wantErr, dir, err)
		if err != nil {
			return
		}
		again, err := storage.CleanDir(dir + "/")
		requireSame(t, dir, nil, again, err)
		if dir != "" {
			prefix, err := storage.CleanPrefix(dir + "/")
			requireSame(t, dir+"/", nil, prefix, err)
		}
	})
}

func FuzzCleanBucket(f *testing.F) {
	f.Fuzz(func(t *testing.T, name string) {
		clean, err := storage.CleanBucket(name)
		if strings.TrimSpace(name) == "" || strings.Contains(name, "\x00") || !utf8.ValidString(name) {
			require.ErrorIs(t, err, storage.ErrInvalid)
			return
		}
		require.NoError(t, err)
		want := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(name), `\`, "_"), "/", "_")
		if want == "." || want == ".." {
			want = "_" + want
		}
		require.Equal(t, want, clean)
		again, err := storage.CleanBucket(clean)
		requireSame(t, clean, nil, again, err)
	})
}

// FuzzOptions: an option that the operation does not take, or with a value of
// another type, is refused, and no value reads as another type.
func FuzzOptions(f *testing.F) {
	f.Fuzz(func(t *testing.T, op, key, text string, number int64, kind uint8) {
		values := []struct {
			kind  string
			value any
		}{
			{"nil", nil}, {"bool", number > 0}, {"none", int(number)}, {"text", text}, {"none", []byte(text)},
			{"strings", []string{text}}, {"map", map[string]string{text: text}}, {"hashes", storage.Hashes{text: text}},
			{"time", time.Unix(0, number)}, {"none", time.Duration(number)}, {"any map", map[string]any{text: text}},
			{"any list", []any{text}}, {"none", []any{number}}, {"none", map[string]any{text: number}},
			{"time text", time.Unix(number%(1<<33), 0).UTC().Format(time.RFC3339)},
		}
		v := values[int(kind)%len(values)]
		if _, err := time.Parse(time.RFC3339, text); v.kind == "text" && err == nil {
			v.kind = "time text"
		}
		opts := storage.Options{key: v.value}
		kinds, known := optionKinds[key]
		misspelt := false
		for known := range optionKinds {
			misspelt = misspelt || key != known && folded(key) == folded(known)
		}
		good := v.value == nil || !known && !misspelt || slices.Contains(storage.OptionsOf(op), key) && slices.Contains(kinds, v.kind)
		err := opts.Validate(op)
		if good {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, storage.ErrInvalid)
			require.ErrorContains(t, err, strconv.Quote(key))
		}
		require.Equal(t, v.value == true, opts.Bool(key, false))
		require.Equal(t, v.value != false, opts.Bool(key, true))
		_, isString := opts.String(key)
		require.Equal(t, v.kind == "text" || v.kind == "time text", isString)
		_, isTime := opts.Time(key)
		require.Equal(t, v.kind == "time" || v.kind == "time text", isTime)
		m, isMap := opts.StringMap(key)
		require.Equal(t, v.kind == "map" || v.kind == "any map" || v.kind == "hashes", isMap)
		require.Equal(t, isMap, m[text] == text && len(m) == 1)
		require.Equal(t, v.kind == "strings" || v.kind == "any list", opts.Strings(key) != nil)
	})
}

// folded returns a key in lower case without hyphens and underscores.
func folded(key string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return -1
		}
		return r
	}, key))
}

// FuzzMatchETag: an ETag is found in a list however both are quoted, and not in a
// list of others.
func FuzzMatchETag(f *testing.F) {
	f.Fuzz(func(t *testing.T, a, b, etag string, form uint8) {
		storage.MatchETag(a, b) // must end, whatever they are
		for _, tag := range []string{a, b, etag} {
			if tag == "" || strings.ContainsAny(tag, `",*/`) || strings.TrimSpace(tag) != tag {
				return
			}
		}
		write := func(tag string, form uint8) string {
			return []string{tag, `"` + tag + `"`, `W/"` + tag + `"`, " " + tag + "\t"}[form%4]
		}
		list := write(a, form) + "," + write(b, form>>2)
		require.Equal(t, etag == a || etag == b, storage.MatchETag(list, write(etag, form>>4)))
		require.True(t, storage.MatchETag(list+", *", etag))
		err := storage.CheckConditions(storage.Options{storage.OptIfMatch: list}, &storage.Object{ETag: etag})
		require.Equal(t, etag == a || etag == b, err == nil)
	})
}
