package drivertest

import (
	"errors"
	"io/fs"
	"strconv"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var errorCases = []testCase{
	{"E_every_operation_names_itself", eEveryOperation},
	{"E_names_bucket_and_key", eNamesBucketAndKey},
	{"E_names_a_bad_key_as_given", eNamesABadKey},
	{"E_matches_its_twin", eMatchesItsTwin},
}

// described returns the *storage.Error in err, which must be wrapped once.
func (h *harness) described(err error, what string) *storage.Error {
	var e, inner *storage.Error
	require.ErrorAs(h, err, &e, "E: %s must fail with a *storage.Error", what)
	require.False(h, errors.As(e.Err, &inner), "E: %s must fail with one *storage.Error, not one around another: %v", what, err)
	return e
}

func eEveryOperation(h *harness) {
	ops := h.operations()
	require.NoError(h, h.st.Close())
	for _, op := range ops {
		err := op.do(h.ctx, nil)
		require.Equal(h, op.op, h.described(err, op.op).Op, "E: the error must name the operation: %v", err)
	}
}

func eNamesBucketAndKey(h *harness) {
	spelling, key := "no/such", "no/such"
	if !h.exact {
		spelling = "/no//such/"
	}
	calls := h.lookingCalls()[:4]
	if d, ok := h.b.(storage.HasDirectories); ok {
		calls = append(calls, call{"Directory.Info", func(path string) error { _, err := d.Directory(path).Info(h.ctx); return err }})
	}
	for _, c := range calls {
		err := c.do(spelling)
		e := h.described(err, c.name)
		require.Equal(h, bucketName, e.Bucket, "E: the error of %s must name the bucket: %v", c.name, err)
		require.Equal(h, key, e.Key, "E: the error of %s must name the key, normalised: %v", c.name, err)
		for _, part := range []string{e.Op, strconv.Quote(bucketName), strconv.Quote(key), e.Err.Error()} {
			require.ErrorContains(h, err, part, "E: the message of %s must name operation, bucket, key and cause", c.name)
		}
	}
	e := h.described(h.st.DeleteBucket(h.ctx, "ghost", nil), "DeleteBucket")
	require.Equal(h, "ghost", e.Bucket, "E: the error of DeleteBucket must name the bucket")
	_, err := h.st.CreateBucket(h.ctx, bucketName, nil)
	require.Equal(h, bucketName, h.described(err, "CreateBucket").Bucket, "E: the error of CreateBucket must name the bucket")
}

func eNamesABadKey(h *harness) {
	bad := "\xff"
	if !h.exact {
		bad = "../up"
	}
	_, err := h.write(bad, "content", nil)
	e := h.described(err, "Write of a bad key")
	require.Equal(h, bad, e.Key, "E: a key that cannot be normalised must be named as given")
	require.Equal(h, bucketName, e.Bucket, "E: the error must name the bucket")
}

func eMatchesItsTwin(h *harness) {
	h.put("dir/key", "content")
	stat := func(key string) error { _, err := h.b.Stat(h.ctx, key, nil); return err }
	require.ErrorIs(h, stat("missing"), fs.ErrNotExist, "E: ErrNotExist must match fs.ErrNotExist")
	require.ErrorIs(h, stat(""), fs.ErrInvalid, "E: ErrInvalid must match fs.ErrInvalid")
	require.ErrorIs(h, h.b.Delete(h.ctx, "dir", nil), fs.ErrPermission, "E: ErrPermission must match fs.ErrPermission")
	_, err := h.st.CreateBucket(h.ctx, bucketName, nil)
	require.ErrorIs(h, err, fs.ErrExist, "E: ErrExist must match fs.ErrExist")
	_, err = h.st.Bucket("ghost").Info(h.ctx)
	require.ErrorIs(h, err, fs.ErrNotExist, "E: ErrNoBucket must match fs.ErrNotExist")
	for _, op := range h.operations() {
		if op.refuses {
			require.ErrorIs(h, op.do(h.ctx, nil), errors.ErrUnsupported, "E: ErrUnsupported must match errors.ErrUnsupported (%s)", op.op)
		}
	}
	require.NoError(h, h.st.Close())
	require.ErrorIs(h, stat("dir/key"), fs.ErrClosed, "E: ErrClosed must match fs.ErrClosed")
}
