package testservers

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// startS3Mem builds and starts driver/s3server/cmd/s3mem, which is in a module of its
// own.
func startS3Mem(dir string) (*Service, *exec.Cmd, error) {
	_, file, _, _ := runtime.Caller(0)
	module := filepath.Join(filepath.Dir(file), "..", "..", "s3server")
	if _, err := os.Stat(module); err != nil {
		return nil, nil, err
	}
	program := filepath.Join(dir, "s3mem")
	build := exec.Command("go", "build", "-o", program, "./cmd/s3mem")
	build.Dir = module
	if output, err := build.CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("building it: %w: %s", err, output)
	}
	cmd := exec.Command(program, "-access-key", AccessKey, "-secret-key", SecretKey)
	dieWithTests(cmd)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "export AWS_ENDPOINT_URL="); ok {
			return &Service{Name: "s3mem", URL: strings.Trim(url, `"'`)}, cmd, nil
		}
	}
	return nil, nil, failed(cmd, errors.Join(lines.Err(), errors.New("it printed no endpoint")))
}
