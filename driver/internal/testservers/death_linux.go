package testservers

import (
	"os/exec"
	"syscall"
)

// dieWithTests makes a process end even if the tests panic or are killed.
func dieWithTests(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
