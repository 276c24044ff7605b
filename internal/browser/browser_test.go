package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

// Modules is where npm has installed axe-core and Lighthouse.
const modules = "testdata/tools/node_modules"

// wanted tells whether these tests are to run: they need Chromium and npm's packages, and take minutes.
func wanted() bool { return os.Getenv("THROUGHLINE_BROWSER") == "1" }

// chromium is the one browser of all tests.
var chromium *Browser

func TestMain(m *testing.M) {
	if !wanted() {
		os.Exit(m.Run())
	}
	os.Exit(browsing(m))
}

func browsing(m *testing.M) int {
	path, err := Find()
	if errors.Is(err, ErrNone) && os.Getenv("CI") != "true" {
		fmt.Println("browser:", err)
		return m.Run() // the tests skip
	}
	if err == nil {
		chromium, err = Start(context.Background(), path)
	}
	if err != nil {
		fmt.Println("browser:", err)
		return 1
	}
	code := m.Run()
	if err := errors.Join(chromium.Close(), os.RemoveAll(demo.folder)); err != nil {
		fmt.Println("browser:", err)
	}
	return code
}

// person is a tab of somebody new.
func person(t *testing.T, base string) *Page {
	t.Helper()
	if !wanted() {
		t.Skip("the browser's tests run by THROUGHLINE_BROWSER=1, as .ci/browser and make browser set it")
	}
	if chromium == nil {
		t.Skip(ErrNone)
	}
	p, err := chromium.Person(base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func visit(t *testing.T, p *Page, path string) {
	t.Helper()
	if err := p.Visit(path); err != nil {
		t.Fatal(err)
	}
}

func axe(t *testing.T) Axe {
	t.Helper()
	a, err := ReadAxe(modules)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// shoot keeps a picture of the page where THROUGHLINE_SHOTS says; never in the repository.
func shoot(t *testing.T, p *Page, name string) {
	t.Helper()
	folder := os.Getenv("THROUGHLINE_SHOTS")
	if folder == "" {
		return
	}
	picture, err := p.Shot()
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}

// strict is the policy of the product's pages.
const strict = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// gallery serves every part of the look, under the policy of the product's pages; ?dir=rtl from right to left.
func gallery(t *testing.T) *httptest.Server {
	t.Helper()
	read := func(names ...string) []byte {
		var out []byte
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil && !strings.Contains(name, "/built/") {
				t.Fatal(err)
			}
			out = append(out, text...)
		}
		return out
	}
	files := map[string][]byte{
		"/look.css":    read("../web/assets/tokens.css", "../web/assets/look.css", "../web/assets/forms.css", "../web/assets/print.css"),
		"/app.js":      read("../web/assets/scripts/app.js"),
		"/pictures.js": read("../web/assets/built/pictures.js"),
	}
	page := string(read("testdata/gallery.html"))
	return pages(t, gzhttp.GzipHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text, ok := files[r.URL.Path]; ok {
			w.Header().Set("Content-Type", map[string]string{".css": "text/css", ".js": "text/javascript"}[filepath.Ext(r.URL.Path)])
			must(t, w, text)
			return
		}
		if r.URL.Query().Get("dir") == "rtl" {
			must(t, w, []byte(strings.Replace(page, `dir="ltr"`, `dir="rtl"`, 1)))
			return
		}
		must(t, w, []byte(page))
	})).ServeHTTP)
}

// pages serves on a loopback port, under the product's policy.
func pages(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", strict)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func must(t *testing.T, w http.ResponseWriter, text []byte) {
	if _, err := w.Write(text); err != nil {
		t.Error(err)
	}
}

// TestEveryPartOfTheLookHolds looks at the gallery as at any page of the product.
func TestEveryPartOfTheLookHolds(t *testing.T) {
	p := person(t, gallery(t).URL)
	rules := axe(t)
	for _, width := range []int64{390, 1280, 1920} {
		for _, dark := range []bool{false, true} {
			name := fmt.Sprintf("gallery-%d%s", width, map[bool]string{true: "-dark"}[dark])
			t.Run(name, func(t *testing.T) {
				holds(t, p, rules, "/", screen{width: width, look: Look{Dark: dark, Still: true}, name: name})
			})
		}
	}
	t.Run("keys", func(t *testing.T) { keys(t, p, "/") })
	t.Run("mirror", func(t *testing.T) { mirrors(t, p, "/", "/?dir=rtl") })
	t.Run("forced", func(t *testing.T) {
		holds(t, p, rules, "/", screen{width: 1280, look: Look{Forced: true, Still: true}, name: "gallery-forced"})
	})
	t.Run("paper", func(t *testing.T) { paper(t, p, "/", "gallery") })
}

// screen is one way in which a page is looked at.
type screen struct {
	width int64
	look  Look
	name  string // of the picture
}

// holds opens a page and tells everything that a person would trip over.
func holds(t *testing.T, p *Page, rules Axe, path string, s screen) {
	t.Helper()
	if err := errors.Join(p.Size(s.width, 900), p.Wear(s.look)); err != nil {
		t.Fatal(err)
	}
	visit(t, p, path)
	shoot(t, p, s.name)
	over, err := p.Overhang()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range over {
		t.Error("over the edge:", o)
	}
	if s.width <= 1280 && !s.look.Forced { // a wall's screen has nothing of its own, and the system's colours are the person's
		violations, err := rules.Violations(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range violations {
			t.Error("axe:", v)
		}
	}
	for _, problem := range p.Problems() {
		t.Error("the browser tells:", problem)
	}
}

func keys(t *testing.T, p *Page, path string) {
	t.Helper()
	if err := errors.Join(p.Size(1280, 900), p.Wear(Look{Still: true})); err != nil {
		t.Fatal(err)
	}
	visit(t, p, path)
	wrong, err := p.Walk()
	if err != nil {
		t.Fatal(err)
	}
	opened, err := p.Openers()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range append(wrong, opened...) {
		t.Error("by keys:", w)
	}
	visit(t, p, path)
	if skip, err := p.Skip(); err != nil || skip != "" {
		t.Error("by keys:", skip, err)
	}
}

// mirrors compares a page with itself from right to left.
func mirrors(t *testing.T, p *Page, left, right string) {
	t.Helper()
	if err := errors.Join(p.Size(1280, 900), p.Wear(Look{Still: true})); err != nil {
		t.Fatal(err)
	}
	visit(t, p, left)
	l, err := p.Boxes()
	if err != nil {
		t.Fatal(err)
	}
	visit(t, p, right)
	r, err := p.Boxes()
	if err != nil {
		t.Fatal(err)
	}
	shoot(t, p, strings.ReplaceAll(t.Name(), "/", "-"))
	for i, w := range Unmirrored(l, r) {
		if i < 12 {
			t.Error("not mirrored:", w)
		}
	}
}

// paper prints a page, and keeps the pages where the pictures are kept.
func paper(t *testing.T, p *Page, path, name string) {
	t.Helper()
	if err := p.Wear(Look{}); err != nil {
		t.Fatal(err)
	}
	visit(t, p, path)
	pdf, err := p.Paper()
	if err != nil {
		t.Fatal(err)
	}
	if len(pdf) < 2000 || !strings.HasPrefix(string(pdf), "%PDF") {
		t.Fatalf("the page printed as %d bytes", len(pdf))
	}
	if folder := os.Getenv("THROUGHLINE_SHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".pdf"), pdf, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// soon waits for something that the page does in its own time.
func soon(t *testing.T, p *Page, expression string) {
	t.Helper()
	for range 100 {
		if ok, err := Ask[bool](p, expression); err == nil && ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("not within five seconds: %s", expression)
}
