package snaptest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/snapshot"
)

// Diff returns the differences between two snapshots, one line for each bucket
// and object: "created", "changed" or "removed" and then bucket/key or, for a
// bucket, "bucket" and its name. Buckets come first, then objects by bucket and
// key. Where text of at most 1024 bytes changed, its changed lines follow in the same
// string, unless Content is in except. A difference only in attributes in except is
// left out.
func Diff(tb testing.TB, before, after *snapshot.Snapshot, except ...Attr) []string {
	mustTB(tb, "Diff").Helper()
	must(tb, "Diff", before != nil && after != nil, noSnapshot)
	var lines []string
	for _, c := range changes(before, after, union(except)) {
		lines = append(lines, strings.Join(append([]string{c.String()}, c.content...), "\n\t"))
	}
	return lines
}

// AssertUnchanged fails the test if two snapshots differ, and lists what was
// created, changed and removed. Of text of at most 1024 bytes it shows the lines
// that changed, unless Content is in except. An object that was overwritten with
// the same content has changed in its times, unless these are in except.
func AssertUnchanged(tb testing.TB, before, after *snapshot.Snapshot, except ...Attr) {
	mustTB(tb, "AssertUnchanged").Helper()
	must(tb, "AssertUnchanged", before != nil && after != nil, noSnapshot)
	if list := changes(before, after, union(except)); len(list) > 0 {
		tb.Errorf("snaptest.AssertUnchanged: the store has changed:\n%s", report(list))
	}
}

// change is a bucket or an object that differs between two snapshots.
type change struct {
	what, name string
	attrs      Attr     // those that differ, if both snapshots have it
	lines      []string // the properties that differ
	content    []string // the lines of text that differ
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
		for i, line := range c.content {
			if i == 0 {
				lines = append(lines, "        content:")
			}
			lines = append(lines, "        "+line)
		}
	}
	return shorten(lines)
}

// maxLines limits the lines of a list or a diff that a failing test prints.
const maxLines = 200

// shorten joins the lines, and replaces those past maxLines by their number.
func shorten(lines []string) string {
	if more := len(lines) - maxLines; more > 0 {
		lines = append(slices.Clip(lines[:maxLines]), "… "+plural(int64(more), "more line"))
	}
	return strings.Join(lines, "\n")
}

// changes returns the differences in all attributes but those in except.
func changes(before, after *snapshot.Snapshot, except Attr) []change {
	list := bucketChanges(before, after, except)
	for c := range snapshot.Diff(before, after) {
		var old, new []property
		if c.Old != nil {
			old = objectProperties(c.Old, rfc3339)
		}
		if c.New != nil {
			new = objectProperties(c.New, rfc3339)
		}
		n := len(list)
		list = appendChange(list, quoteUnclear(c.Bucket+"/"+c.Key), old, new, except)
		if len(list) > n && list[n].what == "changed" && except&Content == 0 {
			list[n].content = contentChange(before, after, c)
		}
	}
	return list
}

// contentChange returns the lines of text that changed. Content that is long or no
// text has none.
func contentChange(before, after *snapshot.Snapshot, c snapshot.Change) []string {
	old, ok := textLines(before, c.Old)
	new, ok2 := textLines(after, c.New)
	if !ok || !ok2 || slices.Equal(old, new) {
		return nil
	}
	lines := hunks(old, new)
	if more := len(lines) - maxContentLines; more > 0 {
		lines = append(lines[:maxContentLines], "… "+plural(int64(more), "more line"))
	}
	return lines
}

// maxContentLines limits the lines of an object's content that a list of changes
// shows.
const maxContentLines = 20

// textLines returns the lines of an object; false if its content is not shown.
func textLines(snap *snapshot.Snapshot, o *storage.Object) (lines []string, ok bool) {
	if o.Size > defaultInline {
		return nil, false
	}
	content, _, err := storage.ReadAll(context.Background(), snap.Storage().Bucket(o.Bucket), o.Key)
	if err != nil {
		panic(err) // a snapshot can always be read
	}
	text := string(content)
	if text != "" {
		lines = split(text)
		if !strings.HasSuffix(text, "\n") {
			lines = append(lines, strings.TrimSuffix(noNewline, "\n"))
		}
	}
	return lines, isText(content)
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

// bucketsOf returns the properties of each bucket.
func bucketsOf(snap *snapshot.Snapshot) map[string][]property {
	properties := make(map[string][]property)
	infos, err := bucketInfos(context.Background(), snap.Storage(), nil)
	if err != nil {
		panic(err) // a snapshot can always be read
	}
	for _, info := range infos {
		properties[info.Name] = bucketProperties(info, rfc3339)
	}
	return properties
}

// appendChange appends the change from old to new, if there is one. nil stands
// for an object or a bucket that does not exist.
func appendChange(list []change, name string, old, new []property, except Attr) []change {
	switch {
	case old == nil:
		return append(list, change{what: "created", name: name})
	case new == nil:
		return append(list, change{what: "removed", name: name})
	}
	c := change{what: "changed", name: name}
	c.addMissing("- ", old, new, except)
	c.addMissing("+ ", new, old, except)
	if c.attrs == 0 {
		return list
	}
	return append(list, c)
}

// addMissing adds the properties that others lacks.
func (c *change) addMissing(sign string, properties, others []property, except Attr) {
	for _, p := range properties {
		if p.attr&except == 0 && !slices.Contains(others, p) {
			c.attrs |= p.attr
			c.lines = append(c.lines, sign+p.text)
		}
	}
}
