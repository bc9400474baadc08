package testservers

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
)

const fakeGCSModule = "github.com/fsouza/fake-gcs-server@v1.56.1"

func startFakeGCS(dir string) (*Service, *exec.Cmd, error) {
	program, err := findCommand("fake-gcs-server")
	if err != nil {
		program = filepath.Join(dir, "fake-gcs-server")
		err = install(fakeGCSModule, dir)
	}
	if err != nil {
		return nil, nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, nil, err
	}
	s := &Service{Name: "fake-gcs-server", URL: "http://" + addr}
	cmd := exec.Command(program, "-scheme", "http", "-host", host, "-port", port, "-backend", "memory",
		"-public-host", addr, "-external-url", s.URL, "-log-level", "error")
	dieWithTests(cmd)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	if err := await(s.URL + "/_internal/healthcheck"); err != nil {
		return nil, nil, failed(cmd, err)
	}
	return s, cmd, nil
}

// install builds the command of a module and puts it into dir.
func install(module, dir string) error {
	cmd := exec.Command("go", "install", module)
	cmd.Env = append(os.Environ(), "GOBIN="+dir)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go install %s: %w: %s", module, err, output)
	}
	return nil
}
