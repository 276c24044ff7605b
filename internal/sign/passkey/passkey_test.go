package passkey

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/throughline/throughline/internal/access"
)

func TestOnlyNamedAndSafeAddressesHavePasskeys(t *testing.T) {
	for _, good := range []string{"https://books.example.com", "https://books.example.com:8443", "http://localhost:8080", "https://localhost"} {
		if _, err := New(good, "Throughline"); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"http://books.example.com", "http://127.0.0.1:8080", "https://192.0.2.7", "books.example.com", "", "https://"} {
		if _, err := New(bad, "Throughline"); !errors.Is(err, ErrNoName) {
			t.Errorf("%s: %v, want ErrNoName", bad, err)
		}
	}
}

// tab is a page of ours in Chromium with an authenticator that lies in memory.
type tab struct {
	t      *testing.T
	ctx    context.Context
	origin string
	id     webauthn.AuthenticatorID
}

// open starts Chromium. Where there is none the test skips, but not in CI.
func open(t *testing.T) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is not installed: apt-get install chromium")
		}
		t.Skip("chromium is not installed; passkeys are tested with its virtual authenticator")
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if _, err := w.Write([]byte("<!doctype html><title>passkeys</title>")); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(site.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	b := &tab{t: t, ctx: ctx, origin: strings.Replace(site.URL, "127.0.0.1", "localhost", 1)}
	if err := chromedp.Do(ctx, chromedp.Navigate(b.origin)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	b.authenticator(true)
	return b
}

// authenticator adds one that does or does not verify the person.
func (b *tab) authenticator(verifies bool) {
	b.t.Helper()
	r, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: verifies, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.id = r.AuthenticatorID
}

func (b *tab) run(script string) (string, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
}

func (b *tab) create(options []byte) (string, error) {
	return b.run(`(async () => JSON.stringify((await navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(` + string(options) + `)})).toJSON()))()`)
}

func (b *tab) ask(options []byte) (string, error) {
	return b.run(`(async () => JSON.stringify((await navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(` + string(options) + `)})).toJSON()))()`)
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var lead = access.User{ID: 7, Email: "lead@example.com", Name: "Lead"}

func (b *tab) made(p *Party, handle []byte) access.Passkey {
	b.t.Helper()
	options, state, err := p.Create(lead, handle, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	response := must[string](b.t)(b.create(options))
	return must[access.Passkey](b.t)(p.Created(lead, handle, state, []byte(response)))
}

func TestAPasskeyIsMadeAndSignsIn(t *testing.T) {
	b := open(t)
	p := must[*Party](t)(New(b.origin, "Throughline"))
	handle := bytes.Repeat([]byte{7}, 32)
	k := b.made(p, handle)
	if k.User != lead.ID || len(k.ID) == 0 || !bytes.Equal(k.Handle, handle) {
		t.Fatalf("made %+v", k)
	}
	find := func(id []byte) (access.User, access.Passkey, error) {
		if !bytes.Equal(id, k.ID) {
			return access.User{}, access.Passkey{}, access.ErrNoPasskey
		}
		return lead, k, nil
	}

	t.Run("it signs in without a mail address, and counts", func(t *testing.T) {
		options, state, err := p.Ask()
		if err != nil {
			t.Fatal(err)
		}
		used := must[access.Passkey](t)(p.Answered(state, []byte(must[string](t)(b.ask(options))), find))
		if used.User != lead.ID || used.Count <= k.Count {
			t.Errorf("used %d after %d signatures, want more", used.Count, k.Count)
		}
		k = used
	})
	t.Run("an answer to another question is refused", func(t *testing.T) {
		options, _, err := p.Ask()
		if err != nil {
			t.Fatal(err)
		}
		answer := must[string](t)(b.ask(options))
		_, other, err := p.Ask()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Answered(other, []byte(answer), find); err == nil {
			t.Error("an answer passed for a question that it does not answer")
		}
	})
	t.Run("a forged signature is refused, and the error names nobody", func(t *testing.T) {
		options, state, err := p.Ask()
		if err != nil {
			t.Fatal(err)
		}
		answer := must[string](t)(b.ask(options))
		at := strings.Index(answer, `"signature":"`) + len(`"signature":"`) + 20
		forged := answer[:at] + string(answer[at]^1) + answer[at+1:]
		_, err = p.Answered(state, []byte(forged), find)
		if err == nil {
			t.Fatal("a forged signature passed")
		}
		if strings.Contains(err.Error(), "lead@") {
			t.Errorf("the error names somebody: %v", err)
		}
	})
	t.Run("an answer for another site is refused", func(t *testing.T) {
		options, state, err := p.Ask()
		if err != nil {
			t.Fatal(err)
		}
		answer := must[string](t)(b.ask(options))
		elsewhere := must[*Party](t)(New("https://books.example.com", "Throughline"))
		if _, err := elsewhere.Answered(state, []byte(answer), find); err == nil {
			t.Error("an answer passed on a site that it was not made for")
		}
	})
	t.Run("a copy that has counted less is refused", func(t *testing.T) {
		options, state, err := p.Ask()
		if err != nil {
			t.Fatal(err)
		}
		answer := must[string](t)(b.ask(options))
		ahead := k
		ahead.Count += 1000
		_, err = p.Answered(state, []byte(answer), func([]byte) (access.User, access.Passkey, error) { return lead, ahead, nil })
		if err == nil {
			t.Error("a passkey that counted backwards passed")
		}
	})
	t.Run("the same authenticator makes no second one", func(t *testing.T) {
		options, _, err := p.Create(lead, handle, []access.Passkey{k})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.create(options); err == nil {
			t.Error("an excluded authenticator made a passkey")
		}
	})
}

func TestAnAuthenticatorThatVerifiesNobodyIsRefused(t *testing.T) {
	b := open(t)
	p := must[*Party](t)(New(b.origin, "Throughline"))
	handle := bytes.Repeat([]byte{7}, 32)
	k := b.made(p, handle)
	if _, err := chromedp.Call(b.ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: b.id, IsUserVerified: false}); err != nil {
		t.Fatal(err)
	}
	options, state, err := p.Ask()
	if err != nil {
		t.Fatal(err)
	}
	// A browser that keeps to the rules gives no answer at all; one that does
	// not is asked here by demanding nothing of it.
	lax := bytes.Replace(options, []byte(`"userVerification":"required"`), []byte(`"userVerification":"discouraged"`), 1)
	if bytes.Equal(lax, options) {
		t.Fatal("the question does not demand that the person is verified")
	}
	answer, err := b.ask(lax)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Answered(state, []byte(answer), func([]byte) (access.User, access.Passkey, error) { return lead, k, nil })
	if err == nil {
		t.Error("an answer without verifying the person passed")
	}
}
