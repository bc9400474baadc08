package storage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// chapters are what a small publishing house does with a store, in order. After
// each one the store is as the golden file of that name in testdata says.
var chapters = []struct {
	name string
	do   func(t *testing.T, ctx context.Context, st storage.Storage)
}{
	{"1-manuscripts", manuscripts},
	{"2-revision", revision},
	{"3-typesetting", typesetting},
	{"4-printing", printing},
	{"5-clearance", clearance},
}

// manuscripts come in under every spelling of a key, some with metadata and
// digests, and one directory's name begins with another's.
func manuscripts(t *testing.T, ctx context.Context, st storage.Storage) {
	_, err := st.CreateBucket(ctx, "catalogue", storage.Options{
		storage.OptPublic:   true,
		storage.OptMetadata: map[string]string{"owner": "Aldus", "city": "Venice"},
	})
	require.NoError(t, err)
	inbox := st.Bucket("")
	for i, key := range []string{"novel/1.md", "/novel/2.md", `novel\3.md`, "novel//x/../4.md", "./novel2/1.md", "novel-notes.md", "novel.md", "novel"} {
		text := fmt.Sprintf("# Part %d\n", i)
		_, err := inbox.Write(ctx, key, strings.NewReader(text), int64(len(text)), "text/markdown", storage.Options{
			storage.OptMetadata: map[string]string{"part": fmt.Sprint(i)},
		})
		require.NoError(t, err)
	}
	_, err = inbox.Write(ctx, "cover.png", strings.NewReader("\x89PNG\r\n"), -1, "image/png", storage.Options{
		storage.OptChecksumAlgorithms: []string{storage.HashMD5, storage.HashSHA1, storage.HashSHA256, storage.HashCRC32C},
	})
	require.NoError(t, err)
}

// revision overwrites on conditions, and what a condition forbids does nothing.
func revision(t *testing.T, ctx context.Context, st storage.Storage) {
	inbox := st.Bucket("")
	first, err := inbox.Stat(ctx, "novel/1.md", nil)
	require.NoError(t, err)
	revise := func(key string, opts storage.Options) error {
		_, err := inbox.Write(ctx, key, strings.NewReader("# Revised"), -1, "text/markdown", opts)
		return err
	}
	require.NoError(t, revise("novel/1.md", storage.Options{storage.OptIfMatch: first.ETag}))
	require.ErrorIs(t, revise("novel/1.md", storage.Options{storage.OptIfMatch: first.ETag}), storage.ErrPrecondition)
	require.ErrorIs(t, revise("novel/2.md", storage.Options{storage.OptUpsert: false}), storage.ErrExist)
	require.ErrorIs(t, revise("novel/3.md", storage.Options{storage.OptChecksum: storage.Hashes{storage.HashCRC32C: "00000000"}}), storage.ErrChecksum)
	_, err = inbox.Write(ctx, "novel/4.md", strings.NewReader("cut"), 100, "", nil)
	require.Error(t, err)
	require.NoError(t, revise("novel/5.md", storage.Options{storage.OptIfNoneMatch: "*"}))
}

// typesetting copies, and moves objects and a directory, between buckets, too.
func typesetting(t *testing.T, ctx context.Context, st storage.Storage) {
	inbox, books := st.Bucket(""), st.Bucket("books")
	_, err := books.Copy(ctx, "novel/cover.png", inbox.Name(), "cover.png", nil)
	require.NoError(t, err)
	_, err = books.Copy(ctx, "novel/blurb.md", inbox.Name(), "novel-notes.md", storage.Options{storage.OptMetadata: map[string]string{"set": "yes"}})
	require.NoError(t, err)
	_, err = books.Move(ctx, "novel/preface.md", inbox.Name(), "novel.md", nil)
	require.NoError(t, err)
	_, err = inbox.(storage.HasDirectories).Directory("novel").Move(ctx, "set/2024/novel", nil)
	require.NoError(t, err)
	_, err = inbox.(storage.HasDirectories).Directory("set/2024").Move(ctx, "set", nil)
	require.NoError(t, err)
}

// printing uploads in parts, and leaves one upload unfinished.
func printing(t *testing.T, ctx context.Context, st storage.Storage) {
	books := st.Bucket("books").(storage.HasMultipart)
	mu, err := books.InitMultipart(ctx, "novel/print.txt", "text/plain", storage.Options{storage.OptMetadata: map[string]string{"copies": "500"}})
	require.NoError(t, err)
	var parts []*storage.PartInfo
	for _, number := range []int{3, 1, 2} {
		part, err := books.UploadPart(ctx, mu, number, strings.NewReader(fmt.Sprintf("sheet %d\n", number)), -1, nil)
		require.NoError(t, err)
		parts = append(parts, part)
	}
	_, err = books.CompleteMultipart(ctx, mu, parts, nil)
	require.NoError(t, err)
	_, err = books.InitMultipart(ctx, "novel/reprint.txt", "text/plain", nil)
	require.NoError(t, err)
}

// clearance deletes an object, one of a directory's name with all beneath, a
// directory and a bucket.
func clearance(t *testing.T, ctx context.Context, st storage.Storage) {
	inbox := st.Bucket("")
	require.NoError(t, inbox.Delete(ctx, "cover.png", nil))
	require.NoError(t, inbox.Delete(ctx, "novel", nil))
	require.NoError(t, inbox.Delete(ctx, "set/novel/1.md", nil))
	require.NoError(t, inbox.(storage.HasDirectories).Directory("novel2").Delete(ctx, nil))
	require.ErrorIs(t, st.DeleteBucket(ctx, "books", nil), storage.ErrPermission)
	require.NoError(t, st.DeleteBucket(ctx, "books", storage.Options{storage.OptForce: true}))
}

func TestEndToEnd(t *testing.T) {
	ctx := t.Context()
	st, err := storage.Open(ctx, "mem://?bucket=inbox")
	require.NoError(t, err)
	defer st.Close()
	for _, chapter := range chapters {
		chapter.do(t, ctx, st)
		snaptest.Golden(t, st, "testdata/"+chapter.name+".txtar")
	}
}

// With a clock of the test's own, golden files can show the times, too: here
// every chapter has a month.
func TestEndToEndTimes(t *testing.T) {
	ctx := t.Context()
	now := time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC)
	st := snaptest.New(t, memdriver.WithDefaultBucket("inbox"), memdriver.WithClock(func() time.Time { return now }))
	for _, chapter := range chapters[:4] {
		chapter.do(t, ctx, st)
		now = now.AddDate(0, 1, 0)
	}
	snaptest.Golden(t, st, "testdata/times.txtar", snaptest.Show(snaptest.Created|snaptest.Updated))
}

// Rolled back, the store is as it was, golden file and all, however far the
// story went.
func TestEndToEndRollback(t *testing.T) {
	ctx := t.Context()
	st := snaptest.New(t, memdriver.WithDefaultBucket("inbox"))
	for i, chapter := range chapters {
		before := st.Snapshot()
		t.Run(chapter.name, func(t *testing.T) {
			snaptest.Rollback(t, st)
			for _, later := range chapters[i:] {
				later.do(t, ctx, st)
			}
			snaptest.Golden(t, st, "testdata/5-clearance.txtar")
		})
		snaptest.AssertUnchanged(t, before, st.Snapshot())
		chapter.do(t, ctx, st)
		snaptest.Golden(t, st, "testdata/"+chapter.name+".txtar")
	}
}
