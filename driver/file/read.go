package filedriver

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"open-lake.dev/lib/storage/driver/internal/engine"
	"open-lake.dev/lib/storage/snapshot"
)

// Head implements [engine.Engine].
func (e *files) Head(ctx context.Context, key string) (b *engine.Blob, err error) {
	err = e.view(ctx, func() error {
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

// foreign describes a file that another program wrote. Its version is its ETag. One that
// this process may not read can still be listed.
func (e *files) foreign(key string, p place) (*engine.Blob, error) {
	start, err := e.start(p.path)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		return nil, err
	}
	return blobOf(key, p, &record{
		ContentType: snapshot.GuessContentType(path.Base(key), start),
		Created:     p.info.ModTime(),
	}), nil
}

// start returns the first bytes of a file, from which its content type is guessed.
func (e *files) start(file string) ([]byte, error) {
	f, err := e.openFile(file, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	start := make([]byte, 512)
	n, err := io.ReadFull(f, start)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return start[:n], err
}

// Get implements [engine.Engine].
func (e *files) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, *engine.Blob, error) {
	var f *os.File
	var b *engine.Blob
	err := e.view(ctx, func() (err error) {
		if f != nil {
			f.Close()
		}
		f, b, err = e.open(key)
		return err
	})
	if err != nil {
		if f != nil {
			f.Close()
		}
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
