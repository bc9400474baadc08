package console

import (
	"maps"
	"net/http"
	"slices"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/s3server/internal/gateway"
	"open-lake.dev/lib/storage/snapshot"
)

// The most changes that a page lists, that it counts, and that the time line counts
// for each snapshot.
const (
	maxChanges = 500
	maxCounted = 100_000
	maxTally   = 1000
)

// tally counts changes.
type tally struct {
	Created, Changed, Removed int
	Hidden                    int  // of old versions, uploads' parts and buckets' settings
	More                      bool // there are more than were counted
}

// Sum returns the number of changes that are not hidden.
func (t tally) Sum() int { return t.Created + t.Changed + t.Removed }

func (t tally) None() bool { return t.Sum() == 0 && t.Hidden == 0 }

// add counts a change.
func (t *tally) add(c snapshot.Change) {
	switch {
	case gateway.Hidden(c.Bucket):
		t.Hidden++
	case c.Old == nil:
		t.Created++
	case c.New == nil:
		t.Removed++
	default:
		t.Changed++
	}
}

// tallyOf counts what changed from one snapshot to another.
func tallyOf(from, to *snapshot.Snapshot) (t tally) {
	walk(from, to, maxTally, &t, func(snapshot.Change) {})
	return t
}

// walk counts at most max changes, and calls see for those that are not hidden.
func walk(from, to *snapshot.Snapshot, max int, t *tally, see func(snapshot.Change)) {
	for c := range snapshot.Diff(from, to) {
		if t.Sum()+t.Hidden == max {
			t.More = true
			return
		}
		t.add(c)
		if !gateway.Hidden(c.Bucket) {
			see(c)
		}
	}
}

// diffPage shows what changed from one snapshot to another.
type diffPage struct {
	From, To string
	SwapHref string
	Tally    tally
	Buckets  []changeRow
	Rows     []changeRow
	Compare  compareForm
}

// changeRow is a bucket or an object that differs.
type changeRow struct {
	Kind         string // created, changed or removed
	Bucket, Key  string
	Href         string
	OldHref      string   // of an object that changed
	What         []string // the aspects that changed
	Before, Size int64
}

func (c *console) diff(r *http.Request) (*page, error) {
	q := r.URL.Query()
	from, err := c.server.Snapshot(q.Get("from"))
	if err != nil {
		return nil, err
	}
	to, err := c.server.Snapshot(q.Get("to"))
	if err != nil {
		return nil, err
	}
	newest := c.server.Snapshots()
	slices.Reverse(newest)
	body := diffPage{
		From: from.Name, To: to.Name, SwapHref: href("diff", "from", to.Name, "to", from.Name),
		Compare: compareOf(newest, from.Name, to.Name),
	}
	if body.Buckets, err = bucketChanges(from, to); err != nil {
		return nil, err
	}
	walk(from.Value, to.Value, maxCounted, &body.Tally, func(change snapshot.Change) {
		if len(body.Rows) < maxChanges {
			body.Rows = append(body.Rows, changeOf(change, from.Name, to.Name))
		}
	})
	return &page{Title: "Changes", Section: "snapshots", Template: "diff", Body: body}, nil
}

// changeOf returns the row of an object that differs.
func changeOf(c snapshot.Change, from, to string) changeRow {
	row := changeRow{Bucket: c.Bucket, Key: c.Key}
	link := func(at string) string {
		if at == Current {
			at = ""
		}
		return href("object", "at", at, "bucket", c.Bucket, "key", c.Key)
	}
	switch {
	case c.Old == nil:
		row.Kind, row.Size, row.Href = "created", c.New.Size, link(to)
	case c.New == nil:
		row.Kind, row.Before, row.Href = "removed", c.Old.Size, link(from)
	default:
		row.Kind, row.Before, row.Size = "changed", c.Old.Size, c.New.Size
		row.Href, row.OldHref, row.What = link(to), link(from), differences(c.Old, c.New)
	}
	return row
}

// differences says what differs between two objects.
func differences(a, b *storage.Object) (what []string) {
	if a.ETag != b.ETag || a.Size != b.Size {
		what = append(what, "content")
	}
	if a.ContentType != b.ContentType {
		what = append(what, "type")
	}
	if !maps.Equal(userMetadata(a.Metadata), userMetadata(b.Metadata)) {
		what = append(what, "metadata")
	}
	if a.Metadata[":tags"] != b.Metadata[":tags"] {
		what = append(what, "tags")
	}
	if len(what) == 0 {
		what = append(what, "time or settings")
	}
	return what
}

// bucketChanges returns the buckets that only one of two snapshots has.
func bucketChanges(from, to Snapshot) (rows []changeRow, err error) {
	old, err := bucketNames(from.Value)
	if err != nil {
		return nil, err
	}
	names, err := bucketNames(to.Value)
	if err != nil {
		return nil, err
	}
	add := func(kind string, these, others map[string]bool) {
		for _, name := range slices.Sorted(maps.Keys(these)) {
			if !others[name] {
				rows = append(rows, changeRow{Kind: kind, Bucket: name})
			}
		}
	}
	add("created", names, old)
	add("removed", old, names)
	return rows, nil
}

func bucketNames(s *snapshot.Snapshot) (map[string]bool, error) {
	it, err := s.Storage().Buckets(background, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	names := make(map[string]bool)
	for info, err := range storage.All(it) {
		if err != nil {
			return nil, err
		}
		if !gateway.Hidden(info.Name) {
			names[info.Name] = true
		}
	}
	return names, nil
}
