package web

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/browser"
	"github.com/throughline/throughline/internal/sign/passkey"
)

// chromium is a person's browser with an authenticator that lies in memory.
func (s *site) chromium() *browser.Page {
	s.t.Helper()
	path, err := browser.Find()
	if errors.Is(err, browser.ErrNone) && os.Getenv("CI") == "" {
		s.t.Skip(err)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := browser.Start(context.WithoutCancel(s.t.Context()), path)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := b.Close(); err != nil && !errors.Is(err, context.Canceled) {
			s.t.Error(err)
		}
	})
	p, err := b.Person(s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.Close)
	if err := p.Authenticator(); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// press clicks and waits until the page, or the one it leads to, says something.
func (s *site) press(p *browser.Page, button, says string) {
	s.t.Helper()
	if err := p.Do(chromedp.Click(chromedp.CSS(button))); err != nil {
		s.t.Fatal(err)
	}
	var text string
	for range 100 {
		// While a page is left for the next one, nothing can be asked of either.
		said, err := browser.Ask[string](p, `document.readyState === "complete" ? document.body.innerText : ""`)
		if err == nil && strings.Contains(said, says) {
			return
		}
		if err == nil && said != "" {
			text = said
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatalf("%s does not lead to %q:\n%s", button, says, text)
}

func TestPasskeysFromTheFirstLinkToSigningIn(t *testing.T) {
	s := open(t)
	party, err := passkey.New(s.url, "Throughline")
	if err != nil {
		t.Fatal(err)
	}
	s.gate.Ceremony = party
	p := s.chromium()
	visit := func(path string) {
		t.Helper()
		if err := p.Visit(path); err != nil {
			t.Fatal(err)
		}
	}
	secret, err := s.gate.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	// The first administrator comes in by a passkey alone.
	visit("/link/" + secret)
	if err := p.Do(chromedp.SendKeys(chromedp.CSS("#email"), "lead@example.com"), chromedp.SendKeys(chromedp.CSS("#name"), "Lead")); err != nil {
		t.Fatal(err)
	}
	s.press(p, `form[data-passkey] button`, "lead@example.com")
	visit("/account")
	if text, err := browser.Ask[string](p, `document.querySelector("main").textContent`); err != nil || !strings.Contains(text, "You have none yet") || !strings.Contains(text, "administrator") {
		t.Fatalf("%v\n%s", err, text)
	}
	s.press(p, `form[action="/account/passkeys/remove"] button`, "the only way in")
	visit("/account")
	s.press(p, `form[action="/sign-out"] button`, "Sign in with a passkey")

	// They sign in by it, without a mail address, to the page that they had asked for.
	visit("/people")
	s.press(p, `form[data-passkey="get"] button`, "Invite somebody")

	// The same authenticator makes no second one for the same person.
	visit("/account")
	s.press(p, `form[data-passkey="create"] button`, "No passkey was used")

	// With a password, the passkey may go; it then opens nothing.
	visit("/account")
	if err := p.Do(chromedp.SendKeys(chromedp.CSS("#password"), phrase), chromedp.SendKeys(chromedp.CSS("#again"), phrase)); err != nil {
		t.Fatal(err)
	}
	s.press(p, `form[action="/account/password"] button`, "Your password is changed")
	s.press(p, `form[action="/account/passkeys/remove"] button`, "The passkey is removed here")
	s.press(p, `form[action="/sign-out"] button`, "Sign in with a passkey")
	if problems := p.Problems(); len(problems) > 0 {
		t.Errorf("the browser complains: %q", problems)
	}
	s.press(p, `form[data-passkey="get"] button`, "did not prove who you are")

	entries, err := s.gate.Trail(t.Context(), access.Trail{What: "passkey added", Limit: 10})
	if err != nil || len(entries) != 1 {
		t.Errorf("%d passkeys stand in the log, %v; want 1", len(entries), err)
	}
}
