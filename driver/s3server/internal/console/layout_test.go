package console_test

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// fill adds snapshots and forks.
func fill(t *testing.T, b *browser, srv *s3test.Server) {
	for _, name := range []string{"first", "second", "third"} {
		b.open(srv.URL() + "/_/console/snapshots")
		b.run(chromedp.SendKeys(chromedp.CSS("#take"), name))
		b.follow("//main" + button("Take a snapshot"))
		put(t, srv, "photos", "2026/12/"+name+".txt", name)
		put(t, srv, "photos", "readme.txt", name)
	}
	for range 2 {
		_, err := srv.Fork(nil)
		require.NoError(t, err)
	}
}

//go:embed testdata/audit.js
var audit string

// At every size and in both schemes, no page scrolls sideways, and all text can be
// read and has the structure that screen readers need. With CONSOLE_SCREENSHOTS set
// to a directory, the pages are written there as pictures.
func TestLayout(t *testing.T) {
	b := newBrowser(t)
	srv := demo(t)
	fill(t, b, srv)
	dir := os.Getenv("CONSOLE_SCREENSHOTS")
	widths := []int64{400, 800, 1280}
	if testing.Short() {
		widths = widths[:1]
	}
	for _, scheme := range []string{"light", "dark"} {
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		for _, width := range widths {
			b.run(chromedp.EmulateViewport(width, 800))
			for i, path := range pages(t, srv) {
				b.open(srv.URL() + path)
				if title := eval[string](b, "document.title"); path != "/_/console/nothing" {
					require.NotContains(t, title, "Not Found", path)
				}
				require.Empty(t, eval[[]string](b, audit), "%s, %s, %d pixels", path, scheme, width)
				if dir != "" {
					shoot(b, filepath.Join(dir, fmt.Sprintf("%02d-%s-%d.png", i, scheme, width)))
				}
			}
		}
	}
}

func shoot(b *browser, path string) {
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: new(true)})
	require.NoError(b.t, os.WriteFile(path, shot.Data, 0o644))
}
