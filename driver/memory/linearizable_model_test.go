package memdriver_test

import (
	"fmt"
	"strings"

	"github.com/anishathalye/porcupine"
)

// The store of a history: one bucket with few keys in two directories, and
// uploads in progress, each to its own key.
var (
	historyKeys = [...]string{"d/x", "d/y", "e/x", "e/y"}
	historyDirs = [...]string{"d", "e"}
)

const historyUploads = 3

// values are the values of the keys, "" for none.
type values [len(historyKeys)]string

// contents is the whole state of such a store.
type contents struct {
	values
	uploads [historyUploads]bool // those in progress
}

// operation is the input of one operation, outcome its output. An operation
// uses the fields it needs.
type operation struct {
	kind     string
	key, to  int      // in historyKeys, or of a directory in historyDirs
	value    string   // to write
	option   string   // of a write: if_match, if_none_match, upsert or none
	match    string   // the value whose ETag is asked for; "*" is any
	upload   int      // to complete
	restored contents // by restore
}

type outcome struct {
	err    string
	value  string   // read, or known by its ETag
	listed values   // of a listing
	taken  contents // of a snapshot
}

// apply returns the contents after an operation, and its outcome, if it happens at
// one moment. It is the specification that histories are checked against.
func (c contents) apply(op operation) (contents, outcome) {
	value := c.values[op.key]
	switch op.kind {
	case "write":
		if err := op.forbidden(value); err != "" {
			return c, outcome{err: err}
		}
		c.values[op.key] = op.value
	case "open", "stat":
		if value == "" {
			return c, outcome{err: "not exist"}
		}
		return c, outcome{value: value}
	case "delete":
		if value == "" {
			return c, outcome{err: "not exist"}
		}
		c.values[op.key] = ""
	case "move":
		if value == "" {
			return c, outcome{err: "not exist"}
		}
		c.values[op.key] = ""
		c.values[op.to] = value
	case "directory.move":
		return c.moveDir(op.key, op.to)
	case "list":
		return c, outcome{listed: c.values}
	case "complete":
		if !c.uploads[op.upload] {
			return c, outcome{err: "not exist"}
		}
		c.uploads[op.upload] = false
		c.values[op.upload] = uploadValue(op.upload)
	case "swap":
		c.values[op.key], c.values[op.to] = c.values[op.to], value
	case "exchange":
		c.values[op.key] = op.value
		return c, outcome{value: value}
	case "snapshot":
		return c, outcome{taken: c}
	case "restore":
		return op.restored, outcome{}
	}
	return c, outcome{}
}

// forbidden returns the error of a write over value that the option forbids.
func (op operation) forbidden(value string) string {
	switch {
	case op.option == "if_match" && (value == "" || op.match != "*" && op.match != value),
		op.option == "if_none_match" && value != "" && (op.match == "*" || op.match == value):
		return "precondition"
	case op.option == "upsert" && value != "":
		return "exist"
	}
	return ""
}

func (c contents) moveDir(from, to int) (contents, outcome) {
	before := c
	moved := false
	for i, key := range historyKeys {
		if value := before.values[i]; value != "" && strings.HasPrefix(key, historyDirs[from]) {
			c.values[i] = ""
			moved = true
		}
	}
	for i, key := range historyKeys {
		for j, source := range historyKeys {
			if key[1:] == source[1:] && key[:1] == historyDirs[to] && source[:1] == historyDirs[from] && before.values[j] != "" {
				c.values[i] = before.values[j]
			}
		}
	}
	if !moved {
		return before, outcome{err: "not exist"}
	}
	return c, outcome{}
}

func uploadValue(upload int) string { return fmt.Sprint("upload", upload) }

// historyModel is the specification in the form that porcupine takes.
func historyModel(start contents) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return start },
		Step: func(state, input, output any) (bool, any) {
			next, want := state.(contents).apply(input.(operation))
			return want == output.(outcome), next
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
	}
}
