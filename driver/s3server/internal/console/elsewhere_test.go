package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

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
