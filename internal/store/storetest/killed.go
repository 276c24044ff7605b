package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"
)

// Steps writes to a store for ever and says each version that it was told is
// kept; a process of its own runs it until it is killed.
func Steps(ctx context.Context, s Store, acknowledged io.Writer) error {
	for {
		if err := step(ctx, s); err != nil {
			return err
		}
		d, err := s.Document(ctx, "n")
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(acknowledged, d.Version); err != nil {
			return err
		}
	}
}

// Killed has a process run Steps, kills it at several moments, and holds what
// open then finds to what had been acknowledged.
func Killed(t *testing.T, process func() *exec.Cmd, open func() Store) {
	t.Helper()
	for round := range 4 {
		cmd := process()
		out, err := cmd.StdoutPipe()
		ok(t, err)
		ok(t, cmd.Start())
		lines := bufio.NewScanner(out)
		var last int64
		for n := 0; lines.Scan(); n++ {
			if _, err := fmt.Sscan(lines.Text(), &last); err != nil {
				t.Fatalf("the process said %q", lines.Text())
			}
			if n == 5 {
				time.AfterFunc(time.Duration(round)*3*time.Millisecond, func() {
					if err := cmd.Process.Kill(); err != nil {
						t.Error(err)
					}
				})
			}
		}
		var ended *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &ended) || last < 5 {
			t.Fatalf("the process ended by itself: %v", err)
		}
		if kept := consistent(t, open()); kept != last && kept != last+1 {
			t.Errorf("round %d: version %d is kept, %d had been acknowledged", round, kept, last)
		}
	}
}
