package main

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/examples/app/archive"
)

const want = `filed 2025-117 Brook & Sons 80.00
filed 2026-001 Ærø Færger 120.50
filed 2026-002 Brook & Sons 99.50
2026-001 is filed already
open: 2026-002 Brook & Sons 90.00
paid/2025: 2025-117 Brook & Sons 80.00
paid/2026: 2026-001 Ærø Færger 120.50
forgot 2025
open: 2026-002 Brook & Sons 90.00
paid/2026: 2026-001 Ærø Færger 120.50
`

// TestSameOutput runs the program on every engine. That of driver/s3 is tested in its
// module.
func TestSameOutput(t *testing.T) {
	dir := url.URL{Path: filepath.ToSlash(filepath.Join(t.TempDir(), "data"))}
	for _, dsn := range []string{"", "mem://", "mem://?limits=s3&keys=exact&etag=md5", "file://" + dir.EscapedPath() + "?create_dir=true"} {
		t.Setenv("STORAGE_URL", dsn)
		var out strings.Builder
		require.NoError(t, archive.Main(t.Context(), &out), dsn)
		require.Equal(t, want, out.String(), dsn)
	}
}

// TestAgain runs the program twice on one store, as a reader of its documentation will.
func TestAgain(t *testing.T) {
	dir := url.URL{Path: filepath.ToSlash(filepath.Join(t.TempDir(), "data"))}
	t.Setenv("STORAGE_URL", "file://"+dir.EscapedPath()+"?create_dir=true")
	require.NoError(t, archive.Main(t.Context(), io.Discard))
	var out strings.Builder
	require.NoError(t, archive.Main(t.Context(), &out))
	require.Contains(t, out.String(), "2026-001 is paid already\n")
}
