// Package earlyflag stands in a test for a library that defines the flag
// -update and that Go initialises before snaptest.
package earlyflag

import (
	"flag"
	"os"
)

// Owner is the environment variable that names who defines -update.
const Owner = "SNAPTEST_TEST_FLAG_OWNER"

// First reports whether snaptest was still uninitialised.
var First = flag.Lookup("snaptest.update") == nil

func init() {
	if os.Getenv(Owner) == "early package" {
		flag.Bool("update", false, "early")
	}
}
