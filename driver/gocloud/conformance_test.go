package gocloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/blob/drivertest"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/mapstore"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// stores are what the adapter is tested on.
var stores = []struct {
	name string
	open func() storage.Storage
}{
	{"memory", func() storage.Storage { return memdriver.Open() }},
	{"exact keys", func() storage.Storage { return memdriver.Open(memdriver.WithExactKeys()) }},
	{"as S3", func() storage.Storage {
		return memdriver.Open(memdriver.WithExactKeys(), memdriver.WithMD5ETags(), memdriver.WithLimits(storage.S3Limits()))
	}},
	{"map", mapstore.New},
}

// TestConformance runs gocloud.dev's own suite. It skips TestSignedURL, since no
// store here signs, and TestNonexistentBucket where a missing bucket reads as empty.
func TestConformance(t *testing.T) {
	for _, s := range stores {
		for _, prefix := range []string{"", "some/dir/", "some/prefix-"} {
			t.Run(fmt.Sprintf("%s/%q", s.name, prefix), func(t *testing.T) {
				newHarness := func(context.Context, *testing.T) (drivertest.Harness, error) {
					return &harness{store: s.open(), prefix: prefix}, nil
				}
				drivertest.RunConformanceTests(t, newHarness, []drivertest.AsTest{asTest{}})
			})
		}
	}
}

type harness struct {
	store  storage.Storage
	prefix string
}

func (h *harness) MakeDriver(ctx context.Context) (driver.Bucket, error) {
	_, err := h.store.CreateBucket(ctx, "conformance", nil)
	if err != nil && !errors.Is(err, storage.ErrExist) {
		return nil, err
	}
	return h.driver("conformance"), nil
}

func (h *harness) MakeDriverForNonexistentBucket(context.Context) (driver.Bucket, error) {
	if !storage.LimitsOf(h.store).Relaxes(storage.RelaxedB2) {
		return nil, nil
	}
	return h.driver("missing"), nil
}

func (h *harness) driver(name string) driver.Bucket {
	b := openBucket(h.store.Bucket(name), nil)
	if h.prefix != "" {
		b = driver.NewPrefixedBucket(b, h.prefix)
	}
	return b
}

func (h *harness) HTTPClient() *http.Client         { return nil }
func (h *harness) SupportsCopy() bool               { return true }
func (h *harness) SupportsNonSlashDelimiters() bool { return true }
func (h *harness) Close()                           { _ = h.store.Close() }

// asTest expects the types that the package documentation lists.
type asTest struct{}

func (asTest) Name() string { return "storage types" }

func (asTest) BucketCheck(b *blob.Bucket) error {
	var bucket storage.Bucket
	return check(b.As(&bucket) && bucket.Name() == "conformance", "Bucket")
}

func (asTest) ErrorCheck(b *blob.Bucket, err error) error {
	var e *storage.Error
	return check(b.ErrorAs(err, &e) && e.Op == "open" && errors.Is(e, storage.ErrNotExist), "Error")
}

func (asTest) BeforeRead(as func(any) bool) error   { return checkOptions(as) }
func (asTest) BeforeWrite(as func(any) bool) error  { return checkOptions(as) }
func (asTest) BeforeCopy(as func(any) bool) error   { return checkOptions(as) }
func (asTest) BeforeDelete(as func(any) bool) error { return checkOptions(as) }
func (asTest) BeforeList(as func(any) bool) error   { return checkOptions(as) }
func (asTest) BeforeSign(as func(any) bool) error   { return checkOptions(as) }

func (asTest) AttributesCheck(attrs *blob.Attributes) error {
	return checkObject(attrs.As, "Attributes", false)
}

func (asTest) ReaderCheck(r *blob.Reader) error {
	return checkObject(r.As, "Reader", false)
}

func (asTest) ListObjectCheck(o *blob.ListObject) error {
	return checkObject(o.As, "ListObject", o.IsDir)
}

func checkOptions(as func(any) bool) error {
	var opts storage.Options
	return check(as(&opts) && opts != nil, "options")
}

func checkObject(as func(any) bool, of string, isDir bool) error {
	var obj storage.Object
	return check(as(&obj) && obj.Key != "" && obj.IsDir == isDir, of)
}

func check(ok bool, of string) error {
	if ok {
		return nil
	}
	return errors.New(of + ": As does not support the documented type")
}
