package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"github.com/throughline/throughline/internal/access"
)

//go:embed pages/*.html
var pageFiles embed.FS

// shared are the templates that every page may use.
var shared = []string{"pages/layout.html", "pages/parts.html", "pages/drawings.html", "pages/fields.html", "pages/sealed.html", "pages/map-parts.html"}

// registered are the pages with the struct that each is rendered over.
var registered []registration

type registration struct {
	file string
	zero any // the layout's value with an empty page
	main any // an empty page
}

// pageOf is a template over one struct.
type pageOf[T any] struct{ file string }

// page registers a template over T; it is called once for each page, where the
// page's handler is.
func page[T any](file string) pageOf[T] {
	var zero T
	registered = append(registered, registration{file: file, zero: sheet[T]{}, main: zero})
	return pageOf[T]{file}
}

// sheet is what the layout is rendered over.
type sheet[T any] struct {
	Frame frame
	Page  T
}

// frame is what stands round every page.
type frame struct {
	Title     string
	Lang, Dir string
	Company   string
	Currency  string
	Simulated bool
	SignedIn  bool
	User      string
	Nav       []door
	Pictures  bool // the page has drawings for the script to make
	Refresh   int  // seconds after which the page asks again; 0: never
}

// door leads somewhere.
type door struct {
	Path, Text string
	Current    bool
}

// title is a page's heading in the browser, and whether it has pictures.
type title struct {
	Text     string
	Pictures bool
	Refresh  int
}

// render answers with the page.
func (p pageOf[T]) render(v *visit, status int, head title, content T) error {
	var b bytes.Buffer
	t, err := v.server.pages.template(v.locale, p.file)
	if err != nil {
		return err
	}
	if err := t.ExecuteTemplate(&b, "layout.html", sheet[T]{Frame: v.frame(head), Page: content}); err != nil {
		return fmt.Errorf("render %s: %w", p.file, err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.locale.lang)
	h.Set("Cache-Control", "private, no-cache")
	v.w.WriteHeader(status)
	_, err = b.WriteTo(v.w)
	if err != nil {
		return errAnswered // the visitor went away
	}
	return nil
}

// main doors of the product, with the right that each needs.
var doors = []struct {
	path  string
	text  string
	right access.Right
}{
	{"/room", "Room", access.ReadStatements},
	{"/statement", "Statement", access.ReadStatements},
	{"/journey", "Journey", access.ReadStatements},
	{"/customers", "Customers", access.ReadRows},
	{"/books", "Books", access.ReadBooks},
	{"/closes", "Closes", access.ReadStatements},
	{"/people", "People", access.ReadUsers},
	{"/my-part", "My part", access.OwnPart},
	{"/settings", "Settings", access.ChangeSettings},
	{"/account", "My account", access.OwnAccount},
}

func (v *visit) frame(head title) frame {
	f := frame{
		Title: head.Text, Lang: v.locale.lang, Dir: v.locale.dir, Company: v.company.Name, Currency: v.company.Currency, Simulated: v.company.Simulated,
		SignedIn: v.signedIn, Pictures: head.Pictures && v.server.assets.has("pictures.js"), Refresh: head.Refresh,
	}
	if !v.signedIn {
		return f
	}
	f.User = v.user().Email
	for _, d := range doors {
		if v.may(d.right) {
			path := v.r.URL.Path
			f.Nav = append(f.Nav, door{Path: d.path, Text: v.t(d.text), Current: path == d.path || strings.HasPrefix(path, d.path+"/")})
		}
	}
	return f
}

// pageSet are the parsed pages in every language.
type pageSet struct {
	locales []*locale
	sets    map[string]map[string]*template.Template // lang → file
}

func parsePages(a *assets, chance io.Reader) (*pageSet, error) {
	p := &pageSet{locales: locales, sets: map[string]map[string]*template.Template{}}
	for _, l := range p.locales {
		base, err := template.New("").Funcs(functions(l, a, chance)).ParseFS(pageFiles, shared...)
		if err != nil {
			return nil, fmt.Errorf("read pages: %w", err)
		}
		p.sets[l.lang] = map[string]*template.Template{}
		for _, r := range registered {
			set, err := base.Clone()
			if err == nil {
				set, err = set.ParseFS(pageFiles, "pages/"+r.file)
			}
			if err != nil {
				return nil, fmt.Errorf("read pages: %w", err)
			}
			p.sets[l.lang][r.file] = set
		}
	}
	return p, nil
}

func (p *pageSet) template(l *locale, file string) (*template.Template, error) {
	t, ok := p.sets[l.lang][file]
	if !ok {
		return nil, fmt.Errorf("there is no page %s", file)
	}
	return t, nil
}

// of chooses the language that a request asks for.
func (p *pageSet) of(r *http.Request) *locale {
	if named := r.URL.Query().Get("lang"); named != "" {
		return p.named(named, p.locales[0])
	}
	return accepted(r.Header.Get("Accept-Language"), p.locales)
}

func (p *pageSet) named(lang string, otherwise *locale) *locale {
	for _, l := range p.locales {
		if strings.EqualFold(l.lang, lang) {
			return l
		}
	}
	return otherwise
}

// pageNames lists the template files, for the test that each is registered.
func pageNames() ([]string, error) { return fs.Glob(pageFiles, "pages/*.html") }
