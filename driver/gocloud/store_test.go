package gocloud

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/drivertest"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// buckets are what stores are opened in. The last two are those of the memory driver,
// which go both ways through this package.
var buckets = []struct {
	name string
	open func(t *testing.T) *blob.Bucket
}{
	{"memblob", func(*testing.T) *blob.Bucket { return memblob.OpenBucket(nil) }},
	{"memblob without MD5", func(*testing.T) *blob.Bucket { return memblob.OpenBucket(&memblob.Options{NoMD5: true}) }},
	{"prefix", func(*testing.T) *blob.Bucket { return blob.PrefixedBucket(memblob.OpenBucket(nil), "some/prefix-") }},
	{"fileblob", openFiles},
	{"memory", func(*testing.T) *blob.Bucket { return OpenBucket(memdriver.Open().Bucket("real"), nil) }},
	{"exact keys", func(*testing.T) *blob.Bucket {
		return OpenBucket(memdriver.Open(memdriver.WithExactKeys()).Bucket("real"), nil)
	}},
}

func openFiles(t *testing.T) *blob.Bucket {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	require.NoError(t, err)
	b, err := fileblob.OpenBucket(dir, &fileblob.Options{NoTempDir: true})
	require.NoError(t, err)
	return b
}

// TestStoreIn runs the contract on stores in buckets of several kinds.
func TestStoreIn(t *testing.T) {
	for _, bucket := range buckets {
		t.Run(bucket.name, func(t *testing.T) {
			drivertest.Run(t, drivertest.Config{Patience: time.Minute, Rounds: 20, Factory: func(t *testing.T) (storage.Storage, func()) {
				b := bucket.open(t)
				st := Open(b)
				return st, func() {
					require.NoError(t, st.Close())
					require.NoError(t, b.Close())
				}
			}})
		})
	}
}
