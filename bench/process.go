package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// limit is how long one process may take.
const limit = 60 * time.Minute

// usage is what one process took.
type usage struct {
	wall, cpu time.Duration
	peak      int64  // bytes of resident memory at most; 0: not known
	against   *usage // the bare query that ran just before
}

// command runs a process to its end and tells what it printed and took.
func command(ctx context.Context, env []string, name string, args ...string) ([]byte, usage, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out, problems bytes.Buffer
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), env...)
	c.Stdout, c.Stderr = &out, &problems
	begin := time.Now()
	err := c.Run()
	u := usage{wall: time.Since(begin)}
	if c.ProcessState != nil {
		u.cpu = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		u.peak = peakMemory(c.ProcessState)
	}
	if ctx.Err() == context.DeadlineExceeded {
		err = fmt.Errorf("took longer than %s", limit)
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, problems.String())
	}
	return out.Bytes(), u, err
}
