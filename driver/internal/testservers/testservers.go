// Package testservers starts storage services for tests, as processes of their own
// that listen on a free port of 127.0.0.1.
//
// A test whose service cannot be had is skipped with the reason. If the environment
// variable STORAGE_REQUIRE_SERVERS is set, it fails instead.
package testservers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The keys of the account that every service knows.
const (
	AccessKey = "test"
	SecretKey = "testsecret"
)

// Service is a service that runs.
type Service struct {
	Name string
	URL  string
}

// starter starts a service once.
type starter struct {
	name  string
	start func(dir string) (*Service, *exec.Cmd, error)

	once    sync.Once
	service *Service
	cmd     *exec.Cmd
	err     error
}

var (
	s3mem     = &starter{name: "s3mem", start: startS3Mem}
	versitygw = &starter{name: "versitygw", start: startVersityGW}
	fakeGCS   = &starter{name: "fake-gcs-server", start: startFakeGCS}
	azurite   = &starter{name: "azurite", start: startAzurite}
)

// S3Mem returns the S3 endpoint of this repository.
func S3Mem(tb testing.TB) *Service { return s3mem.get(tb) }

// VersityGW returns a gateway that keeps objects as files. The command versitygw is
// looked for in PATH and where go install puts it.
func VersityGW(tb testing.TB) *Service { return versitygw.get(tb) }

// FakeGCS returns a service that speaks like Google Cloud Storage. The command
// fake-gcs-server is looked for as versitygw is, and else built.
func FakeGCS(tb testing.TB) *Service { return fakeGCS.get(tb) }

// Azurite returns a service that speaks like Azure Blob Storage. The test is skipped
// if the environment variable STORAGE_AZURITE does not hold the command azurite-blob.
func Azurite(tb testing.TB) *Service {
	tb.Helper()
	if os.Getenv(azuriteCommand) == "" {
		tb.Skipf("azurite: %s is not set", azuriteCommand)
	}
	return azurite.get(tb)
}

func (s *starter) get(tb testing.TB) *Service {
	tb.Helper()
	s.once.Do(func() {
		var root string
		if root, s.err = workDir(); s.err == nil {
			s.service, s.cmd, s.err = s.start(filepath.Join(root, s.name))
		}
	})
	if s.err == nil {
		return s.service
	}
	if os.Getenv("STORAGE_REQUIRE_SERVERS") != "" {
		tb.Fatalf("%s: %v", s.name, s.err)
	}
	tb.Skipf("%s: %v", s.name, s.err)
	return nil
}

// workDir returns the directory of what the services need.
var workDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "storage-servers-*") })

// Main runs the tests of a package and then ends the services that they started. It
// returns the exit code.
func Main(m *testing.M) int {
	defer stop()
	return m.Run()
}

func stop() {
	for _, s := range []*starter{s3mem, versitygw, fakeGCS, azurite} {
		s.once.Do(func() { s.err = errors.New("the tests are over") })
		if s.cmd != nil {
			end(s.cmd)
		}
	}
	if dir, err := workDir(); err == nil {
		_ = os.RemoveAll(dir)
	}
}

// patience is how long a process may take to start or to end.
const patience = 20 * time.Second

// end interrupts a process, and kills it if it does not end.
func end(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(os.Interrupt)
	kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	kill.Stop()
}

// failed returns the error of a process that did not become ready, and ends it.
func failed(cmd *exec.Cmd, err error) error {
	end(cmd)
	return fmt.Errorf("%s did not become ready: %w", filepath.Base(cmd.Path), err)
}
