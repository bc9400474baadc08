package memdriver_test

import (
	"flag"
	"os"
	"runtime/debug"
	"slices"
	"testing"

	"go.uber.org/goleak"
)

// TestMain sets the size of TestModel, unless flags or the variables of rapid do, and
// demands that no goroutine is left over.
func TestMain(m *testing.M) {
	checks := "300"
	if raceEnabled() {
		checks = "60"
	}
	if os.Getenv("RAPID_CHECKS") == "" {
		flag.Set("rapid.checks", checks)
	}
	if os.Getenv("RAPID_STEPS") == "" {
		flag.Set("rapid.steps", "500")
	}
	goleak.VerifyTestMain(m)
}

// raceEnabled reports whether the race detector is on, which makes everything slower.
func raceEnabled() bool {
	info, _ := debug.ReadBuildInfo()
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
