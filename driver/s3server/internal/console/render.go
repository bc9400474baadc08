package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/versity/versitygw/s3err"

	"open-lake.dev/lib/storage"
)

// page is the data of a template.
type page struct {
	Title    string
	Section  string // of the navigation
	Template string
	View     *view // the state it shows; nil if it shows several
	Body     any

	Host   string
	Notice *notice
}

// At returns the state that the page shows, if it is not the current one.
func (p *page) At() *Snapshot {
	if p.View == nil || p.View.Name == Current {
		return nil
	}
	return &p.View.Snapshot
}

//go:embed pages/*.html static/console.css static/console.js
var files embed.FS

var (
	style  = template.CSS(mustRead("static/console.css"))
	script = template.JS(mustRead("static/console.js"))

	// pagePolicy permits a page its own style and script, pictures of this server and
	// forms to it, and nothing else.
	pagePolicy = "default-src 'none'; style-src " + hash(string(style)) + "; script-src " + hash(string(script)) +
		"; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

	// templates are the pages by name. They are parsed when the first is shown, since
	// most servers are started without a person to look at them.
	templates = sync.OnceValue(func() map[string]*template.Template {
		return parse("buckets", "directory", "uploads", "upload", "object", "snapshots", "diff", "forks", "error")
	})
)

func mustRead(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// hash returns the source expression of a policy that permits an inline text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// parse returns the templates of the pages by name.
func parse(names ...string) map[string]*template.Template {
	base := template.Must(template.New("").Funcs(template.FuncMap{
		"name":   visibleName,
		"title":  visibleTitle,
		"escape": url.PathEscape,
		"text":   visibleText,
		"bytes":  formatBytes,
		"number": formatNumber,
		"style":  func() template.CSS { return style },
		"script": func() template.JS { return script },
		"stamp":  func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		"day":    func(t time.Time) string { return t.UTC().Format("2006-01-02") },
		"clock":  func(t time.Time) string { return t.UTC().Format("15:04:05") },
		"home":   func() string { return Home },
		"path":   func(page string) string { return Path + page },
		"act":    func(act, name string) string { return href(act, "name", name) },
	}).ParseFS(files, "pages/layout.html", "pages/parts.html"))
	all := make(map[string]*template.Template)
	for _, name := range names {
		all[name] = template.Must(template.Must(base.Clone()).ParseFS(files, "pages/"+name+".html"))
	}
	return all
}

// Secure sets the headers that keep an answer from pages of other origins.
func Secure(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "strict-origin") // not less: a browser sends no Origin then
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// answer answers a request with a page.
func answer(w http.ResponseWriter, r *http.Request, show func(*http.Request) (*page, error)) {
	p, err := show(r)
	if err != nil {
		fail(w, r, err)
		return
	}
	p.Notice = noticeOf(r)
	write(w, r, http.StatusOK, p)
}

func write(w http.ResponseWriter, r *http.Request, status int, p *page) {
	p.Host = r.Host
	var b bytes.Buffer
	if err := templates()[p.Template].ExecuteTemplate(&b, "layout", p); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	Secure(w.Header(), pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

var errNoPage = fmt.Errorf("%w: there is no such page", storage.ErrNotExist)

// errorPage shows why a request failed.
type errorPage struct {
	Status string
	Reason string
	Again  string // the address that was refused, to be opened from here
}

func fail(w http.ResponseWriter, r *http.Request, err error) { Fail(w, r, Status(err), err) }

// Fail answers a request with a page that shows an error.
func Fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	body := errorPage{Status: http.StatusText(status), Reason: err.Error()}
	for _, kind := range []error{storage.ErrNotExist, storage.ErrNoBucket, storage.ErrInvalid, storage.ErrPermission, storage.ErrQuota} {
		body.Reason = strings.TrimPrefix(body.Reason, kind.Error()+": ") // the status says it
	}
	if status == http.StatusForbidden && r.Method == http.MethodGet {
		if body.Again = r.URL.RequestURI(); !strings.HasPrefix(body.Again, Home) {
			body.Again = Home
		}
	}
	write(w, r, status, &page{Title: body.Status, Template: "error", Body: body})
}

// Status returns the HTTP status for an error.
func Status(err error) int {
	var s3 s3err.S3Error
	switch {
	case errors.As(err, &s3):
		return s3.StatusCode()
	case errors.Is(err, storage.ErrNotExist):
		return http.StatusNotFound
	case errors.Is(err, storage.ErrInvalid):
		return http.StatusBadRequest
	case errors.Is(err, storage.ErrPermission):
		return http.StatusForbidden
	case errors.Is(err, storage.ErrQuota), errors.Is(err, storage.ErrClosed):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// snapshotPath returns the path of a snapshot in the control API.
func snapshotPath(name, what string) string {
	return Home + "snapshots/" + url.PathEscape(name) + "/" + what
}

// formatBytes returns a size for people.
func formatBytes(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n)/1024, 0
	for ; size >= 999.95 && unit < 4; unit++ {
		size /= 1024
	}
	return fmt.Sprintf("%.1f %ciB", size, "KMGTP"[unit])
}

// formatNumber returns a whole number with commas between groups of three digits.
func formatNumber(n any) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
