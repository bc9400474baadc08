package testservers

import (
	"fmt"
	"go/build"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const versityModule = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

func startVersityGW(dir string) (*Service, *exec.Cmd, error) {
	program, err := findCommand("versitygw")
	if err != nil {
		return nil, nil, fmt.Errorf("%w; go install %s", err, versityModule)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(program, "--port", addr, "--health", "/health", "--quiet", "--disable-strict-bucket-names", "posix", dir)
	dieWithTests(cmd)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+AccessKey, "ROOT_SECRET_KEY="+SecretKey)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	s := &Service{Name: "versitygw", URL: "http://" + addr}
	if err := await(s.URL + "/health"); err != nil {
		return nil, nil, failed(cmd, err)
	}
	return s, cmd, nil
}

// findCommand finds a command in PATH or where go install puts it.
func findCommand(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	for _, dir := range []string{os.Getenv("GOBIN"), filepath.Join(build.Default.GOPATH, "bin")} {
		if path, failed := exec.LookPath(filepath.Join(dir, name)); failed == nil && filepath.IsAbs(path) {
			return path, nil
		}
	}
	return "", err
}

// freeAddr returns an address of 127.0.0.1 that nothing listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// await waits until a URL answers, be it that the client is to blame.
func await(url string) error {
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		res, err := client.Get(url)
		if err == nil {
			res.Body.Close()
			if res.StatusCode < http.StatusInternalServerError {
				return nil
			}
			err = fmt.Errorf("%s: %s", url, res.Status)
		}
		if time.Since(start) > patience {
			return err
		}
	}
}
