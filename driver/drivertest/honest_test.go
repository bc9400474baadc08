package drivertest

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/mapstore"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// The tests of this file run the suite on drivers that lack something and say so.

// plainStore hides what buckets can do beside storage.Bucket, and Move.
type plainStore struct{ storage.Storage }

// plainBucket is a bucket of a plainStore.
type plainBucket struct {
	storage.Bucket
	st plainStore
}

func (s plainStore) Bucket(name string) storage.Bucket { return plainBucket{s.Storage.Bucket(name), s} }

func (s plainStore) Features() storage.Features {
	f := s.Storage.Features()
	for _, name := range []string{storage.FeatureDirectories, storage.FeatureMultipart, storage.FeatureServerSideMove} {
		delete(f, name)
	}
	return f
}

func (b plainBucket) Features() storage.Features { return b.st.Features() }

func TestDriverWithoutDirectoriesAndMultipart(t *testing.T) {
	ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
		st := plainStore{mapstore.New()}
		return st, func() { st.Close() }
	})
}

// withoutMove denies Move.
var withoutMove = both(claims(storage.FeatureMove, false), both(claims(storage.FeatureServerSideMove, false), refuses("move", storage.ErrUnsupported, (*request).live)))

func TestDriverWithoutMove(t *testing.T) {
	ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
		st := &brokenStore{Storage: mapstore.New(), fault: withoutMove}
		return st, func() { st.Close() }
	})
}

// claims is a fault that says of a feature whether the driver has it.
func claims(feature string, has bool) fault {
	return on("features", func(c *request, do func()) {
		do()
		c.features = maps.Clone(c.features)
		c.features[feature] = has
	})
}

// signing is a fault that adds signed URLs, of a server that serve makes of the
// store.
func signing(server *httptest.Server) fault {
	return both(claims(storage.FeatureSignedURL, true), on("signedurl", func(c *request, do func()) {
		if !c.live() {
			do()
			return
		}
		clean, err := storage.CleanKey(c.key)
		if c.fail(err); err == nil {
			c.fail(c.opts.Validate("signedurl"))
		}
		c.url = server.URL + "/?" + url.Values{"method": {c.contentType}, "bucket": {c.bucket}, "key": {clean}}.Encode()
	}))
}

// serve makes a server for signed URLs of the store that current returns.
func serve(t *testing.T, current func() storage.Storage) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.Method != q.Get("method") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		b := current().Bucket(q.Get("bucket"))
		if r.Method == http.MethodPut {
			_, err := b.Write(r.Context(), q.Get("key"), r.Body, r.ContentLength, "", nil)
			answer(w, err)
			return
		}
		rc, _, err := b.Open(r.Context(), q.Get("key"), 0, 0, nil)
		if answer(w, err); err == nil {
			io.Copy(w, rc)
			rc.Close()
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
	}
}

func TestDriverThatSignsURLs(t *testing.T) {
	var st storage.Storage // of the present case
	server := serve(t, func() storage.Storage { return st })
	ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
		st = mapstore.New()
		signed := &brokenStore{Storage: st, fault: signing(server)}
		return signed, func() { signed.Close() }
	})
}

// TestExactKeys runs the suite on stores that take keys as they are.
func TestExactKeys(t *testing.T) {
	Run(t, Config{ExactKeys: true, Factory: func(*testing.T) (storage.Storage, func()) {
		st := memdriver.Open(memdriver.WithExactKeys())
		return st, func() { st.Close() }
	}})
}

// cloudLimits are those of a service like S3, but for sizes that suit a test.
var cloudLimits = storage.Limits{
	MaxKey: 900, MaxMetadata: 2 << 10, MinPart: 4 << 10, MaxObject: 4 << 20, TimeResolution: 20 * time.Millisecond,
	BucketName: storage.S3Limits().BucketName,
	Relaxed: []string{
		storage.RelaxedB2, storage.RelaxedO7Copy, storage.RelaxedD1, storage.RelaxedL1, storage.RelaxedO2,
		storage.RelaxedD3, storage.RelaxedO6, storage.RelaxedD4, storage.RelaxedMove, storage.RelaxedL3,
	},
}

// diskLimits are those of an engine that keeps objects as files, but for the ETags.
var diskLimits = storage.Limits{
	MaxName: 255, MaxObject: 1 << 20,
	Relaxed: []string{storage.RelaxedTwins, storage.RelaxedO3, storage.RelaxedO7Write, storage.RelaxedO7Delete, storage.RelaxedO7Complete},
}

func TestRelaxedDrivers(t *testing.T) {
	for name, limits := range map[string]storage.Limits{"cloud": cloudLimits, "disk": diskLimits} {
		t.Run(name, func(t *testing.T) {
			ConformanceSuite(t, func(*testing.T) (storage.Storage, func()) {
				st := &brokenStore{Storage: mapstore.New(), fault: lacking(limits), limits: limits}
				return st, func() { st.Close() }
			})
		})
	}
}
