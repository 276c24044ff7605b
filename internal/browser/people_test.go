package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// shop is a small company of its own with one person in it who may change it.
func shop(t *testing.T) (served, *Page) {
	t.Helper()
	person(t, "").Close()
	s := serve(t, flawedFolder(t))
	return s, comeIn(t, s, "lead@example.com", walker...)
}

// write puts a text into a field as a person would.
func write(t *testing.T, p *Page, name, text string) {
	t.Helper()
	field := chromedp.CSS(fmt.Sprintf("[name=%q]", name))
	if err := errors.Join(p.Do(chromedp.Clear(field)), p.Do(chromedp.SendKeys(field, text))); err != nil {
		t.Fatalf("write %s: %v\n%s", name, err, read(t, p))
	}
}

// holding tells what a field holds.
func holding(t *testing.T, p *Page, name string) string {
	t.Helper()
	out, err := Ask[string](p, fmt.Sprintf(`document.querySelector("[name=%s]").value`, name))
	if err != nil {
		t.Fatalf("read %s: %v\n%s", name, err, read(t, p))
	}
	return out
}

func says(t *testing.T, p *Page, words ...string) {
	t.Helper()
	text := read(t, p)
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
}

const save = "form[action='/settings'] button[type=submit]"

func TestAStaleEditIsRefusedAndLosesNothing(t *testing.T) {
	s, mine := shop(t)
	theirs := comeIn(t, s, "finance@example.com", walker...)
	visit(t, mine, "/settings")
	visit(t, theirs, "/settings")
	write(t, theirs, "company", "Their Shop")
	press(t, theirs, save)
	write(t, mine, "company", "My Shop")
	press(t, mine, save)
	says(t, mine, "changed meanwhile", "Their Shop", "finance@example.com")
	if got := holding(t, mine, "company"); got != "My Shop" {
		t.Errorf("the refused form holds %q, and My Shop was typed", got)
	}
	visit(t, theirs, "/settings")
	if got := holding(t, theirs, "company"); got != "Their Shop" {
		t.Errorf("the refused edit was saved: %q", got)
	}
	press(t, mine, save)
	visit(t, theirs, "/settings")
	if got := holding(t, theirs, "company"); got != "My Shop" {
		t.Errorf("saved again, seeing what changed, the name is %q", got)
	}
}

func TestTwoTabsOfOnePersonLoseNothing(t *testing.T) {
	_, first := shop(t)
	second, err := first.Tab()
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	visit(t, first, "/settings")
	visit(t, second, "/settings")
	write(t, first, "company", "First Tab")
	write(t, second, "timezone", "Europe/Paris")
	press(t, second, save)
	press(t, first, save)
	if got := holding(t, first, "company"); got != "First Tab" {
		t.Errorf("the first tab holds %q", got)
	}
	if got := holding(t, first, "timezone"); got != "Europe/Paris" && !strings.Contains(read(t, first), "Europe/Paris") {
		t.Errorf("the first tab does not show what the second saved: %q", got)
	}
}

func TestAnEndedSessionLosesNothing(t *testing.T) {
	_, p := shop(t)
	visit(t, p, "/settings")
	write(t, p, "company", "Typed Before")
	if _, err := chromedp.Call(p.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	press(t, p, save)
	says(t, p, "Sign in")
	write(t, p, "email", "lead@example.com")
	write(t, p, "password", password)
	press(t, p, "form[action='/sign-in'] button[type=submit]")
	says(t, p, "Typed Before")
	press(t, p, "form[action='/settings'] button[type=submit]")
	visit(t, p, "/settings")
	if got := holding(t, p, "company"); got != "Typed Before" {
		t.Errorf("the form that waited for the sign-in came to %q", got)
	}
	if n, err := p.Count("form [role=status] button"); err != nil || n > 0 {
		t.Errorf("the page offers again what was taken (%d, %v)", n, err)
	}
}

// TestASecondSendingIsTheSameSending sends one form twice at once, past the page's own guard.
func TestASecondSendingIsTheSameSending(t *testing.T) {
	_, p := shop(t)
	visit(t, p, "/people")
	got, err := Ask[[]string](p, `(async () => {
		const form = document.querySelector("form[method=post][action='/people']");
		form.elements.email.value = "twice@example.com";
		for (const box of form.querySelectorAll("input[type=checkbox]")) { box.checked = true; break; }
		const body = () => new URLSearchParams(new FormData(form));
		const answers = await Promise.all([fetch(form.action, {method: "POST", body: body()}), fetch(form.action, {method: "POST", body: body()})]);
		return answers.map((a) => a.status + " " + new URL(a.url).pathname);
	})()`)
	if err != nil {
		t.Fatal(err)
	}
	visit(t, p, "/people")
	if n := strings.Count(read(t, p), "twice@example.com"); n != 1 {
		t.Errorf("the form was sent twice (%v), and twice@example.com stands %d times on the page", got, n)
	}
}

// cutter forwards connections to a server and cuts every one of them once so many bytes have gone up.
type cutter struct {
	net.Listener
	left atomic.Int64
	cuts atomic.Int64
}

func cut(t *testing.T, base string, after int64) *cutter {
	t.Helper()
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: l}
	c.left.Store(after)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", target.Host)
			if err != nil {
				_ = from.Close()
				continue
			}
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
			go c.up(to, from)
		}
	}()
	return c
}

// up carries what the browser sends, until the line is cut.
func (c *cutter) up(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	piece := make([]byte, 32<<10)
	for {
		n, err := from.Read(piece)
		if n > 0 && c.left.Add(-int64(n)) < 0 && c.cuts.Load() == 0 {
			c.cuts.Add(1)
			return
		}
		if _, broken := to.Write(piece[:n]); err != nil || broken != nil {
			return
		}
	}
}

func TestAnUploadGoesOnWhereTheLineBroke(t *testing.T) {
	s, p := shop(t)
	broken := cut(t, s.base, 2<<20)
	through := person(t, "http://"+broken.Addr().String())
	if err := carry(p, through); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "orders-large.csv")
	content := "customer;day;amount\n" + strings.Repeat("K0001;2024-01-02;12,30\n", 250_000)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	visit(t, through, "/start/files")
	if err := through.Do(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{path}), chromedp.Click(chromedp.CSS("form[data-upload] button[type=submit]"))); err != nil {
		t.Fatal(err)
	}
	h := &hand{T: t, page: through}
	h.until(time.Minute, `location.pathname === "/start/books"`)
	if broken.cuts.Load() != 1 {
		t.Errorf("the line was cut %d times, and once was meant", broken.cuts.Load())
	}
	got, err := os.ReadFile(filepath.Join(filepath.Dir(s.books), "files", "orders-large.csv"))
	if err != nil || string(got) != content {
		t.Errorf("%d bytes arrived of %d (%v)", len(got), len(content), err)
	}
}

// TestAPasskeyIsMadeAndUsed goes through both ceremonies with Chromium's own authenticator.
func TestAPasskeyIsMadeAndUsed(t *testing.T) {
	person(t, "").Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, flawedFolder(t), "--listen", address, "--public", "http://localhost:"+port)
	p := comeIn(t, s, "lead@example.com", walker...)
	err = p.Do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	visit(t, p, "/account")
	write(t, p, "name", "the key on my desk")
	press(t, p, "form[data-passkey=create] button[type=submit]")
	h := &hand{T: t, page: p}
	h.until(20*time.Second, `document.body.innerText.includes("the key on my desk") && document.readyState === "complete"`)
	visit(t, p, "/sign-out")
	press(t, p, "form[action='/sign-out'] button")
	visit(t, p, "/sign-in")
	press(t, p, "form[data-passkey=get] button[type=submit]")
	h.until(20*time.Second, `!location.pathname.startsWith("/sign-in") && document.body.dataset.user === "lead@example.com"`)
	for _, problem := range p.Problems() {
		t.Error("the browser tells:", problem)
	}
}

// TestASampleCompanyComesAndGoesByOneClick opens the simulated company of the first run, and removes it.
func TestASampleCompanyComesAndGoesByOneClick(t *testing.T) {
	person(t, "").Close()
	s := serve(t, t.TempDir())
	h := &hand{T: t, page: person(t, s.base)}
	visit(t, h.page, s.first)
	h.fill("email", "lead@example.com")
	h.fill("password", password)
	h.fill("again", password)
	h.press("Come in")
	h.on("/start")
	h.press("Try it with a simulated company")
	h.until(3*time.Minute, `location.pathname === "/room" && document.readyState === "complete"`)
	for _, path := range []string{"/room", "/statement", "/customers", "/books", "/closes"} {
		visit(t, h.page, path)
		says(t, h.page, "Simulated company.")
	}
	visit(t, h.page, "/start")
	h.press("Remove the simulated company")
	visit(t, h.page, "/start")
	says(t, h.page, "Try it with a simulated company")
	if n, err := h.page.Count(".simulated"); err != nil || n > 0 {
		t.Errorf("the page still says that it is simulated (%d, %v)", n, err)
	}
}
