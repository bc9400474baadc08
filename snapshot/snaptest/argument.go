package snaptest

import (
	"reflect"
	"slices"
	"testing"
)

const (
	noSnapshot = "the snapshot is nil; a closed store has none, so take it before"
	noStore    = "the store is nil; open one, for example with snaptest.New"
	noFiles    = "the file system is nil; pass an embed.FS, os.DirFS or the like"
	noOption   = "an option is nil; leave it out"
)

// mustTB returns tb, and panics if it is nil, since there is no test to end.
func mustTB(tb testing.TB, function string) testing.TB {
	if isNil(tb) {
		panic("snaptest." + function + ": the testing.TB is nil; pass that of the test")
	}
	return tb
}

// must ends the test with the message unless ok.
func must(tb testing.TB, function string, ok bool, message string) {
	tb.Helper()
	if !ok {
		tb.Fatalf("snaptest.%s: %s", function, message)
	}
}

// isNil reports whether v is nil or holds a nil pointer or function.
func isNil(v any) bool {
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func:
		return value.IsNil()
	}
	return false
}

// allSet reports whether none of the options is nil.
func allSet[T any](opts []T) bool {
	return !slices.ContainsFunc(opts, func(opt T) bool { return isNil(opt) })
}
