package filedriver

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
	"open-lake.dev/lib/storage/snapshot"
)

// Head implements [engine.Engine].
func (e *files) Head(_ context.Context, key string) (b *engine.Blob, err error) {
	err = e.view(func() error {
		b, err = e.head(key)
		return err
	})
	return b, translate(err)
}

func (e *files) head(key string) (*engine.Blob, error) {
	for {
		p, err := e.look(key)
		if err != nil {
			return nil, err
		}
		b, err := e.describe(key, p)
		if b != nil || err != nil {
			return b, err
		}
	}
}

// describe returns the description of a blob, nil if it has been replaced since it was
// found.
func (e *files) describe(key string, p place) (*engine.Blob, error) {
	r, err := e.readRecord(recordPath(key, p.version()))
	if err != nil {
		return nil, err
	}
	if r != nil {
		return blobOf(key, p, r), nil
	}
	again, err := e.look(key)
	if err != nil || again.version() != p.version() {
		return nil, ignoreMissing(err)
	}
	return e.foreign(key, p)
}

func ignoreMissing(err error) error {
	if isMissing(err) {
		return nil
	}
	return err
}

func blobOf(key string, p place, r *record) *engine.Blob {
	return &engine.Blob{
		Header:  r.header(),
		Key:     key,
		Size:    p.info.Size(),
		Version: p.version(),
		Created: r.Created,
		Updated: p.info.ModTime(),
	}
}

// foreign describes a file that another program wrote. Its version is its ETag.
func (e *files) foreign(key string, p place) (*engine.Blob, error) {
	f, err := e.openFile(p.path, os.O_RDONLY)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	defer f.Close()
	start := make([]byte, 512)
	n, err := io.ReadFull(f, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	return blobOf(key, p, &record{
		ContentType: snapshot.GuessContentType(path.Base(key), start[:n]),
		Created:     p.info.ModTime(),
	}), nil
}

// Get implements [engine.Engine].
func (e *files) Get(_ context.Context, key string, offset, length int64) (io.ReadCloser, *engine.Blob, error) {
	var f *os.File
	var b *engine.Blob
	err := e.view(func() (err error) {
		if f != nil {
			f.Close()
		}
		f, b, err = e.open(key)
		return err
	})
	if err != nil {
		return nil, nil, translate(err)
	}
	return newReader(f, b.Size, offset, length), b, nil
}

// open opens the file of a blob and describes the same version.
func (e *files) open(key string) (*os.File, *engine.Blob, error) {
	for {
		p, err := e.look(key)
		if err != nil {
			return nil, nil, err
		}
		f, err := e.openFile(p.path, os.O_RDONLY)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		info, err := f.Stat()
		var b *engine.Blob
		if err == nil && versionOf(info) == p.version() {
			b, err = e.describe(key, p)
		}
		if b != nil && err == nil {
			return f, b, nil
		}
		f.Close()
		if err != nil {
			return nil, nil, err
		}
	}
}

// Put implements [engine.Engine].
func (e *files) Put(_ context.Context, key string, body *engine.Body, h engine.Header, guard engine.Guard) (*engine.Blob, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	t, err := e.stage(body)
	if err != nil {
		return nil, translate(err)
	}
	if body.File() == nil {
		defer t.Close()
	}
	var b *engine.Blob
	err = e.change(func() (err error) {
		b, err = e.commit(key, t, recordOf(h), guard)
		return err
	})
	return b, translate(err)
}

// commit makes a file that of a blob, if the guard holds. A record without a time of
// creation gets that of the blob that is replaced.
func (e *files) commit(key string, t *temp, r *record, guard engine.Guard) (*engine.Blob, error) {
	p, err := e.find(key)
	if err == nil {
		err = p.check(guard)
	}
	if err == nil && p.info != nil {
		err = t.dateAfter(p.info.ModTime())
	}
	if err != nil {
		return nil, err
	}
	if r.Created.IsZero() {
		r.Created = e.created(key, p, t.info.ModTime())
	}
	if err := e.install(key, p, t.path, place{p.path, t.info}, r); err != nil {
		return nil, err
	}
	t.taken = true
	return blobOf(key, place{p.path, t.info}, r), nil
}

// created returns the time of creation of the blob at p, or now if there is none.
func (e *files) created(key string, p place, now time.Time) time.Time {
	if p.info == nil {
		return now
	}
	if r, err := e.readRecord(recordPath(key, p.version())); err == nil && r != nil {
		return r.Created
	}
	return p.info.ModTime()
}

// install renames a file to be that of the blob at old, which becomes next.
func (e *files) install(key string, old place, file string, next place, r *record) error {
	written := recordPath(key, next.version())
	if err := e.writeRecord(written, r); err != nil {
		return err
	}
	if err := e.rename(file, next.path); err != nil {
		_ = e.root.Remove(written)
		return err
	}
	if old.info != nil && old.version() != next.version() {
		e.forget(key, old.info)
	}
	return nil
}

// Copy implements [engine.Engine].
func (e *files) Copy(_ context.Context, dst string, src *engine.Blob, h *engine.Header, guard engine.Guard) (*engine.Blob, error) {
	t, copied, err := e.copy(src, 0, src.Size)
	if err != nil {
		return nil, translate(err)
	}
	defer t.Close()
	r := recordOf(copied.Header)
	if h != nil {
		r.ContentType, r.Metadata = h.ContentType, h.Metadata
	}
	r.Created = t.info.ModTime()
	var b *engine.Blob
	err = e.change(func() (err error) {
		b, err = e.commit(dst, t, r, guard)
		return err
	})
	return b, translate(err)
}

// copy returns a sealed file with a part of a blob, which has an ETag if the part is
// the whole. ErrNotExist if that version is no more.
func (e *files) copy(src *engine.Blob, offset, length int64) (*temp, *engine.Blob, error) {
	rc, b, err := e.Get(context.Background(), src.Key, offset, length)
	if err != nil {
		return nil, nil, err
	}
	defer rc.Close()
	if b.Version != src.Version {
		return nil, nil, storage.ErrNotExist
	}
	t, err := e.newTemp()
	if err != nil {
		return nil, nil, err
	}
	whole := offset == 0 && length == src.Size
	if err = t.fill(rc.(*reader), b, whole); err == nil {
		err = t.seal()
	}
	if err != nil {
		t.Close()
		return nil, nil, err
	}
	return t, b, nil
}

// fill copies what r reads of a blob, and sets the ETag of what was copied, if it is
// not known.
func (t *temp) fill(r *reader, b *engine.Blob, whole bool) error {
	if r.left() == 0 {
		return nil
	}
	if whole && b.ETag != "" {
		_, err := r.WriteTo(t.File)
		return err
	}
	sum := md5.New()
	if _, err := io.Copy(io.MultiWriter(t.File, sum), r); err != nil {
		return err
	}
	b.ETag = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// Move implements [engine.Mover].
func (e *files) Move(_ context.Context, dst string, src *engine.Blob, h *engine.Header, guard engine.Guard) (b *engine.Blob, err error) {
	err = e.change(func() error {
		b, err = e.move(dst, src, h, guard)
		return err
	})
	return b, translate(err)
}

func (e *files) move(dst string, src *engine.Blob, h *engine.Header, guard engine.Guard) (*engine.Blob, error) {
	to, err := e.find(dst)
	if err == nil {
		err = to.check(guard)
	}
	if err == nil && strings.HasPrefix(dst, src.Key+"/") {
		err = e.makeDir(path.Dir(to.path)) // makes src step aside
	}
	if err != nil {
		return nil, err
	}
	from, err := e.look(src.Key)
	if err == nil && from.version() != src.Version {
		err = storage.ErrNotExist
	}
	if err != nil {
		return nil, err
	}
	b, err := e.describe(src.Key, from)
	if err == nil && b == nil {
		err = storage.ErrNotExist // by another program
	}
	if err != nil {
		return nil, err
	}
	r := recordOf(b.Header)
	r.Created = b.Created
	if h != nil {
		r.ContentType, r.Metadata = h.ContentType, h.Metadata
	}
	next := place{to.path, from.info}
	if dst == src.Key { // only the record changes
		return blobOf(dst, next, r), e.writeRecord(recordPath(dst, next.version()), r)
	}
	if err := e.install(dst, to, from.path, next, r); err != nil {
		return nil, err
	}
	e.forget(src.Key, from.info)
	e.pruneKey(from.path)
	return blobOf(dst, next, r), e.settle(path.Dir(from.path))
}

// settle makes what is gone from a directory durable.
func (e *files) settle(dir string) error {
	if !e.sync {
		return nil
	}
	return ignoreMissing(e.syncDir(dir))
}

// Delete implements [engine.Engine].
func (e *files) Delete(_ context.Context, key string, guard engine.Guard) error {
	return translate(e.change(func() error {
		p, err := e.look(key)
		if p.info == nil && guard.Version != "" {
			return storage.ErrPrecondition
		}
		if err == nil {
			err = p.check(guard)
		}
		if err == nil {
			err = e.remove(key, p)
		}
		return err
	}))
}

// remove removes a blob that there is.
func (e *files) remove(key string, p place) error {
	if err := e.root.Remove(p.path); err != nil {
		return err
	}
	e.forget(key, p.info)
	e.pruneKey(p.path)
	return e.settle(path.Dir(p.path))
}

var _ interface {
	engine.Engine
	engine.Mover
	engine.DirEngine
	engine.Multipart
	engine.Spooler
} = (*files)(nil)
