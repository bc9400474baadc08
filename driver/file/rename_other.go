//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package filedriver

// renameOnce renames a file.
func (e *files) renameOnce(from, to string) error { return e.root.Rename(from, to) }
