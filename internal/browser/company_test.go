package browser

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// program is the throughline that the tests start: the real one, as it was built.
func program(t *testing.T) string {
	t.Helper()
	path := os.Getenv("THROUGHLINE_BIN")
	if path == "" {
		t.Skip("THROUGHLINE_BIN names no program; .ci/browser builds one")
	}
	return path
}

// run runs a verb of the program to its end.
func run(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program(t), args...)
	var told bytes.Buffer
	c.Stderr = &told
	out, err := c.Output()
	if err != nil {
		t.Fatalf("throughline %s: %v\n%s", strings.Join(args, " "), err, told.String())
	}
	return string(out)
}

// served is a running server over one data folder.
type served struct {
	base  string
	books string
	first string // link of the first administrator; empty when there is one
}

// serve starts the server over the books of a folder, on a free loopback port unless the flags name one.
func serve(t *testing.T, folder string, flags ...string) served {
	t.Helper()
	s := served{books: filepath.Join(folder, "books.yaml")}
	if len(flags) == 0 {
		flags = []string{"--listen", "127.0.0.1:0"}
	}
	c := exec.Command(program(t), append([]string{"serve", "--books", s.books}, flags...)...)
	said, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c.Stderr = &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.Process.Signal(os.Interrupt), c.Wait()); err != nil {
			t.Errorf("the server ended with %v", err)
		}
		for line := range strings.Lines(log.String()) {
			t.Error("the server's log:", strings.TrimSpace(line))
		}
	})
	lines := make(chan string)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(said); in.Scan(); {
			lines <- strings.TrimSpace(in.Text())
		}
	}()
	for s.base == "" {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("the server ended before it answered:\n%s", log.String())
			}
			_, s.base, _ = strings.Cut(line, "answers on ")
		case <-time.After(time.Minute):
			t.Fatal("the server does not answer within a minute")
		}
	}
	s.first = link(lines)
	return s
}

// link reads on until a link or for a moment, and lets the rest pass.
func link(lines chan string) string {
	wait := time.After(2 * time.Second)
	for {
		select {
		case line, ok := <-lines:
			if ok && strings.Contains(line, "/link/") {
				go func() {
					for range lines { //nolint:revive // so that the server is never held up by its own words
					}
				}()
				return line
			}
			if !ok {
				return ""
			}
		case <-wait:
			go func() {
				for range lines { //nolint:revive // as above
				}
			}()
			return ""
		}
	}
}

// demo is a simulated company, made once for all tests that change nothing of it.
var demo = struct {
	once   sync.Once
	folder string
}{}

func demoFolder(t *testing.T) string {
	t.Helper()
	program(t)
	demo.once.Do(func() {
		folder, err := os.MkdirTemp("", "throughline-browser-")
		if err != nil {
			t.Fatal(err)
		}
		run(t, "demo", "--no-serve", "--dir", folder, "--customers", "3000")
		demo.folder = folder
	})
	if demo.folder == "" {
		t.Fatal("the simulated company could not be made")
	}
	return demo.folder
}

// password of everybody in these tests.
const password = "a quiet walk along the river 7"

// comeIn adds a user with roles and has them choose their password by the link of their invitation.
func comeIn(t *testing.T, s served, email string, roles ...string) *Page {
	t.Helper()
	args := []string{"user", "add", "--books", s.books, "--email", email, "--public", s.base}
	for _, r := range roles {
		args = append(args, "--role", r)
	}
	p := person(t, s.base)
	accept(t, p, strings.TrimSpace(run(t, args...)))
	return p
}

// accept opens a link and chooses a password there.
func accept(t *testing.T, p *Page, link string) {
	t.Helper()
	visit(t, p, link)
	fill := []chromedp.Action[chromedp.Void]{}
	for _, field := range []string{"password", "new_password", "again"} {
		if there, err := Ask[bool](p, fmt.Sprintf(`document.querySelector("input[name=%s]") !== null`, field)); err == nil && there {
			fill = append(fill, chromedp.SendKeys(chromedp.CSS("input[name="+field+"]"), password))
		}
	}
	if len(fill) == 0 {
		t.Fatalf("the page of the link asks for no password: %s", text(t, p))
	}
	if err := errors.Join(p.Do(append(fill, chromedp.Submit(chromedp.CSS("input[name=password], input[name=new_password]")))...), p.Do(chromedp.Sleep(time.Second)), p.Settled()); err != nil {
		t.Fatal(err)
	}
}

// text is what a person reads on the page.
func text(t *testing.T, p *Page) string {
	t.Helper()
	out, err := Ask[string](p, `document.body.innerText`)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cookies are those that the page's person has, as a request carries them.
func cookies(t *testing.T, p *Page) string {
	t.Helper()
	got, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{p.base}})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range got.Cookies {
		out = append(out, c.Name+"="+c.Value)
	}
	return strings.Join(out, "; ")
}

// carry signs another page in as the first one's person.
func carry(from, to *Page) error {
	got, err := chromedp.Call(from.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{from.base}})
	if err != nil {
		return err
	}
	var set network.SetCookiesParams
	for _, c := range got.Cookies {
		set.Cookies = append(set.Cookies, &network.CookieParam{Name: c.Name, Value: c.Value, URL: to.base})
	}
	_, err = chromedp.Call(to.ctx, network.SetCookies, set)
	return err
}

// fetch asks for an address as the page's person, without following it further.
func fetch(t *testing.T, s served, cookie, path string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", cookie)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: time.Minute}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// inside is the path of a link as it stands in a page, without its fragment; empty when it leads elsewhere.
func inside(base, at, href string) string {
	from, err := url.Parse(base + at)
	if err != nil {
		return ""
	}
	to, err := from.Parse(href)
	if err != nil || to.Host != from.Host || to.Scheme != from.Scheme {
		return ""
	}
	return to.RequestURI()
}
