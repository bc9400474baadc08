package filedriver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
)

// start starts this test binary as a child that finds args behind its name.
func start(t *testing.T, child string, args ...string) (wait func() string) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childVariable+"="+child)
	cmd.Stderr = os.Stderr
	var out strings.Builder
	cmd.Stdout = &out
	require.NoError(t, cmd.Start())
	return func() string {
		require.NoError(t, cmd.Wait())
		return out.String()
	}
}

// TestOneCreator: of writers in two processes that create an object at once, one wins,
// and its content stays.
func TestOneCreator(t *testing.T) {
	const rounds, writers = 200, 4
	dir := t.TempDir()
	wait := start(t, "race", dir, strconv.Itoa(rounds), strconv.Itoa(writers), "child")
	mine, err := createAll(openTest(t, dir, "fsync=false"), rounds, writers, "parent")
	require.NoError(t, err)
	winners := make(map[string][]string)
	for _, line := range append(mine, strings.Split(strings.TrimSpace(wait()), "\n")...) {
		if key, who, ok := strings.Cut(line, " "); ok {
			winners[key] = append(winners[key], who)
		}
	}
	b := openTest(t, dir, "").Bucket("race")
	require.Len(t, winners, rounds)
	for key, who := range winners {
		require.Len(t, who, 1, "winners of %s", key)
		assert.Equal(t, who[0], get(t, b, key))
	}
}

// createAll lets writers create objects, and returns the keys and the names of the
// winners.
func createAll(st storage.Storage, rounds, writers int, name string) (won []string, err error) {
	var mu sync.Mutex
	b := st.Bucket("race")
	for round := range rounds {
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				key, who := fmt.Sprintf("k%d", round), fmt.Sprintf("%s-%d", name, w)
				_, failed := b.Write(context.Background(), key, strings.NewReader(who), -1, "", storage.Options{storage.OptIfNoneMatch: "*"})
				mu.Lock()
				defer mu.Unlock()
				if failed == nil {
					won = append(won, key+" "+who)
				} else if !errors.Is(failed, storage.ErrPrecondition) {
					err = failed
				}
			})
		}
		wg.Wait()
	}
	return won, err
}

func raceChild() error {
	st, err := Open(os.Args[1], WithoutSync())
	if err != nil {
		return err
	}
	defer st.Close()
	rounds, _ := strconv.Atoi(os.Args[2])
	writers, _ := strconv.Atoi(os.Args[3])
	won, err := createAll(st, rounds, writers, os.Args[4])
	fmt.Println(strings.Join(won, "\n"))
	return err
}

// TestCount: increments by if_match in two processes lose none.
func TestCount(t *testing.T) {
	const n, writers = 100, 4
	dir := t.TempDir()
	st := openTest(t, dir, "fsync=false")
	put(t, st.Bucket("b"), "n", "0")
	wait := start(t, "count", dir, strconv.Itoa(n), strconv.Itoa(writers))
	require.NoError(t, countAll(st, n, writers))
	wait()
	assert.Equal(t, strconv.Itoa(2*n*writers), get(t, st.Bucket("b"), "n"))
}

func countAll(st storage.Storage, n, writers int) error {
	errs := make(chan error, writers)
	for range writers {
		go func() {
			var err error
			for i := 0; i < n && err == nil; i++ {
				err = increment(st.Bucket("b"))
			}
			errs <- err
		}()
	}
	var err error
	for range writers {
		err = errors.Join(err, <-errs)
	}
	return err
}

// increment adds one to the number in an object.
func increment(b storage.Bucket) error {
	for {
		rc, o, err := b.Open(context.Background(), "n", 0, 0, nil)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(rc)
		rc.Close()
		n, bad := strconv.Atoi(string(text))
		if err = errors.Join(err, bad); err != nil {
			return err
		}
		_, err = b.Write(context.Background(), "n", strings.NewReader(strconv.Itoa(n+1)), -1, "", storage.Options{storage.OptIfMatch: o.ETag})
		if !errors.Is(err, storage.ErrPrecondition) {
			return err
		}
	}
}

func countChild() error {
	st, err := Open(os.Args[1], WithoutSync())
	if err != nil {
		return err
	}
	defer st.Close()
	n, _ := strconv.Atoi(os.Args[2])
	writers, _ := strconv.Atoi(os.Args[3])
	return countAll(st, n, writers)
}
