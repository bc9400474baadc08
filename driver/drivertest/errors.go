package drivertest

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var errorCases = []testCase{
	{"E_every_operation_names_itself", eEveryOperation},
	{"E_names_bucket_and_key", eNamesBucketAndKey},
	{"E_names_a_bad_key_as_given", eNamesABadKey},
	{"E_matches_its_twin", eMatchesItsTwin},
	{"E_option_of_the_wrong_type", eOptionOfTheWrongType},
	{"E_unknown_option_is_ignored", eUnknownOption},
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
	h.put("there", "content")
	for _, c := range slices.Concat(keyCalls(h)[1:5], directoryCalls(h)[:min(1, len(directoryCalls(h)))]) {
		err := c.do(" /no//such ")
		e := h.described(err, c.name)
		require.Equal(h, bucketName, e.Bucket, "E: the error of %s must name the bucket: %v", c.name, err)
		require.Equal(h, "no/such", e.Key, "E: the error of %s must name the key, normalised: %v", c.name, err)
		for _, part := range []string{e.Op, strconv.Quote(bucketName), strconv.Quote("no/such"), e.Err.Error()} {
			require.ErrorContains(h, err, part, "E: the message of %s must name operation, bucket, key and cause", c.name)
		}
	}
	e := h.described(h.st.DeleteBucket(h.ctx, "ghost", nil), "DeleteBucket")
	require.Equal(h, "ghost", e.Bucket, "E: the error of DeleteBucket must name the bucket")
	_, err := h.st.CreateBucket(h.ctx, bucketName, nil)
	require.Equal(h, bucketName, h.described(err, "CreateBucket").Bucket, "E: the error of CreateBucket must name the bucket")
}

func eNamesABadKey(h *harness) {
	_, err := h.write("../up", "content", nil)
	e := h.described(err, "Write of a bad key")
	require.Equal(h, "../up", e.Key, "E: a key that cannot be normalised must be named as given")
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
	_, err = h.b.SignedURL(h.ctx, "dir/key", "GET", time.Minute, nil)
	require.ErrorIs(h, err, errors.ErrUnsupported, "E: ErrUnsupported must match errors.ErrUnsupported")
	require.NoError(h, h.st.Close())
	require.ErrorIs(h, stat("dir/key"), fs.ErrClosed, "E: ErrClosed must match fs.ErrClosed")
}

// wrongValues are values of the wrong type for every known option.
var wrongValues = map[string][]any{
	storage.OptPublic:             {nil, "true", 1},
	storage.OptMetadata:           {nil, map[string]any{"a": "b"}, "a=b", storage.Hashes{"a": "b"}},
	storage.OptForce:              {nil, "true", 1},
	storage.OptUpsert:             {nil, "false", 0},
	storage.OptChecksumAlgorithms: {nil, "md5", []any{"md5"}, map[string]string{}},
	storage.OptChecksum:           {nil, "5d41402abc4b2a76b9719d911017c592", map[string]any{"md5": ""}, []string{"md5"}},
	storage.OptIfMatch:            {nil, []byte("*"), true},
	storage.OptIfNoneMatch:        {nil, []string{"*"}, 0},
	storage.OptIfModifiedSince:    {nil, "2020-01-01T00:00:00Z", int64(0), new(time.Time)},
	storage.OptIfUnmodifiedSince:  {nil, "2020-01-01T00:00:00Z", int64(0), new(time.Time)},
	storage.OptRecursive:          {nil, "true", 1, new(bool)},
	storage.OptFilesOnly:          {nil, "true", 1},
	storage.OptDirsOnly:           {nil, "true", 1},
	storage.OptStartAfter:         {nil, []byte("a"), 'a'},
}

func eOptionOfTheWrongType(h *harness) {
	ops := h.operations()
	h.unchanged("E: an option of the wrong type must change nothing", func() {
		for _, op := range ops {
			if op.noOpts {
				continue
			}
			for key, values := range wrongValues {
				for _, v := range values {
					err := op.do(h.ctx, storage.Options{key: v})
					require.ErrorIs(h, err, storage.ErrInvalid, "E: %s with option %s: %#v", op.op, key, v)
					require.ErrorContains(h, err, key, "E: the error must name the option")
				}
			}
		}
	})
}

func eUnknownOption(h *harness) {
	opts := storage.Options{"x-unknown": 42, "Recursive": false, "": nil, "if-match": "other"}
	for _, op := range h.operations() {
		if !op.refuses && op.op != "abortmultipart" {
			require.NoError(h, op.do(h.ctx, opts), "E: %s must ignore unknown options", op.op)
		}
	}
}
