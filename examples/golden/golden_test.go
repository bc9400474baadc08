package golden

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

var (
	alps = Album{"alps", "In the Alps", fstest.MapFS{
		"lake.jpg": {Data: []byte("\xff\xd8\xff\xe0 a lake")},
		"peak.jpg": {Data: []byte("\xff\xd8\xff\xe0 a peak")},
	}}
	sea = Album{"sea", "Sun & sea", fstest.MapFS{
		"gull.jpg": {Data: []byte("\xff\xd8\xff\xe0 a gull")},
	}}
)

// publish publishes albums, one a day, and returns the store.
func publish(t *testing.T, albums ...Album) snapshot.Store {
	today := time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)
	st := snaptest.New(t, memdriver.WithClock(func() time.Time { return today }))
	for _, album := range albums {
		require.NoError(t, Publish(t.Context(), st.Bucket("gallery"), album))
		today = today.AddDate(0, 0, 1)
	}
	return st
}

// TestPublish compares all objects and their content. Write the golden file with
// go test -update, and read it before you commit it.
func TestPublish(t *testing.T) {
	snaptest.Golden(t, publish(t, alps, sea), "testdata/gallery.txtar")
}

// TestPublishTouchesOnlyWhatChanges compares the times of a part of the store: a
// later album changes the index, and not the first album.
func TestPublishTouchesOnlyWhatChanges(t *testing.T) {
	snaptest.Golden(t, publish(t, alps, sea), "testdata/times.txtar",
		snaptest.Prefixes("alps/", "index.html"), snaptest.Show(snaptest.Created|snaptest.Updated))
}
