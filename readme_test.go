package storage_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	_ "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// upload stands for the code under test in the README.
func upload(ctx context.Context, b storage.Bucket, name, body string) error {
	_, err := b.Write(ctx, name, strings.NewReader(body), int64(len(body)), "image/jpeg", nil)
	return err
}

func TestUpload(t *testing.T) {
	st, err := storage.Open(t.Context(), "mem://")
	require.NoError(t, err)
	defer st.Close()

	require.NoError(t, upload(t.Context(), st.Bucket("photos"), "cat.jpg", "meow"))

	obj, err := st.Bucket("photos").Stat(t.Context(), "cat.jpg", nil)
	require.NoError(t, err)
	require.EqualValues(t, 4, obj.Size)
}

func TestRollback(t *testing.T) {
	st := snaptest.New(t)
	photos := st.Bucket("photos")
	require.NoError(t, upload(t.Context(), photos, "cat.jpg", "meow"))

	t.Run("replace", func(t *testing.T) {
		snaptest.Rollback(t, st)
		require.NoError(t, upload(t.Context(), photos, "cat.jpg", "purr"))
	})
	t.Run("delete", func(t *testing.T) {
		snaptest.Rollback(t, st)
		require.NoError(t, photos.Delete(t.Context(), "cat.jpg", nil))
	})

	_, err := photos.Stat(t.Context(), "cat.jpg", nil)
	require.NoError(t, err, "the subtests left no trace")
}

func TestGolden(t *testing.T) {
	st := snaptest.New(t)
	require.NoError(t, upload(t.Context(), st.Bucket("photos"), "2026/cat.jpg", "meow"))
	snaptest.Golden(t, st, "testdata/photos.txtar")
}

// TestReadme holds the README to what runs: each block of Go in it stands in
// this file, word for word.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	blocks := strings.Split(string(readme), "```go\n")[1:]
	require.Len(t, blocks, 3)
	for _, block := range blocks {
		code, _, ended := strings.Cut(block, "```")
		require.True(t, ended)
		require.Contains(t, string(source), code)
	}
}
