package drivertest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var bucketNameCases = []testCase{
	{"K3_trims_space", k3TrimsSpace},
	{"K3_slashes_become_underscores", k3SlashesBecomeUnderscores},
	{"K3_dots_get_an_underscore", k3DotsGetAnUnderscore},
	{"K3_spellings_are_one_bucket", k3SpellingsAreOneBucket},
	{"K3_empty_cannot_be_created_or_deleted", k3EmptyIsInvalid},
	{"K3_empty_means_the_default_bucket", k3EmptyMeansDefault},
	{"K3_bad_names_are_invalid", k3BadNamesAreInvalid},
}

// wantBuckets creates a bucket by each spelling and checks the name that results.
// It leaves out names that the driver does not permit.
func wantBuckets(h *harness, names map[string]string) {
	var wanted []string
	for _, name := range names {
		wanted = append(wanted, name)
	}
	wanted = h.allowed(wanted...)
	for spelling, want := range names {
		if !slices.Contains(wanted, want) {
			continue
		}
		info, err := h.st.CreateBucket(h.ctx, spelling, nil)
		require.NoError(h, err, "K3: CreateBucket of %q must succeed", spelling)
		require.Equal(h, want, info.Name, "K3: the name %q must be normalised", spelling)
		require.Equal(h, want, h.st.Bucket(spelling).Name(), "K3: Bucket(%q).Name must be normalised", spelling)
		require.Contains(h, h.bucketNames(0, 0), want, "K3: the bucket %q must be listed as %q", spelling, want)
		require.NoError(h, h.st.DeleteBucket(h.ctx, spelling, nil), "K3: DeleteBucket must normalise %q", spelling)
		require.NotContains(h, h.bucketNames(0, 0), want, "K3: DeleteBucket of %q must delete %q", spelling, want)
	}
}

func k3TrimsSpace(h *harness) {
	wantBuckets(h, map[string]string{" aaa": "aaa", "bbb \n": "bbb", "\tccc\t": "ccc", "\u00a0d d ": "d d"})
}

func k3SlashesBecomeUnderscores(h *harness) {
	wantBuckets(h, map[string]string{"a/b": "a_b", `c\d`: "c_d", "/": "_", "../e": ".._e"})
}

func k3DotsGetAnUnderscore(h *harness) {
	wantBuckets(h, map[string]string{".": "_.", "..": "_..", " . ": "_.", "...": "...", ".x": ".x"})
}

func k3SpellingsAreOneBucket(h *harness) {
	h.allowed("x_y")
	h.bucket("x_y")
	putIn(h, h.st.Bucket(" x/y "), "key", "content")
	o, err := h.st.Bucket("x_y").Stat(h.ctx, "key", nil)
	require.NoError(h, err, "K3: every spelling of a name must mean the same bucket")
	require.Equal(h, "x_y", o.Bucket, "K3: Object.Bucket must be the normalised name")
	_, err = h.b.Copy(h.ctx, "copy", ` x\y`, "key", nil)
	require.NoError(h, err, "K3: srcBucket must be normalised")
	_, err = h.st.CreateBucket(h.ctx, `x\y`, nil)
	require.ErrorIs(h, err, storage.ErrExist, "K3: another spelling of a bucket's name must not create another")
}

func k3EmptyIsInvalid(h *harness) {
	for _, name := range []string{"", " ", "\t\n"} {
		_, err := h.st.CreateBucket(h.ctx, name, nil)
		require.ErrorIs(h, err, storage.ErrInvalid, "K3: CreateBucket of %q", name)
		require.ErrorIs(h, h.st.DeleteBucket(h.ctx, name, nil), storage.ErrInvalid, "K3: DeleteBucket of %q", name)
	}
}

func k3EmptyMeansDefault(h *harness) {
	b := h.st.Bucket("")
	require.NotEmpty(h, b.Name(), `K3: Bucket("") must be named as the default bucket`)
	h.bucket(b.Name())
	putIn(h, b, "key", "content")
	o, err := h.st.Bucket(b.Name()).Stat(h.ctx, "key", nil)
	require.NoError(h, err, `K3: Bucket("") must be the bucket that its name means`)
	require.Equal(h, b.Name(), o.Bucket, "K3: Object.Bucket must name the default bucket")
	h.gone("key", "K3: the default bucket must not be another bucket")
}

func k3BadNamesAreInvalid(h *harness) {
	h.put("there", "content")
	for _, name := range []string{"\x00", "a\x00", "\xff", "b\xc3"} {
		h.unchanged(fmt.Sprintf("K3: the bad bucket name %q must change nothing", name), func() {
			_, err := h.st.CreateBucket(h.ctx, name, nil)
			require.ErrorIs(h, err, storage.ErrInvalid, "K3: CreateBucket of %q", name)
			require.ErrorIs(h, h.st.DeleteBucket(h.ctx, name, nil), storage.ErrInvalid, "K3: DeleteBucket of %q", name)
			for _, t := range h.transfers() {
				_, err = t.do(h.b, "x", name, "there", nil)
				require.ErrorIs(h, err, storage.ErrInvalid, "K3: %s from bucket %q", t.name, name)
			}
			b := h.st.Bucket(name)
			require.Equal(h, name, b.Name(), "K3: Name of a bad name is the name as given")
			errs := lookingErrors(h, b)
			maps.Copy(errs, creatingErrors(h, b))
			for op, err := range errs {
				require.ErrorIs(h, err, storage.ErrInvalid, "K3: %s in bucket %q", op, name)
			}
		})
	}
}

// lookingErrors calls the methods of a bucket that do not create it, and returns
// their errors by operation.
func lookingErrors(h *harness, b storage.Bucket) map[string]error {
	errs := make(map[string]error)
	_, errs["info"] = b.Info(h.ctx)
	_, _, errs["open"] = b.Open(h.ctx, "key", 0, 0, nil)
	_, errs["stat"] = b.Stat(h.ctx, "key", nil)
	errs["delete"] = b.Delete(h.ctx, "key", nil)
	errs["list"] = listing(b.List(h.ctx, "", 0, 0, nil))
	if d, ok := b.(storage.HasDirectories); ok {
		dir := d.Directory("dir")
		_, errs["directory.info"] = dir.Info(h.ctx)
		errs["directory.list"] = listing(dir.List(h.ctx, 0, 0, nil))
		errs["directory.delete"] = dir.Delete(h.ctx, recursive)
		_, errs["directory.move"] = dir.Move(h.ctx, "to", nil)
		_, errs["directory.info of the root"] = d.Directory("").Info(h.ctx)
	}
	if u, ok := b.(storage.HasUploads); ok {
		errs["uploads"] = listing(u.Uploads(h.ctx, "", 0, 0, nil))
	}
	return errs
}

// creatingErrors calls the methods of a bucket that create it if it is missing, and
// returns their errors by operation. The object "there" must exist.
func creatingErrors(h *harness, b storage.Bucket) map[string]error {
	errs := make(map[string]error)
	_, errs["write"] = b.Write(h.ctx, "key", strings.NewReader("x"), 1, "", nil)
	for _, t := range h.transfers() {
		_, errs[strings.ToLower(t.name)] = t.do(b, "key", bucketName, "there", nil)
	}
	if m, ok := b.(storage.HasMultipart); ok {
		_, errs["initmultipart"] = m.InitMultipart(h.ctx, "key", "", nil)
	}
	return errs
}
