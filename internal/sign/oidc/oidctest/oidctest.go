// Package oidctest runs a real OpenID provider, the oidc-provider of npm, for the tests of whoever signs in by one, and is the
// person who signs in there. It owns the provider's program and its locked dependencies; it knows nothing of ours.
//
// The invariant: a test that asked for a provider has one, or skips where there is no npm, and never where CI is set.
package oidctest

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The clients that the provider knows: one with a secret, one without.
const (
	Client = "throughline"
	Secret = "a-secret-of-the-tests"
	Public = "public"
)

// Start runs a provider until the test ends, which sends people back to an
// address, and returns its issuer. Embedded tells whether it puts claims into
// its ID tokens, too.
func Start(t *testing.T, redirect string, embedded bool) (issuer string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = exec.LookPath("npm")
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node and npm are not installed: apt-get install npm")
		}
		t.Skip("node and npm are not installed; signing in is tested with the oidc-provider of npm")
	}
	folder := installed(t)
	mode := ""
	if embedded {
		mode = "embedded"
	}
	run := exec.Command(node, "provider.js", redirect, mode)
	var said strings.Builder
	run.Dir, run.Stderr = folder, &said
	in, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
		if err := run.Wait(); err != nil {
			t.Errorf("the provider ended with %v:\n%s", err, said.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider did not start: %v", err)
	}
	return strings.TrimSpace(line)
}

// installed is the provider's folder, with what it needs. Packages are tested
// at the same time, so each installs beside and moves into place: of several,
// the first one stays.
func installed(t *testing.T) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("where this file lies is not known")
	}
	folder := filepath.Join(filepath.Dir(file), "provider")
	modules := filepath.Join(folder, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return folder
	}
	beside, err := os.MkdirTemp(folder, "installing-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.RemoveAll(beside); err != nil {
			t.Error(err)
		}
	}()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(beside, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = beside
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	if err := os.Rename(filepath.Join(beside, "node_modules"), modules); err != nil {
		if _, there := os.Stat(modules); there != nil {
			t.Fatal(err)
		}
	}
	return folder
}

var (
	action = regexp.MustCompile(`action="([^"]+)"`)
	prompt = regexp.MustCompile(`name="prompt" value="([^"]+)"`)
)

// SignIn goes where a site has sent a browser, signs in as somebody and agrees
// to all that is asked, and returns the address that the provider sends the
// browser to at last.
func SignIn(t *testing.T, browser *http.Client, away, redirect, who string) *url.URL {
	t.Helper()
	var back *url.URL
	own := *browser
	own.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}
	page := body(t)(own.Get(away))
	for range 5 {
		if back != nil {
			return back
		}
		to, what := action.FindStringSubmatch(page), prompt.FindStringSubmatch(page)
		if to == nil || what == nil {
			t.Fatalf("the provider shows no form:\n%s", page)
		}
		page = body(t)(own.PostForm(to[1], url.Values{"prompt": {what[1]}, "login": {who}, "password": {"any"}}))
	}
	t.Fatal("the provider never sent the browser back")
	return nil
}

func body(t *testing.T) func(*http.Response, error) string {
	return func(r *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}
