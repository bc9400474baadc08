package console

import (
	"net/url"
	"strings"
)

// href returns the address of a page. The pairs are the names and values of its
// query, of which empty values are left out.
func href(page string, pairs ...string) string {
	query := make(url.Values)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	path := Path + page
	if page == "" {
		path = Home
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// crumb is one step of the path from the list of buckets to an object.
type crumb struct {
	Name string
	Href string // empty for the page itself
}

// maxCrumbs is the number of directories of a path that are shown.
const maxCrumbs = 8

// crumbs returns the path to a directory of a bucket. It leaves out the middle of a
// long one.
func crumbs(at, bucket, dir string) []crumb {
	way := []crumb{{"Buckets", href("", "at", at)}, {bucket, href("bucket", "at", at, "bucket", bucket)}}
	names := strings.SplitAfter(dir, "/")
	names = names[:len(names)-1]
	path := ""
	for i, name := range names {
		path += name
		switch left := len(names) - i; {
		case len(names) > maxCrumbs && i == 1:
			way = append(way, crumb{Name: "…"})
		case i == 0 || left < maxCrumbs:
			way = append(way, crumb{strings.TrimSuffix(name, "/"), href("bucket", "at", at, "bucket", bucket, "dir", path)})
		}
	}
	return way
}

// parent returns the directory that a key is in, with its slash.
func parent(key string) string { return key[:strings.LastIndexByte(key, '/')+1] }

// base returns the name of a key in its directory.
func base(key string) string { return key[len(parent(key)):] }
