package browser

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// desk is a page with one form, and a server that takes it, refuses it, ends the session or thinks long, as the path says.
func desk(t *testing.T, taken *atomic.Int64) *Page {
	t.Helper()
	g := gallery(t)
	form := func(user, version, text string) string {
		return strings.NewReplacer("USER", user, "VERSION", version, "TEXT", text).Replace(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Desk</title><link rel="icon" href="data:,"><script src="/app.js" defer></script></head>
<body data-user="USER" data-say-kept="Here again." data-say-discard="Discard it"><main><h1>Desk</h1><form method="post" action="/take" data-keep="desk"><input type="hidden" name="once" value="x"><input type="hidden" name="version" value="VERSION">
<label for="a">Why</label><input id="a" name="why" value="TEXT"><label for="p">Password</label><input id="p" name="password" type="password"><label for="c">Sure</label><input id="c" type="checkbox" name="sure"><button type="submit">Send</button><button id="no" formaction="/refuse">Refuse</button><button id="end" formaction="/ended">End</button><button id="slow" formaction="/slow">Slow</button></form></main></body></html>`)
	}
	s := pages(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/app.js":
			g.Config.Handler.ServeHTTP(w, r)
		case "/take":
			taken.Add(1)
			http.Redirect(w, r, "/", http.StatusSeeOther)
		case "/slow":
			taken.Add(1)
			time.Sleep(time.Second)
			http.Redirect(w, r, "/", http.StatusSeeOther)
		case "/refuse":
			w.WriteHeader(http.StatusUnprocessableEntity)
			must(t, w, []byte(form("lead@example.com", "7", r.FormValue("why"))))
		case "/ended":
			w.WriteHeader(http.StatusUnauthorized)
			must(t, w, []byte(`<!doctype html><html lang="en"><head><title>Sign in</title><link rel="icon" href="data:,"><script src="/app.js" defer></script></head><body><main data-unanswered><h1>Sign in</h1></main></body></html>`))
		case "/other":
			must(t, w, []byte(form("finance@example.com", "7", "")))
		case "/newer":
			must(t, w, []byte(form("lead@example.com", "8", "")))
		default:
			must(t, w, []byte(form("lead@example.com", "7", "")))
		}
	})
	return person(t, s.URL)
}

const typed = `document.querySelector("[name=why]").value + " " + document.querySelector("[name=sure]").checked + " " + document.querySelector("[name=password]").value`

func typing(t *testing.T, p *Page) {
	t.Helper()
	visit(t, p, "/")
	if err := p.Do(chromedp.SendKeys(chromedp.CSS("#a"), "because"), chromedp.SendKeys(chromedp.CSS("#p"), "secret"), chromedp.Click(chromedp.CSS("#c"))); err != nil {
		t.Fatal(err)
	}
}

func reads(t *testing.T, p *Page, what string) {
	t.Helper()
	if got, err := Ask[string](p, typed); err != nil || got != what {
		t.Errorf("the form holds %q, %v; want %q", got, err, what)
	}
}

func press(t *testing.T, p *Page, button string) {
	t.Helper()
	if err := errors.Join(p.Do(chromedp.Click(chromedp.CSS(button))), p.Do(chromedp.Sleep(300*time.Millisecond)), p.Settled()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsTypedStaysUntilItIsTaken(t *testing.T) {
	var taken atomic.Int64
	p := desk(t, &taken)
	t.Run("over a reload, but for the password", func(t *testing.T) {
		typing(t, p)
		visit(t, p, "/")
		reads(t, p, "because true ")
		soon(t, p, `document.querySelector("[role=status]").textContent.includes("Here again.")`)
	})
	t.Run("over the back button", func(t *testing.T) {
		visit(t, p, "/ended")
		if _, err := Ask[bool](p, `(history.back(), true)`); err != nil {
			t.Fatal(err)
		}
		soon(t, p, `document.querySelector("[name=why]")?.value === "because"`)
		reads(t, p, "because true ")
	})
	t.Run("over a refusal, as the server says it", func(t *testing.T) {
		typing(t, p)
		press(t, p, "#no")
		reads(t, p, "becausebecause false ")
		visit(t, p, "/")
		reads(t, p, "becausebecause false ")
	})
	t.Run("over the end of a session", func(t *testing.T) {
		press(t, p, "#end")
		visit(t, p, "/")
		reads(t, p, "becausebecause false ")
	})
	t.Run("with the version that was read", func(t *testing.T) {
		visit(t, p, "/newer")
		if got, err := Ask[string](p, `document.querySelector("[name=version]").value`); err != nil || got != "7" {
			t.Errorf("the form would be sent as an edit of version %q, %v; it was typed over version 7", got, err)
		}
	})
	t.Run("but not when it was taken", func(t *testing.T) {
		press(t, p, "button[type=submit]")
		reads(t, p, " false ")
		visit(t, p, "/")
		reads(t, p, " false ")
	})
	t.Run("but not for somebody else", func(t *testing.T) {
		typing(t, p)
		visit(t, p, "/other")
		reads(t, p, " false ")
	})
	t.Run("nor when it is discarded", func(t *testing.T) {
		typing(t, p)
		visit(t, p, "/")
		reads(t, p, "because true ")
		press(t, p, "[role=status] button")
		reads(t, p, " false ")
	})
	if taken.Load() != 1 {
		t.Errorf("%d forms were taken, want 1", taken.Load())
	}
}

func TestAFormIsSentOnce(t *testing.T) {
	var taken atomic.Int64
	p := desk(t, &taken)
	typing(t, p)
	if _, err := Ask[bool](p, `(document.querySelector("#slow").click(), document.querySelector("#slow").click(), document.querySelector("#slow").click(), true)`); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Do(chromedp.Sleep(1500*time.Millisecond)), p.Settled()); err != nil {
		t.Fatal(err)
	}
	if taken.Load() != 1 {
		t.Errorf("the form was sent %d times by three presses", taken.Load())
	}
}
