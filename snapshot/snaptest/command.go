package snaptest

import (
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

// command returns the shell command that rewrites the golden files of a test. It
// names the package by its import path, so that it works in every directory of
// the module.
func command(tb testing.TB) string {
	args := []string{"go test"}
	if info, ok := debug.ReadBuildInfo(); ok {
		args = append(args, buildArgs(info)...)
	}
	if strings.HasPrefix(tb.Name(), "Benchmark") {
		args = append(args, "-run '^$' -bench", pattern(tb.Name()))
	} else {
		args = append(args, "-run", pattern(tb.Name()))
	}
	return strings.Join(append(args, "-"+updateFlag), " ")
}

// buildArgs returns the arguments of go test that name the package and its build
// tags.
func buildArgs(info *debug.BuildInfo) (args []string) {
	for _, setting := range info.Settings {
		if setting.Key == "-tags" {
			args = append(args, "-tags="+setting.Value)
		}
	}
	pkg, ok := strings.CutSuffix(info.Path, ".test")
	if ok && pkg != "command-line-arguments" { // go test of files that were listed
		args = append(args, pkg)
	}
	return args
}

// pattern returns a test's name for -run, quoted for a shell. A dot stands for a
// single quote, which shells escape in different ways.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return "'" + strings.ReplaceAll(strings.Join(parts, "/"), "'", ".") + "'"
}
