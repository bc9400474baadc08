package gateway

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"
)

func (g *gateway) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (res s3response.ListVersionsResult, err error) {
	s := g.read(ctx)
	bucket := *in.Bucket
	if err := s.bucket(bucket); err != nil {
		return res, err
	}
	q := query{backend.GetStringFromPtr(in.Prefix), backend.GetStringFromPtr(in.Delimiter), backend.GetStringFromPtr(in.KeyMarker), limit(in.MaxKeys)}
	marker := backend.GetStringFromPtr(in.VersionIdMarker)
	res = s3response.ListVersionsResult{
		Name:            &bucket,
		Prefix:          &q.prefix,
		Delimiter:       backend.GetPtrFromString(q.delimiter),
		KeyMarker:       &q.after,
		VersionIdMarker: &marker,
		MaxKeys:         new(int32(q.max)),
		IsTruncated:     new(false),
	}
	if q.max == 0 {
		return res, nil
	}
	w, err := s.walkVersions(bucket, q, marker)
	if err != nil {
		return res, apiError(err)
	}
	defer w.close()
	if err := w.fill(&res, q.max); err != nil {
		return res, apiError(err)
	}
	tell(ctx, VersionOrder, w.markers)
	encoderOf(ctx).versions(&res)
	return res, nil
}

// fill adds the next versions to a page, at most max of them.
func (w *versionWalk) fill(res *s3response.ListVersionsResult, max int) error {
	for range max {
		v, err := w.next()
		if v == nil || err != nil {
			res.NextKeyMarker, res.NextVersionIdMarker = nil, nil
			return err
		}
		v.addTo(res)
		if v.object != nil {
			w.markers = append(w.markers, isDeleteMarker(v.object))
		}
	}
	v, err := w.next()
	*res.IsTruncated = v != nil
	if v == nil {
		res.NextKeyMarker, res.NextVersionIdMarker = nil, nil
	}
	return err
}

// version is a version of an object or, without one, a common prefix.
type version struct {
	entry
	latest bool
}

// addTo adds the version to a page, whose next markers become its own.
func (v *version) addTo(res *s3response.ListVersionsResult) {
	res.NextKeyMarker, res.NextVersionIdMarker = new(v.key), nil
	o := v.object
	if o == nil {
		res.CommonPrefixes = append(res.CommonPrefixes, types.CommonPrefix{Prefix: &v.key})
		return
	}
	id := versionOf(o)
	res.NextVersionIdMarker = &id
	if isDeleteMarker(o) {
		res.DeleteMarkers = append(res.DeleteMarkers, types.DeleteMarkerEntry{
			Key: &v.key, VersionId: &id, IsLatest: &v.latest, LastModified: &o.Updated,
		})
		return
	}
	sum := checksumOf(o)
	row := s3response.ObjectVersion{
		Key: &v.key, VersionId: &id, IsLatest: &v.latest, LastModified: &o.Updated,
		ETag: quoted(o.ETag), Size: &o.Size, StorageClass: types.ObjectVersionStorageClassStandard,
	}
	if sum.algorithm != "" {
		row.ChecksumAlgorithm, row.ChecksumType = []types.ChecksumAlgorithm{sum.algorithm}, sum.kind
	}
	res.Versions = append(res.Versions, row)
}

// versionWalk merges the current objects of a bucket with its noncurrent versions,
// by key and then the newest first.
type versionWalk struct {
	current, hidden         *cursor
	nextCurrent, nextHidden *entry
	last                    string // the key or common prefix that was given last
	markers                 []bool // whether the versions that were given are delete markers
}

// walkVersions begins after a version of the key q.after, or after all of them if
// no version is named.
func (s state) walkVersions(bucket string, q query, marker string) (*versionWalk, error) {
	w := &versionWalk{last: q.after}
	var err error
	if w.current, err = s.cursor(bucket, "", q); err != nil {
		return nil, err
	}
	hq := q
	if q.after != "" {
		if hq.after, err = s.hiddenAfter(bucket, q, marker); err != nil {
			return nil, err
		}
	}
	if w.hidden, err = s.cursor(hiddenBucket(bucket), versionsDir, hq); err != nil {
		return nil, err
	}
	return w, w.advance(true, true)
}

// hiddenAfter returns the hidden key, without the directory, after which a walk of
// the noncurrent versions begins.
func (s state) hiddenAfter(bucket string, q query, marker string) (string, error) {
	if common, ok := q.common(q.after); ok && common == q.after {
		return q.after, nil
	}
	all := q.after + "\x01"
	if marker == "" {
		return all, nil
	}
	o, err := s.find(bucket, q.after, marker)
	switch {
	case err != nil:
		return "", err
	case o == nil:
		return all, nil
	case o.Bucket == bucket:
		return q.after + "\x00", nil
	}
	return o.Key[len(versionsDir):], nil
}

func (w *versionWalk) close() {
	w.current.close()
	w.hidden.close()
}

// advance fetches the next entries.
func (w *versionWalk) advance(current, hidden bool) (err error) {
	if current {
		if w.nextCurrent, err = w.current.next(); err != nil {
			return err
		}
	}
	if hidden {
		if w.nextHidden, err = w.hidden.next(); err != nil {
			return err
		}
		if e := w.nextHidden; e != nil && e.object != nil {
			e.key = keyOfVersion(e.object.Key)
		}
	}
	return nil
}

// next returns the next version or common prefix, nil at the end.
func (w *versionWalk) next() (*version, error) {
	c, h := w.nextCurrent, w.nextHidden
	switch {
	case c == nil && h == nil:
		return nil, nil
	case h == nil || c != nil && c.key <= h.key:
		v := &version{*c, true}
		w.last = c.key
		return v, w.advance(true, h != nil && h.key == c.key && h.object == nil)
	default:
		v := &version{*h, h.key != w.last}
		w.last = h.key
		return v, w.advance(false, true)
	}
}
