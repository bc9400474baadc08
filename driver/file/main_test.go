package filedriver

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// children are what this test binary does as a child process of a test, by the value
// of the variable.
var children = map[string]func() error{"crash": crashChild, "count": countChild, "race": raceChild}

const childVariable = "FILEDRIVER_TEST_CHILD"

func TestMain(m *testing.M) {
	if child := children[os.Getenv(childVariable)]; child != nil {
		if err := child(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(3)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
