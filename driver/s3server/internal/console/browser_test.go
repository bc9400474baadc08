package console_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
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
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(findBrowser(t)), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute))
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
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
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

func link(text string) string { return fmt.Sprintf("//a[contains(., %q)]", text) }

func button(text string) string { return fmt.Sprintf("//button[contains(., %q)]", text) }

// moment finds a snapshot on the time line.
func moment(name string) string { return fmt.Sprintf("//li[h2[contains(., %q)]]", name) }
