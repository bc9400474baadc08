package storage

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// DefaultBucket is the bucket that Bucket("") means where a store is not told
// otherwise.
const DefaultBucket = "default"

// CleanKey normalises a key (contract rule K1): it trims outer white space,
// turns \ into /, drops leading slashes and then resolves the path as
// [path.Clean] does, until nothing changes. The result is the key's one
// spelling: CleanKey of it is itself, so a listed object can always be opened.
//
// A key that is empty after that, holds a NUL or is not valid UTF-8 is
// ErrInvalid; one that climbs out with .. is ErrPermission.
func CleanKey(key string) (string, error) {
	clean, err := cleanPath(key)
	if err == nil && clean == "" {
		err = fmt.Errorf("%w: empty key", ErrInvalid)
	}
	return clean, err
}

// CleanPrefix normalises a list prefix (contract rule K2) as [CleanKey] does a
// key, except that a trailing slash counts and an empty prefix is allowed.
func CleanPrefix(prefix string) (string, error) {
	if plain(prefix) {
		return prefix, nil
	}
	prefix = strings.TrimSpace(prefix)
	if !strings.HasSuffix(prefix, "/") && !strings.HasSuffix(prefix, `\`) {
		return cleanPath(prefix)
	}
	// A name behind the slash keeps it, and white space before it.
	const name = "x"
	clean, err := cleanPath(prefix + name)
	return strings.TrimSuffix(clean, name), err
}

// CleanDir normalises the path of a directory as [CleanKey] does a key, except
// that an empty path, the root, is allowed. Of a directory whose name ends in
// white space, pass the path with a slash at the end: the slash is dropped, the
// white space stays.
func CleanDir(dir string) (string, error) {
	clean, err := CleanPrefix(dir)
	return strings.TrimSuffix(clean, "/"), err
}

// CleanBucket normalises the name of a bucket (contract rule K3): it trims outer
// white space, turns / and \ into _, and puts a _ before the names . and ...
// A name that is empty after that, holds a NUL or is not valid UTF-8 is
// ErrInvalid.
func CleanBucket(name string) (string, error) {
	if err := checkText(name); err != nil {
		return "", err
	}
	switch name = bucketSlashes.Replace(strings.TrimSpace(name)); name {
	case "":
		return "", fmt.Errorf("%w: empty bucket name", ErrInvalid)
	case ".", "..":
		return "_" + name, nil
	}
	return name, nil
}

var bucketSlashes = strings.NewReplacer("/", "_", `\`, "_")

// plain reports, by one look at each byte, that K1 leaves p as it is, which holds
// for most keys: ASCII without blanks and controls, no \, and no name that is
// empty or begins with a dot.
func plain(p string) bool {
	first := true // of a name
	for i := range len(p) {
		switch c := p[i]; {
		case c <= ' ' || c >= utf8.RuneSelf || c == '\\' || first && (c == '/' || c == '.'):
			return false
		default:
			first = c == '/'
		}
	}
	return !first
}

// cleanPath does the work of K1, empty paths allowed.
func cleanPath(p string) (string, error) {
	if plain(p) {
		return p, nil
	}
	if err := checkText(p); err != nil {
		return "", err
	}
	for {
		before := p
		p = strings.ReplaceAll(strings.TrimSpace(p), `\`, "/")
		p = path.Clean(strings.TrimLeft(p, "/"))
		switch {
		case p == ".":
			return "", nil
		case p == ".." || strings.HasPrefix(p, "../"):
			return "", fmt.Errorf("%w: .. leads out of the bucket", ErrPermission)
		case p == before:
			return p, nil
		}
	}
}

func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return fmt.Errorf("%w: NUL in a name", ErrInvalid)
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%w: name is not valid UTF-8", ErrInvalid)
	}
	return nil
}
