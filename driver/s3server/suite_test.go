package s3server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/tests/integration"
)

// suiteAdmin is the variable that makes the test binary stand in for the command
// versitygw, by which the integration suite creates its users.
const suiteAdmin = "S3SERVER_SUITE_ADMIN"

// suites are the two ways to run the suite, and the tests that fail with the reason.
var suites = map[string]struct {
	options []integration.Option
	failing map[string]string
}{
	"plain":    {nil, failing},
	"versions": {[]integration.Option{integration.WithVersioningEnabled()}, failing},
}

// failing are the tests of the suite that fail, with the reason.
var failing = map[string]string{}

// TestIntegrationSuite runs versitygw's integration suite against the endpoint. A
// test that fails and is not listed fails this one, and so does one that is listed
// and passes.
func TestIntegrationSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite takes minutes")
	}
	for name, suite := range suites {
		t.Run(name, func(t *testing.T) {
			results := runSuite(t, suite.options)
			var failed, passed, skipped int
			for _, test := range slices.Sorted(maps.Keys(results)) {
				r := results[test]
				reason, listed := suite.failing[test]
				switch {
				case r.outcome == "FAIL" && !listed:
					t.Errorf("%s fails: %s", test, r.text)
				case r.outcome == "PASS" && listed:
					t.Errorf("%s passes; it is listed as failing: %s", test, reason)
				}
				switch r.outcome {
				case "FAIL":
					failed++
				case "PASS":
					passed++
				default:
					skipped++
				}
			}
			t.Logf("%d tests: %d pass, %d fail, %d are skipped", len(results), passed, failed, skipped)
		})
	}
}

type suiteResult struct{ outcome, text string }

var (
	suiteColor = regexp.MustCompile("\033\\[[0-9;]*m")
	suiteLine  = regexp.MustCompile(`^(RUN|PASS|FAIL|SKIP)\s+(\S+?):?(?:\s+(.*))?$`)
)

func runSuite(t *testing.T, options []integration.Option) map[string]suiteResult {
	srv := newTestServer(t, WithCredentials("user", "pass"))
	stubVersitygw(t, srv)
	t.Setenv("AWS_CA_BUNDLE", "") // the suite has an HTTP client of its own
	conf := integration.NewS3Conf(append([]integration.Option{
		integration.WithAccess("user"), integration.WithSecret("pass"), integration.WithRegion(srv.Region()),
		integration.WithEndpoint(srv.URL()), integration.WithPartSize(5 << 20), integration.WithConcurrency(1),
	}, options...)...)
	return captured(t, func() {
		state := integration.NewTestState(context.Background(), conf, true)
		integration.TestFullFlow(state)
		state.Wait()
	})
}

// captured runs f and returns the results that it prints.
func captured(t *testing.T, f func()) map[string]suiteResult {
	stdout := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	done := make(chan map[string]suiteResult)
	go func() { done <- suiteResults(r) }()
	start := time.Now()
	f()
	w.Close()
	t.Logf("took %s", time.Since(start).Round(time.Second))
	return <-done
}

func suiteResults(r io.Reader) map[string]suiteResult {
	results := make(map[string]suiteResult)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		m := suiteLine.FindStringSubmatch(suiteColor.ReplaceAllString(lines.Text(), ""))
		if m != nil && m[1] != "RUN" {
			results[m[2]] = suiteResult{m[1], m[3]}
		}
	}
	return results
}

// stubVersitygw puts a command ./versitygw in the working directory, as which the
// test binary does what the suite asks of it.
func stubVersitygw(t *testing.T, srv *Server) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := srv.administer(r.URL.Query()); err != nil {
			fmt.Fprintln(w, err)
		}
	}))
	t.Cleanup(admin.Close)
	dir := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n%s=%s exec %s \"$@\"\n", suiteAdmin, admin.URL, self)
	if err := os.WriteFile(filepath.Join(dir, "versitygw"), []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
}

// administer does what a command of the suite asks for.
func (s *Server) administer(args url.Values) error {
	switch args.Get("do") {
	case "create-user":
		return s.accounts.CreateAccount(auth.Account{Access: args.Get("-a"), Secret: args.Get("-s"), Role: auth.Role(args.Get("-r"))})
	case "change-bucket-owner":
		return s.backend.ChangeBucketOwner(context.Background(), args.Get("-b"), args.Get("-o"))
	case "list-buckets":
		return nil
	}
	return fmt.Errorf("unknown command %q", args.Get("do"))
}

// commandOfSuite runs a command of the suite, in a process of its own.
func commandOfSuite(admin string, args []string) {
	query := make(url.Values)
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case strings.HasPrefix(arg, "-") && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-"):
			query.Set(arg, args[i+1])
			i++
		case !strings.HasPrefix(arg, "-"):
			query.Set("do", arg)
		}
	}
	resp, err := http.Get(admin + "?" + query.Encode())
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	io.Copy(os.Stdout, resp.Body)
}
