package closing

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

// viewsBlock is the views of the customer base: those of two periods, and what
// its cohorts did by months, quarters and years.
type viewsBlock struct {
	base.Views
	Cohorts []any
}

func (b viewsBlock) MarshalJSON() ([]byte, error) {
	views, err := json.Marshal(b.Views)
	if err != nil {
		return nil, err
	}
	cohorts, err := json.Marshal(b.Cohorts)
	if err != nil {
		return nil, err
	}
	return slices.Concat(views[:len(views)-1], []byte(`,"cohorts":`), cohorts, []byte("}")), nil
}

// gridBlock is cohorts by spans of one kind. Each list of a cohort begins with
// the span in which it first bought; that of "before" with the first span.
type gridBlock struct {
	Name  calendar.Kind `json:"name"`
	Spans []string      `json:"spans"`
	Rows  []gridRow     `json:"cohorts"`
}

type gridRow struct {
	Name    string    `json:"name"`
	Active  []int64   `json:"active"`
	Orders  []*int64  `json:"orders"` // null: revenue is not made of orders alone
	Revenue []string  `json:"revenue"`
	Profit  []*string `json:"profit"` // null: nobody knows it of some line
}

// namedLock is why an element of a list is not had.
type namedLock struct {
	Name       string `json:"name"`
	Refused    string `json:"refused"`
	UnlockedBy string `json:"unlocked_by"`
}

// base adds the views of the customer base and its cohorts: of all, and by
// group.
func (c *Closer) base(ctx context.Context, ledger Ledger, state State, o Order, w growth.Windows, doc *document) error {
	views, err := c.views(ctx, ledger, state, o, w)
	if err != nil {
		return err
	}
	c.Progress("compute the cohorts of " + o.Named.Text)
	grids := cutter{c, ledger, state, o, toldGroups(views)}.grids(ctx)
	if doc.Cohorts, err = c.cohorts(o, grids); err != nil {
		return err
	}
	block := viewsBlock{Views: views, Cohorts: []any{}}
	for _, kind := range gridKinds(o.Named.Kind) {
		g, err := grids(kind)
		switch {
		case err != nil:
			return err
		case g.locked != nil:
			block.Cohorts = append(block.Cohorts, namedLock{string(kind), g.locked.Refused, g.locked.UnlockedBy})
		default:
			block.Cohorts = append(block.Cohorts, c.gridBlock(g))
		}
	}
	doc.Views = block
	doc.GroupCohorts, err = c.groupCohorts(o, views, grids)
	return err
}

// views asks for the headline's windows: the twelve months that end with a
// month or quarter, as one month says little of a customer.
func (c *Closer) views(ctx context.Context, ledger Ledger, state State, o Order, w growth.Windows) (base.Views, error) {
	if p, q, ok, err := c.Settings.Calendar.TrailingYear(o.Named); err == nil && ok && o.Compared == nil {
		if whole := (growth.Windows{Period: p, Compared: q}); c.outlived(state, whole) == nil {
			w = whole
		}
	}
	c.Progress("compute the views of the customer base up to " + o.Named.Text)
	counted := c.Settings.Orders
	if counted == "" {
		counted = "by order id"
	}
	in := base.Input{
		Windows:  base.Windows{Period: w.Period, Compared: w.Compared, AnyLine: o.Active == growth.AnyLine},
		Currency: c.Settings.Currency, Counted: counted, Mixed: c.mixed(),
	}
	var err error
	if in.Bands, err = ledger.Bands(ctx, in.Windows); err != nil {
		return base.Views{}, err
	}
	if in.Deciles, err = ledger.Deciles(ctx, in.Windows); err != nil {
		return base.Views{}, err
	}
	if in.Moves, err = ledger.Moves(ctx, in.Windows); err != nil {
		return base.Views{}, err
	}
	if in.Groups, err = ledger.Groups(ctx, in.Windows); err != nil {
		return base.Views{}, err
	}
	return in.State()
}

// mixed tells whether revenue is made of subscriptions, so that orders do not
// explain it.
func (c *Closer) mixed() bool {
	return c.Settings.Basis == "subscriptions" || c.Settings.Basis == "both"
}

// gridKinds are the spans by which cohorts are shown beside a period of a kind.
func gridKinds(kind calendar.Kind) []calendar.Kind {
	switch kind {
	case calendar.FiscalPeriods, calendar.FiscalQuarters, calendar.FiscalYears:
		return []calendar.Kind{calendar.FiscalPeriods, calendar.FiscalQuarters, calendar.FiscalYears}
	}
	return []calendar.Kind{calendar.Months, calendar.Quarters, calendar.Years}
}

func (c *Closer) gridBlock(g grid) gridBlock {
	return gridBlock{Name: g.kind, Spans: names(g.spans), Rows: c.gridRows(g.cells, names(g.spans))}
}

func names(spans []calendar.Named) []string {
	out := []string{}
	for _, s := range spans {
		out = append(out, s.Text)
	}
	return out
}

// gridRows groups cells, which come ordered by cohort and span.
func (c *Closer) gridRows(cells []base.Cell, spans []string) []gridRow {
	places := c.Settings.Currency.Places()
	rows := []gridRow{}
	for _, cell := range cells {
		from := max(cell.First, 0)
		name := "before"
		if cell.First >= 0 {
			name = spans[cell.First]
		}
		if n := len(rows); n == 0 || rows[n-1].Name != name {
			rows = append(rows, emptyRow(name, len(spans)-from, places, c.mixed()))
		}
		row := &rows[len(rows)-1]
		at := cell.Span - from
		row.Active[at], row.Revenue[at] = cell.Customers, cell.Revenue.Text(places)
		if !c.mixed() {
			row.Orders[at] = &cell.Orders
		}
		if row.Profit[at] = nil; cell.Unknown == 0 {
			text := cell.Profit.Text(places)
			row.Profit[at] = &text
		}
	}
	return rows
}

// emptyRow is a cohort that did nothing.
func emptyRow(name string, spans, places int, mixed bool) gridRow {
	zero := money.Amount{}.Text(places)
	row := gridRow{Name: name, Active: make([]int64, spans), Orders: make([]*int64, spans), Revenue: make([]string, spans), Profit: make([]*string, spans)}
	for i := range spans {
		if row.Revenue[i], row.Profit[i] = zero, &zero; !mixed {
			row.Orders[i] = new(int64)
		}
	}
	return row
}
