package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// text lays the document out. The trailing year stands first: it is the
// headline of a month or quarter.
func (d *document) text(h Heading) string {
	columns, heads := d.columns(h)
	p := newPage(heads)
	p.headed = has(d.Trailing) // alone it must not pass for the period
	tables := d.sections(columns, heads)
	p.fit(tables)
	d.top(p, h)
	for i, s := range []*sealed.Statement{d.Trailing, d.Customer} {
		if s != nil && s.Refused != "" {
			p.title([]string{"TRAILING YEAR", "CUSTOMER STATEMENT"}[i])
			p.lock(s.Locked)
		}
	}
	for _, t := range tables {
		p.table(t)
	}
	d.lockedProfit(p)
	d.unreconciled(p, columns)
	d.losses(p)
	d.prices(p)
	d.warn(p)
	d.restated(p)
	d.triangle(p)
	if d.Views != nil && d.Views.Refused != "" {
		p.title("CUSTOMER BASE")
		p.lock(d.Views.Locked)
	}
	for _, x := range slices.Concat(d.basePassages(), d.groupPassages(), d.equityPassages(), d.contractsPassages()) {
		p.passage(x)
	}
	d.loyal(p)
	for _, x := range d.behaviourPassages() {
		p.passage(x)
	}
	for _, x := range d.touchpointPassages(mostTouchpoints) {
		p.passage(x)
	}
	for _, x := range slices.Concat(d.trainingPassages(), d.incomePassages(), d.workforcePassages()) {
		p.passage(x)
	}
	d.definitions(p, columns)
	return p.String()
}

// sections are the tables of all statements side by side.
func (d *document) sections(columns []*sealed.Statement, heads []string) []table {
	tables := append(d.tables(columns, heads), d.subscriptionTables(heads)...)
	return append(tables, d.profit(columns)...)
}

// columns are the statements that have figures, and their heads.
func (d *document) columns(h Heading) (columns []*sealed.Statement, heads []string) {
	if has(d.Trailing) {
		columns, heads = append(columns, d.Trailing), append(heads, "Trailing year")
	}
	if has(d.Customer) {
		columns, heads = append(columns, d.Customer), append(heads, label(h))
	}
	return columns, heads
}

// label is the period's name where it is short enough to head a column; a
// range is spelled with the day after its last, which the title says better.
func label(h Heading) string {
	text := clean(h.Label)
	if text == "" || strings.Contains(text, "..") || width(text) > headKeys-2 {
		return "Period"
	}
	return text
}

func (d *document) top(p *page, h Heading) {
	if company := clean(h.Company); company != "" {
		p.hang("", company, 0)
	}
	title := "CUSTOMER STATEMENT, "
	if l := label(h); l != "Period" {
		title += l + ": "
	}
	p.hang("", title+days(*d.Period), 0)
	p.print("%s", strings.Repeat("=", p.width))
	if has(d.Trailing) && d.Trailing.Period != nil {
		text := days(*d.Trailing.Period)
		if d.Trailing.Compared != nil {
			text += ", compared with " + days(*d.Trailing.Compared)
		}
		p.hang("Trailing year", text, headKeys)
		if d.Compared != nil {
			p.hang(label(h), days(*d.Period)+", compared with "+days(*d.Compared), headKeys)
		}
	} else if d.Compared != nil {
		p.hang("Compared with", days(*d.Compared), headKeys)
	}
	if d.Currency != "" {
		p.hang("Amounts", clean(string(d.Currency))+", net of returns", headKeys)
	}
	d.seal(p)
}

func (d *document) seal(p *page) {
	if d.Sealed == nil {
		p.hang("", "NOT SEALED (dry run): figures to look at, not a statement to rely on.", 0)
		return
	}
	text := moment(d.Sealed.At)
	if by := clean(d.Sealed.Preparer); by != "" {
		text += ", prepared by " + by
	}
	if d.Sealed.Snapshot != "" {
		text += "; snapshot " + clean(d.Sealed.Snapshot)
	}
	p.hang("Sealed", text+"; fingerprint "+short(d.Sealed.Fingerprint), headKeys)
	if d.Sealed.Restates == nil {
		return
	}
	text = "seal " + short(*d.Sealed.Restates)
	if d.Restatement != nil {
		text += " of " + moment(d.Restatement.At)
	}
	p.hang("Restates", text+"; what changed is listed below", headKeys)
}

// lock prints why a block is not there and what would allow it.
func (p *page) lock(l sealed.Locked) {
	text := "refused: " + clean(l.Refused)
	if l.UnlockedBy != "" {
		text += " — unlocked by " + clean(l.UnlockedBy)
	}
	p.hang("", sentence(text), 0)
}

func (d *document) warn(p *page) {
	if len(d.Warnings) == 0 {
		return
	}
	p.title("WARNINGS")
	for i, w := range d.Warnings {
		text := w.Text
		if text == "" {
			text = w.Code
		}
		p.hang(fmt.Sprintf("%d.", i+1), sentence(text), noteIndent)
	}
}

// definitions closes the page with what its words mean.
func (d *document) definitions(p *page, columns []*sealed.Statement) {
	if len(columns) == 0 {
		return
	}
	p.print("")
	p.print("%s", strings.Repeat("=", p.width))
	for _, text := range d.defined(p.columns) {
		p.hang("", text, 0)
	}
}

// defined are the sentences that say what the words of a statement mean.
func (d *document) defined(heads []string) []string {
	active := "Active: net revenue above zero in the period, unless closed with --active any-line."
	switch d.Active {
	case "net":
		active = "Active: net revenue above zero in the period."
	case "any-line":
		active = "Active: any line at all in the period, as in some published figures."
	}
	out := []string{active + " All amounts are net of returns; parentheses are negative."}
	if len(heads) > 1 {
		out = append(out, "In the column of "+heads[1]+", lost means not seen in this period; whether customers stay, the trailing year says.")
	}
	return append(out, "Rounded for print only; the figures of the document are exact.")
}

// places are the decimals that amounts are printed with.
func (d *document) places() int { return d.Currency.Places() }

// unit heads a column of amounts.
func (d *document) unit() string { return clean(string(d.Currency)) }

func (d *document) money(a money.Amount) string { return amount(a, d.places()) }
