package snaptest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"open-lake.dev/lib/storage/snapshot"
)

// Diff returns what differs between two snapshots, a line each: "created ",
// "changed " or "removed " and then bucket/key or, for a bucket, "bucket " and
// its name. Buckets come first, then objects by bucket and key. An object or a
// bucket that differs only in the attributes in except has not changed.
func Diff(tb testing.TB, before, after *snapshot.Snapshot, except ...Attr) []string {
	mustTB(tb, "Diff").Helper()
	must(tb, "Diff", before != nil && after != nil, noSnapshot)
	var lines []string
	for _, c := range changes(before, after, union(except)) {
		lines = append(lines, c.String())
	}
	return lines
}

// AssertUnchanged fails the test if two snapshots differ, with the list of what
// was created, changed and removed. An object that was written anew with the
// same content has changed in its times, unless these are in except.
func AssertUnchanged(tb testing.TB, before, after *snapshot.Snapshot, except ...Attr) {
	mustTB(tb, "AssertUnchanged").Helper()
	must(tb, "AssertUnchanged", before != nil && after != nil, noSnapshot)
	if list := changes(before, after, union(except)); len(list) > 0 {
		tb.Errorf("snaptest.AssertUnchanged: the store has changed:\n%s", report(list))
	}
}

// change is a bucket or an object that differs.
type change struct {
	what, name string
	attrs      Attr     // those that differ, if it is there on both sides
	lines      []string // how
}

func (c change) String() string { return c.what + " " + c.name }

// report lists changes with their details.
func report(list []change) string {
	var lines []string
	for _, c := range list {
		lines = append(lines, "    "+c.String())
		for _, line := range c.lines {
			lines = append(lines, "        "+line)
		}
	}
	return shorten(lines)
}

// maxLines is how much of a list or a diff a failing test prints.
const maxLines = 200

// shorten joins the lines, all but the last of too many.
func shorten(lines []string) string {
	if more := len(lines) - maxLines; more > 0 {
		lines = append(slices.Clip(lines[:maxLines]), "… "+plural(int64(more), "more line"))
	}
	return strings.Join(lines, "\n")
}

// changes returns what differs in other attributes than those in except.
func changes(before, after *snapshot.Snapshot, except Attr) []change {
	list := bucketChanges(before, after, except)
	for c := range snapshot.Diff(before, after) {
		var old, new []fact
		if c.Old != nil {
			old = objectFacts(c.Old, rfc3339)
		}
		if c.New != nil {
			new = objectFacts(c.New, rfc3339)
		}
		list = appendChange(list, quoteUnclear(c.Bucket+"/"+c.Key), old, new, except)
	}
	return list
}

func bucketChanges(before, after *snapshot.Snapshot, except Attr) (list []change) {
	old, new := bucketsOf(before), bucketsOf(after)
	all := maps.Clone(old)
	maps.Copy(all, new)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = appendChange(list, "bucket "+quoteUnclear(name), old[name], new[name], except)
	}
	return list
}

// bucketsOf returns what there is to say of each bucket.
func bucketsOf(snap *snapshot.Snapshot) map[string][]fact {
	facts := make(map[string][]fact)
	infos, err := bucketInfos(context.Background(), snap.Storage(), nil)
	if err != nil {
		panic(err) // a snapshot can always be read
	}
	for _, info := range infos {
		facts[info.Name] = bucketFacts(info, rfc3339)
	}
	return facts
}

// appendChange appends how old became new, if it did. No facts at all are those
// of something that is not there.
func appendChange(list []change, name string, old, new []fact, except Attr) []change {
	switch {
	case old == nil:
		return append(list, change{what: "created", name: name})
	case new == nil:
		return append(list, change{what: "removed", name: name})
	}
	c := change{what: "changed", name: name}
	c.compare("- ", old, new, except)
	c.compare("+ ", new, old, except)
	if c.attrs == 0 {
		return list
	}
	return append(list, c)
}

// compare notes the facts that the other side does not have.
func (c *change) compare(sign string, facts, others []fact, except Attr) {
	for _, f := range facts {
		if f.attr&except == 0 && !slices.Contains(others, f) {
			c.attrs |= f.attr
			c.lines = append(c.lines, sign+f.text)
		}
	}
}
