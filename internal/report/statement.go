package report

import (
	"slices"

	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// tables are the sections of figures of the statements side by side.
func (d *document) tables(columns []*sealed.Statement, heads []string) []table {
	if len(columns) == 0 {
		return nil
	}
	tables := []table{d.bridge(columns, heads), d.customers(columns), d.rates(columns), d.covered(columns), counted(columns)}
	tables = append(tables, d.reconciled(columns)...)
	tables = append(tables, d.referred(columns)...)
	return slices.DeleteFunc(tables, func(t table) bool { return len(t.rows) == 0 })
}

// across makes one row of what each column has; a row that no column has is
// left out.
func across(t *table, columns []*sealed.Statement, r row, of func(*sealed.Statement) (cell, bool)) {
	any := false
	for _, s := range columns {
		c, ok := of(s)
		any = any || ok
		r.cells = append(r.cells, c)
	}
	if any {
		t.rows = append(t.rows, r)
	}
}

func (d *document) bridge(columns []*sealed.Statement, heads []string) table {
	t := table{title: "REVENUE BRIDGE", value: d.unit(), unit: "of prior"}
	for _, l := range revenueLines {
		r := row{label: "  " + l.label}
		switch l.key {
		case "prior":
			r.label = l.label
		case "current":
			r.label, r.rules = l.label, totalBelow
		case "exchange":
			r.label = l.label
		}
		across(&t, columns, r, func(s *sealed.Statement) (cell, bool) {
			a, ok := s.Revenue[l.key]
			if !ok || l.key == "exchange" && a.IsZero() {
				return cell{}, false
			}
			if slices.Contains(sealed.Subtracted, l.key) {
				a = a.Neg()
			}
			return cell{value: d.money(a), share: share(a, s.Revenue["prior"])}, true
		})
	}
	t.after = d.footings(columns, heads)
	return t
}

// footings are what the bridges' footings say, once where they say the same.
func (d *document) footings(columns []*sealed.Statement, heads []string) []string {
	var out []string
	for i, s := range columns {
		switch text := d.footing(s); {
		case text == "" || i > 0 && text == d.footing(columns[0]):
		case len(columns) > 1 && (i > 0 || text != d.footing(columns[1])):
			out = append(out, heads[i]+": "+text)
		default:
			out = append(out, text)
		}
	}
	return out
}

// footing says by how much the printed lines miss the printed total; that is
// rounding, or a document that no close has made.
func (d *document) footing(s *sealed.Statement) string {
	var exact, printed money.Amount
	for _, l := range revenueLines {
		a, ok := s.Revenue[l.key]
		switch {
		case l.key == "exchange":
			continue
		case !ok:
			return "" // a bridge with a line missing has no sum
		case l.key == "current", slices.Contains(sealed.Subtracted, l.key):
			a = a.Neg()
		}
		exact, printed = exact.Add(a), printed.Add(a.Round(d.places()))
	}
	switch {
	case !exact.IsZero():
		return "THE LINES DO NOT SUM to the current revenue: they differ from it by " + exact.Abs().Text(d.places()) + "."
	case !printed.IsZero():
		return "Through rounding the printed lines miss their total by " + printed.Abs().Grouped(d.places()) + "; the sealed ones sum exactly."
	}
	return ""
}

func (d *document) customers(columns []*sealed.Statement) table {
	t := table{title: "CUSTOMERS", value: "number", unit: "of opening"}
	for _, l := range customerLines {
		r := row{label: "  " + l.label}
		switch l.key {
		case "opening", "new_since_comparison":
			r.label = l.label
		case "retained":
			r.label, r.rules = l.label, sumAbove
		case "closing":
			r.label, r.rules = l.label, totalBelow
		}
		across(&t, columns, r, func(s *sealed.Statement) (cell, bool) {
			n, ok := s.Customers[l.key]
			if !ok || l.key == "new_since_comparison" && n == 0 {
				return cell{}, false
			}
			if l.key == "lost" {
				n = -n
			}
			return cell{value: count(n), share: share(whole(n), whole(s.Customers["opening"]))}, true
		})
	}
	return t
}

func (d *document) covered(columns []*sealed.Statement) table {
	t := table{title: "COVERAGE: REVENUE OF THE PERIOD", value: d.unit(), unit: "of read"}
	for _, l := range coverageAmounts {
		r := row{label: "  " + l.label}
		switch l.key {
		case "revenue":
			r.label, r.rules = l.label, totalBelow
		case "revenue_refused":
			r.label = l.label
		}
		across(&t, columns, r, func(s *sealed.Statement) (cell, bool) {
			a, ok := s.Covered[l.key]
			return cell{value: d.money(a), share: share(a, s.Covered["revenue"])}, ok
		})
	}
	return t
}

func counted(columns []*sealed.Statement) table {
	t := table{title: "COVERAGE: LINES OF THE PERIOD", value: "lines", unit: "of read"}
	for _, l := range coverageCounts {
		r := row{label: l.label}
		shared := true
		switch l.key {
		case "lines_identified", "lines_unidentified", "lines_excluded":
			r.label = "  " + l.label
		case "lines":
			r.rules = totalBelow
		case "history_months", "lines_rounded", "lines_refused_undated":
			shared = false // these are of the books, not of the period
		}
		across(&t, columns, r, func(s *sealed.Statement) (cell, bool) {
			n, ok := s.Counted[l.key]
			if !ok || n == 0 && (l.key == "lines_rounded" || l.key == "lines_refused_undated") {
				return cell{}, false
			}
			c := cell{value: count(n)}
			if shared {
				c.share = share(whole(n), whole(s.Counted["lines"]))
			}
			return c, true
		})
	}
	return t
}

// reconciled is a table for each account of the general ledger.
func (d *document) reconciled(columns []*sealed.Statement) []table {
	var names []string
	for _, s := range columns {
		if s.Reconciliation == nil {
			continue
		}
		for _, name := range s.Reconciliation.Names {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var tables []table
	for _, name := range names {
		tables = append(tables, d.account(columns, name))
	}
	return tables
}

// account leads from the ledger's figure to what is left unexplained.
func (d *document) account(columns []*sealed.Statement, name string) table {
	t := table{title: "RECONCILIATION", value: d.unit(), unit: "of GL"}
	if clean(name) != "" {
		t.title += ": " + clean(name)
	}
	for _, l := range accountLines {
		r := row{label: "  " + l.label}
		switch l.key {
		case "ledger":
			r.label = l.label
		case "difference":
			r.label, r.rules = l.label, totalBelow
		}
		across(&t, columns, r, func(s *sealed.Statement) (cell, bool) {
			lines := s.Reconciliation.Account(name)
			a, ok := lines[l.key]
			if !ok {
				return cell{}, false
			}
			if explains(l.key) {
				a = a.Neg()
			}
			return cell{value: d.money(a), share: share(a, lines["ledger"])}, true
		})
	}
	return t
}

// explains reports whether a line of an account is taken off the ledger's
// figure to leave the difference.
func explains(key string) bool { return key != "ledger" && key != "difference" }

// unreconciledSaid says why there is no general ledger beside the books.
func (d *document) unreconciledSaid(columns []*sealed.Statement, heads []string) []string {
	var said []string
	for i, s := range columns {
		r := s.Reconciliation
		if r == nil || len(r.Names) > 0 {
			continue
		}
		text := "Not reconciled: the books hold no figures of the general ledger (controls) for the period."
		if r.Reason != "" {
			text = "refused: " + clean(r.Reason)
			if r.Need != "" {
				text += " — needs " + clean(r.Need)
			}
			if len(columns) > 1 {
				text = heads[i] + " " + text
			}
			text = sentence(text)
		}
		if !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	return said
}

func (d *document) unreconciled(p *page, columns []*sealed.Statement) {
	said := d.unreconciledSaid(columns, p.columns)
	if len(said) == 0 {
		return
	}
	if slices.ContainsFunc(columns, func(s *sealed.Statement) bool { return s.Reconciliation != nil && len(s.Reconciliation.Names) > 0 }) {
		p.print("") // below the accounts of the other column
	} else {
		p.title("RECONCILIATION")
	}
	for _, text := range said {
		p.hang("", text, 0)
	}
}
