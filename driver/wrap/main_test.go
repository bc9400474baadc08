package wrap_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain demands that no goroutine is left over.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
