package filedriver

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
)

const (
	journalPath = ownDir + "/journal"
	movingDir   = ownDir + "/moving"
	movingFiles = movingDir + "/files"
	movingMeta  = movingDir + "/meta"
)

// journal says how a change of several steps goes on, which a crash may cut off. Each
// step can be repeated.
type journal struct {
	Move   *moveDir `json:"move,omitempty"`
	Remove []string `json:"remove,omitempty"` // paths of files and directories
}

// moveDir is the move of a directory, by paths on disk.
type moveDir struct {
	Dst   string `json:"dst"`
	Src   string `json:"src"`
	Merge bool   `json:"merge,omitempty"` // Src has been moved to movingDir
}

// steps writes a journal and does what it says. The caller has the lock. If a step
// fails, the next one to have the lock tries again; nobody reads until then.
func (e *files) steps(j *journal) error {
	n, err := numberIn(e.lock.write)
	if err == nil {
		err = e.lock.set(n | 1)
	}
	if err == nil {
		err = e.writeJournal(j)
	}
	if err != nil {
		_ = e.root.Remove(journalPath)
		return errors.Join(err, e.lock.set((n|1)+1))
	}
	return e.finish(j)
}

// finish does what a journal says and ends it. It also ends one whose first step cannot
// be done.
func (e *files) finish(j *journal) error {
	done := e.perform(j)
	if done != nil && !errors.Is(done, errUntouched) {
		return done
	}
	err := e.root.Remove(journalPath)
	if err == nil {
		err = e.settle(ownDir) // else a loss of power could bring it back
	}
	if err != nil {
		return err
	}
	n, err := numberIn(e.lock.write)
	if err == nil {
		err = e.lock.set((n | 1) + 1)
	}
	return errors.Join(done, err)
}

// errUntouched says that the first step failed, so that nothing has changed.
var errUntouched = errors.New("nothing has changed")

func (e *files) perform(j *journal) error {
	if j.Move != nil {
		if err := e.redoMove(j.Move); err != nil {
			return err
		}
	}
	return e.redoRemove(j.Remove)
}

func (e *files) writeJournal(j *journal) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return e.writeFile(journalPath, text)
}

// recover finishes what a writer left that crashed. The caller has the lock.
func (e *files) recover() error {
	n, err := numberIn(e.lock.write)
	if err != nil || n%2 == 0 && e.recovered {
		return err
	}
	text, err := e.root.ReadFile(journalPath)
	switch {
	case isMissing(err):
		err = e.lock.set(n + n%2)
	case err == nil:
		err = e.recoverFrom(n, text)
	}
	if err == nil {
		e.recovered = true
	}
	return err
}

func (e *files) recoverFrom(n uint64, text []byte) error {
	j := new(journal)
	if err := json.Unmarshal(text, j); err != nil {
		return fmt.Errorf("%q is broken, remove it if you know what it was to change: %w", journalPath, err)
	}
	if err := e.lock.set(n | 1); err != nil {
		return err
	}
	if err := e.finish(j); err != nil {
		return fmt.Errorf("a change that was cut off cannot be finished: %w", err)
	}
	return nil
}

// redoRemove removes what a journal says. A directory is first put away, so that nobody
// waits for it.
func (e *files) redoRemove(paths []string) error {
	dirs := make(map[string]bool)
	for i, p := range paths {
		if err := e.root.Remove(p); err != nil && !isMissing(err) {
			trash, err := e.toTrash(p)
			if err != nil && i == 0 {
				err = fmt.Errorf("%w: %w", errUntouched, err)
			}
			if err != nil {
				return err
			}
			e.addTrash(trash)
		}
		e.pruneKey(p)
		dirs[path.Dir(p)] = true
	}
	for dir := range dirs {
		if err := e.settle(dir); err != nil {
			return err
		}
	}
	return nil
}
