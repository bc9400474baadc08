package storage_test

import (
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// normalise is rule K1 step by step: an oracle for the cleaning of keys.
func normalise(key string) (string, error) {
	if strings.Contains(key, "\x00") || !utf8.ValidString(key) {
		return "", storage.ErrInvalid
	}
	for {
		var names []string
		for _, name := range strings.Split(strings.ReplaceAll(strings.TrimSpace(key), `\`, "/"), "/") {
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
		clean := strings.Join(names, "/")
		if clean == key {
			return clean, nil
		}
		key = clean
	}
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
		if want == "" && wantErr == nil {
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
		prefix, err := storage.CleanPrefix(clean)
		requireSame(t, clean, nil, prefix, err)
		prefix, err = storage.CleanPrefix(clean + "/")
		requireSame(t, clean+"/", nil, prefix, err)
	})
}

// FuzzCleanPrefix: a prefix is the key that it would be with a name behind it,
// less the name.
func FuzzCleanPrefix(f *testing.F) {
	f.Fuzz(func(t *testing.T, prefix string) {
		given := strings.TrimSpace(prefix)
		want, wantErr := normalise(given)
		if strings.HasSuffix(given, "/") || strings.HasSuffix(given, `\`) {
			want, wantErr = normalise(given + "name")
			want = strings.TrimSuffix(want, "name")
		}
		clean, err := storage.CleanPrefix(prefix)
		requireSame(t, want, wantErr, clean, err)
		dir, dirErr := storage.CleanDir(prefix)
		requireSame(t, strings.TrimSuffix(want, "/"), wantErr, dir, dirErr)
		if err != nil {
			return
		}
		again, err := storage.CleanPrefix(clean)
		requireSame(t, clean, nil, again, err)
		again, err = storage.CleanDir(dir + "/")
		requireSame(t, dir, nil, again, err)
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

// optionTypes are the types that the known options take.
var optionTypes = map[string]string{
	"public": "bool", "metadata": "map", "force": "bool", "upsert": "bool", "checksum_algorithms": "strings",
	"checksum": "map hashes", "if_match": "string", "if_none_match": "string", "if_modified_since": "time",
	"if_unmodified_since": "time", "recursive": "bool", "files_only": "bool", "dirs_only": "bool", "start_after": "string",
}

// FuzzOptions: an option of a type it does not take is told, and none reads as
// another type.
func FuzzOptions(f *testing.F) {
	f.Fuzz(func(t *testing.T, key, text string, number int64, kind uint8) {
		values := []struct {
			kind  string
			value any
		}{
			{"nil", nil}, {"bool", number > 0}, {"int", int(number)}, {"string", text}, {"bytes", []byte(text)},
			{"strings", []string{text}}, {"map", map[string]string{text: text}}, {"hashes", storage.Hashes{text: text}},
			{"time", time.Unix(0, number)}, {"duration", time.Duration(number)}, {"any map", map[string]any{text: text}},
		}
		v := values[int(kind)%len(values)]
		opts := storage.Options{key: v.value}
		takes, known := optionTypes[key]
		err := opts.Validate()
		if known && !strings.Contains(" "+takes+" ", " "+v.kind+" ") {
			require.ErrorIs(t, err, storage.ErrInvalid)
			require.ErrorContains(t, err, key)
		} else {
			require.NoError(t, err)
		}
		require.Equal(t, v.kind == "bool" && v.value == true, opts.Bool(key, false))
		require.Equal(t, v.kind != "bool" || v.value == true, opts.Bool(key, true))
		_, isString := opts.String(key)
		require.Equal(t, v.kind == "string", isString)
		_, isTime := opts.Time(key)
		require.Equal(t, v.kind == "time", isTime)
		m, isMap := opts.StringMap(key)
		require.Equal(t, v.kind == "map" || v.kind == "hashes", isMap)
		require.Equal(t, isMap, m[text] == text && len(m) == 1)
		require.Equal(t, v.kind == "strings", opts.Strings(key) != nil)
	})
}
