package closing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

// maxCohortSpans is how many spans back the cohorts go, and maxGroupSpans how
// many those of groups: each group costs a document as much as all.
const (
	maxCohortSpans = 24
	maxGroupSpans  = 12
)

// grid is what cohorts did in each of the last spans of a kind.
type grid struct {
	kind   calendar.Kind
	spans  []calendar.Named // those that are shown
	cells  []base.Cell      // by cohort and span, as indices of spans; −1 before them all
	lately []calendar.Named // those by which groups are shown
	groups []base.Cell      // of all and of each group that is told, as indices of lately
	locked *evidence.Locked // says why there are none; nil: there are
}

// gridder gives the grid of a kind of spans that end with a close's period.
type gridder func(calendar.Kind) (grid, error)

// cutter cuts the customers of one close into cohorts.
type cutter struct {
	*Closer
	ledger Ledger
	state  State
	o      Order
	groups map[base.Dimension][]string // whose cohorts are told beside those of all
}

// grids asks for each grid of a close once.
func (c cutter) grids(ctx context.Context) gridder {
	asked := map[calendar.Kind]grid{}
	return func(kind calendar.Kind) (grid, error) {
		if g, ok := asked[kind]; ok {
			return g, nil
		}
		g, err := c.grid(ctx, kind)
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
	block := cohortBlock{Kind: kind, Spans: names(g.spans)}
	block.Rows = cohortRows(g.cells, block.Spans, c.Settings.Currency.Places())
	return block, nil
}

// grid asks for the whole spans of a kind up to the period's end.
func (c cutter) grid(ctx context.Context, kind calendar.Kind) (grid, error) {
	without := func(why, unlockedBy string) (grid, error) {
		return grid{kind: kind, locked: &evidence.Locked{Refused: why, UnlockedBy: unlockedBy}}, nil
	}
	end := c.o.Named.End
	first, ok := c.firstDay(c.state)
	if !ok || first >= end {
		return without("there are no lines up to the period's end", "orders")
	}
	spans, err := c.Settings.Calendar.Split(kind, calendar.Period{Start: first, End: end})
	if err != nil {
		return without(err.Error(), "a calendar file that reaches back to "+first.String())
	}
	if len(spans) > 0 && spans[len(spans)-1].End > end {
		spans = spans[:len(spans)-1] // a range may end within a month
	}
	for len(spans) > 0 && c.outlived(c.state, growth.Windows{Compared: spans[0].Period, Period: spans[0].Period}) != nil {
		spans = spans[1:] // part of its rows is dropped
	}
	if len(spans) == 0 {
		return without("no whole "+string(kind)+" lie in the books up to the period's end", "orders")
	}
	cells, err := c.columns(ctx, spans)
	if err != nil {
		return grid{}, err
	}
	shown, lately := max(0, len(spans)-maxCohortSpans), max(0, len(spans)-maxGroupSpans)
	g := grid{kind: kind, spans: spans[shown:], lately: spans[lately:]}
	var of []base.Cell
	for _, cell := range cells {
		if cell.Dimension == "" {
			g.cells = append(g.cells, cell)
		}
		if cell.Span >= lately {
			of = append(of, cell)
		}
	}
	g.cells, g.groups = recent(g.cells, shown), recent(of, lately)
	return g, nil
}

// columns gives the cells of the last spans: kept ones where no line up to
// their end has changed, the others by asking. The very last have groups.
func (c cutter) columns(ctx context.Context, spans []calendar.Named) ([]base.Cell, error) {
	var cells []base.Cell
	missing := map[bool][]int{} // columns by whether they have groups
	keys := make([]string, len(spans))
	for i := max(0, len(spans)-maxCohortSpans); i < len(spans); i++ {
		grouped := i >= len(spans)-maxGroupSpans
		keys[i] = c.columnKey(spans, i, grouped)
		kept, ok, err := c.Seals.Cohorts(ctx, keys[i])
		switch {
		case err != nil:
			return nil, err
		case !ok:
			missing[grouped] = append(missing[grouped], i)
		default:
			var column []base.Cell
			if err := json.Unmarshal(kept, &column); err != nil {
				return nil, fmt.Errorf("read kept cohorts: %w", err)
			}
			cells = append(cells, column...)
		}
	}
	for _, grouped := range []bool{false, true} {
		columns, err := c.ask(ctx, spans, missing[grouped], grouped)
		if err != nil {
			return nil, err
		}
		for _, i := range missing[grouped] {
			data, err := json.Marshal(columns[i])
			if err != nil {
				return nil, fmt.Errorf("keep cohorts: %w", err)
			}
			if err := c.Seals.KeepCohorts(ctx, keys[i], data); err != nil {
				return nil, err
			}
			cells = append(cells, columns[i]...)
		}
	}
	slices.SortFunc(cells, byCohort)
	return cells, nil
}

// ask asks for columns. Of groups it keeps no cohort that would be older than
// all spans that are shown, in this close or in a later one.
func (c cutter) ask(ctx context.Context, spans []calendar.Named, columns []int, grouped bool) (map[int][]base.Cell, error) {
	cut := base.Cut{AnyLine: c.o.Active == growth.AnyLine}
	for _, s := range spans {
		cut.Firsts = append(cut.Firsts, s.Period)
	}
	for _, i := range columns {
		cut.Spans = append(cut.Spans, spans[i].Period)
	}
	if grouped {
		cut.Groups = c.groups
	}
	asked, err := c.ledger.Cohorts(ctx, cut)
	if err != nil {
		return nil, err
	}
	out := map[int][]base.Cell{}
	for _, cell := range asked {
		cell.Span = columns[cell.Span]
		if cell.Dimension != "" && cell.First <= cell.Span-maxGroupSpans {
			cell.First = -1
		}
		out[cell.Span] = append(out[cell.Span], cell)
	}
	for i := range out {
		out[i] = recent(out[i], 0)
	}
	return out, nil
}

// columnKey identifies what a column was computed from: lines up to the span's
// end, and all that is known of customers at the end of the last span.
func (c cutter) columnKey(spans []calendar.Named, column int, grouped bool) string {
	span := spans[column]
	prints := c.prints(c.state, calendar.MonthOf(span.End-1).String())
	for _, other := range []string{"answers", "controls", "costs", "interactions"} { // of which no cohort is made
		delete(prints, other)
	}
	last := spans[len(spans)-1].End
	if links := c.prints(c.state, calendar.MonthOf(last-1).String())["customer_links"]; links != nil {
		prints["customer_links"] = links
	}
	var groups map[base.Dimension][]string
	if grouped {
		groups = c.groups
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
		Groups   map[base.Dimension][]string `json:",omitempty"`
	}{3, spans[0].Period, span, asOf(prints, last), c.o.Active, c.settings(), c.state.Method, prints, groups})
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
	type place struct {
		first, span, group int
		dimension          base.Dimension
	}
	at := map[place]int{}
	var out []base.Cell
	for _, cell := range cells {
		cell.First, cell.Span = max(cell.First-shown, -1), cell.Span-shown
		key := place{cell.First, cell.Span, cell.Group, cell.Dimension}
		if i, ok := at[key]; ok {
			out[i].Sums = out[i].Add(cell.Sums)
			continue
		}
		at[key] = len(out)
		out = append(out, cell)
	}
	slices.SortFunc(out, byCohort)
	return out
}

// byCohort orders cells by group, cohort and span.
func byCohort(a, b base.Cell) int {
	return cmp.Or(cmp.Compare(a.Dimension, b.Dimension), a.Group-b.Group, a.First-b.First, a.Span-b.Span)
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
