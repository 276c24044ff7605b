package browser

import (
	"net/http"
	"strings"
	"testing"
)

// faults are pages with one fault each, and what must be told of it.
var faults = map[string]struct {
	body string
	look func(t *testing.T, p *Page) []string
	told string
}{
	"a style in the page":     {`<p style="color:red">a</p>`, problems, "Content Security Policy"},
	"a script in the page":    {`<script>let a = 1</script>`, problems, "Content Security Policy"},
	"a script that throws":    {`<script src="/throws.js"></script>`, problems, "Error: broken"},
	"a complaint":             {`<script src="/complains.js"></script>`, problems, `console.error: "it is wrong"`},
	"a file that is missing":  {`<script src="/nowhere.js"></script>`, problems, "404"},
	"a field without a label": {`<input name="a">`, violations, "label"},
	"too little contrast":     {`<p class="pale">hardly seen</p>`, violations, "color-contrast"},
	"a page that is too wide": {`<div class="wide">a</div>`, overhung, "2008 pixels wide"},
	"a hidden focus":          {`<a class="bare" href="/">home</a>`, walked, "its focus does not show"},
	"a control out of order":  {`<a href="/">home</a><button tabindex="1">first</button>`, walked, "a. home comes after a control that stands behind it"},
	"a plain word":            {`<p>⟦Ŕööɱ⟧ Room</p>`, unsaid, "Room"},
	"a plain label":           {`<button aria-label="Close">×</button>`, unsaid, "button[aria-label]: Close"},
}

const faulty = `<!doctype html><html lang="en-XA" dir="ltr"><head><meta charset="utf-8"><title>⟦Ŕööɱ⟧</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/faults.css"></head><body><main><h1>⟦Ŕööɱ⟧</h1>BODY</main></body></html>`

func TestEveryFaultIsTold(t *testing.T) {
	s := pages(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/faults.css":
			w.Header().Set("Content-Type", "text/css")
			must(t, w, []byte(`.pale { color: #ddd; } .wide { width: 2000px; } .bare:focus { outline: none; }`))
		case "/throws.js":
			w.Header().Set("Content-Type", "text/javascript")
			must(t, w, []byte(`throw new Error("broken")`))
		case "/complains.js":
			w.Header().Set("Content-Type", "text/javascript")
			must(t, w, []byte(`console.error("it is wrong")`))
		case "/":
			must(t, w, []byte(strings.Replace(faulty, "BODY", faults[r.URL.Query().Get("fault")].body, 1)))
		default:
			http.NotFound(w, r)
		}
	})
	p := person(t, s.URL)
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			visit(t, p, "/?fault="+strings.ReplaceAll(name, " ", "+"))
			if got := strings.Join(f.look(t, p), "\n"); !strings.Contains(got, f.told) {
				t.Errorf("told %q, want something of %q", got, f.told)
			}
		})
	}
	t.Run("none where there is none", func(t *testing.T) {
		visit(t, p, "/")
		for _, look := range []func(*testing.T, *Page) []string{problems, violations, overhung, walked, unsaid} {
			if got := look(t, p); len(got) > 0 {
				t.Error(got)
			}
		}
	})
}

func problems(_ *testing.T, p *Page) []string { return p.Problems() }

func violations(t *testing.T, p *Page) []string {
	found, err := axe(t).Violations(p)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range found {
		out = append(out, v.String())
	}
	return out
}

func overhung(t *testing.T, p *Page) []string { return got(t)(p.Overhang()) }
func walked(t *testing.T, p *Page) []string   { return got(t)(p.Walk()) }
func unsaid(t *testing.T, p *Page) []string   { return got(t)(p.Plain()) }

func got(t *testing.T) func([]string, error) []string {
	return func(out []string, err error) []string {
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// TestWhatDoesNotMirrorIsTold compares a page whose margin names a side with itself from right to left.
func TestWhatDoesNotMirrorIsTold(t *testing.T) {
	s := pages(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/faults.css" {
			w.Header().Set("Content-Type", "text/css")
			must(t, w, []byte(`.side { margin-left: 80px; }`))
			return
		}
		page := strings.Replace(faulty, "BODY", `<p class="side">a</p><p>b</p>`, 1)
		must(t, w, []byte(strings.Replace(page, `dir="ltr"`, `dir="`+r.URL.Query().Get("dir")+`"`, 1)))
	})
	p := person(t, s.URL)
	visit(t, p, "/?dir=ltr")
	left, err := p.Boxes()
	if err != nil {
		t.Fatal(err)
	}
	visit(t, p, "/?dir=rtl")
	right, err := p.Boxes()
	if err != nil {
		t.Fatal(err)
	}
	if wrong := Unmirrored(left, right); len(wrong) != 1 || !strings.Contains(wrong[0], "p.side") {
		t.Errorf("not mirrored: %v; want the paragraph with a margin on its left", wrong)
	}
}
