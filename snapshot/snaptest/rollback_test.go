package snaptest_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"open-lake.dev/lib/storage/snapshot"
	"open-lake.dev/lib/storage/snapshot/snaptest"
)

// rollBackAs calls Rollback as a test of that name, and returns what became of it.
// The test ends when end is called.
func rollBackAs(t *testing.T, name string, st snapshot.Store) (r *recorder, end func()) {
	r = &recorder{TB: t, name: name}
	var done sync.WaitGroup
	done.Go(func() { snaptest.Rollback(r, st) })
	done.Wait()
	return r, func() {
		for _, f := range r.cleanups {
			f()
		}
	}
}

// Tests that roll back one store at the same time would restore each other's state.
func TestRollbackInParallelTests(t *testing.T) {
	st := snaptest.New(t)
	_, end := rollBackAs(t, "TestA/one", st)
	r, _ := rollBackAs(t, "TestA/two", st)
	require.True(t, r.fatal)
	require.Equal(t, "snaptest.Rollback: TestA/one rolls back the same store and has not ended; "+
		"parallel tests cannot share a store, so give each a fork: snaptest.Fork(t, st.Snapshot())", r.failure(t))
	require.Empty(t, r.cleanups)
	r, _ = rollBackAs(t, "TestA/one2", st)
	require.True(t, r.fatal, "a name that begins alike is not that of a subtest")

	end()
	r, end = rollBackAs(t, "TestA/two", st)
	require.Empty(t, r.failures, "the other test has ended")
	end()
}

func TestRollbackNests(t *testing.T) {
	st, other := snaptest.New(t), snaptest.New(t)
	_, endOuter := rollBackAs(t, "TestA", st)
	for _, name := range []string{"TestA/sub", "TestA", "TestA/sub/sub"} {
		r, end := rollBackAs(t, name, st)
		require.Empty(t, r.failures)
		end()
	}
	r, end := rollBackAs(t, "TestB", other)
	require.Empty(t, r.failures, "it is another store")
	end()
	endOuter()
}

// mapped is a store that cannot be compared.
type mapped struct {
	snapshot.Store
	_ map[string]string
}

func TestRollbackOfAStoreThatCannotBeCompared(t *testing.T) {
	st := mapped{Store: snaptest.New(t)}
	t.Run("sub", func(t *testing.T) {
		snaptest.Rollback(t, st)
		put(t, st.Bucket("b"), "k", "v", nil)
	})
	require.Zero(t, st.Snapshot().Len())
}
