package closing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
)

// cohortBlock is customers by the span in which they first bought, and what
// each cohort did in each span: customers active and revenue.
type cohortBlock struct {
	Kind  calendar.Kind `json:"kind"`
	Spans []string      `json:"spans"`
	Rows  []cohortRow   `json:"cohorts"`
}

type cohortRow struct {
	First  string      `json:"first_purchase"` // a span, or "before" them all
	Tenure []cohortAge `json:"ages"`
}

type cohortAge struct {
	Span    string `json:"span"`
	Age     *int   `json:"age"` // in spans; null for the cohort before them all
	Active  int64  `json:"active"`
	Revenue string `json:"revenue"`
}

// maxCohortSpans is how many spans back the cohorts go.
const maxCohortSpans = 24

// grid is what cohorts did in each of the last spans of a kind.
type grid struct {
	kind   calendar.Kind
	spans  []calendar.Named // those that are shown
	cells  []base.Cell      // by cohort and span, as indices of spans; −1 before them all
	locked *evidence.Locked // says why there are none; nil: there are
}

// gridder gives the grid of a kind of spans that end with a close's period.
type gridder func(calendar.Kind) (grid, error)

// grids asks for each grid of a close once.
func (c *Closer) grids(ctx context.Context, ledger Ledger, state State, o Order) gridder {
	asked := map[calendar.Kind]grid{}
	return func(kind calendar.Kind) (grid, error) {
		if g, ok := asked[kind]; ok {
			return g, nil
		}
		g, err := c.grid(ctx, ledger, state, o, kind)
		if err == nil {
			asked[kind] = g
		}
		return g, err
	}
}

// cohorts asks for the spans of the period's own kind that end with it: years
// for a year, quarters for a quarter, months for a month.
func (c *Closer) cohorts(o Order, grids gridder) (any, error) {
	kind := o.Named.Kind
	if kind == calendar.Ranges || kind == calendar.Weeks {
		kind = calendar.Months
	}
	g, err := grids(kind)
	switch {
	case err != nil:
		return nil, err
	case g.locked != nil:
		return *g.locked, nil
	}
	block := cohortBlock{Kind: kind}
	for _, s := range g.spans {
		block.Spans = append(block.Spans, s.Text)
	}
	block.Rows = cohortRows(g.cells, block.Spans, c.Settings.Currency.Places())
	return block, nil
}

// grid asks for the whole spans of a kind up to the period's end.
func (c *Closer) grid(ctx context.Context, ledger Ledger, state State, o Order, kind calendar.Kind) (grid, error) {
	without := func(why, unlockedBy string) (grid, error) {
		return grid{kind: kind, locked: &evidence.Locked{Refused: why, UnlockedBy: unlockedBy}}, nil
	}
	first, ok := c.firstDay(state)
	if !ok || first >= o.Named.End {
		return without("there are no lines up to the period's end", "orders")
	}
	spans, err := c.Settings.Calendar.Split(kind, calendar.Period{Start: first, End: o.Named.End})
	if err != nil {
		return without(err.Error(), "a calendar file that reaches back to "+first.String())
	}
	if len(spans) > 0 && spans[len(spans)-1].End > o.Named.End {
		spans = spans[:len(spans)-1] // a range may end within a month
	}
	for len(spans) > 0 && c.outlived(state, growth.Windows{Compared: spans[0].Period, Period: spans[0].Period}) != nil {
		spans = spans[1:] // part of its rows is dropped
	}
	if len(spans) == 0 {
		return without("no whole "+string(kind)+" lie in the books up to the period's end", "orders")
	}
	cells, err := c.columns(ctx, ledger, state, spans, o.Active)
	shown := max(0, len(spans)-maxCohortSpans)
	return grid{kind: kind, spans: spans[shown:], cells: recent(cells, shown)}, err
}

// columns gives the cells of the last spans: kept ones where no line up to
// their end has changed, the others by asking.
func (c *Closer) columns(ctx context.Context, ledger Ledger, state State, spans []calendar.Named, active growth.Active) ([]base.Cell, error) {
	var firsts, missing []calendar.Period
	var places []int
	columns := make([][]base.Cell, len(spans))
	keys := make([]string, len(spans))
	for i, s := range spans {
		firsts = append(firsts, s.Period)
		if i < len(spans)-maxCohortSpans {
			continue
		}
		keys[i] = c.columnKey(state, spans, s, active)
		kept, ok, err := c.Seals.Cohorts(ctx, keys[i])
		switch {
		case err != nil:
			return nil, err
		case !ok:
			missing, places = append(missing, s.Period), append(places, i)
		default:
			if err := json.Unmarshal(kept, &columns[i]); err != nil {
				return nil, fmt.Errorf("read kept cohorts: %w", err)
			}
		}
	}
	asked, err := ledger.Cohorts(ctx, firsts, missing, active == growth.AnyLine)
	if err != nil {
		return nil, err
	}
	for _, cell := range asked {
		cell.Span = places[cell.Span]
		columns[cell.Span] = append(columns[cell.Span], cell)
	}
	var all []base.Cell
	for i, column := range columns {
		if slices.Contains(places, i) {
			data, err := json.Marshal(column)
			if err != nil {
				return nil, fmt.Errorf("keep cohorts: %w", err)
			}
			if err := c.Seals.KeepCohorts(ctx, keys[i], data); err != nil {
				return nil, err
			}
		}
		all = append(all, column...)
	}
	slices.SortFunc(all, func(a, b base.Cell) int {
		if a.First != b.First {
			return a.First - b.First
		}
		return a.Span - b.Span
	})
	return all, nil
}

// columnKey identifies what a column was computed from: lines up to the span's
// end, and all that is known of customers at the end of the last span.
func (c *Closer) columnKey(state State, spans []calendar.Named, span calendar.Named, active growth.Active) string {
	prints := c.prints(state, calendar.MonthOf(span.End-1).String())
	for _, other := range []string{"answers", "controls", "costs", "interactions"} { // of which no cohort is made
		delete(prints, other)
	}
	last := spans[len(spans)-1].End
	if links := c.prints(state, calendar.MonthOf(last-1).String())["customer_links"]; links != nil {
		prints["customer_links"] = links
	}
	data, err := json.Marshal(struct {
		Columns  int // changes with what a column means
		First    calendar.Period
		Span     calendar.Named
		AsOf     *calendar.Day `json:",omitempty"` // of the links, when there are any
		Active   growth.Active
		Settings map[string]string
		Method   string
		Books    map[string]map[string]Print
	}{3, spans[0].Period, span, asOf(prints, last), active, c.settings(), state.Method, prints})
	if err != nil {
		panic(err) // strings, numbers and days always encode
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func asOf(prints map[string]map[string]Print, last calendar.Day) *calendar.Day {
	if len(prints["customer_links"]) == 0 {
		return nil
	}
	return &last
}

// recent joins the cohorts before the first span shown to the one before all.
func recent(cells []base.Cell, shown int) []base.Cell {
	older := map[int]*base.Cell{}
	var out []base.Cell
	for _, cell := range cells {
		cell.First, cell.Span = cell.First-shown, cell.Span-shown
		if cell.First >= 0 {
			out = append(out, cell)
			continue
		}
		cell.First = -1
		if sum := older[cell.Span]; sum != nil {
			sum.Sums = sum.Add(cell.Sums)
			continue
		}
		older[cell.Span] = &cell
	}
	var before []base.Cell
	for _, span := range slices.Sorted(maps.Keys(older)) {
		before = append(before, *older[span])
	}
	return append(before, out...)
}

// cohortRows groups cells, which come ordered by cohort and span.
func cohortRows(cells []base.Cell, spans []string, places int) []cohortRow {
	var rows []cohortRow
	last := -2
	for _, cell := range cells {
		if cell.First != last {
			name := "before"
			if cell.First >= 0 {
				name = spans[cell.First]
			}
			rows = append(rows, cohortRow{First: name})
			last = cell.First
		}
		age := cohortAge{Span: spans[cell.Span], Active: cell.Customers, Revenue: cell.Revenue.Text(places)}
		if cell.First >= 0 {
			n := cell.Span - cell.First
			age.Age = &n
		}
		rows[len(rows)-1].Tenure = append(rows[len(rows)-1].Tenure, age)
	}
	return rows
}
