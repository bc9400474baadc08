package main

import (
	"fmt"
	"math"
	"strings"
)

// target is a goal for the memory driver.
type target struct {
	text  string
	judge func(*results) verdict
}

// verdict is the result that is farthest from a target.
type verdict struct {
	figure string // the figure and its cell; empty if nothing was measured
	met    bool
}

// targets lists the goals. They are judged by the medians of one run.
var targets = []target{
	{"snapshot: under 1 µs and 1 KiB, most objects", cheap(snapshotOp, 1_000, 1<<10)},
	{"restore: under 1 µs and 1 KiB, most objects", cheap(restoreOp, 1_000, 1<<10)},
	{"snapshot and restore: 100,000 times faster than any other, most objects", faster{by: 100_000, figures: []string{snapshotOp, restoreOp}}.judge},
	{"list a page of 100 by prefix: 1,000 times faster than any other, most objects", faster{by: 1_000, figures: []string{pageByName}}.judge},
	{"list a page of 100 at offset n/2: 1,000 times faster than any other, most objects", faster{by: 1_000, figures: []string{pageByIndex}}.judge},
	{"move a directory: 1,000 times faster than any other, most objects", faster{by: 1_000, figures: []string{moveDir}}.judge},
	{"copy 64 MiB: no content copied", cheap(copyLarge, math.Inf(1), partSize/1024)},
	{"complete a multipart of 64 MiB: no content copied", cheap(multipartComplete, math.Inf(1), partSize/1024)},
	{"open + read, read-mostly, up to 100,000 objects: no slower than the map", faster{by: 1, figures: []string{readMostly}, than: baseline, upTo: 100_000}.judge},
	{"the same on all CPUs: no slower than the map", faster{by: 1, figures: []string{readOnAll}, than: baseline, upTo: 100_000}.judge},
	{"stat, read-mostly, up to 100,000 objects: no slower than the map", faster{by: 1, figures: []string{statMostly}, than: baseline, upTo: 100_000}.judge},
	{"write 1 KiB, new, up to 100,000 objects: 0.4 of the map's speed", faster{by: 0.4, figures: []string{writeNew}, than: baseline, upTo: 100_000}.judge},
	{"write 1 KiB, overwrite, up to 100,000 objects: 0.5 of the map's speed", faster{by: 0.5, figures: []string{overwrite}, than: baseline, upTo: 100_000}.judge},
	{"write 1 KiB, overwrite: faster than memblob", faster{by: 1, figures: []string{overwrite}, than: "memblob", upTo: 1_000_000}.judge},
	{"write 1 KiB, overwrite: faster than s3mem", faster{by: 1, figures: []string{overwrite}, than: "s3mem", upTo: 1_000_000}.judge},
	{"write 1 KiB, overwrite, by 2 at once: no slower than by one", cheaper{1, writersName(2), overwrite}.judge},
	{"the same by 4", cheaper{1, writersName(4), overwrite}.judge},
	{"the same by 8", cheaper{1, writersName(8), overwrite}.judge},
	{"overwrite 1,000 objects: 4 times faster in one batch than one by one", cheaper{4, batchOnce, batchEach}.judge},
	{"overwrite 1,000 objects in one batch: faster than any other", faster{by: 1, figures: []string{batchOnce}, upTo: 1_000_000}.judge},
	{"load files: 4 times faster at once than one by one", cheaper{4, loadOnce, loadEach}.judge},
	{"load files at once: faster than any other", faster{by: 1, figures: []string{loadOnce}, upTo: 1_000_000}.judge},
	{"load a saved snapshot: 4 times faster than files one by one", cheaper{4, loadSave, loadEach}.judge},
	{"load a saved snapshot: faster than any other loads files", faster{by: 1, figures: []string{loadSave}, upTo: 1_000_000}.judge},
	{"list after all were deleted and re-created: within twice a new store", cheaper{0.5, churnRecreated, churnFresh}.judge},
	{"list after 63 of 64 were deleted: within twice a new store", cheaper{0.5, churnThinned, churnFew}.judge},
	{"move a directory of 300,000 onto another: under 150 ms", cheap(mergeName, 150e6, math.Inf(1))},
	{"write 256 MiB: 0.9 of a bare copy", faster{by: 0.9, figures: []string{writeLarge}, than: bare}.judge},
	{"read 256 MiB: 0.9 of a bare copy", faster{by: 0.9, figures: []string{readLarge}, than: bare}.judge},
	{"readers' p99 beside a writer and a lister: within twice that alone", judgeLatency},
	{"heap per object of 100 bytes, beyond the content: 200 bytes or less", judgeHeap},
}

// cheap returns a judge that requires an operation of ours to take less than ns
// nanoseconds and to allocate less than the given bytes, with the most objects.
func cheap(figure string, ns, bytes float64) func(*results) verdict {
	return func(rs *results) verdict {
		worst, most := verdict{met: true}, rs.most(figure)
		for _, r := range rs.list {
			if r.Figure != figure || r.Store != ours || r.N != most {
				continue
			}
			met := r.median() < ns && r.Bytes < bytes
			if worst.figure == "" || worst.met && !met {
				worst = verdict{fmt.Sprintf("%s, %s%s", r.Unit.format(r.median()), octets.format(r.Bytes), r.where()), met}
			}
		}
		return worst
	}
}

// faster requires that the sum of the figures of other stores is at least by times
// ours.
type faster struct {
	by      float64
	figures []string
	than    string // empty: every other store
	upTo    int    // maximum number of objects; 0: only the largest number
}

func (t faster) judge(rs *results) verdict {
	least, at := math.Inf(1), cell{}
	for _, r := range rs.list {
		if r.Figure != t.figures[0] || !t.concerns(rs, r) {
			continue
		}
		theirs, own := 0.0, 0.0
		for _, figure := range t.figures {
			theirs += rs.median(cell{figure, r.Layout, r.N, r.Store})
			own += rs.median(cell{figure, r.Layout, r.N, ours})
		}
		if ratio := theirs / own; ratio < least {
			least, at = ratio, r.cell
		}
	}
	if math.IsInf(least, 1) {
		return verdict{}
	}
	return verdict{fmt.Sprintf("%s × (%s%s)", threeDigits(least), at.Store, at.where()), least >= t.by}
}

// concerns reports whether ours is compared with a result.
func (t faster) concerns(rs *results, r *result) bool {
	if r.Store == ours || t.than != "" && r.Store != t.than {
		return false
	}
	if t.upTo > 0 {
		return r.N <= t.upTo
	}
	return r.N == rs.most(r.Figure)
}

// cheaper requires that one figure of ours is another, divided by a number, or less.
type cheaper struct {
	by         float64
	figure, of string
}

func (t cheaper) judge(rs *results) verdict {
	least, at := math.Inf(1), cell{}
	for _, r := range rs.list {
		if r.Store != ours || r.Figure != t.figure {
			continue
		}
		if ratio := rs.median(cell{t.of, r.Layout, r.N, ours}) / r.median(); ratio < least {
			least, at = ratio, r.cell
		}
	}
	if math.IsInf(least, 1) {
		return verdict{}
	}
	return verdict{threeDigits(least) + " ×" + at.where(), least >= t.by}
}

func judgeLatency(rs *results) verdict {
	most, at := math.Inf(-1), cell{}
	for _, r := range rs.list {
		if r.Store != ours || r.Figure != latencyFigure("p99", beside) {
			continue
		}
		quiet := rs.median(cell{latencyFigure("p99", alone), r.Layout, r.N, ours})
		if ratio := r.median() / quiet; ratio > most {
			most, at = ratio, r.cell
		}
	}
	if math.IsInf(most, -1) {
		return verdict{}
	}
	return verdict{threeDigits(most) + " ×" + at.where(), most <= 2}
}

func judgeHeap(rs *results) verdict {
	var worst verdict
	most := math.Inf(-1)
	for _, r := range rs.list {
		if r.Store == ours && r.Figure == heapName && r.median() > most {
			most = r.median()
			worst = verdict{r.Unit.format(most) + r.where(), most <= 200}
		}
	}
	return worst
}

// where returns the size and layout of a cell, as in ", 1,000 flat". It returns ""
// for an empty store.
func (c cell) where() string {
	if c.N == 0 {
		return ""
	}
	return ", " + formatCount(c.N) + " " + c.Layout
}

// writeTargets writes a table of the targets. It leaves out those without figures.
func writeTargets(b *strings.Builder, rs *results) {
	title := "Targets"
	for _, t := range targets {
		v := t.judge(rs)
		if v.figure == "" {
			continue
		}
		if title != "" {
			writeHeader(b, title, []string{"", "worst result", "met"})
			title = ""
		}
		met := "**no**"
		if v.met {
			met = "yes"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", t.text, v.figure, met)
	}
}
