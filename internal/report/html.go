package report

import (
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/throughline/throughline/internal/sealed"
)

// HTML prints a document as one page that needs nothing else: no script, no picture, no sheet from elsewhere, and a
// policy that lets a browser load none. It says what Text says, and prints on A4 or Letter.
func HTML(w io.Writer, document []byte, h Heading) error {
	d, err := read(document)
	if err != nil {
		return err
	}
	m := &markup{}
	d.html(m, h)
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("print the statement: %w", err)
	}
	return nil
}

// markup is a page that grows; every text that is put into it is escaped.
type markup struct{ strings.Builder }

// put writes a template whose %s are texts.
func (m *markup) put(template string, texts ...string) {
	args := make([]any, len(texts))
	for i, t := range texts {
		args[i] = html.EscapeString(clean(t))
	}
	fmt.Fprintf(m, template, args...)
}

const htmlHead = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
@page { margin: 16mm 14mm }
body { font: 10.5pt/1.45 Georgia, "Times New Roman", serif; color: #111; background: #fff; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; break-after: avoid }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .6rem 0 } dt { color: #555 } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%%; font-variant-numeric: lining-nums tabular-nums } caption { text-align: left; font-weight: bold; padding: 1.2rem 0 .3rem }
th, td { text-align: right; padding: .12rem .35rem; vertical-align: top } th:first-child, td:first-child { text-align: left; font-weight: normal }
thead th { border-bottom: 1px solid #111; font-weight: normal; color: #555 } tr { break-inside: avoid } thead { display: table-header-group }
.in { padding-left: 1.4rem } .sum td, .sum th { border-top: 1px solid #111 } .total td, .total th { border-top: 1px solid #111; border-bottom: 3px double #111 }
.said { color: #333; margin: .3rem 0 } sup { color: #555 } .mark { border: 2px solid #111; padding: .4rem .6rem; font-weight: bold }
.triangle { font-size: .8rem } footer { border-top: 1px solid #111; margin-top: 1.6rem; padding-top: .5rem; color: #333 }
@media print { body { max-width: none; margin: 0; padding: 0 } }
</style></head><body>
`

func (d *document) html(m *markup, h Heading) {
	columns, heads := d.columns(h)
	title := "Customer statement"
	if l := label(h); l != "Period" {
		title += ", " + l
	}
	m.put(htmlHead, strings.TrimPrefix(h.Company+" · "+title, " · "))
	if h.Simulated {
		m.put("<p class=\"mark\">Simulated company: every figure is made up.</p>\n")
	}
	m.put("<header><p>%s</p><h1>%s</h1>\n", h.Company, title+": "+days(*d.Period))
	d.htmlAbout(m, h)
	m.put("</header><main>\n")
	for i, s := range []*sealed.Statement{d.Trailing, d.Customer} {
		if s != nil && s.Refused != "" {
			m.section([]string{"Trailing year", "Customer statement"}[i], sentence("refused: "+unlocked(s.Locked)))
		}
	}
	for _, t := range d.sections(columns, heads) {
		m.table(t, heads)
	}
	if said := d.unreconciledSaid(columns, heads); len(said) > 0 {
		m.section("Reconciliation", said...)
	}
	var warnings []string
	for _, w := range d.Warnings {
		text := w.Text
		if text == "" {
			text = w.Code
		}
		warnings = append(warnings, sentence(text))
	}
	m.section("Warnings", warnings...)
	d.htmlRestated(m)
	d.htmlTriangle(m)
	for _, p := range d.passages() {
		m.passage(p)
	}
	m.put("</main>\n")
	if len(columns) > 0 {
		m.put("<footer>")
		for _, text := range d.defined(heads) {
			m.put("<p>%s</p>", text)
		}
		m.put("</footer>\n")
	}
	m.put("</body></html>\n")
}

// htmlAbout are the lines under the title.
func (d *document) htmlAbout(m *markup, h Heading) {
	m.put("<dl>")
	line := func(name, text string) {
		if text != "" {
			m.put("<dt>%s</dt><dd>%s</dd>", name, text)
		}
	}
	if has(d.Trailing) && d.Trailing.Period != nil {
		text := days(*d.Trailing.Period)
		if d.Trailing.Compared != nil {
			text += ", compared with " + days(*d.Trailing.Compared)
		}
		line("Trailing year", text)
	}
	if d.Compared != nil {
		line(label(h), days(*d.Period)+", compared with "+days(*d.Compared))
	}
	if d.Currency != "" {
		line("Amounts", d.unit()+", net of returns")
	}
	if s := d.Sealed; s != nil {
		line("Sealed", moment(s.At))
		line("Prepared by", s.Preparer)
		line("Snapshot", s.Snapshot)
		line("Fingerprint", s.Fingerprint)
		if s.Restates != nil {
			line("Restates", "seal "+*s.Restates+"; what changed is listed below")
		}
	}
	m.put("</dl>\n")
	if d.Sealed == nil {
		m.put("<p class=\"mark\">Not sealed (dry run): figures to look at, not a statement to rely on.</p>\n")
	}
}

// section is a heading with paragraphs; nothing where there are none.
func (m *markup) section(title string, texts ...string) {
	if len(texts) == 0 {
		return
	}
	m.put("<h2>%s</h2>\n", title)
	for _, t := range texts {
		m.put("<p class=\"said\">%s</p>\n", t)
	}
}

func (m *markup) table(t table, heads []string) {
	m.put("<table><caption>%s</caption><thead><tr><th scope=\"col\"></th>", upper(strings.ToLower(t.title)))
	for _, h := range heads {
		m.put("<th scope=\"col\">%s</th><th scope=\"col\">%s</th>", strings.TrimSpace(h+" "+t.value), t.unit)
	}
	m.put("</tr></thead><tbody>\n")
	for _, r := range t.rows {
		class := map[rules]string{sumAbove: "sum", totalBelow: "total"}[r.rules]
		in := ""
		if strings.HasPrefix(r.label, " ") {
			in = "in"
		}
		m.put("<tr class=\"%s\"><th scope=\"row\" class=\"%s\">%s</th>", class, in, r.label)
		for _, c := range r.cells {
			m.put("<td>%s</td><td>%s", c.value, c.share)
			if c.mark != "" {
				m.put("<sup>%s</sup>", c.mark)
			}
			m.put("</td>")
		}
		m.put("</tr>\n")
	}
	m.put("</tbody></table>\n")
	for _, text := range t.after {
		m.put("<p class=\"said\">%s</p>\n", text)
	}
	for i, text := range t.notes {
		m.put("<p class=\"said\">%s %s</p>\n", mark(i), text)
	}
}

func (d *document) htmlRestated(m *markup) {
	r := d.Restatement
	if r == nil {
		return
	}
	m.section("Restatement of seal "+short(r.Of), "Sealed first on "+moment(r.At)+". Since then the books changed:")
	m.put("<ul>")
	for _, c := range r.Books {
		m.put("<li>%s</li>", changed(c))
	}
	m.put("</ul>\n")
	rows, folded := d.moves()
	if len(rows) > 0 {
		m.put("<table><thead><tr><th scope=\"col\">What moved</th><th scope=\"col\">before</th><th scope=\"col\">after</th><th scope=\"col\">change</th></tr></thead><tbody>\n")
		for _, cells := range rows {
			m.put("<tr>")
			for _, c := range cells {
				m.put("<td>%s</td>", c)
			}
			m.put("</tr>\n")
		}
		m.put("</tbody></table>\n")
	}
	if folded > 0 {
		m.section("", "and "+plainCount(int64(folded))+" more; the whole list is in the document.")
	}
}

// htmlTriangle is the triangle of text as a table.
func (d *document) htmlTriangle(m *markup) {
	c := d.Cohorts
	switch {
	case c == nil:
		return
	case c.Refused != "":
		m.section("Cohorts", sentence("refused: "+unlocked(c.Locked)))
		return
	case len(c.Spans) == 0 || len(c.Rows) == 0:
		return
	}
	spans, rows := last(c, min(mostSpans, len(c.Spans)))
	m.put("<table class=\"triangle\"><caption>Cohorts: customers active, by first purchase</caption><thead><tr><th scope=\"col\">First purchase</th>")
	for _, s := range spans {
		m.put("<th scope=\"col\">%s</th>", s)
	}
	m.put("</tr></thead><tbody>\n")
	for _, r := range rows {
		m.put("<tr><th scope=\"row\">%s</th>", r.name)
		for i, n := range r.active {
			text := ""
			switch {
			case n != nil:
				text = plainCount(*n)
			case i >= r.from:
				text = "–"
			}
			m.put("<td>%s</td>", text)
		}
		m.put("</tr>\n")
	}
	m.put("</tbody></table>\n")
}
