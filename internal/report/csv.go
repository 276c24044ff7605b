package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

var csvHeader = []string{"statement", "line", "period", "value", "low", "high", "kind", "n", "unit", "level", "compared_with", "note"}

// record is one row; its texts are guarded when it is written, its numbers
// are not.
type record struct {
	statement, line, period        string
	value, low, high               string // numbers
	kind, n, unit, level, compared string // n and level are numbers
	note                           string
}

func (r record) cells() []string {
	return []string{
		guard(r.statement), guard(r.line), guard(r.period), r.value, r.low, r.high,
		guard(r.kind), r.n, guard(r.unit), r.level, guard(r.compared), guard(r.note),
	}
}

// guard keeps a spreadsheet from taking a text for a formula: OWASP, "CSV
// Injection". The full-width signs are taken for the plain ones in some
// locales.
func guard(text string) string {
	text = clean(text)
	if strings.IndexFunc(text, func(r rune) bool { return strings.ContainsRune("=+-@＝＋－＠", r) }) == 0 {
		return "'" + text
	}
	return text
}

func (d *document) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(csvHeader); err != nil {
		return nil, fmt.Errorf("print the statement: %w", err)
	}
	records := d.about()
	records = append(records, d.block("customer", d.Customer)...)
	records = append(records, d.block("customer_trailing_year", d.Trailing)...)
	records = append(records, d.cohortRecords()...)
	records = append(records, d.viewRecords()...)
	records = append(records, d.groupCohortRecords()...)
	records = append(records, d.recurringRecords()...)
	records = append(records, d.referralRecords("referrals", d.Customer, d.Referrals)...)
	records = append(records, d.referralRecords("referrals_trailing_year", d.Trailing, d.ReferralsTrailing)...)
	records = append(records, d.profitRecords("profit", d.Profit)...)
	records = append(records, d.profitRecords("profit_trailing_year", d.ProfitTrailing)...)
	records = append(records, d.equityRecords()...)
	records = append(records, d.contractsRecords()...)
	records = append(records, d.loyaltyRecords()...)
	records = append(records, d.behaviourRecords()...)
	records = append(records, d.priceRecords()...)
	records = append(records, d.touchpointRecords()...)
	records = append(records, d.trainingRecords()...)
	records = append(records, d.incomeRecords()...)
	records = append(records, d.workforceRecords()...)
	for _, r := range records {
		if err := w.Write(r.cells()); err != nil {
			return nil, fmt.Errorf("print the statement: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("print the statement: %w", err)
	}
	return b.Bytes(), nil
}

// about are the rows on the document as a whole: its seal and warnings.
func (d *document) about() []record {
	text := func(line, note string) record {
		return record{statement: "document", line: line, period: window(d.Period), compared: window(d.Compared), kind: "text", note: note}
	}
	var out []record
	if s := d.Sealed; s != nil {
		out = append(out, text("sealed.at", s.At), text("sealed.snapshot", s.Snapshot), text("sealed.fingerprint", s.Fingerprint), text("sealed.preparer", s.Preparer))
		if s.Restates != nil {
			out = append(out, text("sealed.restates", *s.Restates))
		}
	} else {
		out = append(out, text("sealed", "not sealed (dry run)"))
	}
	for _, w := range d.Warnings {
		r := text(w.Code, w.Text)
		r.statement = "warning"
		out = append(out, r)
	}
	return out
}

// window is a period as --period reads it, its end excluded.
func window(p *calendar.Period) string {
	if p == nil {
		return ""
	}
	return p.String()
}

func (d *document) block(name string, s *sealed.Statement) []record {
	if s == nil {
		return nil
	}
	at := record{statement: name, period: window(s.Period), compared: window(s.Compared)}
	if s.Refused != "" {
		at.kind, at.note = "refused", unlocked(s.Locked)
		return []record{at}
	}
	out := counts(at, "customers.", customerLines, s.Customers, "customers")
	out = append(out, d.amounts(at, "revenue.", revenueLines, s.Revenue)...)
	out = append(out, d.amounts(at, "active_revenue.", activeLines, s.Active)...)
	for _, l := range rateLines {
		if f, ok := s.Rates[l.key]; ok {
			out = append(out, figure(at, l.key, f))
		}
	}
	lines := maps.Clone(s.Counted)
	delete(lines, "history_months")
	out = append(out, counts(at, "coverage.", coverageCounts, lines, "lines")...)
	if n, ok := s.Counted["history_months"]; ok {
		out = append(out, counts(at, "coverage.", coverageCounts, map[string]int64{"history_months": n}, "months")...)
	}
	out = append(out, d.amounts(at, "coverage.", coverageAmounts, s.Covered)...)
	return append(out, d.reconciliationRecords(at, s.Reconciliation)...)
}

func unlocked(l sealed.Locked) string { return l.Refused + "; unlocked by " + l.UnlockedBy }

func counts(at record, prefix string, lines []line, of map[string]int64, unit string) []record {
	var out []record
	for _, l := range lines {
		if n, ok := of[l.key]; ok {
			r := at
			r.line, r.value, r.kind, r.unit = prefix+l.key, strconv.FormatInt(n, 10), "exact", unit
			out = append(out, r)
		}
	}
	return out
}

func (d *document) amounts(at record, prefix string, lines []line, of map[string]money.Amount) []record {
	var out []record
	for _, l := range lines {
		if a, ok := of[l.key]; ok {
			r := at
			r.line, r.value, r.kind, r.unit = prefix+l.key, a.Text(d.places()), "exact", string(d.Currency)
			out = append(out, r)
		}
	}
	return out
}

func figure(at record, line string, f evidence.Figure) record {
	at.line, at.unit = line, "ratio"
	if r, ok := f.Refusal(); ok {
		at.kind, at.note = "refused", r.Reason+"; needs "+r.Need
		return at
	}
	e, ok := f.Estimate()
	if !ok { // a figure that was read is one of the two
		return at
	}
	if e.Value != nil {
		at.value = money.FormatRate(e.Value)
	}
	at.low, at.high = money.FormatRate(e.Low), money.FormatRate(e.High)
	at.kind, at.n, at.note = string(e.Kind), strconv.FormatInt(e.N, 10), e.Method
	if e.Level != 0 {
		at.level = strconv.FormatFloat(e.Level, 'f', -1, 64)
	}
	return at
}

func (d *document) reconciliationRecords(at record, r *sealed.Reconciliation) []record {
	switch {
	case r == nil:
		return nil
	case r.Reason != "":
		at.line, at.kind, at.note = "coverage.reconciliation", "refused", r.Reason+"; needs "+r.Need
		return []record{at}
	}
	var out []record
	for i, name := range r.Names {
		out = append(out, d.amounts(at, "coverage.reconciliation."+name+".", accountLines, r.Accounts[i])...)
	}
	return out
}

// cohortRecords have the span for their period and the age, in spans, as note.
func (d *document) cohortRecords() []record {
	c := d.Cohorts
	if c == nil {
		return nil
	}
	at := record{statement: "cohorts"}
	if c.Refused != "" {
		at.kind, at.note = "refused", unlocked(c.Locked)
		return []record{at}
	}
	var out []record
	for _, row := range c.Rows {
		for _, age := range row.Ages {
			r := at
			r.period, r.kind = age.Span, "exact"
			if age.Age != nil {
				r.note = "age " + strconv.Itoa(*age.Age)
			}
			if age.Active != nil {
				active := r
				active.line, active.value, active.unit = row.First+".active", strconv.FormatInt(*age.Active, 10), "customers"
				out = append(out, active)
			}
			if age.Revenue != nil {
				r.line, r.value, r.unit = row.First+".revenue", age.Revenue.Text(d.places()), string(d.Currency)
				out = append(out, r)
			}
		}
	}
	return out
}
