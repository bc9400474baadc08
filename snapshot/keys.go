package snapshot

import "open-lake.dev/lib/storage"

// The key rules of a value: K1 and K2, or K4 if its keys are exact.

func (s *Snapshot) cleanKey(key string) (string, error) {
	if s.exactKeys {
		return key, storage.CheckKey(key)
	}
	return storage.CleanKey(key)
}

func (s *Snapshot) cleanPrefix(prefix string) (string, error) {
	if s.exactKeys {
		return prefix, nil
	}
	return storage.CleanPrefix(prefix)
}

func (s *Snapshot) cleanDir(path string) (string, error) {
	switch {
	case s.exactKeys && path == "":
		return path, nil
	case s.exactKeys:
		return path, storage.CheckKey(path)
	}
	return storage.CleanDir(path)
}
