package snaptest_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// work does a year's work in the archive of a company, with every operation that
// changes a store, and returns what each of them returned.
func work(t *testing.T, st storage.Storage) (returned string) {
	ctx := context.Background()
	var log strings.Builder
	note := func(v any, err error) {
		t.Helper()
		require.NoError(t, err)
		fmt.Fprintf(&log, "%+v\n", v)
	}
	note(st.CreateBucket(ctx, "archive", storage.Options{storage.OptMetadata: map[string]string{"owner": "ann", "year": "2024"}}))
	archive, inbox := st.Bucket("archive"), st.Bucket("")
	for month := range 12 {
		for i := range 5 {
			key := fmt.Sprintf("%02d/%d.json", month+1, i)
			note(inbox.Write(ctx, key, strings.NewReader(fmt.Sprintf("{\"total\": %d}\n", i*month)), -1, "application/json",
				storage.Options{storage.OptMetadata: map[string]string{"month": fmt.Sprint(month), "clerk": "bob"}}))
		}
	}
	note(inbox.Write(ctx, "01/0.json", strings.NewReader("{}"), 2, "application/json", nil))
	note(archive.Copy(ctx, "first.json", inbox.Name(), "01/1.json", nil))
	note(archive.Move(ctx, "second.json", inbox.Name(), "01/2.json", nil))
	require.NoError(t, inbox.Delete(ctx, "02", storage.Options{storage.OptRecursive: true}))
	moved, err := inbox.(storage.HasDirectories).Directory("03").Move(ctx, "done/03", nil)
	require.NoError(t, err)
	note(moved.Info(ctx))
	mp := archive.(storage.HasMultipart)
	for _, key := range []string{"scan.bin", "abandoned.bin"} {
		mu, err := mp.InitMultipart(ctx, key, "application/octet-stream", nil)
		note(mu.Key, err) // its ID is unique
		one, err := mp.UploadPart(ctx, mu, 1, strings.NewReader("\x00\x01"), -1, nil)
		note(one.ETag, err)
		note(*one.LastModified, nil)
		if key == "scan.bin" {
			note(mp.CompleteMultipart(ctx, mu, []*storage.PartInfo{one}, nil))
		}
	}
	it, err := inbox.List(ctx, "", 0, 0, storage.Options{storage.OptRecursive: false})
	require.NoError(t, err)
	for o, err := range storage.All(it) {
		note(*o, err)
	}
	_, err = inbox.Stat(ctx, "02/0.json", nil)
	log.WriteString(err.Error())
	return log.String()
}

var everything = snaptest.Show(snaptest.Default | snaptest.Created | snaptest.Updated)

func TestTwoRunsDoNotDiffer(t *testing.T) {
	for name, open := range map[string]func() storage.Storage{
		"frozen by DSN": func() storage.Storage {
			st, err := storage.Open(context.Background(), "mem://?time=2024-12-31T23:59:59Z&bucket=inbox")
			require.NoError(t, err)
			return st
		},
		"WithClock": func() storage.Storage {
			now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("somewhere", 5400))
			return memdriver.Open(memdriver.WithDefaultBucket("inbox"), memdriver.WithClock(func() time.Time {
				now = now.Add(time.Second)
				return now
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := open(), open()
			defer one.Close()
			defer two.Close()
			require.Equal(t, work(t, one), work(t, two))
			require.Equal(t, golden(t, one, everything), golden(t, two, everything))
		})
	}
}

// In a bubble the clock is the bubble's, and the kit works as outside.
func TestSynctest(t *testing.T) {
	year := func() (returned, file string) {
		synctest.Test(t, func(t *testing.T) {
			st := snaptest.New(t, memdriver.WithDefaultBucket("inbox"))
			snaptest.Rollback(t, st)
			fork := snaptest.Fork(t, st.Snapshot())
			written := make(chan struct{})
			go func() {
				time.Sleep(24 * time.Hour)
				put(t, fork.Bucket("b"), "later", "later\n", nil)
				close(written)
			}()
			<-written
			o, err := fork.Bucket("b").Stat(t.Context(), "later", nil)
			require.NoError(t, err)
			require.Equal(t, time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC), o.Created)
			returned = work(t, st)
			file = golden(t, st, everything)
		})
		return returned, file
	}
	returned, file := year()
	again, fileAgain := year()
	require.Equal(t, returned, again)
	require.Equal(t, file, fileAgain)
	require.Contains(t, file, "created: 2000-01-02T00:00:00Z\n")
}

// A body that waits on another goroutine blocks nothing in the bubble but its
// own write: no lock is held while it is read.
func TestSynctestBodyThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := snaptest.New(t)
		r, w := io.Pipe()
		go func() {
			_, err := st.Bucket("b").Write(context.Background(), "slow", r, -1, "", nil)
			r.CloseWithError(err)
		}()
		synctest.Wait()
		put(t, st.Bucket("b"), "quick", "quick", nil)
		_, err := w.Write([]byte("slow"))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		synctest.Wait()
		require.Equal(t, "slow", content(t, st.Snapshot(), "b", "slow"))
	})
}
