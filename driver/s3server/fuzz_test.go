package s3server

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3api/utils"

	"open-lake.dev/lib/storage"
)

// FuzzControl sends requests to the control API. None is an error of the server's, and
// one that comes from elsewhere changes nothing.
func FuzzControl(f *testing.F) {
	srv := newTestServer(f, func(c *config) { c.maxForks, c.maxSnapshots = 3, 10 })
	host := strings.TrimPrefix(srv.URL(), "http://")
	write(f, srv.Store(), "a", "1")
	for _, path := range []string{"", "snapshots", "snapshots?name=n", "snapshots/start/restore", "snapshots/n/diff?to=current",
		"snapshots/n/golden", "snapshots/start/file", "forks?from=n", "forks/f", "snapshots/..%2f/restore", "?\x00"} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			f.Add(method, path, "")
			f.Add(method, path, "http://evil.example")
		}
	}
	f.Fuzz(func(t *testing.T, method, path, origin string) {
		u, err := url.Parse(srv.URL() + controlPath + path)
		if err != nil {
			return
		}
		r, err := http.NewRequest(method, u.String(), nil)
		if err != nil || !strings.HasPrefix(r.URL.Path, controlPath) {
			return
		}
		r.Host = host
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		before := srv.Store().Snapshot()
		w := httptest.NewRecorder()
		srv.Control().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %q: %d %s", method, path, w.Code, w.Body)
		}
		if origin != "" && origin != "http://"+host && (w.Code != http.StatusForbidden || srv.Store().Snapshot() != before) {
			t.Errorf("%s %q from %q: %d", method, path, origin, w.Code)
		}
	})
}

// FuzzKey puts an object by the SDK, and finds it under its key in the store and in a
// listing.
func FuzzKey(f *testing.F) {
	srv := newTestServer(f)
	client := newTestClient(f, srv)
	ctx, bucket := context.Background(), aws.String("photos")
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		f.Fatal(err)
	}
	empty := srv.Store().Snapshot()
	for _, key := range []string{"a", "a b+c/é", "/a//b/", "%41", "a?b#c", "&<>\"'", "\x01\n\r", "\U0010FFFF", ".s3", "_/"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if !utf8.ValidString(key) || key == "" || len(key) > storage.MaxKey || strings.Contains(key, "\x00") || !utils.IsObjectNameValid(key) {
			return
		}
		for name := range strings.SplitSeq(key, "/") {
			if name == "." || name == ".." {
				return // which HTTP clients resolve
			}
		}
		defer srv.Store().Restore(empty)
		if _, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader("1")}); err != nil {
			t.Fatalf("%q: %v", key, err)
		}
		if o, err := srv.Store().Bucket("photos").Stat(ctx, key, nil); err != nil || o.Key != key {
			t.Errorf("%q is not in the store: %v", key, err)
		}
		list, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, EncodingType: types.EncodingTypeUrl})
		if err != nil || len(list.Contents) != 1 {
			t.Fatalf("%q: %v", key, err)
		}
		if got, err := url.QueryUnescape(*list.Contents[0].Key); err != nil || got != key {
			t.Errorf("%q is listed as %q, %v", key, got, err)
		}
	})
}

// FuzzKept checks that a document that is accepted is XML with its element.
func FuzzKept(f *testing.F) {
	kept := keptDocuments["lifecycle"]
	for _, text := range []string{"<LifecycleConfiguration/>", "<LifecycleConfiguration><a>&amp;</a></LifecycleConfiguration>", "<!-- --><LifecycleConfiguration/>\n", "<a/>", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if kept.check(text) != nil {
			return
		}
		var any struct{ XMLName xml.Name }
		if err := xml.Unmarshal([]byte(text), &any); err != nil || any.XMLName.Local != kept.root {
			t.Errorf("%q was accepted: %v", text, err)
		}
	})
}
