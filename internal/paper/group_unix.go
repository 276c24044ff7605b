//go:build unix

package paper

import (
	"errors"
	"os/exec"
	"syscall"
)

// grouped makes a command and all that it starts one group, which ends with
// its context.
func grouped(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return endGroup(c) }
}

// endGroup ends what is left of a command's group.
func endGroup(c *exec.Cmd) error {
	if c.Process == nil {
		return nil
	}
	if err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
