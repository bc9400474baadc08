package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"open-lake.dev/lib/storage"
)

// fake is an Engine in memory like S3: it keeps guards, has real buckets, and its
// versions are its ETags. It counts the calls.
type fake struct {
	limits  storage.Limits
	mu      sync.Mutex // guards the rest
	blobs   map[string]fakeBlob
	buckets map[string]*storage.BucketInfo
	calls   []string
	before  func(call string) // called without mu before each call
}

type fakeBlob struct {
	Blob
	content []byte
}

func newFake() *fake {
	return &fake{blobs: make(map[string]fakeBlob), buckets: map[string]*storage.BucketInfo{"b": {Name: "b"}}}
}

// called notes a call and locks the fake.
func (f *fake) called(call string) (unlock func()) {
	if f.before != nil {
		f.before(call)
	}
	f.mu.Lock()
	f.calls = append(f.calls, call)
	return f.mu.Unlock
}

// taken returns the calls since it was last asked.
func (f *fake) taken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := strings.Join(f.calls, " ")
	f.calls = nil
	return calls
}

func (f *fake) Head(_ context.Context, key string) (*Blob, error) {
	defer f.called("head")()
	return f.head(key)
}

func (f *fake) head(key string) (*Blob, error) {
	if b, ok := f.blobs[key]; ok {
		return &b.Blob, nil
	}
	return nil, storage.ErrNotExist
}

func (f *fake) Get(_ context.Context, key string, offset, length int64) (io.ReadCloser, *Blob, error) {
	defer f.called("get")()
	b, err := f.head(key)
	if err != nil {
		return nil, nil, err
	}
	content := f.blobs[key].content
	content = content[min(int(offset), len(content)):]
	if length > 0 {
		content = content[:min(int(length), len(content))]
	}
	return io.NopCloser(bytes.NewReader(content)), b, nil
}

func (f *fake) Put(_ context.Context, key string, body *Body, h Header, guard Guard) (*Blob, error) {
	content, err := io.ReadAll(body.Reader())
	if err != nil {
		return nil, err
	}
	defer f.called("put")()
	return f.put(key, content, h, guard)
}

func (f *fake) put(key string, content []byte, h Header, guard Guard) (*Blob, error) {
	if err := f.check(key, guard); err != nil {
		return nil, err
	}
	now := time.Now()
	b := Blob{Header: h, Key: key, Size: int64(len(content)), Version: h.ETag, Created: now, Updated: now}
	f.blobs[key] = fakeBlob{b, content}
	return &b, nil
}

func (f *fake) check(key string, guard Guard) error {
	if bucket, _, _ := strings.Cut(key, "/"); f.buckets[bucket] == nil {
		return storage.ErrNoBucket
	}
	b, found := f.blobs[key]
	if guard.Absent && found || guard.Version != "" && (!found || b.Version != guard.Version) {
		return storage.ErrPrecondition
	}
	return nil
}

func (f *fake) Copy(_ context.Context, dst string, src *Blob, h *Header, guard Guard) (*Blob, error) {
	defer f.called("copy")()
	from, ok := f.blobs[src.Key]
	if !ok || from.Version != src.Version {
		return nil, storage.ErrNotExist
	}
	if h == nil {
		h = &from.Header
	}
	return f.put(dst, from.content, *h, guard)
}

func (f *fake) Delete(_ context.Context, key string, guard Guard) error {
	defer f.called("delete")()
	if err := f.check(key, guard); err != nil {
		return err
	}
	if _, err := f.head(key); err != nil {
		return err
	}
	delete(f.blobs, key)
	return nil
}

func (f *fake) DeleteMany(_ context.Context, keys []string) error {
	defer f.called(fmt.Sprintf("delete-%d", len(keys)))()
	for _, key := range keys {
		delete(f.blobs, key)
	}
	return nil
}

func (f *fake) List(prefix string, o ListOptions) Lister {
	defer f.called("list after " + o.After)()
	l := &fakeLister{}
	for _, key := range slices.Sorted(maps.Keys(f.blobs)) {
		if strings.HasPrefix(key, prefix) && key > o.After {
			b := f.blobs[key].Blob
			l.left = append(l.left, &b)
		}
	}
	return l
}

type fakeLister struct{ left []*Blob }

func (l *fakeLister) Next(context.Context) (*Blob, error) {
	if len(l.left) == 0 {
		return nil, nil
	}
	b := l.left[0]
	l.left = l.left[1:]
	return b, nil
}

func (f *fake) Sign(_ context.Context, key, method string, _ time.Duration) (string, error) {
	return "https://example.com/" + key + "?" + method, nil
}

func (f *fake) Buckets(context.Context) ([]*storage.BucketInfo, error) {
	return slices.Collect(maps.Values(f.buckets)), nil
}

func (f *fake) HeadBucket(_ context.Context, name string) (*storage.BucketInfo, error) {
	defer f.called("head-bucket")()
	if info := f.buckets[name]; info != nil {
		return info, nil
	}
	return nil, storage.ErrNoBucket
}

func (f *fake) CreateBucket(_ context.Context, info *storage.BucketInfo) error {
	if f.buckets[info.Name] != nil {
		return storage.ErrExist
	}
	f.buckets[info.Name] = info
	return nil
}

func (f *fake) DeleteBucket(_ context.Context, name string) error {
	if f.buckets[name] == nil {
		return storage.ErrNoBucket
	}
	delete(f.buckets, name)
	return nil
}

func (f *fake) VersionOf(etag string) (string, bool) { return etag, !strings.Contains(etag, "-") }
func (f *fake) Features() storage.Features {
	return storage.Features{storage.FeatureServerSideCopy: true}
}
func (f *fake) Limits() storage.Limits { return f.limits }
func (f *fake) Close() error           { return nil }

var _ interface {
	Engine
	BulkDeleter
	Signer
	Bucketer
	ETagger
	Featurer
} = (*fake)(nil)
