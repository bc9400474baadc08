package filedriver

import (
	"fmt"
	"runtime"
	"strings"

	"open-lake.dev/lib/storage"
)

const (
	ownDir    = ".storage" // holds what is no object
	foldedDir = ".STORAGE" // exists, too, where case is not distinguished
	lockPath  = ownDir + "/lock"
	tempDir   = ownDir + "/tmp"
	metaDir   = ownDir + "/meta"
	uploadDir = ownDir + "/uploads"

	// twinSuffix ends the name of the file of an object beside a directory of its name.
	twinSuffix = "~object"

	// maxName is the length of the longest name, in bytes: what the name of a record
	// leaves of the 255 that file systems take.
	maxName = 225
)

// checkName returns ErrInvalid if no file can have the name.
func checkName(name string) error {
	if strings.HasSuffix(name, twinSuffix) {
		return fmt.Errorf("%w: names that end in %q are reserved", storage.ErrInvalid, twinSuffix)
	}
	return nil
}

// checkKey returns ErrInvalid if no file can have the key.
func checkKey(key string) error {
	for name := range strings.SplitSeq(key, "/") {
		if err := checkName(name); err != nil {
			return err
		}
	}
	return nil
}

// pathOf returns the path of the file of a key, or of a directory, without the slash;
// false if there can be none.
func pathOf(key string) (string, bool) {
	key = strings.TrimSuffix(key, "/")
	if key == ownDir || strings.HasPrefix(key, ownDir+"/") || checkKey(key) != nil {
		return "", false
	}
	if runtime.GOOS == "windows" {
		key = escapePath(key)
	}
	return key, true
}

// nameOf returns the name in a key that a file or directory stands for.
func nameOf(file string) string {
	name := strings.TrimSuffix(file, twinSuffix)
	if runtime.GOOS == "windows" {
		name = unescape(name)
	}
	return name
}

// escapePath escapes each name of a path.
func escapePath(path string) string {
	names := strings.Split(path, "/")
	for i, name := range names {
		names[i] = escape(name)
	}
	return strings.Join(names, "/")
}

// forbidden are the characters that names on Windows cannot have.
const forbidden = `<>:"|?*\`

const hexDigits = "0123456789ABCDEF"

// escape returns the name of a file on Windows that stands for a name: what Windows
// does not take becomes a percent sign and two digits.
func escape(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		last := i == len(name)-1 && (c == '.' || c == ' ')
		device := i == 0 && isDevice(name)
		if c < ' ' || strings.IndexByte(forbidden, c) >= 0 || last || device || c == '%' && isEscape(name[i:]) {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// isDevice reports whether Windows takes the name, with any extension, for a device.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(base, "COM")
	if !ok {
		port, ok = strings.CutPrefix(base, "LPT")
	}
	return ok && (len(port) == 1 && '0' <= port[0] && port[0] <= '9' || port == "¹" || port == "²" || port == "³")
}

// isEscape reports whether s begins with a percent sign and two digits.
func isEscape(s string) bool {
	return len(s) >= 3 && s[0] == '%' && strings.IndexByte(hexDigits, s[1]) >= 0 && strings.IndexByte(hexDigits, s[2]) >= 0
}

// unescape is the inverse of escape.
func unescape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if isEscape(name[i:]) {
			b.WriteByte(byte(strings.IndexByte(hexDigits, name[i+1])<<4 | strings.IndexByte(hexDigits, name[i+2])))
			i += 2
		} else {
			b.WriteByte(name[i])
		}
	}
	return b.String()
}
