package snaptest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/snapshot/snaptest"
)

const rewrite = `go test open-lake.dev/lib/storage/snapshot/snaptest -run '^TestArchive$/^year.s_end_\(v1\)$' -update`

// file returns a path that holds a file with the data.
func file(t *testing.T, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.txtar")
	require.NoError(t, os.WriteFile(path, []byte(data), 0o666))
	return path
}

func TestGoldenMismatch(t *testing.T) {
	noUpdate(t)
	st := snaptest.New(t)
	put(t, st.Bucket("b"), "kept", "kept\n", nil)
	put(t, st.Bucket("b"), "old", "old\n", nil)
	path := file(t, golden(t, st))
	snap := st.Snapshot()
	put(t, st.Bucket("b"), "old", "new\n", nil)
	put(t, st.Bucket("b"), "young", "young", nil)

	r := record(t, func(tb testing.TB) { snaptest.Golden(tb, st, path) })
	require.False(t, r.fatal)
	require.Equal(t, `snaptest.Golden: the store (+) is not as the golden file (-) says:
--- `+path+`
+++ store
@@ -1,4 +1,4 @@
-bucket b: 2 objects, 9 bytes
+bucket b: 3 objects, 14 bytes
 -- b/kept --
 size: 5
 etag: d60451d3c6f6bd8d
@@ -6,6 +6,12 @@ -- b/kept --
 kept
 -- b/old --
 size: 4
-etag: 629cdf7d0335bb19
-
-old
+etag: 7f4571aade826686
+
+new
+-- b/young --
+size: 5
+etag: 1686c102b8c5e526
+
+young
+\ No newline at end of file
If the store is right, rewrite the file:
    `+rewrite, r.failure(t))

	require.NoError(t, st.Restore(snap))
	r = record(t, func(tb testing.TB) { snaptest.Golden(tb, st, path) })
	require.Empty(t, r.failures)
}

func TestGoldenFileThatIsMissing(t *testing.T) {
	noUpdate(t)
	path := filepath.Join(t.TempDir(), "none.txtar")
	r := record(t, func(tb testing.TB) { snaptest.Golden(tb, snaptest.New(tb), path) })
	require.Equal(t, "snaptest.Golden: there is no golden file "+path+"; to write it, and then read what it says:\n    "+rewrite, r.failure(t))
	require.NoFileExists(t, path)
}

func TestGoldenFileThatIsDamaged(t *testing.T) {
	noUpdate(t)
	st := snaptest.New(t)
	put(t, st.Bucket("b"), "one", "1\n", nil)
	put(t, st.Bucket("c"), "two", "2\n", nil)
	whole := golden(t, st)
	for name, tc := range map[string]struct{ file, want string }{
		"cut off":        {whole[:strings.Index(whole, "-- c/two")], ", which is damaged: its bucket lines count 2 objects, but it has 1:\n"},
		"cut in a line":  {whole[:strings.Index(whole, "/two")], ", which is damaged: its bucket lines count 2 objects, but it has 1:\n"},
		"broken marker":  {strings.Replace(whole, "-- b/one --", "-- b/one -", 1), ", which is damaged: its bucket lines count 2 objects, but it has 1:\n"},
		"no header":      {whole[strings.Index(whole, "--"):], ", which is damaged or something else: it does not begin with a line like"},
		"empty":          {"", ", which is damaged or something else: it does not begin with a line like"},
		"something else": {"\x00\x01\x02", ", which is damaged or something else: it does not begin with a line like"},
		"another store":  {"no buckets\n", "(-) says:\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, func(tb testing.TB) { snaptest.Golden(tb, st, file(t, tc.file)) })
			require.Contains(t, r.failure(t), "snaptest.Golden: the store (+) is not as the golden file (-) says"+strings.TrimPrefix(tc.want, "(-) says"))
			require.True(t, strings.HasSuffix(r.failure(t), "If the store is right, rewrite the file:\n    "+rewrite))
		})
	}
}

func TestGoldenFileWithOtherLineEnds(t *testing.T) {
	noUpdate(t)
	whole := golden(t, odd(t))
	for name, data := range map[string]string{
		"Windows":         strings.ReplaceAll(whole, "\n", "\r\n"),
		"no last newline": strings.TrimSuffix(whole, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, func(tb testing.TB) { snaptest.Golden(tb, odd(t), file(t, data)) })
			require.Empty(t, r.failures)
		})
	}
}

func TestGoldenPathThatIsADirectory(t *testing.T) {
	noUpdate(t)
	dir := t.TempDir()
	r := record(t, func(tb testing.TB) { snaptest.Golden(tb, snaptest.New(tb), dir) })
	require.Contains(t, r.failure(t), "snaptest.Golden: cannot read the golden file "+dir+": ")
	require.Contains(t, r.failure(t), "; make it a readable file, or choose another path")
}

func TestUpdate(t *testing.T) {
	for name, on := range map[string]func(t *testing.T){
		"by flag":        update,
		"by environment": func(t *testing.T) { noUpdate(t); t.Setenv("SNAPTEST_UPDATE", "1") },
	} {
		t.Run(name, func(t *testing.T) {
			on(t)
			require.True(t, snaptest.Updating())
			path := filepath.Join(t.TempDir(), "deep", "er", "store.txtar")
			for range 2 {
				r := record(t, func(tb testing.TB) {
					st := snaptest.New(tb)
					put(t, st.Bucket("b"), "k", "v\n", nil)
					snaptest.Golden(tb, st, path)
				})
				require.Empty(t, r.failures)
			}
			noUpdate(t)
			require.False(t, snaptest.Updating())
			r := record(t, func(tb testing.TB) { snaptest.Golden(tb, snaptest.New(tb), path) })
			require.Contains(t, r.failure(t), "-bucket b: 1 object, 2 bytes\n")
		})
	}
}

// An update leaves a file alone that says the same.
func TestUpdateOfAFileThatIsRight(t *testing.T) {
	update(t)
	st := snaptest.New(t)
	put(t, st.Bucket("b"), "k", "v\n", nil)
	windows := strings.ReplaceAll(golden(t, st), "\n", "\r\n")
	path := file(t, windows)
	r := record(t, func(tb testing.TB) { snaptest.Golden(tb, st, path) })
	require.Empty(t, r.failures)
	require.Empty(t, r.logs)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, windows, string(data))

	path = file(t, "no buckets\n")
	r = record(t, func(tb testing.TB) { snaptest.Golden(tb, st, path) })
	require.Equal(t, []string{"snaptest.Golden: wrote " + path}, r.logs)
}

func TestUpdateOfAnUnwritableFile(t *testing.T) {
	update(t)
	notADir := file(t, "")
	for name, path := range map[string]string{
		"the parent is a file": filepath.Join(notADir, "store.txtar"),
		"it is a directory":    t.TempDir(),
		"it is empty":          "",
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, func(tb testing.TB) { snaptest.Golden(tb, snaptest.New(tb), path) })
			require.True(t, r.fatal)
			require.Contains(t, r.failure(t), "snaptest.Golden: cannot write the golden file "+path+": ")
			require.Contains(t, r.failure(t), "; make the path writable, or choose another")
		})
	}
}
