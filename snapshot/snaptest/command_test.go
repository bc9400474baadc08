package snaptest_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// inCommandTest is set in the test binaries that TestCommandRunsTheTest starts.
const inCommandTest = "SNAPTEST_TEST_COMMAND"

var oddNames = []string{"plain", "plainer", "with blanks", "year's end (v1)", "a/b", "[x|y]", `back\slash`, "$1", "é", "new\nline", "twice", "twice"}

// TestOddNames fails with a command for each name.
func TestOddNames(t *testing.T) {
	if os.Getenv(inCommandTest) == "" {
		t.Skip("runs within TestCommandRunsTheTest")
	}
	for _, name := range oddNames {
		t.Run(name, func(t *testing.T) { snaptest.Golden(t, snaptest.New(t), "testdata/none.txtar") })
	}
}

// The command that a failed test prints names the package, and runs that test
// and no other.
func TestCommandRunsTheTest(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	run := func(pattern string) string {
		cmd := exec.Command(exe, "-test.run="+pattern)
		cmd.Env = append(os.Environ(), inCommandTest+"=1", "SNAPTEST_UPDATE=")
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		return string(out)
	}
	printed := regexp.MustCompile(`go test open-lake\.dev/lib/storage/snapshot/snaptest -run '([^']*)' -update\n`)
	all := printed.FindAllStringSubmatch(run("^TestOddNames$"), -1)
	require.Len(t, all, len(oddNames))
	for _, command := range all {
		again := printed.FindAllStringSubmatch(run(command[1]), -1)
		require.Equal(t, [][]string{command}, again)
	}
}

func TestCommandOfABenchmark(t *testing.T) {
	noUpdate(t)
	r := record(t, func(tb testing.TB) {
		tb.(*recorder).name = "BenchmarkArchive/big"
		snaptest.Golden(tb, snaptest.New(tb), "testdata/none.txtar")
	})
	require.True(t, strings.HasSuffix(r.failure(t), " -run '^$' -bench '^BenchmarkArchive$/^big$' -update"))
}
