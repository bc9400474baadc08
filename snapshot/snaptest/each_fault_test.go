package snaptest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage"
	memdriver "open-lake.dev/lib/storage/driver/memory"
	"open-lake.dev/lib/storage/driver/wrap"
	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// transferred moves an amount between two accounts: not safely, or in an update.
func transferred(st storage.Storage) error {
	if _, err := storage.WriteAll(ctx, st.Bucket("accounts"), "ann", []byte("0"), "", nil); err != nil {
		return err
	}
	_, err := storage.WriteAll(ctx, st.Bucket("accounts"), "bob", []byte("1"), "", nil)
	return err
}

func accounts(t *testing.T) snapshot.Store {
	st := snaptest.New(t)
	put(t, st.Bucket("accounts"), "ann", "1", nil)
	put(t, st.Bucket("accounts"), "bob", "0", nil)
	return st
}

// state returns the amounts of both accounts.
func state(t *testing.T, st snapshot.Store) string {
	snap := st.Snapshot()
	return content(t, snap, "accounts", "ann") + content(t, snap, "accounts", "bob")
}

// seen is what a check saw after a run.
type seen struct {
	state  string
	failed bool
}

// Every write fails in each way, and every run begins with the same store.
func TestEachFaultTriesEachWrite(t *testing.T) {
	st := accounts(t)
	start := st.Snapshot()
	var saw []seen
	snaptest.EachFault(t, st, func(t *testing.T, st snapshot.Store) error {
		require.Equal(t, "10", state(t, st))
		return transferred(st)
	}, func(t *testing.T, st snapshot.Store, err error) {
		require.True(t, err == nil || errors.Is(err, wrap.ErrInjected))
		saw = append(saw, seen{state(t, st), err != nil})
	})
	require.Equal(t, []seen{
		{"01", false},
		{"10", true}, {"00", true}, {"10", true},
		{"00", true}, {"01", true}, {"00", true},
	}, saw)
	require.Same(t, start, st.Snapshot())
}

// An update has no state between; what comes within it is a write, too.
func TestEachFaultOfAnUpdate(t *testing.T) {
	var saw []seen
	snaptest.EachFault(t, accounts(t), func(t *testing.T, st snapshot.Store) error {
		return st.Update(ctx, func(tx storage.Storage) error { return transferred(tx) })
	}, func(t *testing.T, st snapshot.Store, err error) { saw = append(saw, seen{state(t, st), err != nil}) })
	require.Equal(t, []seen{
		{"01", false},
		{"10", true}, {"01", true}, {"10", true}, // the update
		{"10", true}, {"10", true}, {"10", true},
		{"10", true}, {"10", true}, {"10", true},
	}, saw)
}

// After a crash nothing happens any more: no second attempt, no tidying up, and no
// commit of an update that swallows errors.
func TestEachFaultCrashes(t *testing.T) {
	var saw []seen
	snaptest.EachFault(t, accounts(t), func(t *testing.T, st snapshot.Store) error {
		err := transferred(st)
		if err != nil {
			_, _, readErr := storage.ReadAll(ctx, st.Bucket("accounts"), "bob")
			_, tidyErr := storage.WriteAll(ctx, st.Bucket("accounts"), "ann", []byte("1"), "", nil)
			if strings.Contains(t.Name(), "crash") {
				require.ErrorIs(t, readErr, wrap.ErrInjected)
				require.ErrorIs(t, tidyErr, wrap.ErrInjected)
			} else {
				require.NoError(t, readErr)
				require.NoError(t, tidyErr)
			}
		}
		return err
	}, func(t *testing.T, st snapshot.Store, err error) { saw = append(saw, seen{state(t, st), err != nil}) })
	require.Equal(t, []seen{
		{"01", false},
		{"10", true}, {"10", true}, {"10", true},
		{"10", true}, {"11", true}, {"00", true},
	}, saw)

	saw = nil
	snaptest.EachFault(t, accounts(t), func(t *testing.T, st snapshot.Store) error {
		return st.Update(ctx, func(tx storage.Storage) error { transferred(tx); return nil })
	}, func(t *testing.T, st snapshot.Store, err error) {
		if strings.Contains(t.Name(), "crash") {
			saw = append(saw, seen{state(t, st), err != nil})
		}
	})
	require.Equal(t, []seen{{"10", true}, {"10", true}, {"10", true}}, saw)
}

// Code that tries again gets over a fault, and check sees no error.
func TestEachFaultOfCodeThatTriesAgain(t *testing.T) {
	snaptest.EachFault(t, accounts(t), func(t *testing.T, st snapshot.Store) error {
		err := transferred(st)
		if err != nil {
			err = transferred(st)
		}
		return err
	}, func(t *testing.T, st snapshot.Store, err error) {
		if !strings.Contains(t.Name(), "crash") {
			require.NoError(t, err)
			require.Equal(t, "01", state(t, st))
		}
	})
}

// A fork has the limits, the default bucket and the options that it needs.
func TestEachFaultForksTheStore(t *testing.T) {
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	st := snaptest.New(t, memdriver.WithDefaultBucket("main"), memdriver.WithLimits(storage.Limits{MaxKey: 3}))
	snaptest.EachFault(t, st, func(t *testing.T, st snapshot.Store) error {
		_, err := storage.WriteAll(ctx, st.Bucket(""), "long", nil, "", nil)
		require.True(t, errors.Is(err, storage.ErrInvalid) || errors.Is(err, wrap.ErrInjected))
		o, err := storage.WriteAll(ctx, st.Bucket(""), "k", nil, "", nil)
		require.True(t, err != nil || o.Updated.Equal(at))
		return err
	}, func(t *testing.T, st snapshot.Store, _ error) {
		ok, err := storage.Exists(ctx, st.Bucket("main"), "k")
		require.NoError(t, err)
		require.Equal(t, ok, st.Snapshot().Len() == 1)
	}, memdriver.WithClock(func() time.Time { return at }))
}

// inEachFault is set in the test binaries that TestEachFaultSaysWhatFailed starts.
const inEachFault = "SNAPTEST_TEST_EACH_FAULT"

func TestEachFaultFails(t *testing.T) {
	noCheck := func(*testing.T, snapshot.Store, error) {}
	good := func(_ *testing.T, st snapshot.Store) error { return transferred(st) }
	switch os.Getenv(inEachFault) {
	case "":
		t.Skip("runs within TestEachFaultSaysWhatFailed")
	case "unsafe":
		snaptest.EachFault(t, accounts(t), good, func(t *testing.T, st snapshot.Store, err error) {
			require.NotEqual(t, "00", state(t, st), "the money is gone")
		})
	case "run fails":
		snaptest.EachFault(t, accounts(t), func(*testing.T, snapshot.Store) error { return errors.New("wrong") }, noCheck)
	case "no writes":
		snaptest.EachFault(t, accounts(t), func(*testing.T, snapshot.Store) error { return nil }, noCheck)
	case "nil store":
		snaptest.EachFault(t, nil, good, noCheck)
	case "nil run":
		snaptest.EachFault(t, accounts(t), nil, noCheck)
	case "nil check":
		snaptest.EachFault(t, accounts(t), good, nil)
	case "nil option":
		snaptest.EachFault(t, accounts(t), good, noCheck, nil)
	case "foreign":
		snaptest.EachFault(t, foreign{accounts(t)}, good, noCheck)
	case "closed":
		st := accounts(t)
		require.NoError(t, st.Close())
		snaptest.EachFault(t, st, good, noCheck)
	}
}

func TestEachFaultSaysWhatFailed(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	for name, want := range map[string][]string{
		"unsafe": {
			"--- FAIL: TestEachFaultFails/1_after_write", "--- FAIL: TestEachFaultFails/2_before_write", "--- FAIL: TestEachFaultFails/2_crash_write",
			"the money is gone",
			"snaptest.EachFault: write 1 failed and left a store that is not whole: " +
				"1 write accounts/ann size=1 <- this call took effect but returned an error " +
				`run returned: storage: write bucket "accounts" key "ann": injected fault`,
			"1 write accounts/ann size=1 2 write accounts/bob size=1 <- this call had no effect, nor had any later one",
		},
		"run fails":  {"snaptest.EachFault: run fails without a fault: wrong"},
		"no writes":  {"snaptest.EachFault: run writes nothing; let it use the store that it gets"},
		"nil store":  {"snaptest.EachFault: the store is nil"},
		"nil run":    {"snaptest.EachFault: run or check is nil"},
		"nil check":  {"snaptest.EachFault: run or check is nil"},
		"nil option": {"snaptest.EachFault: an option is nil"},
		"foreign":    {"snaptest.EachFault: a snaptest_test.foreign cannot be rolled back"},
		"closed":     {"snaptest.EachFault: the snapshot is nil; a closed store has none"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(exe, "-test.run=^TestEachFaultFails$")
			cmd.Env = append(os.Environ(), inEachFault+"="+name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err)
			for _, text := range want {
				require.Contains(t, strings.Join(strings.Fields(string(out)), " "), text)
			}
		})
	}
	require.PanicsWithValue(t, "snaptest.EachFault: the testing.TB is nil; pass that of the test", func() { snaptest.EachFault(nil, nil, nil, nil) })
}

// TestEachFaultOnALargeFixture logs what 200 faults cost on 100,000 objects.
func TestEachFaultOnALargeFixture(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 100,000 objects")
	}
	st := snaptest.New(t)
	require.NoError(t, st.Update(t.Context(), func(tx storage.Storage) error { return fill(t.Context(), tx, 100_000) }))
	var start, end runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&start)
	began, faults := time.Now(), -1 // the first run has none
	snaptest.EachFault(t, st, func(t *testing.T, st snapshot.Store) error {
		faults++
		return fill(t.Context(), st, 67)
	}, func(t *testing.T, st snapshot.Store, err error) {
		require.Equal(t, 100_000, st.Snapshot().Len())
	})
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&end)
	require.Equal(t, 201, faults)
	t.Logf("%d faults: %v, %d KiB allocated a fault, %+d KiB of heap after all", faults, took,
		(end.TotalAlloc-start.TotalAlloc)/1024/uint64(faults), (int64(end.HeapAlloc)-int64(start.HeapAlloc))/1024)
}

// fill writes n objects of 1 KiB.
func fill(ctx context.Context, st storage.Storage, n int) error {
	content := make([]byte, 1<<10)
	for i := range n {
		if _, err := storage.WriteAll(ctx, st.Bucket("b"), fmt.Sprintf("d%03d/%06d", i%1000, i), content, "", nil); err != nil {
			return err
		}
	}
	return nil
}
