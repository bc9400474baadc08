package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// s3Store is gofakes3's s3mem backend, called directly and not over HTTP: a skip
// list and a mutex.
type s3Store struct {
	backend *s3mem.Backend
	bucket  string
}

func openS3(int) (Store, error) {
	s := &s3Store{s3mem.New(), "bench"}
	return s, s.backend.CreateBucket(s.bucket)
}

func (s *s3Store) Put(key string, content []byte) error {
	return s.put(key, bytes.NewReader(content), int64(len(content)))
}

func (s *s3Store) put(key string, r io.Reader, size int64) error {
	_, err := s.backend.PutObject(s.bucket, key, nil, r, size, nil)
	return err
}

func (s *s3Store) Get(key string, buf []byte) error {
	obj, err := s.backend.GetObject(s.bucket, key, nil)
	if err != nil {
		return err
	}
	defer obj.Contents.Close()
	_, err = io.ReadFull(obj.Contents, buf)
	return err
}

func (s *s3Store) Stat(key string) (int64, error) {
	obj, err := s.backend.HeadObject(s.bucket, key)
	if err != nil {
		return 0, err
	}
	return obj.Size, nil
}

func (s *s3Store) Delete(key string) error {
	_, err := s.backend.DeleteObject(s.bucket, key)
	return err
}

func (s *s3Store) Copy(dst, src string) error {
	_, err := s.backend.CopyObject(s.bucket, src, s.bucket, dst, nil)
	return err
}

// MoveDir copies each object and deletes all in one call, since there are no
// directories.
func (s *s3Store) MoveDir(src, dst string) error {
	list, err := s.list(src+"/", "", 0)
	if err != nil {
		return err
	}
	keys := make([]string, len(list.Contents))
	for i, obj := range list.Contents {
		keys[i] = obj.Key
		if err := s.Copy(dst+strings.TrimPrefix(obj.Key, src), obj.Key); err != nil {
			return err
		}
	}
	_, err = s.backend.DeleteMulti(s.bucket, keys...)
	return err
}

// list lists the keys that begin with prefix and sort after marker. A limit of 0
// means no limit.
//
// The backend seeks only to a marker: with a prefix alone it scans from the first
// key. So list also passes the prefix as the marker. Without a limit the scan ends
// at the last key of the bucket, and not at the last one with the prefix.
func (s *s3Store) list(prefix, marker string, limit int) (*gofakes3.ObjectList, error) {
	if marker == "" {
		marker = prefix
	}
	var p gofakes3.Prefix
	if prefix != "" {
		p = gofakes3.NewPrefix(&prefix, nil)
	}
	return s.backend.ListBucket(s.bucket, &p, gofakes3.ListBucketPage{
		Marker: marker, HasMarker: marker != "", MaxKeys: int64(limit)})
}

func (s *s3Store) ListPrefix(prefix string, limit int, yield func(string)) error {
	return eachS3(yield, 0)(s.list(prefix, "", limit))
}

func (s *s3Store) ListAfter(after string, limit int, yield func(string)) error {
	return eachS3(yield, 0)(s.list("", after, limit))
}

// ListOffset lists the skipped keys in the same page, since it does not know the
// key at the offset.
func (s *s3Store) ListOffset(offset, limit int, yield func(string)) error {
	return eachS3(yield, offset)(s.list("", "", offset+limit))
}

func (s *s3Store) ListAll(yield func(string)) error {
	return eachS3(yield, 0)(s.list("", "", 0))
}

// ListDir lists every key beneath the directory and selects the direct children.
// With a delimiter the backend would select them, but it splits every key of the
// bucket.
func (s *s3Store) ListDir(dir string, yield func(string)) error {
	last := ""
	children := func(key string) {
		child := key
		if i := strings.IndexByte(key[len(dir)+1:], '/'); i >= 0 {
			child = key[:len(dir)+1+i]
		}
		if child != last {
			yield(child)
		}
		last = child
	}
	return eachS3(children, 0)(s.list(dir+"/", "", 0))
}

// eachS3 yields the keys of a listing, starting at index offset.
func eachS3(yield func(string), offset int) func(*gofakes3.ObjectList, error) error {
	return func(list *gofakes3.ObjectList, err error) error {
		if err != nil {
			return err
		}
		for _, obj := range list.Contents[min(offset, len(list.Contents)):] {
			yield(obj.Key)
		}
		return nil
	}
}

// Upload keeps the parts and writes them as one object. The backend has no multipart
// uploads: the HTTP server in front of it joins the parts in the same way.
func (s *s3Store) Upload(key string) (Upload, error) { return &wholeUpload{put: s.put, key: key}, nil }

// wholeUpload implements [Upload] for a store without multipart uploads.
type wholeUpload struct {
	put   func(key string, r io.Reader, size int64) error
	key   string
	parts []io.Reader
	size  int64
}

func (u *wholeUpload) Part(content []byte) error {
	u.parts = append(u.parts, bytes.NewReader(content))
	u.size += int64(len(content))
	return nil
}

func (u *wholeUpload) Complete() error { return u.put(u.key, io.MultiReader(u.parts...), u.size) }

// marks is the name of a second bucket. See Snapshot.
const marks = "marks"

// Snapshot turns on versioning and writes an object to a second bucket. Its version
// ID is the mark, since version IDs are ordered across buckets. Restore goes through
// the versions of every object and brings back the latest one before the mark. Both
// cost less than copying every object.
func (s *s3Store) Snapshot() (Snapshot, error) {
	on := gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}
	if exists, err := s.backend.BucketExists(marks); err != nil {
		return nil, err
	} else if !exists {
		if err := s.backend.CreateBucket(marks); err != nil {
			return nil, err
		}
		if err := s.backend.SetVersioningConfiguration(marks, on); err != nil {
			return nil, err
		}
	}
	if err := s.backend.SetVersioningConfiguration(s.bucket, on); err != nil {
		return nil, err
	}
	mark, err := s.backend.PutObject(marks, "mark", nil, bytes.NewReader(nil), 0, nil)
	return &s3Snapshot{s, mark.VersionID}, err
}

type s3Snapshot struct {
	of   *s3Store
	mark gofakes3.VersionID // the snapshot holds the versions with lesser IDs
}

func (s *s3Snapshot) Restore() error {
	return s.versions(func(key string, versions []gofakes3.VersionItem) error {
		old := 0 // number of versions that the snapshot holds
		for old < len(versions) && versions[old].GetVersionID() < s.mark {
			old++
		}
		switch {
		case old == len(versions):
			return nil
		case old == 0:
			return s.deleteVersions(key, versions)
		default:
			return s.putBack(key, versions[old-1])
		}
	})
}

// putBack makes an old version the latest by writing its content again. Deleting
// the newer versions would leave the object without a latest version, and reading
// it would panic.
func (s *s3Snapshot) putBack(key string, v gofakes3.VersionItem) error {
	if _, deleted := v.(*gofakes3.DeleteMarker); deleted {
		return s.of.Delete(key)
	}
	obj, err := s.of.backend.GetObjectVersion(s.of.bucket, key, v.GetVersionID(), nil)
	if err != nil {
		return err
	}
	defer obj.Contents.Close()
	return s.of.put(key, obj.Contents, obj.Size)
}

// Drop turns off versioning and deletes all versions but the latest.
func (s *s3Snapshot) Drop() error {
	off := gofakes3.VersioningConfiguration{Status: gofakes3.VersioningSuspended}
	if err := s.of.backend.SetVersioningConfiguration(s.of.bucket, off); err != nil {
		return err
	}
	return s.versions(func(key string, versions []gofakes3.VersionItem) error {
		if _, deleted := versions[len(versions)-1].(*gofakes3.DeleteMarker); !deleted {
			versions = versions[:len(versions)-1]
		}
		return s.deleteVersions(key, versions)
	})
}

func (s *s3Snapshot) deleteVersions(key string, versions []gofakes3.VersionItem) error {
	for _, v := range versions {
		if _, err := s.of.backend.DeleteObjectVersion(s.of.bucket, key, v.GetVersionID()); err != nil {
			return err
		}
	}
	return nil
}

// versions calls fn with the versions of each object, oldest first.
func (s *s3Snapshot) versions(fn func(key string, versions []gofakes3.VersionItem) error) error {
	list, err := s.of.backend.ListBucketVersions(s.of.bucket, nil, nil)
	if err != nil {
		return err
	}
	for all := list.Versions; len(all) > 0; {
		key, n := versionKey(all[0]), 1
		for n < len(all) && versionKey(all[n]) == key {
			n++
		}
		if err := fn(key, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func versionKey(v gofakes3.VersionItem) string {
	if v, ok := v.(*gofakes3.Version); ok {
		return v.Key
	}
	return v.(*gofakes3.DeleteMarker).Key
}
