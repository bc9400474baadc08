// Package golden shows how a test compares a whole store with a golden file. The
// technique is in golden_test.go.
//
// The code under test publishes photo albums as web pages in a bucket: an album's
// photos, a page that shows them, and an index that links to all albums.
package golden

import (
	"bytes"
	"context"
	"html/template"
	"io"
	"io/fs"
	"path"

	"open-lake.dev/lib/storage"
)

// Album is an album to publish.
type Album struct {
	Name   string // the directory
	Title  string
	Photos fs.FS // the files in its root; their names are the captions
}

var pages = template.Must(template.New("").Parse(`
{{- define "album"}}<!DOCTYPE html>
<title>{{.Title}}</title>
{{range .Photos}}<figure><img src="{{.}}"><figcaption>{{.}}</figcaption></figure>
{{end}}{{end}}
{{- define "index"}}<!DOCTYPE html>
<title>Albums</title>
{{range .}}<a href="{{.Key}}">{{.Title}}</a>
{{end}}{{end}}`))

// Publish writes the photos and the page of an album, and updates the index.
func Publish(ctx context.Context, b storage.Bucket, album Album) error {
	photos, err := fs.ReadDir(album.Photos, ".")
	if err != nil {
		return err
	}
	names := make([]string, 0, len(photos))
	for _, photo := range photos {
		names = append(names, photo.Name())
		if err := publishPhoto(ctx, b, album, photo.Name()); err != nil {
			return err
		}
	}
	page := map[string]any{"Title": album.Title, "Photos": names}
	if err := writePage(ctx, b, album.Name+"/index.html", album.Title, "album", page); err != nil {
		return err
	}
	return publishIndex(ctx, b)
}

func publishPhoto(ctx context.Context, b storage.Bucket, album Album, name string) error {
	photo, err := album.Photos.Open(name)
	if err != nil {
		return err
	}
	defer photo.Close()
	return write(ctx, b, album.Name+"/"+name, photo, "image/jpeg", album.Title)
}

// publishIndex writes the index. It finds the albums by their pages, which have
// their titles in the metadata.
func publishIndex(ctx context.Context, b storage.Bucket) error {
	objects, err := b.List(ctx, "", 0, 0, nil)
	if err != nil {
		return err
	}
	var albums []map[string]string
	for obj, err := range storage.All(objects) {
		if err != nil {
			return err
		}
		if dir, file := path.Split(obj.Key); file == "index.html" && dir != "" {
			albums = append(albums, map[string]string{"Key": obj.Key, "Title": obj.Metadata["title"]})
		}
	}
	return writePage(ctx, b, "index.html", "Albums", "index", albums)
}

func writePage(ctx context.Context, b storage.Bucket, key, title, page string, data any) error {
	var html bytes.Buffer
	if err := pages.ExecuteTemplate(&html, page, data); err != nil {
		return err
	}
	return write(ctx, b, key, &html, "text/html; charset=utf-8", title)
}

func write(ctx context.Context, b storage.Bucket, key string, src io.Reader, contentType, title string) error {
	_, err := b.Write(ctx, key, src, -1, contentType, storage.Options{
		storage.OptMetadata: map[string]string{"title": title},
	})
	return err
}
