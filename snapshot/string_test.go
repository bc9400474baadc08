package snapshot

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

func TestString(t *testing.T) {
	assert.Equal(t, "0 buckets, 0 objects, 0 bytes", (*Snapshot)(nil).String())
	assert.Equal(t, "2 buckets, 7 objects, 640 bytes", sample(t, true).String())
	s, err := new(Snapshot).put(address{"b", "k"}, textObject("x"), changeAt(1, nil))
	require.NoError(t, err)
	assert.Equal(t, "1 bucket, 1 object, 1 byte", s.String())
}

func TestFormatBytes(t *testing.T) {
	for n, want := range map[int64]string{
		1023:          "1023 bytes",
		1024:          "1.0 KiB",
		1536:          "1.5 KiB",
		1<<20 - 1:     "1.0 MiB",
		1<<20 - 60:    "1023.9 KiB",
		5 << 30:       "5.0 GiB",
		1 << 50:       "1.0 PiB",
		math.MaxInt64: "8.0 EiB",
	} {
		assert.Equal(t, want, formatBytes(n), n)
	}
}

func TestMarshalJSON(t *testing.T) {
	for _, v := range []any{new(Snapshot), Snapshot{}, struct{ S *Snapshot }{new(Snapshot)}} {
		_, err := json.Marshal(v)
		require.ErrorIs(t, err, storage.ErrUnsupported)
		require.ErrorContains(t, err, "write it with Save")
	}
}
