package s3driver

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// tap stands between a client and its service.
type tap struct {
	mu       sync.Mutex
	requests []string // methods and the names of what is changed, in order
	fault    func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error)
}

// option puts the tap into a client, which waits little before it tries again.
func (t *tap) option(o *s3.Options) {
	next := o.HTTPClient
	o.HTTPClient = doer(func(req *http.Request) (*http.Response, error) {
		t.mu.Lock()
		t.requests = append(t.requests, describeRequest(req))
		fault := t.fault
		t.mu.Unlock()
		if fault == nil {
			return next.Do(req)
		}
		return fault(req, next.Do)
	})
	o.Retryer = retry.NewStandard(func(so *retry.StandardOptions) { so.MaxBackoff = time.Millisecond })
}

// describeRequest names a request by its method and the operation in its URL.
func describeRequest(req *http.Request) string {
	for _, name := range []string{"uploads", "uploadId", "delete", "list-type"} {
		if req.URL.Query().Has(name) {
			return req.Method + " " + name
		}
	}
	if req.Header.Get("X-Amz-Copy-Source") != "" {
		return req.Method + " copy"
	}
	return req.Method
}

// set sets the fault and forgets the requests.
func (t *tap) set(fault func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests, t.fault = nil, fault
}

// seen returns the requests since the last call of set.
func (t *tap) seen() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.requests)
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(req *http.Request) (*http.Response, error) { return d(req) }

var _ aws.HTTPClient = doer(nil)

// errReset is the error of a connection that broke.
var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// loseFirst does a request of a kind and loses the first answer to it.
func loseFirst(kind string) func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	var once sync.Once
	return func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		res, err := do(req)
		if err != nil || describeRequest(req) != kind {
			return res, err
		}
		lost := false
		once.Do(func() { lost = true })
		if !lost {
			return res, nil
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		return nil, errReset
	}
}

// cutBodies cuts the bodies of the first answers to a GET after some bytes.
func cutBodies(times, after int) func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	var mu sync.Mutex
	return func(req *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		res, err := do(req)
		mu.Lock()
		defer mu.Unlock()
		if err != nil || describeRequest(req) != http.MethodGet || times == 0 {
			return res, err
		}
		times--
		res.Body = &cutBody{res.Body, after}
		return res, nil
	}
}

type cutBody struct {
	io.ReadCloser
	left int
}

func (b *cutBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errReset
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// answer returns an answer of the service itself.
func answer(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Status:     http.StatusText(status),
		Header:     http.Header{"Content-Type": {"application/xml"}},
		Body:       io.NopCloser(strings.NewReader(body)),
		Request:    req,
	}
}

// pattern returns n bytes of which no two blocks agree.
func pattern(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		b.WriteString(time.Unix(int64(i), 0).UTC().String())
	}
	return b.Bytes()[:n]
}
