//go:build unix

package paper

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestPrintMakesAPDFAndLeavesNothing(t *testing.T) {
	path, err := Find(os.Getenv("THROUGHLINE_CHROMIUM"))
	if errors.Is(err, ErrNone) {
		t.Skip("no chromium is installed")
	}
	t.Setenv("TMPDIR", t.TempDir())
	// Whoever connects here was let out.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	called := make(chan struct{}, 1)
	go func() {
		if c, err := listener.Accept(); err == nil {
			_ = c.Close()
			called <- struct{}{}
		}
	}()
	page := `<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="default-src 'none'"><title>x</title><img src="http://` + listener.Addr().String() + `/x.png"><p>Statement`
	pdf, err := Print(context.Background(), path, []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 1000 {
		t.Errorf("%d bytes that begin with %q", len(pdf), pdf[:min(len(pdf), 8)])
	}
	select {
	case <-called:
		t.Error("the page reached the network")
	default:
	}
	left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "throughline-print-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A program that does not end, with a child of its own, stands in for a
// Chromium that hangs.
func TestAPrintThatHangsIsEndedWithAllThatItStarted(t *testing.T) {
	folder := t.TempDir()
	path, noted := filepath.Join(folder, "hangs"), filepath.Join(folder, "pid")
	script := "#!/bin/sh\nsleep 600 &\necho $! > " + noted + "\nwait\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for i := 0; i < 500; i++ {
			if text, err := os.ReadFile(noted); err == nil && strings.HasSuffix(string(text), "\n") {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	if _, err := Print(ctx, path, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("the print ended with %v", err)
	}
	text, err := os.ReadFile(noted)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 100; i++ {
		if state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("process %d runs still", pid)
	}
}

func TestWithoutChromiumItSaysSo(t *testing.T) {
	if _, err := Find("no-such-program-here"); !errors.Is(err, ErrNone) {
		t.Errorf("found %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(""); !errors.Is(err, ErrNone) {
		t.Errorf("found %v", err)
	}
}

func TestAProgramThatPrintsNothingIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "idle")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho cannot start\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Print(context.Background(), path, nil); err == nil || !strings.Contains(err.Error(), "made no PDF: cannot start") {
		t.Errorf("the error is %v", err)
	}
}
