package filedriver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// record holds what a file system does not keep of a blob. It is in a file whose name
// has the version of the blob: it is written before the blob becomes that version, by
// one rename, and is not looked at before. So content and record always match, also
// if the process is killed between, or another program replaced the file.
type record struct {
	ContentType string            `json:"content_type"`
	ETag        string            `json:"etag"`
	Created     time.Time         `json:"created"`
	Hash        storage.Hashes    `json:"hash,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
}

func recordOf(h engine.Header) *record {
	return &record{ContentType: h.ContentType, ETag: h.ETag, Hash: h.Hash, Metadata: h.Metadata}
}

func (r *record) header() engine.Header {
	return engine.Header{ContentType: r.ContentType, Metadata: r.Metadata, ETag: r.ETag, Hash: r.Hash}
}

// versionOf returns the version of a blob with the file.
func versionOf(info fs.FileInfo) string {
	return strconv.FormatInt(info.ModTime().UnixNano(), 36) + "-" + strconv.FormatInt(info.Size(), 36)
}

// recordDir returns the path of the directory with the records of a directory, which
// is a path on disk. Its names end in ".d", so that none is that of a record.
func recordDir(dir string) string {
	if dir == "." || dir == "" {
		return metaDir
	}
	return metaDir + "/" + strings.ReplaceAll(dir, "/", ".d/") + ".d"
}

// recordPath returns the path of the record of a blob.
func recordPath(key, version string) string {
	name, _ := pathOf(key)
	return recordDir(path.Dir(name)) + "/" + path.Base(name) + "." + version
}

// readRecord returns a record, nil if there is none.
func (e *files) readRecord(file string) (*record, error) {
	f, err := e.openFile(file, os.O_RDONLY)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := make([]byte, 4<<10) // enough for most records
	n, err := f.ReadAt(text, 0)
	if text = text[:n]; err == nil {
		var rest []byte
		rest, err = io.ReadAll(io.NewSectionReader(f, int64(n), 1<<62))
		text = append(text, rest...)
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	r := new(record)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("the record %q is broken: %w", file, err)
	}
	return r, nil
}

// writeRecord writes a record. Nobody looks at it before the blob is of its version,
// unless the blob is already and only its record changes.
func (e *files) writeRecord(file string, r *record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	err = e.createFile(file, text)
	if isMissing(err) {
		if err = e.makeDir(path.Dir(file)); err == nil {
			err = e.createFile(file, text)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return e.writeFile(file, text)
	}
	if err == nil && e.sync {
		err = e.syncDir(path.Dir(file))
	}
	return err
}

// createFile writes a file that is not there yet.
func (e *files) createFile(file string, content []byte) error {
	f, err := e.openFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	if _, err = f.Write(content); err == nil && e.sync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		e.discard(file)
	}
	return err
}

// forget removes the record of a version that is no more.
func (e *files) forget(key string, info fs.FileInfo) {
	e.discard(recordPath(key, versionOf(info)))
}

// discard removes a file that nobody looks at any more.
func (e *files) discard(file string) {
	dir, name := e.at(file)
	_ = dir.Remove(name)
}
