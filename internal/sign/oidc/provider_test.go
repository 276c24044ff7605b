package oidc

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
)

const redirect = "http://127.0.0.1:9/oidc" // nobody listens there: the test reads where it is sent

// start runs the provider of testdata. Where there is no npm the test skips,
// but not in CI.
func start(t *testing.T, mode string) *Provider {
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
	if _, err := os.Stat(filepath.Join("testdata", "node_modules", "oidc-provider")); err != nil {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		install.Dir = "testdata"
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	run := exec.Command(node, "provider.js", redirect, mode)
	var said strings.Builder
	run.Dir, run.Stderr = "testdata", &said
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
	return &Provider{
		Settings: Settings{Label: "the tests' provider", Issuer: strings.TrimSpace(line), Client: "throughline", Secret: "a-secret-of-the-tests", Redirect: redirect},
		HTTP:     &http.Client{Timeout: 20 * time.Second}, Now: time.Now,
	}
}

var handshake = access.Handshake{
	State: "a-state-of-the-tests-of-some-length", Nonce: "a-nonce-of-the-tests-of-some-length", Verifier: "a-verifier-of-the-tests-that-is-as-long-as-the-standard-asks",
}

// signIn is a browser in which somebody signs in at the provider; it returns
// where the provider sends it at last.
func signIn(t *testing.T, p *Provider, who string) url.Values {
	t.Helper()
	away, err := p.Away(t.Context(), handshake)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back url.Values
	browser := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			back = r.URL.Query()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page := body(t)(browser.Get(away))
	for range 5 {
		if back != nil {
			return back
		}
		action := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(page)
		prompt := regexp.MustCompile(`name="prompt" value="([^"]+)"`).FindStringSubmatch(page)
		if action == nil || prompt == nil {
			t.Fatalf("the provider shows no form:\n%s", page)
		}
		form := url.Values{"prompt": {prompt[1]}, "login": {who}, "password": {"any"}}
		page = body(t)(browser.PostForm(action[1], form))
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

func TestClaimsComeFromARealProvider(t *testing.T) {
	for _, mode := range []string{"by the standard", "embedded"} {
		t.Run(mode, func(t *testing.T) {
			p := start(t, mode)
			for who, want := range map[string]access.Claims{
				"lead@example.com":       {Email: "lead@example.com", Verified: true, Name: "Somebody of the tests"},
				"unverified@example.com": {Email: "unverified@example.com", Name: "Somebody of the tests"},
				"nameless":               {},
			} {
				want.Issuer, want.Subject = p.Issuer, who
				back := signIn(t, p, who)
				if back.Get("state") != handshake.State {
					t.Errorf("%s came back with state %q", who, back.Get("state"))
				}
				got, err := p.Claims(t.Context(), back.Get("code"), handshake)
				if err != nil || got != want {
					t.Errorf("%s: %+v, %v; want %+v", who, got, err, want)
				}
			}
		})
	}
}

func TestAPublicClientSignsInByPKCEAlone(t *testing.T) {
	p := start(t, "")
	p.Client, p.Secret = "public", ""
	if _, err := p.Claims(t.Context(), signIn(t, p, "lead@example.com").Get("code"), handshake); err != nil {
		t.Error(err)
	}
}

func TestWhatDoesNotBelongTogetherIsRefused(t *testing.T) {
	p := start(t, "")
	code := func() string { return signIn(t, p, "lead@example.com").Get("code") }
	other := "another-one-of-the-tests-that-is-as-long-as-the-standard-asks"
	cases := map[string]func() error{
		"a code is redeemed twice": func() error {
			c := code()
			if _, err := p.Claims(t.Context(), c, handshake); err != nil {
				t.Fatal(err)
			}
			_, err := p.Claims(t.Context(), c, handshake)
			return err
		},
		"the nonce is of another question": func() error {
			h := handshake
			h.Nonce = other
			_, err := p.Claims(t.Context(), code(), h)
			return err
		},
		"the verifier is not whose code was asked for": func() error {
			h := handshake
			h.Verifier = other
			_, err := p.Claims(t.Context(), code(), h)
			return err
		},
		"the code is made up": func() error {
			_, err := p.Claims(t.Context(), "made-up", handshake)
			return err
		},
		"the client's secret is wrong": func() error {
			wrong := &Provider{Settings: p.Settings, HTTP: p.HTTP, Now: p.Now}
			wrong.Secret = "wrong"
			_, err := wrong.Claims(t.Context(), code(), handshake)
			return err
		},
		"the token is too old": func() error {
			late := &Provider{Settings: p.Settings, HTTP: p.HTTP, Now: func() time.Time { return time.Now().Add(25 * time.Hour) }}
			_, err := late.Claims(t.Context(), code(), handshake)
			return err
		},
		"the provider calls itself otherwise": func() error {
			impostor := &Provider{Settings: p.Settings, HTTP: p.HTTP, Now: p.Now}
			impostor.Issuer = strings.Replace(p.Issuer, "127.0.0.1", "localhost", 1)
			_, err := impostor.Away(t.Context(), handshake)
			return err
		},
	}
	for name, do := range cases {
		t.Run(name, func(t *testing.T) {
			err := do()
			if err == nil {
				t.Fatal("it passed")
			}
			for _, secret := range []string{"lead@example.com", p.Secret, "made-up", handshake.Verifier} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
		})
	}
}

func TestAProviderThatIsDownIsAskedAgain(t *testing.T) {
	up := start(t, "")
	down := true
	p := &Provider{Settings: up.Settings, Now: time.Now, HTTP: &http.Client{Timeout: 20 * time.Second, Transport: transport(func(r *http.Request) (*http.Response, error) {
		if down {
			return nil, fmt.Errorf("connection refused")
		}
		return http.DefaultTransport.RoundTrip(r)
	})}}
	if _, err := p.Away(t.Context(), handshake); err == nil {
		t.Error("a provider that is down gave an address")
	}
	down = false
	if _, err := p.Away(t.Context(), handshake); err != nil {
		t.Error(err)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
