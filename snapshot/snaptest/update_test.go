package snaptest_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/snapshot/snaptest"
	"open-lake.dev/lib/storage/snapshot/snaptest/internal/earlyflag"
)

// owner is set in the test binaries that TestUpdateFlag starts. It says who
// defines -update there.
var owner = os.Getenv(earlyflag.Owner)

func init() {
	switch owner {
	case "late package":
		flag.Bool("update", false, "late")
	case "late package, not boolean":
		flag.String("update", "", "late")
	case "late package, a function":
		flag.BoolFunc("update", "late", func(string) error { return nil })
	case "late package, on by default":
		flag.Bool("update", true, "late")
	}
}

func TestMain(m *testing.M) {
	if owner == "TestMain" {
		flag.Bool("update", false, "TestMain")
		flag.Parse()
	}
	verifyTestMain(m)
}

func TestUpdateFlag(t *testing.T) {
	require.True(t, earlyflag.First, "earlyflag must be initialised before snaptest")
	exe, err := os.Executable()
	require.NoError(t, err)
	for _, tc := range []struct {
		owner string
		args  []string
		want  string // Updating, and the value of -update
	}{
		{"nobody", nil, "false none []"},
		{"nobody", []string{"-update"}, "true none []"},
		{"nobody", []string{"--update=false"}, "false none []"},
		{"nobody", []string{"-snaptest.update"}, "true none []"},
		{"nobody", []string{"-test.count", "1", "-update", "word"}, "true none [word]"},
		{"nobody", []string{"word", "-update"}, "false none [word -update]"},
		{"nobody", []string{"--", "-update"}, "false none [-update]"},
		{"early package", nil, "false false []"},
		{"early package", []string{"-update"}, "true true []"},
		{"late package", nil, "false false []"},
		{"late package", []string{"-update"}, "true true []"},
		{"late package", []string{"--update=false"}, "false false []"},
		{"late package, not boolean", nil, "false  []"},
		{"late package, not boolean", []string{"-update", "some"}, "true some []"},
		{"late package, not boolean", []string{"--update=some=thing"}, "true some=thing []"},
		{"late package, a function", nil, "false  []"},
		{"late package, a function", []string{"-update"}, "true  []"},
		{"late package, on by default", nil, "true true []"},
		{"TestMain", nil, "false false []"},
		{"TestMain", []string{"-update"}, "true true []"},
	} {
		t.Run(fmt.Sprint(tc.owner, tc.args), func(t *testing.T) {
			cmd := exec.Command(exe, append([]string{"-test.run=^TestUpdateFlagOfOwner$", "-test.v=true"}, tc.args...)...)
			cmd.Env = append(os.Environ(), earlyflag.Owner+"="+tc.owner, "SNAPTEST_UPDATE=",
				"GORACE=atexit_sleep_ms=0") // which is a second under -race
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Contains(t, string(out), "updating: "+tc.want+"\n")
		})
	}
}

// TestUpdateFlagOfOwner is what TestUpdateFlag runs.
func TestUpdateFlagOfOwner(t *testing.T) {
	if owner == "" {
		t.Skip("runs within TestUpdateFlag")
	}
	value := "none"
	if f := flag.Lookup("update"); f != nil {
		value = f.Value.String()
	}
	fmt.Printf("updating: %t %s %v\n", snaptest.Updating(), value, flag.Args())
}

func TestUpdateFlagWithABadValue(t *testing.T) {
	require.Error(t, flag.Set("snaptest.update", "perhaps"))
	require.False(t, snaptest.Updating())
}
