package console_test

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// findBrowser returns the path of Chromium. Without one the test is skipped, unless
// STORAGE_REQUIRE_SERVERS=1 demands it.
func findBrowser(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("STORAGE_REQUIRE_SERVERS") == "1" {
		t.Fatal("there is no Chromium; install Debian's package chromium")
	}
	t.Skip("there is no Chromium")
	return ""
}

// browser is a tab of a headless browser that notes what pages do.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	errors   []string
	requests []string
}

// newBrowser starts a browser that ends with the test.
func newBrowser(t *testing.T, more ...chromedp.ExecAllocatorOption) *browser {
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(findBrowser(t)), chromedp.UserDataDir(t.TempDir()))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // which root cannot have
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), append(opts, more...)...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx))
	t.Cleanup(func() { chromedp.Cancel(ctx) })
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.note))
	call(b, network.Enable, network.EnableParams{})
	call(b, cdplog.Enable, cdp.Empty{})
	return b
}

// call sends a command of the DevTools protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	require.NoError(b.t, err)
	return result
}

func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, fmt.Sprint(e.Type, ": ", len(e.Args)))
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

// quiet fails the test if a page wrote to the browser's console or asked another
// origin than these for anything.
func (b *browser) quiet(origins ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b.t, b.errors)
	for _, request := range b.requests {
		u, err := url.Parse(request)
		require.NoError(b.t, err)
		require.Contains(b.t, origins, u.Scheme+"://"+u.Host, request)
	}
	require.NotEmpty(b.t, b.requests)
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.run(chromedp.Navigate(url))
}

// follow clicks on what an XPath finds, and waits for the page behind it.
func (b *browser) follow(xpath string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, chromedp.Click(xpath))
	require.NoError(b.t, err, xpath)
}

// text returns the text of the page's main part.
func (b *browser) text() string {
	b.t.Helper()
	return eval[string](b, `document.querySelector("main").innerText`)
}

// eval returns the value of a script.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err, script)
	return value
}

// put writes an object as an S3 client does.
func put(t *testing.T, srv *s3test.Server, bucket, key, content string, more ...func(*s3.PutObjectInput)) {
	t.Helper()
	in := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(content)}
	for _, f := range more {
		f(in)
	}
	_, err := srv.Client().PutObject(t.Context(), in)
	require.NoError(t, err)
}

func createBucket(t *testing.T, srv *s3test.Server, name string) {
	t.Helper()
	_, err := srv.Client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
	require.NoError(t, err)
}

// picture returns a PNG.
func picture() string {
	img := image.NewRGBA(image.Rect(0, 0, 320, 180))
	for y := range 180 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{uint8(x / 2), uint8(y), uint8(200 - x/3), 255})
		}
	}
	var b bytes.Buffer
	png.Encode(&b, img)
	return b.String()
}

// evil are keys that a page must not take for markup, or let change how it reads.
var evil = []string{
	`<script>document.title="run"</script>`, `"><img src=x onerror=alert(1)>`, `'quotes' & "more"`,
	"invoice\u202Efdp.exe", "two\nlines\tand a tab", "a//b", "/a", "dir/../x", "..", " ", "a/", "a/ü/😀", "javascript:alert(1)", "two\nlines/below",
	strings.Repeat("é", 512), strings.Repeat("x", 1000),
}

// demo fills a server with all that the console shows.
func demo(t *testing.T) *s3test.Server {
	srv := s3test.New(t)
	client := srv.Client()
	for _, name := range []string{"photos", "notes", "odd-names"} {
		createBucket(t, srv, name)
	}
	put(t, srv, "photos", "2026/11/harbour.png", picture(), func(in *s3.PutObjectInput) {
		in.ContentType, in.Tagging, in.Metadata = aws.String("image/png"), aws.String("album=harbour&rating=5"), map[string]string{"camera": "M6", "taken-by": "Ada"}
	})
	put(t, srv, "photos", "2026/10/index.json", "{\n\t\"count\": 3,\n\t\"names\": [\"harbour\", \"quay\"]\n}\n", func(in *s3.PutObjectInput) { in.ContentType = aws.String("application/json") })
	put(t, srv, "photos", "readme.txt", "Pictures by month.\n", func(in *s3.PutObjectInput) { in.ContentType = aws.String("text/plain") })
	put(t, srv, "photos", "raw.bin", strings.Repeat("\x00\x01\xfe", 300))
	upload, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("photos"), Key: aws.String("2026/11/film.mov"), ContentType: aws.String("video/quicktime")})
	require.NoError(t, err)
	for part := range int32(3) {
		_, err := client.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: upload.Bucket, Key: upload.Key, UploadId: upload.UploadId, PartNumber: aws.Int32(part + 1), Body: strings.NewReader("part")})
		require.NoError(t, err)
	}
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("notes"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	require.NoError(t, err)
	for i := range 3 {
		put(t, srv, "notes", "todo.md", fmt.Sprintf("# To do\n\n- %d things\n", i))
	}
	put(t, srv, "notes", "gone.md", "soon\n")
	_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("notes"), Key: aws.String("gone.md")})
	require.NoError(t, err)
	for _, key := range evil {
		_, err := srv.Store().Bucket("odd-names").Write(t.Context(), key, strings.NewReader("<script>document.title='run'</script>\n\u202Ereversed\n"), -1, "text/html", nil)
		require.NoError(t, err, key)
	}
	return srv
}

func link(text string) string { return fmt.Sprintf("//a[contains(., %q)]", text) }

func button(text string) string { return fmt.Sprintf("//button[contains(., %q)]", text) }

// moment finds a snapshot on the time line.
func moment(name string) string { return fmt.Sprintf("//li[h2[contains(., %q)]]", name) }

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

// No script of a name or of content runs, whatever page shows it.
func TestNoScriptOfAnObject(t *testing.T) {
	b := newBrowser(t)
	srv := demo(t)
	b.open(srv.URL() + "/_/console/bucket?bucket=odd-names")
	for _, href := range eval[[]string](b, `[...document.querySelectorAll("tbody a")].map(a => a.href)`) {
		b.open(href)
		require.NotEqual(t, "run", eval[string](b, "document.title"), href)
	}
	b.quiet(srv.URL())
	_, err := srv.Client().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("photos"), Policy: aws.String(
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}]}`)})
	require.NoError(t, err)
	put(t, srv, "photos", "page.html", `<p>text</p><script>document.title="run"</script>`, func(in *s3.PutObjectInput) { in.ContentType = aws.String("text/html") })
	b.open(srv.URL() + "/photos/page.html")
	require.Equal(t, "text", eval[string](b, `document.querySelector("p").innerText`), "the object is shown as a page")
	require.NotEqual(t, "run", eval[string](b, "document.title"))
}

// A page of another origin, even of another port of this host, can neither act nor
// put the console into a frame, and a name that resolves here is not this server's.
func TestElsewhere(t *testing.T) {
	b := newBrowser(t, chromedp.Flag("host-resolver-rules", "MAP evil.example 127.0.0.1"))
	srv := demo(t)
	_, port, _ := strings.Cut(srv.URL(), "127.0.0.1:")
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, attack, srv.URL())
	}))
	t.Cleanup(elsewhere.Close)
	_, evil, _ := strings.Cut(elsewhere.URL, "127.0.0.1:")
	for _, origin := range []string{elsewhere.URL, "http://evil.example:" + evil} {
		b.open(origin)
		require.Equal(t, "framed, asked, acted", eval[string](b, `new Promise(done => { setInterval(() => document.title && done(document.title), 10) })`), "the attack ran")
		_, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS("button")))
		require.NoError(t, err)
		require.Contains(t, b.text(), "Forbidden")
		b.follow(link("Go to the buckets"))
		require.Contains(t, b.text(), "photos")
	}
	require.NotContains(t, get(t, srv, "/_/console/snapshots").body, "evil")
	b.open("http://evil.example:" + port + "/_/")
	require.Contains(t, b.text(), "is not this server")
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Contains(t, strings.Join(b.errors, "\n"), "frame-ancestors")
}

// attack is a page that tries to use a console.
const attack = `<!DOCTYPE html>
<form method="post" action="%[1]s/_/console/take?name=evil"><button>Win a prize</button></form>
<script>
(async () => {
	const frame = document.createElement("iframe");
	frame.src = "%[1]s/_/";
	const loaded = new Promise((done) => { frame.onload = done; });
	document.body.append(frame);
	await loaded;
	await fetch("%[1]s/_/snapshots", {mode: "no-cors"}).then(() => 0, () => 0);
	await fetch("%[1]s/_/snapshots?name=evil", {mode: "no-cors", method: "POST"}).then(() => 0, () => 0);
	await fetch("%[1]s/_/console/take?name=evil", {mode: "no-cors", method: "POST"}).then(() => 0, () => 0);
	document.title = "framed, asked, acted";
})();
</script>`

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

// pages are the addresses of the pages with all that they can show.
func pages(t *testing.T, srv *s3test.Server) []string {
	uploads, err := srv.Client().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: aws.String("photos")})
	require.NoError(t, err)
	return []string{
		"/_/",
		"/_/?at=start",
		"/_/console/bucket?bucket=photos",
		"/_/console/bucket?bucket=odd-names",
		"/_/console/versions?bucket=notes",
		"/_/console/uploads?bucket=photos",
		"/_/console/upload?bucket=photos&key=2026%2F11%2Ffilm.mov&id=" + *uploads.Uploads[0].UploadId,
		"/_/console/object?bucket=photos&key=2026%2F11%2Fharbour.png",
		"/_/console/object?bucket=photos&key=2026%2F10%2Findex.json",
		"/_/console/object?bucket=photos&key=raw.bin",
		"/_/console/object?bucket=notes&key=todo.md",
		"/_/console/object?bucket=notes&key=gone.md",
		"/_/console/object?bucket=odd-names&key=" + url.QueryEscape(evil[3]),
		"/_/console/object?bucket=odd-names&key=" + url.QueryEscape(evil[14]),
		"/_/console/snapshots?done=restored&name=start",
		"/_/console/diff?from=start&to=current",
		"/_/console/diff?from=start&to=start",
		"/_/console/forks",
		"/_/console/nothing",
	}
}

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

// read returns the content of an object as a Go program sees it.
func read(t *testing.T, srv *s3test.Server, bucket, key string) string {
	t.Helper()
	r, _, err := srv.Store().Bucket(bucket).Open(t.Context(), key, 0, 0, nil)
	require.NoError(t, err)
	defer r.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	require.NoError(t, err)
	return b.String()
}
