package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/term"
	"open-lake.dev/lib/storage"
)

// file is a file that was loaded, and its object.
type file struct {
	path string
	*storage.Object
}

// What can befall a file.
const (
	irregular = "skipped: no regular file (a link, a device, ...)"
	badName   = "skipped: the name cannot be a key"
	taken     = "skipped: another file has the same key"
	renamed   = "loaded under another key, as names are normalised"
)

// oddities are the paths of files, by what befell them.
type oddities map[string][]string

func (o oddities) note(what, name string) { o[what] = append(o[what], name) }

// loading is a load under way.
type loading struct {
	*tour
	result
	oddities
}

func (t *tour) load(ctx context.Context) (result, error) {
	l := loading{tour: t, oddities: oddities{}}
	defer t.progress.clear()
	err := fs.WalkDir(t.files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		return l.visit(ctx, name, d)
	})
	l.lines = l.summary()
	switch {
	case err != nil:
		return l.result, err
	case l.objects == 0:
		return l.result, errors.New(strings.Join(append([]string{"no file to load"}, l.lines...), "; "))
	case len(l.lines) == 0:
		l.lines = []string{"No file was skipped."}
	}
	return l.result, nil
}

// visit loads what is a regular file and can be an object.
func (l *loading) visit(ctx context.Context, name string, d fs.DirEntry) error {
	_, err := storage.CleanKey(name)
	switch {
	case d.IsDir() && fs.ValidPath(name):
		return nil
	case d.IsDir():
		l.note(badName, name)
		return fs.SkipDir
	case !d.Type().IsRegular():
		l.note(irregular, name)
	case err != nil:
		l.note(badName, name)
	default:
		return l.write(ctx, name)
	}
	return nil
}

// write stores a file. Keys are normalised, so an odd name may mean an object
// that is there already: that one stays.
func (l *loading) write(ctx context.Context, name string) error {
	f, err := l.files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	contentType := mime.TypeByExtension(path.Ext(name))
	obj, err := l.bucket.Write(ctx, name, f, -1, contentType, storage.Options{storage.OptUpsert: false})
	if errors.Is(err, storage.ErrExist) {
		l.note(taken, name)
		return nil
	}
	if err != nil {
		return err
	}
	if obj.Key != name {
		l.note(renamed, name)
	}
	if l.largest.Object == nil || obj.Size > l.largest.Size {
		l.largest = file{name, obj}
	}
	l.add(obj)
	l.progress.draw(time.Now(), l.touched)
	return nil
}

// progress is a line on a terminal that is drawn again and again in place.
type progress struct {
	w    io.Writer
	next time.Time // not drawn again before
}

// newProgress returns a progress line on w; it is not seen if w is no terminal.
func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progress{w: w}
	}
	return &progress{w: io.Discard}
}

func (p *progress) draw(now time.Time, done touched) {
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(time.Second / 10)
	text := fmt.Sprintf("loading: %s files, %s", count(done.objects), size(done.bytes))
	fmt.Fprintf(p.w, "\r%-50s", text)
}

// clear removes the line.
func (p *progress) clear() { fmt.Fprintf(p.w, "\r%50s\r", "") }
