package memdriver_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

// TestDSNLoad: a store starts from a saved snapshot, whose file stays as it is.
func TestDSNLoad(t *testing.T) {
	t.Chdir(t.TempDir())
	fixture := memdriver.Open()
	put(t, fixture.Bucket("b"), "k", "l")
	for _, path := range []string{"fixture.tar", filepath.Join("sub dir", "a+b&c=é%.tar")} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, fixture.Snapshot().SaveFile(path))
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		for range 2 {
			st, err := storage.Open(ctx, "mem://?load="+url.QueryEscape(path)+"&keys=exact&bucket=b")
			require.NoError(t, err)
			defer st.Close()
			s := st.(snapshot.Store).Snapshot()
			assert.Equal(t, 2, s.Len())
			assert.True(t, s.ExactKeys())
			put(t, st.Bucket(""), "more")
		}
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, after)
	}
}

// TestDSNLoadFails: the error names the parameter and the file.
func TestDSNLoadFails(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("text", []byte("text"), 0o666))
	for dsn, is := range map[string]error{
		"mem://?load=missing.tar": fs.ErrNotExist,
		"mem://?load=text":        storage.ErrInvalid,
	} {
		st, err := storage.Open(ctx, dsn)
		assert.Nil(t, st)
		require.ErrorIs(t, err, is)
		require.ErrorIs(t, err, storage.ErrInvalid)
		assert.ErrorContains(t, err, `parameter "load": `)
		assert.ErrorContains(t, err, dsn[len("mem://?load="):])
	}
	_, err := storage.Open(ctx, "mem://?load=%zz")
	require.ErrorContains(t, err, "not escaped as in a URL")
}
