package storage

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAvailable: the error of an unknown scheme names the import that is missing,
// also where no driver is registered.
func TestAvailable(t *testing.T) {
	missing := `; for file:// import _ "open-lake.dev/lib/storage/driver/file"` +
		`; for mem:// import _ "open-lake.dev/lib/storage/driver/memory"`
	assert.Equal(t, "no driver is registered"+missing, available(nil))
	var d fake
	assert.Equal(t, "registered: a, b"+missing, available(map[string]Driver{"b": d, "a": d}))
	assert.Equal(t, "registered: file, mem", available(map[string]Driver{"file": d, "mem": d}))
}

type fake struct{ Driver }
