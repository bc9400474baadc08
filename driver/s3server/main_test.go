package s3server

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if admin := os.Getenv(suiteAdmin); admin != "" {
		commandOfSuite(admin, os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// newTestServer returns a server over a store of its own, closed with the test.
func newTestServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	store := NewStore()
	srv, err := New(store, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		srv.Close()
		store.Close()
	})
	return srv
}
