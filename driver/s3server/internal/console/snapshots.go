package console

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// timelineSize is the number of snapshots of a page.
const timelineSize = 25

// snapshotsPage shows the snapshots as a time line, the newest first.
type snapshotsPage struct {
	Now         *moment // on the first page
	Moments     []moment
	First, Next string
	Compare     compareForm
}

// moment is a snapshot on the time line.
type moment struct {
	Name                  string
	Time                  time.Time
	Objects               int
	Bytes                 int64
	Before                string // the name of the snapshot before, empty if there is none
	Tally                 tally  // what changed since then
	BrowseHref, SinceHref string
	BeforeHref            string
	FileHref, GoldenHref  string
}

// compareForm asks for two snapshots.
type compareForm struct {
	Names    []string
	From, To string
}

// maxNames is the most snapshots that a form offers.
const maxNames = 500

func (c *console) snapshots(r *http.Request) (*page, error) {
	now, err := c.server.Snapshot(Current)
	if err != nil {
		return nil, err
	}
	all := c.server.Snapshots()
	slices.Reverse(all)
	offset := min(offsetOf(r), len(all))
	body := snapshotsPage{Compare: compareOf(all, "", Current)}
	if offset == 0 {
		body.Now = new(momentOf(append([]Snapshot{now}, all...), 0))
	} else {
		body.First = href("snapshots")
	}
	end := min(offset+timelineSize, len(all))
	for i := offset; i < end; i++ {
		body.Moments = append(body.Moments, momentOf(all, i))
	}
	if end < len(all) {
		body.Next = href("snapshots", "offset", strconv.Itoa(end))
	}
	return &page{Title: "Snapshots", Section: "snapshots", Template: "snapshots", Body: body}, nil
}

// momentOf returns the ith of snapshots, of which the newest is the first.
func momentOf(all []Snapshot, i int) moment {
	s := all[i]
	m := moment{
		Name: s.Name, Time: s.Time, Objects: s.Value.Len(), Bytes: s.Value.Bytes(),
		BrowseHref: href("", "at", s.Name), SinceHref: href("diff", "from", s.Name, "to", Current),
		FileHref: snapshotPath(s.Name, "file"), GoldenHref: snapshotPath(s.Name, "golden"),
	}
	if i+1 < len(all) {
		m.Before = all[i+1].Name
		m.BeforeHref = href("diff", "from", m.Before, "to", s.Name)
		m.Tally = tallyOf(all[i+1].Value, s.Value)
	}
	return m
}

// compareOf returns the form that offers the newest snapshots.
func compareOf(newest []Snapshot, from, to string) compareForm {
	f := compareForm{Names: []string{Current}, From: from, To: to}
	for _, s := range newest[:min(len(newest), maxNames)] {
		f.Names = append(f.Names, s.Name)
	}
	for _, name := range []string{from, to} {
		if name != "" && !slices.Contains(f.Names, name) {
			f.Names = append(f.Names, name)
		}
	}
	if from == "" {
		f.From = f.Names[len(f.Names)-1]
		if len(newest) > 0 {
			f.From = newest[0].Name
		}
	}
	return f
}
