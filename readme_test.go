package storage_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadme holds the README to what runs: each block of Go in it, pasted into an
// empty file of another module, passes as a test, or runs as a program and prints what
// the comment behind its Println says.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs a module")
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	dir := userModule(t)
	blocks := strings.Split(string(readme), "```go\n")[1:]
	require.NotEmpty(t, blocks)
	for i, block := range blocks {
		code, _, ended := strings.Cut(block, "```")
		require.True(t, ended)
		name, command := "block_test.go", []string{"test", "."}
		if strings.HasPrefix(code, "package main\n") {
			name, command = "main.go", []string{"run", "."}
		}
		pkg := filepath.Join(dir, fmt.Sprint("block", i+1))
		require.NoError(t, os.MkdirAll(filepath.Join(pkg, "testdata"), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(pkg, name), []byte(code), 0o666))
		require.NoError(t, copyFiles(filepath.Join(pkg, "testdata"), "testdata/*.txtar"))
		cmd := exec.Command("go", command...)
		cmd.Dir = pkg
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "block %d:\n%s", i+1, out)
		for _, printed := range printed.FindAllStringSubmatch(code, -1) {
			require.Equal(t, printed[1]+"\n", string(out), "block %d", i+1)
		}
	}
}

var printed = regexp.MustCompile(`fmt\.Println\(.*\) // (.*)`)

// userModule returns the directory of a module that requires this one.
func userModule(t *testing.T) string {
	root, err := os.Getwd()
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	const module = "module open-lake.dev/lib/storage\n"
	require.Contains(t, string(mod), module)
	user := strings.Replace(string(mod), module, "module example.com/user\n", 1) +
		fmt.Sprintf("\nrequire open-lake.dev/lib/storage v0.1.0\nreplace open-lake.dev/lib/storage => %q\n", root)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(user), 0o666))
	require.NoError(t, copyFiles(dir, "go.sum"))
	return dir
}

// copyFiles copies the files that match a pattern.
func copyFiles(to, pattern string) error {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}
