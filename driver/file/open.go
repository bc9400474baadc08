package filedriver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"open-lake.dev/lib/storage"
	"open-lake.dev/lib/storage/driver/internal/engine"
)

// Option changes a store that [Open] opens.
type Option func(*config)

type config struct {
	createDir     bool
	unsynced      bool
	defaultBucket string
}

// WithCreateDir creates the directory if it is missing.
func WithCreateDir() Option { return withCreateDir(true) }

func withCreateDir(create bool) Option { return func(c *config) { c.createDir = create } }

// WithoutSync leaves out fsync. What was written survives the end of the process, but
// not always a loss of power, after which objects may even be empty.
func WithoutSync() Option { return withSync(false) }

func withSync(sync bool) Option { return func(c *config) { c.unsynced = !sync } }

// WithDefaultBucket names the bucket that an empty name means.
func WithDefaultBucket(name string) Option { return func(c *config) { c.defaultBucket = name } }

// Open opens a store in a directory, which any number of stores, also of other
// processes, may have open at once. A change of a directory that a crash cut off is
// finished first.
func Open(dir string, opts ...Option) (storage.Storage, error) {
	var c config
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	e, err := open(dir, c)
	if err != nil {
		return nil, &storage.Error{Op: "open", Err: translate(err)}
	}
	return engine.New(e, cmp.Or(c.defaultBucket, storage.DefaultBucket)), nil
}

func open(dir string, c config) (*files, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%w: %q is not a directory", storage.ErrInvalid, dir)
	}
	if c.createDir {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; make it, or set create_dir=true", err)
	}
	if err != nil {
		return nil, err
	}
	e := &files{root: root, sync: !c.unsynced, turn: make(chan struct{}, 1)}
	if err := e.begin(); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// begin finishes what a crash cut off, if somebody wrote to the directory before.
func (e *files) begin() error {
	if _, err := e.root.Stat(lockPath); err != nil {
		return nil
	}
	if err := e.prepare(); err != nil {
		return nil // the directory can be read only
	}
	return e.change(context.Background(), func() error { return nil })
}

// files is an [engine.Engine] over the files in a directory.
type files struct {
	root *os.Root
	sync bool

	turn  chan struct{} // full while the store is changed, with the lock of the file
	ready bool          // prepare has been done; guarded by starting
	lock  lockFile
	folds atomic.Bool // the file system does not distinguish case

	recovered bool     // nothing is left of a crash before Open; guarded by turn
	trash     []string // directories to be removed; guarded by turn

	starting sync.Mutex

	// The directories that each write goes to, once prepare has opened them.
	temps, metas atomic.Pointer[os.Root]
	tempFiles    *os.File // the first of them, to rename from
}

// at returns the nearest open directory above a path, and the path from there.
func (e *files) at(path string) (*os.Root, string) {
	if rest, ok := strings.CutPrefix(path, tempDir+"/"); ok {
		if dir := e.temps.Load(); dir != nil {
			return dir, rest
		}
	}
	if rest, ok := strings.CutPrefix(path, metaDir+"/"); ok {
		if dir := e.metas.Load(); dir != nil {
			return dir, rest
		}
	}
	return e.root, path
}

// openFile opens a file of the store. A file that is not regular does not block it, and
// the runtime need not find out that one that is regular cannot be polled.
func (e *files) openFile(path string, flag int) (*os.File, error) {
	dir, name := e.at(path)
	return dir.OpenFile(name, flag|nonblock, 0o666)
}

// prepare makes what a store needs that is written to.
func (e *files) prepare() error {
	e.starting.Lock()
	defer e.starting.Unlock()
	if e.ready {
		return nil
	}
	for _, dir := range []string{tempDir, metaDir, uploadDir} {
		if err := e.root.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	for path, dir := range map[string]*atomic.Pointer[os.Root]{tempDir: &e.temps, metaDir: &e.metas} {
		if dir.Load() != nil {
			continue // of a prepare that failed
		}
		opened, err := e.root.OpenRoot(path)
		if err != nil {
			return err
		}
		dir.Store(opened)
	}
	var err error
	if e.tempFiles == nil {
		e.tempFiles, err = e.root.Open(tempDir)
	}
	if err == nil {
		err = e.lock.open(e.root)
	}
	if err != nil {
		return err
	}
	_, err = e.root.Stat(foldedDir)
	e.folds.Store(err == nil)
	e.sweep()
	e.ready = true
	return nil
}

// Limits implements [engine.Engine].
func (e *files) Limits() storage.Limits {
	return storage.Limits{
		MaxName:        maxName,
		BucketName:     bucketName,
		TimeResolution: timeResolution,
		Relaxed:        []string{storage.RelaxedD1, storage.RelaxedL3},
	}
}

// bucketName is [storage.Limits].BucketName.
func bucketName(name string) error {
	if len(name) > maxName {
		return fmt.Errorf("%w: the bucket name has %d bytes, the most are %d", storage.ErrInvalid, len(name), maxName)
	}
	if name == ownDir || name == ".buckets" {
		return fmt.Errorf("%w: the bucket name %q is reserved", storage.ErrInvalid, name)
	}
	return checkName(name)
}

// Close implements [engine.Engine].
func (e *files) Close() error {
	e.lock.close()
	for _, dir := range []*os.Root{e.temps.Load(), e.metas.Load()} {
		if dir != nil {
			dir.Close()
		}
	}
	if e.tempFiles != nil {
		e.tempFiles.Close()
	}
	return e.root.Close()
}
