package storage

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAvailable: the error of an unknown scheme names the import that is missing,
// also where no driver is registered.
func TestAvailable(t *testing.T) {
	assert.Equal(t, `import _ "open-lake.dev/lib/storage/driver/memory"`, available("mem", nil))
	assert.Equal(t, `import _ "open-lake.dev/lib/storage/driver/s3"`, available("s3", nil))
	assert.Equal(t, `import _ "open-lake.dev/lib/storage/driver/gocloud" and the driver of gocloud.dev`, available("azblob", nil))
	assert.Equal(t, "no driver is registered; there are drivers to import for azblob, file, gs, mem, s3", available("x", nil))
	var d fake
	all := map[string]Driver{"b": d, "a": d, "file": d, "mem": d, "azblob": d}
	assert.Equal(t, "registered: a, azblob, b, file, mem; there are drivers to import for gs, s3", available("x", all))
	all["gs"], all["s3"] = d, d
	assert.Equal(t, "registered: a, azblob, b, file, gs, mem, s3", available("x", all))
}

type fake struct{ Driver }
