package tree

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a goroutine is left running.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
