package console_test

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/s3test"
)

// pageThrough follows the links to the next page and returns the addresses of all
// objects that the pages list.
func pageThrough(t *testing.T, srv *s3test.Server, path, kind, listed string) (all []string, pages int) {
	t.Helper()
	for path != "" {
		r := get(t, srv, path)
		all, pages = append(all, r.hrefs(listed)...), pages+1
		path = ""
		if m := regexp.MustCompile(`href="([^"]*)" rel="next"`).FindStringSubmatch(r.body); m != nil {
			path = html.UnescapeString(m[1])
			require.Contains(t, path, kind)
		}
		require.Equal(t, pages > 1, strings.Contains(r.body, ">First<"), "page %d", pages)
	}
	return all, pages
}

func TestPaging(t *testing.T) {
	srv := s3test.New(t)
	require.NoError(t, srv.Store().Update(t.Context(), func(tx storage.Storage) error {
		for i := range 250 {
			for _, key := range []string{fmt.Sprintf("dir/%03d", i), fmt.Sprintf("%03d/x", i), fmt.Sprintf("%03d", i)} {
				if _, err := tx.Bucket("many").Write(context.Background(), key, strings.NewReader("x"), 1, "", nil); err != nil {
					return err
				}
			}
			if _, err := tx.CreateBucket(context.Background(), fmt.Sprintf("bucket-%03d", i), nil); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, test := range []struct {
		path, kind, listed string
		count, pages       int
	}{
		{"/_/console/bucket?bucket=many&dir=dir%2F", "bucket", "object", 250, 3},
		{"/_/console/bucket?bucket=many&dir=dir%2F&find=1", "bucket", "object", 100, 1},
		{"/_/console/bucket?bucket=many&find=dir%2F0", "bucket", "object", 100, 1},
		{"/_/console/bucket?bucket=many", "bucket", "object", 250, 6},
		{"/_/console/versions?bucket=many&dir=dir%2F", "versions", "object", 250, 3},
		{"/_/console/versions?bucket=many", "versions", "object", 250, 6},
	} {
		all, pages := pageThrough(t, srv, test.path, test.kind, test.listed)
		seen := make(map[string]bool)
		for _, href := range all {
			require.False(t, seen[href], "%s: %s comes twice", test.path, href)
			seen[href] = true
		}
		require.Len(t, all, test.count, test.path)
		require.Equal(t, test.pages, pages, test.path)
	}
	_, pages := pageThrough(t, srv, "/_/", "after", "bucket")
	require.Equal(t, 3, pages)
}

// The longest keys fit in the addresses of the pages that list them.
func TestLongKeysPage(t *testing.T) {
	srv := s3test.New(t)
	dir := strings.Repeat("é", 400) + "/"
	for i := range 101 {
		writeObject(t, srv, "long", fmt.Sprintf("%s%03d%s", dir, i, strings.Repeat("\u202E", 73)), "x")
	}
	all, pages := pageThrough(t, srv, "/_/console/bucket?bucket=long&dir="+url.QueryEscape(dir), "bucket", "object")
	require.Len(t, all, 101)
	require.Equal(t, 2, pages)
	for _, href := range all {
		get(t, srv, href)
	}
}

func TestVersionsOfAnObject(t *testing.T) {
	srv := s3test.New(t)
	createBucket(t, srv, "notes")
	put(t, srv, "notes", "a", "before versions")
	_, err := srv.Client().PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("notes"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	require.NoError(t, err)
	for i := range 150 {
		put(t, srv, "notes", "a", fmt.Sprint("version ", i))
		put(t, srv, "notes", "ab", "another key")
	}
	page := get(t, srv, "/_/console/object?bucket=notes&key=a")
	require.Contains(t, page.text(), "version 149")
	all := page.hrefs("object")
	require.Len(t, all, 101, "100 versions, and the link to older ones")
	require.Contains(t, get(t, srv, all[1]).text(), "version 148")
	older := get(t, srv, all[100])
	rest := older.hrefs("object")
	require.Len(t, rest, 52, "51 versions, and the link to the newest")
	require.Contains(t, get(t, srv, rest[50]).text(), "before versions")
	require.Contains(t, get(t, srv, rest[50]).text(), "Show the latest")
}

// A long list of changes is cut, and counted.
func TestManyChanges(t *testing.T) {
	srv := s3test.New(t)
	require.NoError(t, srv.Store().Update(t.Context(), func(tx storage.Storage) error {
		for i := range 1500 {
			if _, err := tx.Bucket("many").Write(context.Background(), fmt.Sprint(i), strings.NewReader("x"), 1, "", nil); err != nil {
				return err
			}
		}
		return nil
	}))
	diff := get(t, srv, "/_/console/diff?from=start&to=current")
	require.Len(t, diff.hrefs("object"), 500)
	require.Contains(t, diff.text(), "1,500 created")
	require.Contains(t, diff.text(), "the first 500 of 1,500 objects")
	require.Contains(t, get(t, srv, "/_/console/snapshots").text(), "+1,000 created and more")
	for i := range 60 {
		post(t, srv, fmt.Sprintf("/_/console/take?name=s%d", i))
	}
	_, pages := pageThrough(t, srv, "/_/console/snapshots", "snapshots", "diff")
	require.Equal(t, 3, pages)
}
