package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/throughline/throughline/internal/access"
)

// hostile are texts that a page must print and never do.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `</title><script>alert(1)</script>`, `{{.}}`,
	"\u202egnp.exe", `<svg/onload=alert(1)>`, `]]><!--`, `&lt;b&gt;`, "a\x00b", `%s%d%!`,
}

// poison puts a text in the place of every text of a document that no rule bounds: names of books, reasons, methods, warnings, spans, accounts.
func poison(value any, text string) any {
	switch x := value.(type) {
	case map[string]any:
		for key, inner := range x {
			switch key {
			case "text", "code", "refused", "unlocked_by", "need", "method", "account", "preparer", "book", "month", "what", "of", "line", "snapshot":
				if was, ok := inner.(string); ok && strings.Trim(was, "-0123456789.") != "" {
					x[key] = text
					continue
				}
			case "first_purchase", "span":
				x[key] = fmt.Sprint(inner) + text
				continue
			case "spans":
				for i, s := range inner.([]any) {
					inner.([]any)[i] = fmt.Sprint(s) + text
				}
				continue
			}
			x[key] = poison(inner, text)
		}
	case []any:
		for i := range x {
			x[i] = poison(x[i], text)
		}
	}
	return value
}

// Whatever a book, a setting or a preparer is called, no page of a seal holds a script, a handler or a door that is not ours.
func TestHostileTextsOfASealAreOnlyText(t *testing.T) {
	clean := keptIn(t, simulated)[3:5]
	clean[1].Restates = nil
	var rows []kept
	for i, text := range append(hostile, strings.Join(hostile, " ")) {
		documents := []kept{small(t, "restatement"), small(t, "refusal")}
		if i == len(hostile) { // with cohorts and two columns, which take longer
			documents = append(documents, clean...)
		}
		for _, row := range documents {
			row.ID = int64(len(rows) + 1)
			row.Document, row.Preparer, row.Reviewer, row.Note = poisoned(t, row.Document, text), text, text+" again", text
			row.Fingerprint = fmt.Sprint(text, row.ID)
			row.Inputs = fmt.Sprintf(`{"settings":{%s:%[1]s},"books":{%[1]s:{%[1]s:{"rows":1}}}}`, quoted(text))
			row.Statement = strings.Replace(row.Statement, " customer", fmt.Sprintf(" customer%d", i), 1) // each a statement of its own
			if !strings.Contains(text, "\x00") {
				row.Label = text // a store keeps no such byte in a label
			}
			rows = append(rows, row)
		}
	}
	f := openFace(t, hostile[1]+" Ltd", "EUR", rows)
	look := func(path string) {
		t.Helper()
		answer := f.ask(access.Finance, http.MethodGet, path, nil)
		body := read(t, answer)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s answered %d: %s", path, answer.StatusCode, visible(t, body))
		}
		if what := runs(t, body); what != "" {
			t.Fatalf("%s holds %s", path, what)
		}
	}
	for i := range rows {
		for _, path := range []string{"/statement/%d", "/statement/%d?of=customer", "/closes/%d", "/statement/%d/figure/customer.earned_growth_rate", "/statement/%d/figure/customer.coverage.revenue_refused"} {
			look(fmt.Sprintf(path, i+1))
		}
	}
	look("/room")
	look("/closes")
}

func poisoned(t *testing.T, document, text string) string {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(document), &doc); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(poison(doc, text))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// runs finds what a browser would run, or lead away to.
func runs(t testing.TB, page string) (what string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			for _, a := range n.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				switch {
				case strings.HasPrefix(strings.ToLower(a.Key), "on"), a.Key == "style", a.Key == "srcdoc":
					what = fmt.Sprintf("%s %s=%q", n.Data, a.Key, a.Val)
				case (a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction") && !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:,"):
					what = fmt.Sprintf("%s %s=%q", n.Data, a.Key, a.Val)
				}
			}
			if n.Data == "script" && n.FirstChild != nil || n.Data == "iframe" || n.Data == "object" || n.Data == "embed" || n.Data == "base" || n.Data == "img" {
				what = n.Data
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return what
}
