package drivertest

import (
	"io"
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

var bucketCases = []testCase{
	{"B1_handle_creates_nothing", b1HandleCreatesNothing},
	{"B1_reading_creates_nothing", b1ReadingCreatesNothing},
	{"B1_handle_outlives_its_bucket", b1HandleOutlivesItsBucket},
	{"B2_write_creates_bucket", b2WriteCreatesBucket},
	{"B2_copy_and_move_create_bucket", b2TransfersCreateBucket},
	{"B2_init_multipart_creates_bucket", b2InitMultipartCreatesBucket},
	{"B2_failed_write_creates_no_bucket", b2FailedWriteCreatesNoBucket},
	{"B2_missing_bucket", b2MissingBucket},
	{"B2_deleted_bucket", b2DeletedBucket},
	{"B2_bucket_outlives_its_objects", b2BucketOutlivesItsObjects},
	{"B3_create_twice", b3CreateTwice},
	{"B3_create_sets_time", b3CreateSetsTime},
	{"B3_keeps_public_and_metadata", b3KeepsPublicAndMetadata},
	{"B3_delete_missing", b3DeleteMissing},
	{"B3_delete_empty", b3DeleteEmpty},
	{"B3_delete_with_objects", b3DeleteWithObjects},
	{"B3_delete_by_force", b3DeleteByForce},
	{"B3_uploads_do_not_hold_a_bucket", b3UploadsDoNotHoldABucket},
	{"B3_recreated_bucket_is_new", b3RecreatedBucketIsNew},
	{"B3_listed_by_name", b3ListedByName},
	{"B3_listed_in_pages", b3ListedInPages},
	{"B3_iterator_ends", b3IteratorEnds},
	{"B3_buckets_are_apart", b3BucketsAreApart},
}

// mustExist checks whether a bucket exists, by its Info.
func (h *harness) mustExist(bucket string, want bool, message string) {
	_, err := h.st.Bucket(bucket).Info(h.ctx)
	if want {
		require.NoError(h, err, message)
	} else {
		require.ErrorIs(h, err, storage.ErrNoBucket, message)
	}
}

func b1HandleCreatesNothing(h *harness) {
	b := h.st.Bucket("ghost")
	require.Equal(h, "ghost", b.Name(), "B1: a handle has its name")
	h.mustExist("ghost", false, "B1: Info of a bucket never created")
	require.Equal(h, []string{bucketName}, h.bucketNames(0, 0), "B1: a handle creates nothing")
}

func b1ReadingCreatesNothing(h *harness) {
	b := h.st.Bucket("ghost")
	_, _ = b.Stat(h.ctx, "key", nil)
	_ = listing(b.List(h.ctx, "", 0, 0, nil))
	_ = b.Delete(h.ctx, "key", nil)
	_, _, _ = b.Open(h.ctx, "key", 0, 0, nil)
	require.Equal(h, []string{bucketName}, h.bucketNames(0, 0), "B1: reading and deleting must not create a bucket")
	h.mustExist("ghost", false, "B1: reading and deleting must not create a bucket")
	if d, ok := b.(storage.HasDirectories); ok {
		_ = listing(d.Directory("").List(h.ctx, 0, 0, nil))
		_ = d.Directory("").Delete(h.ctx, recursive)
		h.mustExist("ghost", false, "B1: working on its directories must not create a bucket")
	}
}

func b1HandleOutlivesItsBucket(h *harness) {
	h.put("key", "old")
	require.NoError(h, h.st.DeleteBucket(h.ctx, bucketName, storage.Options{storage.OptForce: true}))
	_, err := h.st.CreateBucket(h.ctx, bucketName, nil)
	require.NoError(h, err, "B1: a deleted bucket can be created again")
	h.gone("key", "B1: a handle must mean the bucket that has the name now")
	h.put("key", "new")
	require.Equal(h, "new", h.get("key"), "B1: a handle must stay good when its bucket is created again")
}

func b2WriteCreatesBucket(h *harness) {
	h.strong(storage.RelaxedB2)
	b := h.st.Bucket("fresh")
	_, err := b.Write(h.ctx, "key", strings.NewReader("x"), 1, "", nil)
	require.NoError(h, err, "B2: Write into a missing bucket must create it")
	info, err := b.Info(h.ctx)
	require.NoError(h, err, "B2: Write into a missing bucket must create it")
	assert.Equal(h, "fresh", info.Name, "B2: a bucket created by Write has its name")
	assert.False(h, info.CreatedAt.IsZero(), "B2: a bucket created by Write has a time")
	require.Equal(h, []string{"fresh", bucketName}, h.bucketNames(0, 0), "B2: a bucket created by Write must be listed")
}

func b2TransfersCreateBucket(h *harness) {
	h.strong(storage.RelaxedB2)
	for _, t := range h.transfers() {
		h.put("key", "content")
		fresh := "fresh-" + strings.ToLower(t.name)
		_, err := t.do(h.st.Bucket(fresh), "taken", bucketName, "key", nil)
		require.NoError(h, err, "B2: %s into a missing bucket must create it", t.name)
		h.mustExist(fresh, true, "B2: "+t.name+" into a missing bucket must create it")
		require.Equal(h, "content", getFrom(h, h.st.Bucket(fresh), "taken"), "B2: %s into a missing bucket", t.name)
	}
}

func b2InitMultipartCreatesBucket(h *harness) {
	h.strong(storage.RelaxedB2)
	h.multipart()
	_, err := h.st.Bucket("fresh").(storage.HasMultipart).InitMultipart(h.ctx, "key", "", nil)
	require.NoError(h, err, "B2: InitMultipart into a missing bucket must create it")
	h.mustExist("fresh", true, "B2: InitMultipart into a missing bucket must create it")
}

func b2FailedWriteCreatesNoBucket(h *harness) {
	fresh := h.st.Bucket("fresh")
	write := func(src io.Reader, opts storage.Options) error {
		_, err := fresh.Write(h.ctx, "key", src, 5, "", opts)
		return err
	}
	require.Error(h, write(strings.NewReader("x"), nil))
	h.mustExist("fresh", false, "B2: a Write with a short source must not create the bucket")
	require.Error(h, write(strings.NewReader("12345"), storage.Options{storage.OptIfMatch: "*"}))
	h.mustExist("fresh", false, "B2: a Write whose condition fails must not create the bucket")
	for _, t := range h.transfers() {
		_, err := t.do(fresh, "key", bucketName, "missing", nil)
		require.ErrorIs(h, err, storage.ErrNotExist)
		h.mustExist("fresh", false, "B2: "+t.name+" of a missing source must not create the bucket")
	}
}

func b2MissingBucket(h *harness) {
	h.put("there", "content")
	wantMissing(h, "ghost", "a bucket never created")
}

func b2DeletedBucket(h *harness) {
	h.put("there", "content")
	putIn(h, h.bucket("ghost"), "dir/key", "content")
	require.NoError(h, h.st.DeleteBucket(h.ctx, "ghost", storage.Options{storage.OptForce: true}))
	wantMissing(h, "ghost", "a bucket that was deleted")
}

// wantMissing checks the operations on a missing bucket, but for those that create
// it.
func wantMissing(h *harness, name, what string) {
	relaxed := h.limits.Relaxes(storage.RelaxedB2)
	b := h.st.Bucket(name)
	errs := lookingErrors(h, b)
	if relaxed {
		maps.Copy(errs, creatingErrors(h, b))
	}
	for op, err := range errs {
		if !relaxed && (op == "list" || op == "directory.list" || op == "uploads") {
			require.NoError(h, err, "B2: %s in %s is empty", op, what)
		} else {
			require.ErrorIs(h, err, storage.ErrNoBucket, "B2: %s in %s", op, what)
		}
	}
	for _, t := range h.transfers() {
		_, err := t.do(h.b, "taken", name, "key", nil)
		require.ErrorIs(h, err, storage.ErrNoBucket, "B2: %s from %s", t.name, what)
	}
	require.ErrorIs(h, h.st.DeleteBucket(h.ctx, name, nil), storage.ErrNoBucket, "B3: DeleteBucket of %s", what)
	h.mustExist(name, false, "B2: an operation that fails must not create the bucket")
}

func b2BucketOutlivesItsObjects(h *harness) {
	h.put("key", "content")
	h.delete("key")
	h.mustExist(bucketName, true, "B2: a bucket must stay when its last object is deleted")
}

func b3CreateTwice(h *harness) {
	h.put("key", "content")
	h.unchanged("B3: CreateBucket of an existing bucket must change nothing", func() {
		_, err := h.st.CreateBucket(h.ctx, bucketName, storage.Options{storage.OptPublic: true})
		require.ErrorIs(h, err, storage.ErrExist, "B3: CreateBucket twice")
	})
}

func b3CreateSetsTime(h *harness) {
	before := h.now()
	info, err := h.st.CreateBucket(h.ctx, "fresh", nil)
	require.NoError(h, err)
	h.between(before, info.CreatedAt, h.now(), "B3: CreatedAt must be the store's time of CreateBucket")
	require.Equal(h, time.UTC, info.CreatedAt.Location(), "O2: CreatedAt must be in UTC")
	h.tick()
	again, err := h.st.Bucket("fresh").Info(h.ctx)
	require.NoError(h, err)
	require.True(h, info.CreatedAt.Equal(again.CreatedAt), "B3: CreatedAt must not change: %v, then %v", info.CreatedAt, again.CreatedAt)
}

func b3KeepsPublicAndMetadata(h *harness) {
	want := map[string]string{"team": "red", "Empty": ""}
	created, err := h.st.CreateBucket(h.ctx, "fresh", storage.Options{storage.OptPublic: true, storage.OptMetadata: want})
	require.NoError(h, err)
	putIn(h, h.st.Bucket("fresh"), "key", "x")
	info, err := h.st.Bucket("fresh").Info(h.ctx)
	require.NoError(h, err)
	it, err := h.st.Buckets(h.ctx, 1, 0, nil)
	listed := drain(h, it, err)
	require.Len(h, listed, 1, "B3: a limit of one gives one bucket")
	for from, got := range map[string]*storage.BucketInfo{"CreateBucket": created, "Info": info, "Buckets": listed[0]} {
		require.Equal(h, "fresh", got.Name, "B3: name from %s", from)
		require.True(h, got.Public, "B3: option public must be in the BucketInfo from %s", from)
		require.Equal(h, want, got.Metadata, "B3: option metadata must be in the BucketInfo from %s", from)
	}
	info, err = h.b.Info(h.ctx)
	require.NoError(h, err)
	require.False(h, info.Public, "B3: a bucket is not public unless asked for")
	require.Empty(h, info.Metadata, "B3: a bucket has no metadata unless given")
}

func b3DeleteMissing(h *harness) {
	require.ErrorIs(h, h.st.DeleteBucket(h.ctx, "ghost", nil), storage.ErrNoBucket, "B3: DeleteBucket of a missing bucket")
	err := h.st.DeleteBucket(h.ctx, "ghost", storage.Options{storage.OptForce: true})
	require.ErrorIs(h, err, storage.ErrNoBucket, "B3: DeleteBucket of a missing bucket, by force too")
}

func b3DeleteEmpty(h *harness) {
	h.put("deep/key", "content")
	h.delete("deep/key")
	require.NoError(h, h.st.DeleteBucket(h.ctx, bucketName, nil), "B3: DeleteBucket of an empty bucket must succeed")
	h.mustExist(bucketName, false, "B3: a deleted bucket must be gone")
	require.Empty(h, h.bucketNames(0, 0), "B3: a deleted bucket must not be listed")
}

func b3DeleteWithObjects(h *harness) {
	h.put("deep/down/key", "content")
	h.unchanged("B3: a DeleteBucket that fails must lose nothing", func() {
		require.ErrorIs(h, h.st.DeleteBucket(h.ctx, bucketName, nil), storage.ErrPermission, "B3: DeleteBucket of a bucket with objects")
		err := h.st.DeleteBucket(h.ctx, bucketName, storage.Options{storage.OptForce: false})
		require.ErrorIs(h, err, storage.ErrPermission, "B3: DeleteBucket with force: false")
	})
}

func b3DeleteByForce(h *harness) {
	h.putKeys("a", "b/c")
	require.NoError(h, h.st.DeleteBucket(h.ctx, bucketName, storage.Options{storage.OptForce: true}), "B3: DeleteBucket by force must succeed")
	h.mustExist(bucketName, false, "B3: a bucket deleted by force must be gone")
	h.gone("a", "B3: the objects go with the bucket")
	h.bucket(bucketName)
	require.Empty(h, h.list("", nil), "B3: the objects go with the bucket")
}

func b3UploadsDoNotHoldABucket(h *harness) {
	mu, parts := h.upload("key", "part")
	require.NoError(h, h.st.DeleteBucket(h.ctx, bucketName, nil), "B3: uploads in progress must not count as objects")
	_, err := h.multipart().CompleteMultipart(h.ctx, mu, parts, nil)
	require.ErrorIs(h, err, storage.ErrNotExist, "B3: uploads go with the bucket")
	h.mustExist(bucketName, false, "B3: completing an upload that went must not bring back the bucket")
}

func b3RecreatedBucketIsNew(h *harness) {
	_, err := h.st.CreateBucket(h.ctx, "again", storage.Options{storage.OptPublic: true, storage.OptMetadata: map[string]string{"a": "b"}})
	require.NoError(h, err)
	require.NoError(h, h.st.DeleteBucket(h.ctx, "again", nil))
	info, err := h.st.CreateBucket(h.ctx, "again", nil)
	require.NoError(h, err)
	require.False(h, info.Public, "B3: a bucket created again must not inherit public")
	require.Empty(h, info.Metadata, "B3: a bucket created again must not inherit metadata")
}

func b3ListedByName(h *harness) {
	require.NoError(h, h.st.DeleteBucket(h.ctx, bucketName, nil))
	want := h.allowed("A", "B", "a", "a-b", "a.b", "a_b", "aaa", "ab", "ab-c", "ab.c", "ab0", "abc", "b", "b00", "\u00e9")
	for _, i := range rand.New(rand.NewPCG(5, 5)).Perm(len(want)) {
		_, err := h.st.CreateBucket(h.ctx, want[i], nil)
		require.NoError(h, err)
	}
	require.Equal(h, want, h.bucketNames(0, 0), "B3: buckets must be listed in byte order of their names")
}

func b3ListedInPages(h *harness) {
	all := []string{bucketName, "test-1", "test-2", "test-3"}
	for _, name := range all[1:] {
		h.bucket(name)
	}
	for _, c := range []struct {
		limit, offset int
		want          []string
	}{
		{0, 0, all}, {-1, -1, all}, {4, 0, all}, {100, -5, all}, {2, 0, all[:2]}, {2, 2, all[2:]},
		{1, 3, all[3:]}, {0, 1, all[1:]}, {3, 2, all[2:]}, {0, 4, []string{}}, {1, 99, []string{}},
	} {
		require.Equal(h, c.want, h.bucketNames(c.limit, c.offset), "B3: Buckets with limit %d and offset %d", c.limit, c.offset)
	}
}

func b3IteratorEnds(h *harness) {
	it, err := h.st.Buckets(h.ctx, 0, 0, nil)
	require.NoError(h, err)
	wantEnd(h, it, "B3", func(info *storage.BucketInfo) { require.Equal(h, bucketName, info.Name) })
}

func b3BucketsAreApart(h *harness) {
	h.put("key", "mine")
	other := h.bucket("other")
	putIn(h, other, "key", "theirs")
	require.Equal(h, "mine", h.get("key"), "B3: the same key in two buckets is two objects")
	require.NoError(h, other.Delete(h.ctx, "key", nil))
	require.Equal(h, "mine", h.get("key"), "B3: deleting in one bucket leaves the other alone")
}
