package report_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/throughline/throughline/internal/report"
)

func page(t testing.TB, document []byte, h report.Heading) string {
	t.Helper()
	var b strings.Builder
	if err := report.HTML(&b, document, h); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// spoken are the words of a page, without its markup.
func spoken(t testing.TB, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "style" {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return strings.Join(strings.Fields(b.String()), " ")
}

var printedFigure = regexp.MustCompile(`[0-9][0-9,.]*%?`)

// What the text says in figures, the page says too, but for the places to
// which a line of text is wrapped.
func TestThePageSaysTheFiguresOfTheText(t *testing.T) {
	for name, label := range labels {
		h := report.Heading{Company: company, Label: label}
		words := spoken(t, page(t, sealed(t, name), h))
		for _, n := range printedFigure.FindAllString(text(t, sealed(t, name), h), -1) {
			if n = strings.Trim(n, ".,"); !strings.Contains(words, n) {
				t.Errorf("%s: the page does not say %s", name, n)
			}
		}
	}
}

func TestThePageNeedsNothingElse(t *testing.T) {
	for name, label := range labels {
		got := page(t, sealed(t, name), report.Heading{Company: company, Label: label, Simulated: true})
		if !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "Simulated company: every figure is made up") {
			t.Errorf("%s: the page has no policy or does not say that it is simulated", name)
		}
		for _, other := range []string{"<script", "src=", "url(", "@import", "<link", "http://", "https://"} {
			if strings.Contains(got, other) {
				t.Errorf("%s: the page holds %s", name, other)
			}
		}
	}
}

func TestTextsOfThePageAreNoMarkup(t *testing.T) {
	var d map[string]any
	if err := json.Unmarshal(sealed(t, "year"), &d); err != nil {
		t.Fatal(err)
	}
	d["warnings"] = []any{map[string]any{"code": "x", "text": "<script>alert(1)</script> & \"quoted\""}}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	got := page(t, data, report.Heading{Company: `<img onerror="x"> 100%s %d`, Label: "2024"})
	if strings.Contains(got, "<script") || strings.Contains(got, "<img") {
		t.Error("a text became markup")
	}
	if words := spoken(t, got); !strings.Contains(words, `<script>alert(1)</script> & "quoted"`) || !strings.Contains(words, `<img onerror="x"> 100%s %d`) {
		t.Errorf("a text is lost: %.300s", words)
	}
}
