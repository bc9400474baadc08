package snapshot

import (
	"strings"

	"open-lake.dev/lib/storage"
)

// The key rules of a value: K1 and K2, or K4 if its keys are exact.

func (r rules) cleanKey(key string) (string, error) {
	if r.exactKeys {
		return key, storage.CheckKey(key)
	}
	return storage.CleanKey(key)
}

func (r rules) cleanPrefix(prefix string) (string, error) {
	if r.exactKeys {
		return prefix, nil
	}
	return storage.CleanPrefix(prefix)
}

// cleanDir normalises the path of a directory to the key under which it is listed.
func (r rules) cleanDir(path string) (string, error) {
	switch {
	case r.exactKeys && path == "":
		return path, nil
	case r.exactKeys:
		key := dirKey(dirPrefix(path), true)
		return key, storage.CheckKey(key)
	}
	return storage.CleanDir(path)
}

// dirPrefix returns the beginning of the keys beneath the directory at a path.
func dirPrefix(path string) string {
	if path == "" || strings.HasSuffix(path, "/") {
		return path
	}
	return path + "/"
}

// dirKey returns the key under which a directory is listed, from its path with the
// slash. An exact path whose last name is empty keeps the slash: the directory "/" is
// not the root, nor "a//" the directory "a".
func dirKey(path string, exact bool) string {
	key := strings.TrimSuffix(path, "/")
	if exact && (key == "" || strings.HasSuffix(key, "/")) {
		return path
	}
	return key
}
