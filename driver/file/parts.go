package filedriver

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// An upload is a directory: beside upload.json it holds a file for each part, whose
// record is beside it as that of a blob is in its directory.

// uploadRecord is what upload.json holds.
type uploadRecord struct {
	Key string `json:"key"`
	record
}

var (
	goodID   = regexp.MustCompile(`^[A-Z2-7]{26}$`) // of rand.Text
	partName = regexp.MustCompile(`^[0-9]{5}$`)
)

func partPath(id string, number int) string {
	return fmt.Sprintf("%s/%s/%05d", uploadDir, id, number)
}

func partRecord(part, version string) string { return part + "." + version }

// Init implements [engine.Multipart].
func (e *files) Init(_ context.Context, key string, h engine.Header) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	id := rand.Text()
	err := e.change(func() error {
		if _, err := e.find(key); err != nil {
			return err
		}
		up := uploadRecord{Key: key, record: *recordOf(h)}
		up.Created = time.Now()
		text, err := json.Marshal(up)
		if err != nil {
			return err
		}
		return e.writeFile(uploadDir+"/"+id+"/upload.json", text)
	})
	return id, translate(err)
}

// upload reads the record of an upload; ErrNotExist if it is unknown, or of another key
// than one that is not empty.
func (e *files) upload(id, key string) (*uploadRecord, error) {
	if !goodID.MatchString(id) {
		return nil, storage.ErrNotExist
	}
	text, err := e.root.ReadFile(uploadDir + "/" + id + "/upload.json")
	if err != nil {
		return nil, err
	}
	up := new(uploadRecord)
	if err := json.Unmarshal(text, up); err != nil {
		return nil, fmt.Errorf("the record of upload %q is broken: %w", id, err)
	}
	if key != "" && up.Key != key {
		return nil, storage.ErrNotExist
	}
	return up, nil
}

// PutPart implements [engine.Multipart].
func (e *files) PutPart(_ context.Context, up engine.Upload, number int, body *engine.Body, hashes storage.Hashes) (*engine.Part, error) {
	if _, err := e.upload(up.ID, up.Key); err != nil {
		return nil, translate(err)
	}
	t, err := e.stage(body)
	if err != nil {
		return nil, translate(err)
	}
	if body.File() == nil {
		defer t.Close()
	}
	p, err := e.commitPart(up, number, t, &record{ETag: hex.EncodeToString(body.MD5()), Hash: hashes})
	return p, translate(err)
}

// CopyPart implements [engine.Multipart].
func (e *files) CopyPart(_ context.Context, up engine.Upload, number int, src *engine.Blob, offset, length int64) (*engine.Part, error) {
	if _, err := e.upload(up.ID, up.Key); err != nil {
		return nil, translate(err)
	}
	if length <= 0 {
		length = max(src.Size-offset, 0)
	}
	src = &engine.Blob{Key: src.Key, Version: src.Version, Size: -1} // so that the part gets an ETag of its own
	t, b, err := e.copy(src, offset, length)
	if err != nil {
		return nil, translate(err)
	}
	defer t.Close()
	p, err := e.commitPart(up, number, t, &record{ETag: b.ETag})
	return p, translate(err)
}

// commitPart makes a file that of a part.
func (e *files) commitPart(up engine.Upload, number int, t *temp, r *record) (p *engine.Part, err error) {
	err = e.change(func() error {
		if _, err := e.upload(up.ID, up.Key); err != nil {
			return err
		}
		file := partPath(up.ID, number)
		old, err := e.root.Stat(file)
		if err == nil {
			err = t.dateAfter(old.ModTime())
		}
		if err = ignoreMissing(err); err != nil {
			return err
		}
		if err := e.writeRecord(partRecord(file, versionOf(t.info)), r); err != nil {
			return err
		}
		if err := e.rename(t.path, file); err != nil {
			return err
		}
		t.taken = true
		if old != nil {
			_ = e.root.Remove(partRecord(file, versionOf(old)))
		}
		p = partOf(number, place{file, t.info}, r)
		return nil
	})
	return p, err
}

func partOf(number int, p place, r *record) *engine.Part {
	return &engine.Part{Number: number, Size: p.info.Size(), ETag: r.ETag, Hash: r.Hash, Updated: p.info.ModTime()}
}

// Parts implements [engine.Multipart].
func (e *files) Parts(_ context.Context, up engine.Upload) (parts []*engine.Part, err error) {
	err = e.stable(func() error {
		if _, err := e.upload(up.ID, up.Key); err != nil {
			return err
		}
		parts, err = e.parts(up.ID)
		return err
	})
	return parts, translate(err)
}

func (e *files) parts(id string) ([]*engine.Part, error) {
	names, err := e.names(uploadDir + "/" + id)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var parts []*engine.Part
	for _, name := range names {
		if !partName.MatchString(name) {
			continue
		}
		number, _ := strconv.Atoi(name)
		p, err := e.part(id, number)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func (e *files) part(id string, number int) (*engine.Part, error) {
	file := partPath(id, number)
	info, err := e.root.Stat(file)
	if err != nil {
		return nil, err
	}
	r, err := e.readRecord(partRecord(file, versionOf(info)))
	if err == nil && r == nil {
		err = fmt.Errorf("part %d of upload %q was changed by another program", number, id)
	}
	if err != nil {
		return nil, err
	}
	return partOf(number, place{file, info}, r), nil
}

// Complete implements [engine.Multipart].
func (e *files) Complete(_ context.Context, up engine.Upload, parts []*engine.Part, check engine.Check, guard engine.Guard) (*engine.Blob, error) {
	upload, err := e.upload(up.ID, up.Key)
	if err != nil {
		return nil, translate(err)
	}
	t, err := e.newTemp()
	if err != nil {
		return nil, translate(err)
	}
	defer t.Close()
	r := &record{ContentType: upload.ContentType, Metadata: upload.Metadata}
	if err = e.join(t, up.ID, parts, r); err == nil && check != nil {
		r.Hash, err = check(io.NewSectionReader(t.File, 0, 1<<62))
	}
	if err == nil {
		err = t.seal()
	}
	if err != nil {
		return nil, translate(err)
	}
	var b *engine.Blob
	err = e.change(func() (err error) {
		if _, err = e.upload(up.ID, up.Key); err == nil {
			b, err = e.commit(up.Key, t, r, guard)
		}
		if err == nil {
			err = e.endUpload(up.ID)
		}
		return err
	})
	return b, translate(err)
}

// join writes the content of parts to t, and the ETag of the whole to r.
func (e *files) join(t *temp, id string, parts []*engine.Part, r *record) error {
	sums := md5.New()
	for _, p := range parts {
		sum, err := hex.DecodeString(p.ETag)
		if err != nil {
			return err
		}
		sums.Write(sum)
		if err := e.appendPart(t, id, p); err != nil {
			return err
		}
	}
	r.ETag = fmt.Sprintf("%x-%d", sums.Sum(nil), len(parts))
	return nil
}

func (e *files) appendPart(t *temp, id string, p *engine.Part) error {
	f, err := e.openFile(partPath(id, p.Number), os.O_RDONLY)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.ModTime().Equal(p.Updated) || info.Size() != p.Size {
		return fmt.Errorf("%w: part %d has been replaced", storage.ErrInvalid, p.Number)
	}
	_, err = io.CopyN(t.File, f, p.Size)
	return err
}

// endUpload removes an upload that there is, in one step.
func (e *files) endUpload(id string) error {
	trash, err := e.toTrash(uploadDir + "/" + id)
	e.addTrash(trash)
	return errors.Join(err, e.settle(uploadDir))
}

// Abort implements [engine.Multipart].
func (e *files) Abort(_ context.Context, up engine.Upload) error {
	return translate(e.change(func() error {
		if _, err := e.upload(up.ID, up.Key); err != nil {
			return err
		}
		return e.endUpload(up.ID)
	}))
}

// Uploads implements [engine.Multipart].
func (e *files) Uploads(_ context.Context, prefix string) (uploads []*engine.Upload, err error) {
	err = e.stable(func() error {
		uploads, err = e.uploads(prefix)
		return err
	})
	return uploads, translate(err)
}

func (e *files) uploads(prefix string) ([]*engine.Upload, error) {
	ids, err := e.names(uploadDir)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	var uploads []*engine.Upload
	for _, id := range ids {
		up, err := e.upload(id, "")
		if errors.Is(err, storage.ErrNotExist) || isMissing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(up.Key, prefix) {
			uploads = append(uploads, &engine.Upload{Key: up.Key, ID: id, Header: up.header(), Created: up.Created})
		}
	}
	slices.SortFunc(uploads, func(a, b *engine.Upload) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.ID, b.ID))
	})
	return uploads, nil
}
