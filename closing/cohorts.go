package closing

import (
	"context"

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

// cohorts asks for the spans of the period's own kind that end with it: years
// for a year, quarters for a quarter, months for a month.
func (c *Closer) cohorts(ctx context.Context, ledger growth.Ledger, state State, o Order) (any, error) {
	first, ok := c.firstDay(state)
	if !ok || first >= o.Named.End {
		return evidence.Locked{Refused: "there are no lines up to the period's end", UnlockedBy: "orders"}, nil
	}
	kind := o.Named.Kind
	if kind == calendar.Ranges || kind == calendar.Weeks {
		kind = calendar.Months
	}
	spans, err := c.Settings.Calendar.Split(kind, calendar.Period{Start: first, End: o.Named.End})
	if err != nil {
		return evidence.Locked{Refused: err.Error(), UnlockedBy: "a calendar file that reaches back to " + first.String()}, nil
	}
	if len(spans) > 0 && spans[len(spans)-1].End > o.Named.End {
		spans = spans[:len(spans)-1] // a range may end within a month
	}
	if len(spans) > maxCohortSpans {
		spans = spans[len(spans)-maxCohortSpans:]
	}
	if len(spans) == 0 {
		return evidence.Locked{Refused: "no whole " + string(kind) + " lie in the books up to the period's end", UnlockedBy: "orders"}, nil
	}
	var periods []calendar.Period
	block := cohortBlock{Kind: kind}
	for _, s := range spans {
		periods = append(periods, s.Period)
		block.Spans = append(block.Spans, s.Text)
	}
	cells, err := ledger.Cohorts(ctx, periods, periods, o.Active)
	if err != nil {
		return nil, err
	}
	block.Rows = cohortRows(cells, block.Spans, c.Settings.Currency.Places())
	return block, nil
}

// cohortRows groups cells, which come ordered by cohort and span.
func cohortRows(cells []growth.CohortCell, spans []string, places int) []cohortRow {
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
		age := cohortAge{Span: spans[cell.Span], Active: cell.Active, Revenue: cell.Revenue.Text(places)}
		if cell.First >= 0 {
			n := cell.Span - cell.First
			age.Age = &n
		}
		rows[len(rows)-1].Tenure = append(rows[len(rows)-1].Tenure, age)
	}
	return rows
}
