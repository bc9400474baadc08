package storage

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// DefaultBucket is the bucket that Bucket("") means unless the store was opened
// with another default.
const DefaultBucket = "default"

// MaxKey is the length of the longest key, in bytes, after it is normalised (K1).
const MaxKey = 1024

// CleanKey normalises a key (contract rule K1). It turns \ into /, drops empty
// names and names ".", and resolves "..", so that a leading, trailing or doubled
// slash makes no difference. The names themselves, blanks included, stay as they
// are. CleanKey of its result is the result.
//
// It returns ErrInvalid for a key that is empty after that or longer than
// [MaxKey] bytes, has a name of only white space, holds a NUL or is not valid
// UTF-8, and ErrPermission for one that leads out of the bucket by "..". It takes
// time and memory linear in the key.
func CleanKey(key string) (string, error) {
	clean, err := cleanPath(key)
	if err == nil && clean == "" {
		err = fmt.Errorf("%w: empty key", ErrInvalid)
	}
	if err == nil && len(clean) > MaxKey {
		return "", fmt.Errorf("%w: the key has %d bytes, the most are %d", ErrInvalid, len(clean), MaxKey)
	}
	return clean, err
}

// CheckKey returns nil if key can be one in a store with exact keys (contract rule
// K4): valid UTF-8 of 1 to [MaxKey] bytes. Such a store takes keys as they are.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: empty key", ErrInvalid)
	case len(key) > MaxKey:
		return fmt.Errorf("%w: the key has %d bytes, the most are %d", ErrInvalid, len(key), MaxKey)
	case !utf8.ValidString(key):
		return fmt.Errorf("%w: the key is not valid UTF-8", ErrInvalid)
	}
	return nil
}

// CleanPrefix normalises a list prefix (contract rule K2). What ends in a slash is
// normalised as [CleanKey] does and keeps the slash; what follows the last slash
// stays as it is, for a name may begin with anything. An empty prefix is allowed.
func CleanPrefix(prefix string) (string, error) {
	if plain(prefix) {
		return prefix, nil
	}
	i := strings.LastIndexAny(prefix, `/\`) + 1
	dir, err := cleanPath(prefix[:i])
	if err == nil {
		err = checkText(prefix[i:])
	}
	if err != nil {
		return "", err
	}
	if dir != "" {
		dir += "/"
	}
	return dir + prefix[i:], nil
}

// CleanDir normalises the path of a directory as [CleanKey] does a key, except
// that an empty path, the root, is allowed. The result has no trailing slash.
func CleanDir(dir string) (string, error) {
	clean, err := cleanPath(dir)
	if err == nil && len(clean) > MaxKey {
		return "", fmt.Errorf("%w: the path has %d bytes, the most are %d", ErrInvalid, len(clean), MaxKey)
	}
	return clean, err
}

// CleanBucket normalises the name of a bucket (contract rule K3). It trims outer
// white space, turns / and \ into _, and puts a _ before the names "." and "..".
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

// plain reports whether p is clean, by one look at each byte. It may say no to a
// clean path, but not to most: it knows ASCII without blanks, controls, \ and
// names that are empty or begin with a dot.
func plain(p string) bool {
	first := true // byte of a name
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

// cleanPath applies K1 to a path of any length, the empty one allowed.
func cleanPath(p string) (string, error) {
	if plain(p) {
		return p, nil
	}
	if err := checkText(p); err != nil {
		return "", err
	}
	var clean []byte
	for p != "" {
		name := p
		if i := strings.IndexAny(p, `/\`); i >= 0 {
			name, p = p[:i], p[i+1:]
		} else {
			p = ""
		}
		switch name {
		case "", ".":
		case "..":
			if len(clean) == 0 {
				return "", fmt.Errorf("%w: .. leads out of the bucket", ErrPermission)
			}
			clean = clean[:max(bytes.LastIndexByte(clean, '/'), 0)]
		default:
			if len(clean) > 0 {
				clean = append(clean, '/')
			}
			clean = append(clean, name...)
		}
	}
	if err := checkNames(string(clean)); err != nil {
		return "", err
	}
	return string(clean), nil
}

// checkNames returns ErrInvalid if a name in a clean path is only white space.
func checkNames(path string) error {
	for name := range strings.SplitSeq(path, "/") {
		if path != "" && strings.TrimSpace(name) == "" {
			return fmt.Errorf("%w: a name of only white space", ErrInvalid)
		}
	}
	return nil
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

// HasExactKeys is a [Storage] or [Bucket] that may have exact keys (contract rule
// K4).
type HasExactKeys interface {
	// ExactKeys reports whether keys are taken as they are.
	ExactKeys() bool
}
