package browser

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/throughline/throughline/internal/web"
)

// heaviest is what a page may weigh over the wire with all that it loads, as the product promises.
const heaviest = 200 << 10

// unlinked are routes that no page of a running company leads to, each with the reason.
var unlinked = map[string]string{
	"GET /sign-in":           "whoever is signed in has no need of it; it is looked at as a stranger",
	"GET /link/{secret}":     "it comes by mail or by hand, once; every person of these tests comes in by one",
	"GET /oidc":              "only where a provider is set up",
	"GET /start/sample":      "the wait for the simulated company, which leads on by itself",
	"GET /oidc/back":         "the provider leads to it",
	"GET /books/{book}/rows": "the form of downloads on a book's page sends there, by GET",
}

// found are the addresses that people reach by links, one for each route.
type found struct {
	pages map[string]string // route → path of a page
	files map[string]string // route → path of what is no page: a download, or a way on
}

// routes are the product's own, of pages.
func routes() (*http.ServeMux, []string) {
	mux, out := http.NewServeMux(), []string{}
	for _, r := range web.Routes() {
		if r.Method == http.MethodGet {
			pattern := r.Path
			if strings.HasSuffix(pattern, "/") {
				pattern += "{$}"
			}
			mux.Handle("GET "+pattern, http.NotFoundHandler())
			out = append(out, "GET "+pattern)
		}
	}
	return mux, out
}

// crawl follows every link from the first page on, as the person does, and keeps the first address of each route. A page that
// cannot be had is a fault, unless it is one of those that wait for a first close.
func crawl(t *testing.T, s served, cookie string, waiting ...string) found {
	t.Helper()
	out := found{pages: map[string]string{}, files: map[string]string{}}
	mux, _ := routes()
	queue, seen := []string{"/"}, map[string]int{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		request, err := http.NewRequest(http.MethodGet, s.base+path, nil)
		if err != nil {
			t.Errorf("a link leads to %q: %v", path, err)
			continue
		}
		_, route := mux.Handler(request)
		if route == "" {
			if seen[path]++; seen[path] == 1 && !strings.HasPrefix(path, "/assets/") {
				t.Errorf("a link leads to %s, which is no route", path)
			}
			continue
		}
		if seen[route]++; seen[route] > 3 {
			continue
		}
		queue = append(queue, out.take(t, s, cookie, route, path, slices.Contains(waiting, path))...)
	}
	return out
}

// orphans tells the routes that no link of any of the companies leads to.
func orphans(t *testing.T, all ...found) {
	t.Helper()
	_, want := routes()
	for _, route := range want {
		linked := slices.ContainsFunc(all, func(f found) bool { return f.pages[route] != "" || f.files[route] != "" })
		if !linked && unlinked[route] == "" {
			t.Errorf("no link leads to %s: link it from a page, or say in unlinked why none does", route)
		}
	}
}

// take fetches one address and gives the links that stand in it.
func (f found) take(t *testing.T, s served, cookie, route, path string, waits bool) []string {
	t.Helper()
	answer := fetch(t, s, cookie, path)
	defer answer.Body.Close()
	if to := answer.Header.Get("Location"); answer.StatusCode/100 == 3 {
		f.files[route] = path // it only leads on
		if next := inside(s.base, path, to); next != "" {
			return []string{next}
		}
		return nil
	}
	if answer.StatusCode != http.StatusOK && !(waits && answer.StatusCode == http.StatusNotFound) {
		t.Errorf("%s answers %d", path, answer.StatusCode)
	}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Errorf("%s breaks off: %v", path, err)
		}
		f.files[route] = path
		return nil
	}
	if f.pages[route] == "" {
		f.pages[route] = path
	}
	root, err := html.Parse(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "a" && a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				if to := inside(s.base, path, a.Val); to != "" && !slices.Contains(out, to) {
					out = append(out, to)
				}
			}
		}
	}
	return out
}

// TestEveryPageHolds opens every page that a link leads to, in every way in which a person may look at it.
func TestEveryPageHolds(t *testing.T) {
	person(t, "")
	s := serve(t, demoFolder(t))
	p := comeIn(t, s, "walker@example.com", walker...)
	send(t, p, "/settings/schedules/new?kind=close", "form[action^='/settings/schedules'] button[type=submit]")
	send(t, p, "/keeping", "form[action='/keeping/backup'] button")
	beginMap(t, p)
	send(t, p, "/closes", "button[value=dry]")
	(&hand{T: t, page: p}).until(time.Minute, `!document.body.dataset.refresh`)
	trial, err := Ask[string](p, `location.pathname`)
	if err != nil {
		t.Fatal(err)
	}
	pages := crawl(t, s, cookies(t, p))
	pages.pages["GET /closes/trial/{job}"] = trial
	flawed := serve(t, flawedFolder(t))
	other := comeIn(t, flawed, "walker@example.com", walker...)
	flaws := crawl(t, flawed, cookies(t, other), "/statement", "/room")
	orphans(t, pages, flaws)
	t.Run("sign-in", func(t *testing.T) { looks(t, person(t, s.base), "/sign-in", "sign-in") })
	for _, route := range sorted(pages.pages) {
		t.Run(named(route), func(t *testing.T) { alongside(t, p, pages.pages[route], named(route)) })
	}
	for _, route := range sorted(flaws.pages) {
		if pages.pages[route] == "" || strings.Contains(route, "book") {
			t.Run("flawed-"+named(route), func(t *testing.T) { alongside(t, other, flaws.pages[route], "flawed-"+named(route)) })
		}
	}
}

// walker has every role that changes something, so that every door is open.
var walker = []string{"administrator", "program-lead", "finance", "people", "department-head"}

// named is a route as a file is named.
func named(route string) string {
	name := strings.Trim(strings.NewReplacer("GET ", "", "/", "-", "{", "", "}", "", "$", "").Replace(route), "-")
	if name == "" {
		return "home"
	}
	return name
}

// send presses the button of a form, and waits for what it leads to.
func send(t *testing.T, p *Page, path, button string) {
	t.Helper()
	visit(t, p, path)
	if err := errors.Join(p.Do(chromedp.Click(chromedp.CSS(button))), p.Do(chromedp.Sleep(time.Second)), p.Settled()); err != nil {
		t.Fatalf("press %s on %s: %v\n%s", button, path, err, read(t, p))
	}
}

// beginMap begins the journey map from a template.
func beginMap(t *testing.T, p *Page) {
	t.Helper()
	send(t, p, "/journey/edit", "form:has(#template) button")
	if err := errors.Join(p.Do(chromedp.Click(chromedp.CSS("form[action='/journey/import/take'] button"))), p.Do(chromedp.Sleep(time.Second)), p.Settled()); err != nil {
		t.Fatalf("take the template: %v\n%s", err, read(t, p))
	}
}

// flawedFolder holds a company whose books have refused rows, read but not closed.
func flawedFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Dir(export(t))
	run(t, "init", folder)
	run(t, "import", "--books", filepath.Join(folder, "books.yaml"))
	return folder
}

func sorted(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// alongside looks at a page in a tab of its own, as the same person, while other pages are looked at.
func alongside(t *testing.T, p *Page, path, name string) {
	t.Helper()
	t.Parallel()
	own := person(t, p.base)
	if err := carry(p, own); err != nil {
		t.Fatal(err)
	}
	looks(t, own, path, name)
}

// in asks for a page in a language.
func in(path, lang string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

// looks looks at one page in every way.
func looks(t *testing.T, p *Page, path, name string) {
	rules := axe(t)
	for _, s := range []screen{
		{width: 390}, {width: 1280}, {width: 1920}, {width: 390, look: Look{Dark: true}}, {width: 1280, look: Look{Dark: true}}, {width: 1280, look: Look{Forced: true}},
	} {
		s.look.Still = true
		kind := fmt.Sprint(s.width)
		if s.look.Dark {
			kind += "-dark"
		}
		if s.look.Forced {
			kind += "-forced"
		}
		s.name = name + "-" + kind
		t.Run(kind, func(t *testing.T) { holds(t, p, rules, path, s) })
	}
	t.Run("keys", func(t *testing.T) { keys(t, p, path) })
	t.Run("words", func(t *testing.T) { speaks(t, p, path) })
	t.Run("mirror", func(t *testing.T) { mirrors(t, p, in(path, "en-XA"), in(path, "ar-XB")) })
	t.Run("weight", func(t *testing.T) { weighs(t, p, path) })
	t.Run("no script", func(t *testing.T) { standsAlone(t, p, path, name) })
	t.Run("paper", func(t *testing.T) { paper(t, p, path, name) })
	if os.Getenv("THROUGHLINE_LIGHTHOUSE") == "1" {
		t.Run("lighthouse", func(t *testing.T) { measured(t, p.base+path, cookies(t, p)) })
	}
}

// speaks opens a page in a language of proof, in which every word that the catalogue lacks stays plain.
func speaks(t *testing.T, p *Page, path string) {
	t.Helper()
	visit(t, p, in(path, "en-XA"))
	left, err := p.Plain()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left {
		t.Error("not in the catalogue, and not marked as data:", l)
	}
}

// weighs loads a page as on a first visit.
func weighs(t *testing.T, p *Page, path string) {
	t.Helper()
	fresh := person(t, p.base)
	if err := errors.Join(fresh.Uncached(), carry(p, fresh)); err != nil {
		t.Fatal(err)
	}
	visit(t, fresh, path)
	size, answers := fresh.Weight()
	t.Logf("%s: %d bytes in %d answers", path, size, answers)
	if size > heaviest || size == 0 {
		t.Errorf("%s weighs %d bytes, at most %d", path, size, heaviest)
	}
}

// standsAlone opens a page without script: it must have its heading, its figures as tables, and no empty place for a picture.
func standsAlone(t *testing.T, p *Page, path, name string) {
	t.Helper()
	if err := errors.Join(p.Size(1280, 900), p.Wear(Look{Still: true}), p.Script(false)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Script(true); err != nil {
			t.Error(err)
		}
	}()
	if err := p.Open(path); err != nil {
		t.Fatal(err)
	}
	shoot(t, p, name+"-no-script")
	for what, selector := range map[string]string{"a heading": "main h1", "a way on": "a[href]"} {
		if n, err := p.Count(selector); err != nil || n == 0 {
			t.Errorf("without script there is no %s (%v)", what, err)
		}
	}
	if n, err := p.Count("main .picture > *"); err != nil || n > 0 {
		t.Errorf("%d pictures were drawn without script (%v)", n, err)
	}
}
