package oidc

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/sign/oidc/oidctest"
)

const redirect = "http://127.0.0.1:9/oidc" // nobody listens there: the test reads where it is sent

// start is a provider of the tests, as we speak to it.
func start(t *testing.T, embedded bool) *Provider {
	t.Helper()
	return &Provider{
		Settings: Settings{Label: "the tests' provider", Issuer: oidctest.Start(t, redirect, embedded), Client: oidctest.Client, Secret: oidctest.Secret, Redirect: redirect},
		HTTP:     &http.Client{Timeout: 20 * time.Second}, Now: time.Now,
	}
}

var handshake = access.Handshake{
	State: "a-state-of-the-tests-of-some-length", Nonce: "a-nonce-of-the-tests-of-some-length", Verifier: "a-verifier-of-the-tests-that-is-as-long-as-the-standard-asks",
}

// signIn is what somebody who signs in at the provider brings back.
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
	return oidctest.SignIn(t, &http.Client{Jar: jar, Timeout: 20 * time.Second}, away, redirect, who).Query()
}

func TestClaimsComeFromARealProvider(t *testing.T) {
	for name, embedded := range map[string]bool{"asked for, as the standard has it": false, "in the ID token": true} {
		t.Run(name, func(t *testing.T) {
			p := start(t, embedded)
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
	p := start(t, false)
	p.Client, p.Secret = oidctest.Public, ""
	if _, err := p.Claims(t.Context(), signIn(t, p, "lead@example.com").Get("code"), handshake); err != nil {
		t.Error(err)
	}
}

func TestWhatDoesNotBelongTogetherIsRefused(t *testing.T) {
	p := start(t, false)
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
	up := start(t, false)
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
