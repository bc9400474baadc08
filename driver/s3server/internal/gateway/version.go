package gateway

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/oklog/ulid/v2"
	"github.com/versity/versitygw/s3err"

	"open-lake.dev/lib/storage"
)

// nullVersion is the id of an object that was written while versioning was not
// enabled.
const nullVersion = "null"

// versionLen is the length of all other ids.
const versionLen = ulid.EncodedSize

// lastVersion is what the newest id was made of. It belongs to the process, so that
// no two forks of a store give out the same id, nor a store after Restore.
var lastVersion atomic.Int64

var processID = func() (id [8]byte) {
	rand.Read(id[:])
	return id
}()

// newVersion returns an id that sorts before all that were returned earlier.
func newVersion() string {
	var id ulid.ULID
	for {
		last := lastVersion.Load()
		next := max(last+1, time.Now().UnixNano())
		if lastVersion.CompareAndSwap(last, next) {
			binary.BigEndian.PutUint64(id[:], ^uint64(next))
			copy(id[8:], processID[:])
			return id.String()
		}
	}
}

// checkVersion returns InvalidArgument for what cannot be the id of a version.
func checkVersion(id string) error {
	if id == "" || id == nullVersion {
		return nil
	}
	if _, err := ulid.ParseStrict(id); err != nil {
		return s3err.GetInvalidArgumentErr(s3err.InvalidArgVersionId, id)
	}
	return nil
}

// versionOf returns the id of an object's version.
func versionOf(o *storage.Object) string {
	if id := o.Metadata[metaVersion]; id != "" {
		return id
	}
	return nullVersion
}

func isDeleteMarker(o *storage.Object) bool { return o.Metadata[metaDeleteMarker] != "" }

// find returns a version of an object, or the current object if no id is given; nil
// if there is none. A delete marker is a version, and the current one if it is the
// newest.
func (s state) find(bucket, key, id string) (*storage.Object, error) {
	cur, err := s.stat(bucket, key)
	switch {
	case err != nil:
		return nil, err
	case cur != nil && (id == "" || versionOf(cur) == id):
		return cur, nil
	case len(key) > maxVersionedKey:
		return nil, nil
	case id == "":
		return s.newest(bucket, key)
	case id == nullVersion:
		return s.null(bucket, key)
	}
	return s.stat(hiddenBucket(bucket), versionKey(key, id))
}

// newest returns the newest version that is not the current object, nil if there is
// none.
func (s state) newest(bucket, key string) (newest *storage.Object, err error) {
	err = s.list(hiddenBucket(bucket), versionPrefix(key), "", 1, func(o *storage.Object) bool {
		newest = o
		return false
	})
	return newest, err
}

// null returns the version with the id null that is not the current object.
func (s state) null(bucket, key string) (null *storage.Object, err error) {
	err = s.list(hiddenBucket(bucket), versionPrefix(key), "", 0, func(o *storage.Object) bool {
		if versionOf(o) == nullVersion {
			null = o
		}
		return null == nil
	})
	return null, err
}

// require is find for an object that is to be read or changed. It returns the
// error for one that is missing or a delete marker.
func (s state) require(bucket, key, id string) (*storage.Object, error) {
	if err := s.bucket(bucket); err != nil {
		return nil, err
	}
	if err := checkVersion(id); err != nil {
		return nil, err
	}
	o, err := s.find(bucket, key, id)
	switch {
	case err != nil:
		return nil, err
	case o == nil && id != "":
		return nil, s.missingVersion(bucket, key, id)
	case o == nil:
		return nil, noSuchKey()
	case isDeleteMarker(o) && id != "":
		return o, s3err.GetAPIError(s3err.ErrMethodNotAllowed)
	case isDeleteMarker(o):
		return o, noSuchKey()
	}
	return o, nil
}

// missingVersion returns the error for a version that does not exist.
func (s state) missingVersion(bucket, key, id string) error {
	if o, err := s.find(bucket, key, ""); o == nil && err == nil {
		return noSuchKey()
	}
	return s3err.GetNoSuchVersionErr(key, id)
}

// supersede makes the current object, nil if there is none, a noncurrent version if
// the bucket's versioning asks for that. It returns the id for the version that is
// to be written, empty for null.
func (s state) supersede(bucket, key string, cur *storage.Object) (id string, err error) {
	switch s.versioning(bucket) {
	case types.BucketVersioningStatusEnabled:
		if err := s.archive(bucket, key, cur); err != nil {
			return "", err
		}
		return newVersion(), nil // later than that of an archived null version
	case types.BucketVersioningStatusSuspended:
		if cur != nil && versionOf(cur) != nullVersion {
			if err := s.archive(bucket, key, cur); err != nil {
				return "", err
			}
		}
		return "", s.removeNull(bucket, key)
	}
	return "", nil
}

// archive moves the current object to the noncurrent versions.
func (s state) archive(bucket, key string, cur *storage.Object) error {
	if len(key) > maxVersionedKey {
		return s3err.GetKeyTooLongErr(int64(len(key)), int64(maxVersionedKey))
	}
	if cur == nil {
		return nil
	}
	id := versionOf(cur)
	if id == nullVersion {
		id = newVersion()
	}
	_, err := s.st.Bucket(hiddenBucket(bucket)).Move(s.ctx, versionKey(key, id), bucket, key, nil)
	return err
}

// removeNull removes the noncurrent version with the id null, if there is one.
func (s state) removeNull(bucket, key string) error {
	null, err := s.null(bucket, key)
	if err != nil || null == nil {
		return err
	}
	return s.st.Bucket(null.Bucket).Delete(s.ctx, null.Key, nil)
}

// promote makes the newest version current after the current one was removed,
// unless it is a delete marker.
func (s state) promote(bucket, key string) error {
	if cur, err := s.stat(bucket, key); cur != nil || err != nil {
		return err
	}
	next, err := s.newest(bucket, key)
	if err != nil || next == nil || isDeleteMarker(next) {
		return err
	}
	_, err = s.st.Bucket(bucket).Move(s.ctx, key, next.Bucket, next.Key, nil)
	return err
}

// mark makes a delete marker the newest version and returns its id.
func (s state) mark(bucket, key string, cur *storage.Object) (string, error) {
	id, err := s.supersede(bucket, key, cur)
	if err != nil {
		return "", err
	}
	if cur != nil && id == "" && versionOf(cur) == nullVersion {
		if err := s.st.Bucket(bucket).Delete(s.ctx, key, nil); err != nil {
			return "", err
		}
	}
	metadata := map[string]string{metaDeleteMarker: "true"}
	at := id
	if id == "" {
		id, at = nullVersion, newVersion()
	} else {
		metadata[metaVersion] = id
	}
	_, err = s.st.Bucket(hiddenBucket(bucket)).Write(s.ctx, versionKey(key, at), strings.NewReader(""), 0, "", storage.Options{storage.OptMetadata: metadata})
	return id, err
}
