package gocloud

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// names lists all pages of b, and marks directories.
func names(t *testing.T, b *blob.Bucket, pageSize int, opts *blob.ListOptions) []string {
	var all []string
	token := blob.FirstPageToken
	for len(token) > 0 {
		require.Less(t, len(all), 1000, "pages without end")
		page, next, err := b.ListPage(t.Context(), token, pageSize, opts)
		require.NoError(t, err)
		for _, o := range page {
			all = append(all, fmt.Sprintf("%q dir=%t", o.Key, o.IsDir))
		}
		token = next
	}
	return all
}

// TestListLikeMemblob compares listings with those of gocloud.dev's own memory
// bucket. The entries are the same whatever the prefix, the delimiter and the size of
// pages, and in the same order unless a key has to be escaped.
func TestListLikeMemblob(t *testing.T) {
	clean := []string{
		"a", "a-b", "a.b", "a/x", "a/y/z", "ab", "ab/c", "b_c", "b_d", "b__", "b__0x62__", "c d/e", "c d/f g", ".hidden", "d/.e", "☺/ä",
	}
	weird := []string{
		"a/", "a//", "a//x", "a//y", "/", "/abs/path", "//", "b_\\", "b__0x5c__", "b__0x5f___0x5c__", `win\dir\file`, `win\dir2`,
		"c ", " c", "c /x", "c /y/z", "c / ", " ", "  /x", "..", "../a", ".", "./a", "d/./e", "d/../e", "a\x00b", "d/.", "d/..",
	}
	prefixes := []string{
		"", "a", "a/", "a//", "ab", "b_", "b__", "b__0x", "c", "c ", "c /", "c d/", "c d/f ", " ", "  ", " /", "  /", "c / ", "\xe2", "/", "//", "/a", ".", "..", "../", "./",
		"d/", "d/.", "d/..", "d/./", `win\`, `win\d`, "\x00", "a\x00", "☺", "☺\xc3", "☺/\xc3", "\xc3/", "none",
	}
	for name, test := range map[string]struct {
		keys    []string
		opts    []memdriver.Option
		escaped bool
	}{
		"clean":        {keys: clean},
		"weird":        {keys: slices.Concat(clean, weird), escaped: true},
		"weird, exact": {keys: slices.Concat(clean, weird), opts: []memdriver.Option{memdriver.WithExactKeys()}},
	} {
		t.Run(name, func(t *testing.T) {
			_, bucket := open(t, test.opts...)
			oracle := memblob.OpenBucket(nil)
			for _, key := range test.keys {
				require.NoError(t, bucket.WriteAll(t.Context(), key, nil, nil), "%q", key)
				require.NoError(t, oracle.WriteAll(t.Context(), key, nil, nil))
			}
			for _, prefix := range prefixes {
				for _, delimiter := range []string{"", "/", "_", " ", ".", `\`, "//", "b_"} {
					opts := &blob.ListOptions{Prefix: prefix, Delimiter: delimiter}
					want := names(t, oracle, 1000, opts)
					for _, pageSize := range []int{1, 2, 3, 1000} {
						got := names(t, bucket, pageSize, opts)
						if test.escaped {
							slices.Sort(want)
							slices.Sort(got)
						}
						require.Equal(t, want, got, "%+v by %d", opts, pageSize)
					}
				}
			}
			require.NoError(t, oracle.Close())
		})
	}
}

// TestListOfOtherWriters checks that all objects of a store are blobs, each
// under a key of its own by which it can be read.
func TestListOfOtherWriters(t *testing.T) {
	b, bucket := open(t)
	for _, key := range []string{
		"a__0x2e__b", " a", "__0x20__/a", "a.b", "a__0x62__", "__0x__", "x/__0x__", "x/__0x__/y", "x/__0x5f___0x__", " dir /x", "dir / x", "__0xd800__",
	} {
		put(t, b, key, key)
	}
	seen := make(map[string]bool)
	list, check := bucket.List(nil).All(t.Context())
	for o := range list {
		var obj storage.Object
		require.True(t, o.As(&obj))
		data, err := bucket.ReadAll(t.Context(), o.Key)
		require.NoError(t, err, "%q", o.Key)
		var native storage.Object
		attrs, err := bucket.Attributes(t.Context(), o.Key)
		require.NoError(t, err)
		require.True(t, attrs.As(&native))
		assert.Equal(t, obj.Key, native.Key)
		assert.NotEmpty(t, data)
		assert.False(t, seen[o.Key], "%q is listed twice", o.Key)
		seen[o.Key] = true
	}
	require.NoError(t, check())
	assert.Len(t, seen, 12)
}

// TestListLeavesTheWorkToTheStore checks that a listing by slash costs its entries,
// not all that lies beneath, and that a page does not walk those before it unless
// it has to.
func TestListLeavesTheWorkToTheStore(t *testing.T) {
	for _, test := range []struct {
		exact             bool
		delimiter         string
		recursive, resume bool
	}{
		{false, "", true, true}, {false, "/", false, true}, {false, "_", true, false},
		{true, "", true, true}, {true, "/", false, true}, {true, "_", true, true},
	} {
		l := lister{&driver.ListOptions{Delimiter: test.delimiter, PageToken: []byte("k")}, keys{exact: test.exact}}
		opts := l.options()
		assert.Equal(t, test.recursive, opts.Bool(storage.OptRecursive, true), "%+v", test)
		_, resume := opts.String(storage.OptStartAfter)
		assert.Equal(t, test.resume, resume, "%+v", test)
	}
}

func TestListIsPaged(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	for i := range defaultPageSize + 1 {
		put(t, b, fmt.Sprintf("%04d", i), "")
	}
	drv := openBucket(b, nil)
	page, err := drv.ListPaged(t.Context(), &driver.ListOptions{})
	require.NoError(t, err)
	assert.Len(t, page.Objects, defaultPageSize)
	page, err = drv.ListPaged(t.Context(), &driver.ListOptions{PageToken: page.NextPageToken})
	require.NoError(t, err)
	assert.Len(t, page.Objects, 1)
	assert.Empty(t, page.NextPageToken)
}

func TestListWithADoneContext(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	put(t, b, "k", "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := OpenBucket(b, nil).List(nil).Next(ctx)
	assert.ErrorIs(t, err, context.Canceled)
}

// failing is a bucket whose listings end with an error.
type failing struct{ storage.Bucket }

func (b failing) List(ctx context.Context, prefix string, limit, offset int, opts storage.Options) (storage.ObjectIter, error) {
	it, err := b.Bucket.List(ctx, prefix, limit, offset, opts)
	return failingIter{it}, err
}

type failingIter struct{ storage.ObjectIter }

func (it failingIter) Next() (*storage.Object, error) {
	if obj, err := it.ObjectIter.Next(); obj != nil || err != nil {
		return obj, err
	}
	return nil, storage.ErrQuota
}

func TestListThatFailsHalfWay(t *testing.T) {
	b := memdriver.Open().Bucket("b")
	put(t, b, "k", "x")
	_, err := OpenBucket(failing{b}, nil).List(nil).Next(t.Context())
	requireCode(t, gcerrors.ResourceExhausted, err)
}
