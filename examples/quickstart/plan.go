package main

import (
	"strings"

	"open-lake.dev/lib/storage"
)

// plan is what the tour changes in the bucket.
type plan struct {
	dir, dst          string // the directory to move, and where to; "" if there is none
	moving            touched
	overwrite, delete []string // keys, as they are after the move
}

// newPlan picks the directory with the most objects, and the first and the last
// one in a hundred of the other objects.
func newPlan(objects []*storage.Object) plan {
	p := plan{dir: largestDir(objects)}
	if p.dir != "" {
		p.dst = p.dir + ".moved"
	}
	var others, moved []string
	for _, obj := range objects {
		if rest, inside := strings.CutPrefix(obj.Key, p.dir+"/"); inside {
			p.moving.add(obj)
			moved = append(moved, p.dst+"/"+rest)
		} else {
			others = append(others, obj.Key)
		}
	}
	if len(others) == 0 {
		others = moved
	}
	few := (len(others) + 99) / 100
	p.overwrite, p.delete = others[:few], others[len(others)-few:]
	return p
}

// largestDir returns the top-level directory with the most objects, "" if there
// is none.
func largestDir(objects []*storage.Object) (largest string) {
	counts := map[string]int{}
	for _, obj := range objects {
		dir, _, inside := strings.Cut(obj.Key, "/")
		if !inside {
			continue
		}
		if counts[dir]++; counts[dir] > counts[largest] {
			largest = dir
		}
	}
	return largest
}
