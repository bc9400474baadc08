package filedriver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
)

// TestKill kills a process that changes a store, at any point, hundreds of times. After
// each, the store is what the acknowledged changes made of it, with or without the one
// change that each goroutine had not seen acknowledged.
func TestKill(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 20
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	model := memdriver.Open()
	watcher := openTest(t, dir, "fsync=false") // is open all the time
	acknowledged, cut := 0, 0
	for round := range rounds {
		logs := runKilled(t, dir, rng.Uint64(), time.Duration(rng.IntN(30_000))*time.Microsecond)
		st := watcher
		if round%2 == 0 {
			st = openTest(t, dir, "fsync=false")
		}
		for w, log := range logs {
			name := bucketOf(w)
			for _, op := range log.done {
				op.apply(model.Bucket(name))
				acknowledged++
			}
			got := dump(t, st.Bucket(name))
			if maps.Equal(got, dump(t, model.Bucket(name))) {
				continue
			}
			require.NotNil(t, log.begun, "round %d: %s is not what was acknowledged: %s", round, name, log)
			log.begun.apply(model.Bucket(name))
			cut++
			require.Equal(t, dump(t, model.Bucket(name)), got, "round %d: %s is half changed: %s", round, name, log)
		}
	}
	t.Logf("%d changes were acknowledged, %d were done and not acknowledged", acknowledged, cut)
}

const goroutines = 3

func bucketOf(w int) string { return "w" + strconv.Itoa(w) }

// change is one change of a bucket that the number n makes.
type change struct {
	kind    int
	n       int
	key, to string
}

// changes returns the changes of a goroutine, as long as it is asked for more.
func changes(seed uint64, w int) func() change {
	rng := rand.New(rand.NewPCG(seed, uint64(w)))
	n := 0
	names := []string{"a", "b", "a/b", "a/c", "a/b/d", "c/a/b", "c/d", "c"}
	dirs := []string{"a", "a/b", "c", "c/a", "e", "e/a/b", "a/a"}
	return func() change {
		n++
		pick := func(s []string) string { return s[rng.IntN(len(s))] }
		c := change{kind: rng.IntN(11), n: int(seed%1e6)*1000 + n, key: pick(names), to: pick(names)}
		if c.kind >= 7 {
			c.key, c.to = pick(dirs), pick(dirs)
		}
		return c
	}
}

// text returns the content that a change writes.
func (c change) text() string {
	return strings.Repeat(fmt.Sprintf("content %d\n", c.n), 1+c.n%7*c.n%5000)
}

func (c change) options() storage.Options {
	return storage.Options{storage.OptMetadata: map[string]string{"n": strconv.Itoa(c.n)}}
}

// apply makes the change. The errors of what is not there are those of any store.
func (c change) apply(b storage.Bucket) {
	if err := c.do(b); err != nil && !errors.Is(err, storage.ErrNotExist) && !errors.Is(err, storage.ErrPermission) {
		panic(fmt.Sprintf("%v: %v", c, err))
	}
}

func (c change) do(b storage.Bucket) (err error) {
	ctx := context.Background()
	directory := b.(storage.HasDirectories).Directory(c.key)
	switch c.kind {
	case 0, 1, 2:
		_, err = b.Write(ctx, c.key, strings.NewReader(c.text()), -1, fmt.Sprintf("type/%d", c.n), c.options())
	case 3:
		err = c.upload(ctx, b.(storage.HasMultipart))
	case 4:
		_, err = b.Move(ctx, c.to, "", c.key, nil)
	case 5:
		_, err = b.Copy(ctx, c.to, "", c.key, c.options())
	case 6:
		err = b.Delete(ctx, c.key, nil)
	case 7:
		err = b.Delete(ctx, c.key, storage.Options{storage.OptRecursive: true})
	case 8:
		err = directory.Delete(ctx, nil)
	default:
		_, err = directory.Move(ctx, c.to, nil)
	}
	return err
}

// upload writes the content in parts.
func (c change) upload(ctx context.Context, b storage.HasMultipart) error {
	mu, err := b.InitMultipart(ctx, c.key, fmt.Sprintf("type/%d", c.n), c.options())
	if err != nil {
		return err
	}
	var parts []*storage.PartInfo
	for i := range 1 + c.n%3 {
		part, err := b.UploadPart(ctx, mu, i+1, strings.NewReader(c.text()), -1, nil)
		if err != nil {
			return err
		}
		parts = append(parts, part)
	}
	_, err = b.CompleteMultipart(ctx, mu, parts, nil)
	return err
}

// dump returns what a bucket holds: all that does not depend on the clock or driver.
func dump(t *testing.T, b storage.Bucket) map[string]string {
	t.Helper()
	objects := make(map[string]string)
	it, err := b.List(t.Context(), "", 0, 0, nil)
	require.NoError(t, err)
	for o, err := range storage.All(it) {
		require.NoError(t, err)
		rc, opened, err := b.Open(t.Context(), o.Key, 0, 0, nil)
		require.NoError(t, err)
		content, err := io.ReadAll(rc)
		require.NoError(t, err)
		require.NoError(t, rc.Close())
		require.Equal(t, o, opened)
		require.Equal(t, int64(len(content)), o.Size)
		first, _, _ := strings.Cut(string(content), "\n")
		objects[o.Key] = fmt.Sprintf("%s %d %s %v", first, o.Size, o.ContentType, o.Metadata)
	}
	return objects
}

// crashLog is what a goroutine of the killed process said.
type crashLog struct {
	done  []change
	begun *change // not done
}

func (l *crashLog) String() string {
	var last string
	if len(l.done) > 0 {
		last = fmt.Sprintf("%+v", l.done[len(l.done)-1])
	}
	return fmt.Sprintf("done %s, begun %+v", last, l.begun)
}

// runKilled runs a process that changes a store and kills it after the time.
func runKilled(t *testing.T, dir string, seed uint64, after time.Duration) []*crashLog {
	cmd := exec.Command(os.Args[0], dir, strconv.FormatUint(seed, 10))
	cmd.Env = append(os.Environ(), childVariable+"=crash")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan(), "the child begins")
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()

	var logs []*crashLog
	var next []func() change
	for w := range goroutines {
		logs, next = append(logs, new(crashLog)), append(next, changes(seed, w))
	}
	for lines.Scan() {
		var w int
		var what string
		if _, err := fmt.Sscan(lines.Text(), &w, &what); err != nil || w < 0 || w >= goroutines {
			t.Fatalf("the child said %q", lines.Text())
		}
		if log := logs[w]; what == "begun" {
			c := next[w]()
			log.begun = &c
		} else {
			log.done, log.begun = append(log.done, *log.begun), nil
		}
	}
	require.Error(t, cmd.Wait())
	require.NotContains(t, []int{2, 3}, cmd.ProcessState.ExitCode(), "the child ended by itself")
	return logs
}

// crashChild changes a store until it is killed, and says so.
func crashChild() error {
	st, err := Open(os.Args[1], WithoutSync())
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(os.Args[2], 10, 64)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	var wg sync.WaitGroup
	for w := range goroutines {
		wg.Go(func() {
			next := changes(seed, w)
			for {
				c := next()
				fmt.Println(w, "begun")
				c.apply(st.Bucket(bucketOf(w)))
				fmt.Println(w, "done")
			}
		})
	}
	wg.Wait()
	return nil
}
