// Package console shows an S3 endpoint to people, in a browser: its buckets and
// objects, its snapshots and what changed between them, and its forks. It takes,
// restores and forks snapshots, and changes no object.
//
// Its pages are HTML and work without script. Names and content from the store are
// escaped by html/template, and characters that could mislead the eye are marked; see
// visible.go. The content security policy of a page permits only its own style and
// script, by their hashes. The content of an object is served as a picture, if it is
// one, or as a file to download; see content.go.
//
// The console does not check where a request comes from. The handler around it does.
package console

import (
	"net/http"
	"time"

	"open-lake.dev/lib/storage/snapshot"
)

// Server is the endpoint that the console shows and controls.
type Server interface {
	// Snapshots returns the snapshots that are kept, the oldest first.
	Snapshots() []Snapshot
	// Snapshot returns a snapshot by name, or the current state by the name Current.
	Snapshot(name string) (Snapshot, error)
	// Take keeps the current state under a name or, if that is empty, a number. It
	// replaces a snapshot of that name.
	Take(name string) (Snapshot, error)
	// Restore makes a snapshot the current state, after it has kept the current state
	// under the name BeforeRestore.
	Restore(name string) error
	// Delete lets go of a snapshot.
	Delete(name string) error

	// Forks returns the forks, the oldest first.
	Forks() []Fork
	// Fork starts a fork from a snapshot.
	Fork(from string) (Fork, error)
	// Stop ends a fork.
	Stop(name string) error
}

// The names of snapshots that have a meaning.
const (
	Current       = "current"
	BeforeRestore = "before restore"
)

// Snapshot is a state of a server.
type Snapshot struct {
	Name  string
	Time  time.Time
	Value *snapshot.Snapshot
}

// Fork is a server that was started from a snapshot.
type Fork struct {
	Name    string
	URL     string
	Objects int
	Bytes   int64
}

// Path begins the paths of the console, except for its first page, which is [Home].
const (
	Path = "/_/console/"
	Home = "/_/"
)

// console answers requests.
type console struct{ server Server }

// New returns the handler of the console of a server. It answers at [Home] and
// below [Path].
func New(server Server) http.Handler {
	c := &console{server}
	mux := http.NewServeMux()
	route := func(path string, show func(*http.Request) (*page, error)) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { answer(w, r, show) })
	}
	route(Home+"{$}", c.buckets)
	route(Path+"bucket", c.directory)
	route(Path+"versions", c.versions)
	route(Path+"uploads", c.uploads)
	route(Path+"upload", c.upload)
	route(Path+"object", c.object)
	route(Path+"snapshots", c.snapshots)
	route(Path+"diff", c.diff)
	route(Path+"forks", c.forks)
	route("/", func(*http.Request) (*page, error) { return nil, errNoPage })
	mux.HandleFunc("GET "+Path+"picture", c.picture)
	mux.HandleFunc("GET "+Path+"download", c.download)
	mux.HandleFunc("GET "+Path+"icon.svg", icon)
	mux.HandleFunc("POST "+Path+"take", act(c.take))
	mux.HandleFunc("POST "+Path+"restore", act(c.restore))
	mux.HandleFunc("POST "+Path+"delete", act(c.delete))
	mux.HandleFunc("POST "+Path+"fork", act(c.fork))
	mux.HandleFunc("POST "+Path+"stop", act(c.stop))
	return mux
}
