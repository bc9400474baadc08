package console_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

func TestWalk(t *testing.T) {
	b := newBrowser(t)
	srv := demo(t)
	b.open(srv.URL() + "/_/")
	b.follow(link("photos"))
	b.follow(link("2026/"))
	b.follow(link("11/"))
	b.follow(link("harbour.png"))
	require.Equal(t, 320, eval[int](b, `document.querySelector(".picture img").naturalWidth`), "the picture is shown")
	require.Subset(t, strings.Fields(b.text()), []string{"image/png", "album", "harbour", "camera", "M6"})
	b.follow(link("photos"))
	b.follow(link("readme.txt"))
	require.Contains(t, b.text(), "Pictures by month.")

	b.follow(link("Snapshots"))
	b.run(chromedp.SendKeys(chromedp.CSS("#take"), "before the change"))
	b.follow("//main" + button("Take a snapshot"))
	require.Contains(t, b.text(), "Took the snapshot before the change.")
	put(t, srv, "photos", "readme.txt", "Changed.\n")
	put(t, srv, "photos", "new.txt", "new\n")
	_, err := srv.Client().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("photos"), Key: aws.String("raw.bin")})
	require.NoError(t, err)
	b.follow(link("Snapshots"))
	b.follow(moment("before the change") + link("Compare"))
	require.Contains(t, strings.Join(strings.Fields(b.text()), " "), "1 created 1 changed 1 removed")
	require.Contains(t, b.text(), "photos/readme.txt")
	b.follow(link("before")) // the old content
	require.Contains(t, b.text(), "Pictures by month.")
	require.Contains(t, eval[string](b, `document.querySelector(".past").innerText`), "before the change")

	b.follow("//aside" + button("Restore"))
	require.Contains(t, b.text(), "Restored the snapshot before the change.")
	require.Equal(t, "Pictures by month.\n", read(t, srv, "photos", "readme.txt"))
	b.follow("//main" + button("Undo"))
	require.Equal(t, "Changed.\n", read(t, srv, "photos", "readme.txt"))
	b.follow("//main" + button("Undo"))
	require.Equal(t, "Pictures by month.\n", read(t, srv, "photos", "readme.txt"), "undo is undone")

	b.follow(moment("before the change") + button("Fork"))
	require.Contains(t, b.text(), "Started the fork")
	fork := eval[string](b, `document.querySelector("main code").innerText`)
	b.follow(link("Console of fork"))
	require.Equal(t, fork+"/_/", eval[string](b, "location.href"))
	b.follow(link("photos"))
	require.Contains(t, b.text(), "raw.bin")
	b.quiet(srv.URL(), fork)
}

// A page is complete without script.
func TestWithoutScript(t *testing.T) {
	b := newBrowser(t)
	srv := demo(t)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(srv.URL() + "/_/console/bucket?bucket=photos")
	b.run(chromedp.SendKeys(chromedp.CSS("#find"), "2026/11/ha"))
	b.follow("//main" + button("Show"))
	b.follow(link("harbour.png"))
	b.open(srv.URL() + "/_/console/bucket?bucket=odd-names&dir=two%0Alines%2F")
	b.run(chromedp.SendKeys(chromedp.CSS("#find"), "be"))
	b.follow("//main" + button("Show"))
	b.follow(link("below"))
	b.follow(link("Snapshots"))
	b.follow("//main" + button("Take a snapshot"))
	b.follow(moment("start") + button("Restore"))
	require.Zero(t, srv.Store().Snapshot().Len())
	b.follow("//main" + button("Undo"))
	require.NotZero(t, srv.Store().Snapshot().Len())
	b.quiet(srv.URL())
}

// Everything that can be clicked on can be reached by Tab, shows the focus, and works
// by Enter.
func TestKeyboard(t *testing.T) {
	b := newBrowser(t)
	srv := demo(t)
	for _, path := range pages(t, srv) {
		b.open(srv.URL() + path)
		want := eval[int](b, `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']")].filter(e => e.checkVisibility()).length`)
		seen := 0
		for {
			b.run(chromedp.KeyEvent(kb.Tab))
			if eval[bool](b, `document.activeElement === document.body || document.activeElement.dataset.seen === "1"`) {
				break
			}
			seen++
			require.True(t, eval[bool](b, `(() => {
				const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
				e.dataset.seen = "1";
				return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.bottom > 0 && box.right > 0;
			})()`), "%s: the focus on element %d cannot be seen", path, seen)
		}
		require.Equal(t, want, seen, path)
	}
	b.open(srv.URL() + "/_/")
	b.run(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	require.Equal(t, "main", eval[string](b, "document.activeElement.id"), "the skip link")
	b.run(chromedp.KeyEvent(kb.Tab))
	_, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter))
	require.NoError(t, err)
	require.Equal(t, "notes", eval[string](b, `new URL(location.href).searchParams.get("bucket")`))
	b.run(chromedp.KeyEvent("/"))
	require.Equal(t, "find", eval[string](b, "document.activeElement.id"))
}
