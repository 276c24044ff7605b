// Package paper prints a page as PDF through the Chromium that is installed here. It owns finding it, running it with
// nothing to reach and nothing to keep, and ending it; it does not own what stands on the page.
//
// A print has a profile and folder of its own, which are deleted, no network, no script (the page's policy forbids both,
// and every name resolves to nothing), and an end: Chromium and all that it started are one group of processes, which is
// killed when the context ends or the print has taken too long.
//
// The invariant: whatever happens, no process and no file of a print outlives Print.
package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// ErrNone says that there is no Chromium here.
var ErrNone = errors.New("PDF is printed by Chromium, and none is installed here")

// Need says what to install.
const Need = "install it (Debian and Ubuntu: apt-get install chromium; or Google Chrome), or name it by THROUGHLINE_CHROMIUM; HTML prints as well from any browser"

// Most is the longest that a print may take.
const Most = 60 * time.Second

// names under which Chromium is installed.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// Find is the path of the Chromium that is installed here, or ErrNone. named is another that somebody chose; it may be
// empty.
func Find(named string) (string, error) {
	if named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", ErrNone
		}
		return path, nil
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNone
}

// Print prints an HTML page by the Chromium at path.
func Print(ctx context.Context, path string, page []byte) (pdf []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, Most)
	defer cancel()
	folder, err := os.MkdirTemp("", "throughline-print-")
	if err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	defer func() { err = errors.Join(err, removed(folder)) }()
	from, to := filepath.Join(folder, "page.html"), filepath.Join(folder, "page.pdf")
	if err := os.WriteFile(from, page, 0o600); err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	var said bytes.Buffer
	c := exec.CommandContext(ctx, path, arguments(folder, from, to)...)
	c.Stdout, c.Stderr = &said, &said
	c.Env = append(os.Environ(), "HOME="+folder, "XDG_CONFIG_HOME="+folder, "XDG_CACHE_HOME="+folder)
	grouped(c)
	c.WaitDelay = 2 * time.Second
	err = c.Run()
	if ended := endGroup(c); ended != nil {
		err = errors.Join(err, ended)
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("print: Chromium took longer than %s and was ended", Most)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("print: Chromium ended with %w: %s", err, last(said.String()))
	}
	if pdf, err = os.ReadFile(to); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		return nil, fmt.Errorf("print: Chromium made no PDF: %s", last(said.String()))
	}
	return pdf, nil
}

func arguments(folder, from, to string) []string {
	out := []string{
		"--headless=new", "--user-data-dir=" + filepath.Join(folder, "profile"), "--print-to-pdf=" + to, "--no-pdf-header-footer",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--disable-default-apps", "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--metrics-recording-only",
		"--disable-crash-reporter", "--disable-breakpad",
	}
	if os.Geteuid() == 0 {
		out = append(out, "--no-sandbox") // Chromium's sandbox refuses root, which containers run as
	}
	return append(out, (&url.URL{Scheme: "file", Path: filepath.ToSlash(from)}).String())
}

// removed deletes a print's folder, in which a process that is just ending may
// still write.
func removed(folder string) error {
	var err error
	for range 5 {
		if err = os.RemoveAll(folder); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("print: %w", err)
}

// last is the end of what a program said.
func last(said string) string {
	const most = 400
	if len(said) > most {
		return "…" + said[len(said)-most:]
	}
	return said
}
