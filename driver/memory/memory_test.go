package memdriver_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	st := memdriver.Open()
	b := st.Bucket("b")
	for _, k := range []string{"a", "a/b", "a/c/d", "x-y", "x/y", "é"} {
		_, err := b.Write(ctx, k, strings.NewReader("hello "+k), -1, "text/plain", storage.Options{"metadata": map[string]string{"k": k}})
		require.NoError(t, err)
	}
	rc, o, err := b.Open(ctx, "a/b", 2, 5, nil)
	require.NoError(t, err)
	p, _ := io.ReadAll(rc)
	require.Equal(t, "llo a", string(p))
	require.Equal(t, "a/b", o.Key)
	rc, _, _ = b.Open(ctx, "a/b", 2, 5, nil)
	require.NoError(t, iotest.TestReader(rc.(io.ReadSeeker), []byte("llo a")))
	s := st.Snapshot()
	require.Equal(t, 6, s.Len())
	fsys, err := s.BucketFS("b")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(fsys, "a/b", "a/c/d", "x/y", "x-y"))
	require.NoError(t, fstest.TestFS(s.FS(), "b/a/b"))
	_, err = b.(storage.HasDirectories).Directory("a").Move(ctx, "z", nil)
	require.NoError(t, err)
	var ch []string
	for c := range snapshot.Diff(s, st.Snapshot()) {
		ch = append(ch, c.Key)
	}
	require.Equal(t, []string{"a/b", "a/c/d", "z/b", "z/c/d"}, ch)
	require.NoError(t, st.Restore(s))
	for range snapshot.Diff(s, st.Snapshot()) {
		t.Fatal()
	}
	_, err = s.Storage().Bucket("b").Write(ctx, "k", strings.NewReader(""), 0, "", nil)
	require.ErrorIs(t, err, storage.ErrPermission)
	t.Log(err)
	_, err = storage.Open(ctx, "mem://x?bukket=1")
	t.Log(err)
	_, err = storage.Open(ctx, "mam://x?bukket=1")
	t.Log(err)
	t.Log(b.Delete(ctx, "nix", nil))
}
