package report

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/internal/xlsx"
)

// XLSX prints every figure of a document as a workbook. Figures are numbers with formats and days are dates. Beside each
// stands the sealed text of it as `exact`, because a spreadsheet's numbers hold fifteen significant digits; one with
// more digits stands as text in both places. Texts are never formulas.
func XLSX(w io.Writer, document []byte, h Heading) error {
	d, err := read(document)
	if err != nil {
		return err
	}
	b := xlsx.New()
	defer b.Close() // only drops what was held aside
	for _, sheet := range d.sheets(h) {
		to, err := b.Sheet(sheet.name, sheet.frozen, sheet.widths...)
		if err != nil {
			return err
		}
		for _, row := range sheet.rows {
			if err := to.Row(row...); err != nil {
				return err
			}
		}
	}
	_, err = b.WriteTo(w)
	return err
}

// sheet is one as it will be written.
type sheet struct {
	name   string
	frozen int
	widths []float64
	rows   [][]xlsx.Cell
}

func (s *sheet) add(cells ...xlsx.Cell) { s.rows = append(s.rows, cells) }

func heads(names ...string) []xlsx.Cell {
	out := make([]xlsx.Cell, len(names))
	for i, n := range names {
		out[i] = xlsx.Head(n)
	}
	return out
}

// The sheets of figures, in their order, and whose lines stand there.
var figureSheets = []struct {
	name  string
	lines []string // beginnings of their names; the first sheet that fits takes a line
}{
	{"Bridge", []string{"revenue.", "active_revenue."}},
	{"Roll-forward", []string{"customers."}},
	{"Coverage", []string{"coverage."}},
	{"Rates", []string{""}},
}

func (d *document) sheets(h Heading) []sheet {
	out := []sheet{d.front(h)}
	records := append(d.block("customer_trailing_year", d.Trailing), d.block("customer", d.Customer)...)
	taken := make([]bool, len(records))
	for _, f := range figureSheets {
		s := sheet{name: f.name, frozen: 1, widths: figureWidths}
		s.add(figureHeads()...)
		for i, r := range records {
			if !taken[i] && begins(r.line, f.lines) {
				taken[i] = true
				s.rows = append(s.rows, d.figureRow(r))
			}
		}
		out = append(out, s)
	}
	out = append(out, d.besideSheets()...)
	return append(out, d.cohortSheet(), d.warningSheet(), d.sealSheet())
}

// besideSheets are the statements beside the customer statement, a sheet each.
func (d *document) besideSheets() []sheet {
	var out []sheet
	for _, b := range []struct {
		name    string
		records []record
	}{
		{"Customer base", d.viewRecords()},
		{"Cohorts by group", d.groupCohortRecords()},
		{"Subscriptions", d.recurringRecords()},
		{"Referrals", append(d.referralRecords("referrals", d.Customer, d.Referrals), d.referralRecords("referrals_trailing_year", d.Trailing, d.ReferralsTrailing)...)},
		{"Customer equity", d.equityRecords()},
		{"Worth under contract", d.contractsRecords()},
		{"Profit", append(d.profitRecords("profit", d.Profit), d.profitRecords("profit_trailing_year", d.ProfitTrailing)...)},
		{"Loyalty", d.loyaltyRecords()},
		{"Behaviour", d.behaviourRecords()},
		{"Prices", d.priceRecords()},
		{"Touchpoints", d.touchpointRecords()},
		{"Training asset", d.trainingRecords()},
		{"Two income statements", d.incomeRecords()},
		{"People", d.workforceRecords()},
	} {
		if len(b.records) == 0 {
			continue
		}
		s := sheet{name: b.name, frozen: 1, widths: figureWidths}
		s.add(figureHeads()...)
		for _, r := range b.records {
			s.rows = append(s.rows, d.figureRow(r))
		}
		out = append(out, s)
	}
	return out
}

// figureWidths and figureHeads are those of every sheet of figures.
var figureWidths = []float64{24, 38, 30, 18, 14, 14, 12, 12, 9, 12, 24, 12, 12, 12, 12, 60}

func figureHeads() []xlsx.Cell {
	return heads("statement", "line", "name", "value", "low", "high", "kind", "n", "level", "unit", "exact", "from", "to", "compared from", "compared to", "note")
}

func begins(line string, with []string) bool {
	for _, w := range with {
		if strings.HasPrefix(line, w) {
			return true
		}
	}
	return false
}

// front is the sheet that a reader sees first: whose statement it is, and its figures side by side.
func (d *document) front(h Heading) sheet {
	s := sheet{name: "Statement", widths: []float64{46, 20, 20}}
	if h.Simulated {
		s.add(xlsx.Head("SIMULATED COMPANY: every figure is made up"))
	}
	s.add(xlsx.Head(clean(h.Company)))
	s.add(xlsx.Head("Customer statement, " + label(h)))
	s.add(append([]xlsx.Cell{xlsx.Text("First and last day")}, span(d.Period)...)...)
	s.add(append([]xlsx.Cell{xlsx.Text("Compared with")}, span(d.Compared)...)...)
	s.add(xlsx.Text("Amounts in"), xlsx.Text(d.unit()))
	if d.Sealed == nil {
		s.add(xlsx.Head("NOT SEALED (dry run): figures to look at, not a statement to rely on"))
	}
	for _, c := range []*sealed.Statement{d.Trailing, d.Customer} {
		if c != nil && c.Refused != "" {
			s.add(xlsx.Text("refused"), xlsx.Text(clean(unlocked(c.Locked))))
		}
	}
	columns, names := d.columns(h)
	if len(columns) == 0 {
		return s
	}
	s.add()
	s.add(heads(append([]string{"Line"}, names...)...)...)
	for _, block := range []struct {
		lines []line
		of    func(*sealed.Statement, string) (xlsx.Cell, bool)
	}{{revenueLines, d.revenueCell}, {customerLines, customerCell}, {rateLines, rateCell}} {
		for _, l := range block.lines {
			row, some := []xlsx.Cell{xlsx.Text(l.label)}, false
			for _, c := range columns {
				cell, ok := block.of(c, l.key)
				row, some = append(row, cell), some || ok
			}
			if some {
				s.rows = append(s.rows, row)
			}
		}
		s.add()
	}
	s.add(xlsx.Text("Lost and contraction are subtracted. Every figure stands exactly, as it was sealed, on the sheets that follow."))
	return s
}

func (d *document) revenueCell(c *sealed.Statement, key string) (xlsx.Cell, bool) {
	a, ok := c.Revenue[key]
	if !ok {
		return xlsx.Text(""), false
	}
	return xlsx.Decimal(a.Text(d.places()), d.places()), true
}

func customerCell(c *sealed.Statement, key string) (xlsx.Cell, bool) {
	n, ok := c.Customers[key]
	if !ok {
		return xlsx.Text(""), false
	}
	return xlsx.Decimal(strconv.FormatInt(n, 10), 0), true
}

// rateCell is a rate's value; bounds have none and stand on the sheet of rates.
func rateCell(c *sealed.Statement, key string) (xlsx.Cell, bool) {
	f, ok := c.Rates[key]
	if !ok {
		return xlsx.Text(""), false
	}
	switch r := figure(record{}, key, f); {
	case r.kind == "refused":
		return xlsx.Text("refused"), true
	case r.value == "":
		return xlsx.Text(headline(f)), true
	default:
		return xlsx.Rate(r.value), true
	}
}

// span is a period's first and last day.
func span(p *calendar.Period) []xlsx.Cell {
	if p == nil {
		return []xlsx.Cell{xlsx.Text(""), xlsx.Text("")}
	}
	y, m, day := p.Start.Date()
	yy, mm, last := (p.End - 1).Date()
	return []xlsx.Cell{xlsx.Day(y, m, day), xlsx.Day(yy, mm, last)}
}

// windowCells are the first and last day of a window as window prints it; another text stays one.
func windowCells(text string) []xlsx.Cell {
	first, end, _ := strings.Cut(text, "..")
	p := calendar.Period{}
	var errs [2]error
	p.Start, errs[0] = calendar.ParseDay(first)
	p.End, errs[1] = calendar.ParseDay(end)
	if errs[0] != nil || errs[1] != nil {
		return []xlsx.Cell{xlsx.Text(clean(text)), xlsx.Text("")}
	}
	return span(&p)
}

// labels are the lines' names in words.
var labels = func() map[string]string {
	out := map[string]string{}
	for prefix, lines := range map[string][]line{"revenue.": revenueLines, "customers.": customerLines, "active_revenue.": activeLines, "": rateLines} {
		for _, l := range lines {
			out[prefix+l.key] = l.label
		}
	}
	for _, lines := range [][]line{coverageAmounts, coverageCounts} {
		for _, l := range lines {
			out["coverage."+l.key] = l.label
		}
	}
	return out
}()

func (d *document) figureRow(r record) []xlsx.Cell {
	number := func(text string) xlsx.Cell {
		switch r.unit {
		case "ratio":
			return xlsx.Rate(text)
		case string(d.Currency):
			return xlsx.Decimal(text, d.places())
		case "years", "hours", "seconds", "points":
			return xlsx.Decimal(text, 1)
		}
		return xlsx.Decimal(text, 0)
	}
	row := []xlsx.Cell{
		xlsx.Text(r.statement), xlsx.Text(labels[r.line]), xlsx.Text(r.line), number(r.value), number(r.low), number(r.high), xlsx.Text(r.kind),
		xlsx.Decimal(r.n, 0), xlsx.Rate(r.level), xlsx.Text(clean(r.unit)), xlsx.Text(r.value),
	}
	for _, text := range []string{r.period, r.compared} {
		row = append(row, windowCells(text)...)
	}
	return append(row, xlsx.Text(clean(r.note)))
}

func (d *document) cohortSheet() sheet {
	s := sheet{name: "Cohorts", frozen: 1, widths: []float64{16, 16, 8, 14, 18, 24}}
	s.add(heads("first purchase", "span", "age", "customers", "revenue", "revenue, exact")...)
	c := d.Cohorts
	switch {
	case c == nil:
		return s
	case c.Refused != "":
		s.add(xlsx.Text("refused"), xlsx.Text(clean(unlocked(c.Locked))))
		return s
	}
	for _, r := range c.Rows {
		for _, a := range r.Ages {
			age, active, revenue := "", "", ""
			if a.Age != nil {
				age = strconv.Itoa(*a.Age)
			}
			if a.Active != nil {
				active = strconv.FormatInt(*a.Active, 10)
			}
			if a.Revenue != nil {
				revenue = a.Revenue.Text(d.places())
			}
			s.add(xlsx.Text(clean(r.First)), xlsx.Text(clean(a.Span)), xlsx.Decimal(age, 0), xlsx.Decimal(active, 0), xlsx.Decimal(revenue, d.places()), xlsx.Text(revenue))
		}
	}
	return s
}

func (d *document) warningSheet() sheet {
	s := sheet{name: "Warnings", frozen: 1, widths: []float64{28, 120}}
	s.add(heads("code", "warning")...)
	for _, w := range d.Warnings {
		s.add(xlsx.Text(clean(w.Code)), xlsx.Text(clean(w.Text)))
	}
	return s
}

// sealSheet says when, of what and by whom the figures were sealed, and what a restatement moved.
func (d *document) sealSheet() sheet {
	s := sheet{name: "Seal", widths: []float64{24, 72, 24, 24}}
	for _, r := range d.about() {
		if r.statement != "document" {
			continue
		}
		cell := xlsx.Text(clean(r.note))
		if t, err := time.Parse(time.RFC3339Nano, r.note); err == nil && r.line == "sealed.at" {
			s.add(xlsx.Text("sealed.at (UTC)"), xlsx.Moment(t.UTC()))
		}
		s.add(xlsx.Text(r.line), cell)
	}
	if d.Restatement == nil {
		return s
	}
	s.add()
	s.add(heads("restatement of", clean(d.Restatement.Of))...)
	for _, c := range d.Restatement.Books {
		s.add(xlsx.Text("books"), xlsx.Text(changed(c)))
	}
	s.add(heads("", "what moved", "before", "after")...)
	for _, m := range d.Restatement.Lines {
		s.add(xlsx.Text(""), xlsx.Text(clean(m.Line)), xlsx.Text(clean(m.Before)), xlsx.Text(clean(m.After)))
	}
	return s
}
