package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// After answers journey.Ledger: one pass over those who passed, and one over all lines.
func (l *Ledger) After(ctx context.Context, q journey.After) ([]journey.Stratum, error) {
	passed := q.Question
	passed.Spans = []calendar.Period{q.Passed}
	if len(l.from.Interactions) == 0 {
		return nil, nil
	}
	if err := l.prepare(ctx, []calendar.Period{{Start: firstDay, End: q.Passed.End}, q.Next}, growth.Net); err != nil {
		var lacks *engine.Unanswerable
		if errors.As(err, &lacks) { // of lines that may lie before everything that the close needs
			return nil, evidence.Refusal{Reason: lacks.What, Need: lacks.Do}
		}
		return nil, err
	}
	p, err := l.parting(ctx, passed)
	if err != nil {
		return nil, err
	}
	if err := l.met(ctx, p); err != nil {
		return nil, err
	}
	if q.Subscribed {
		if err := l.subscribed(ctx, q.Next); err != nil {
			return nil, err
		}
	}
	query, err := question("touchpoint_stood.sql", map[string]any{
		"End": date(q.Passed.End), "NextStart": date(q.Next.Start), "NextEnd": date(q.Next.End), "Running": q.Subscribed,
		"Segments": journey.MostSegments, "Tenures": journey.Tenures, "Purchases": journey.Purchases, "Since": journey.Since,
	})
	if err != nil {
		return nil, err
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE stood AS "+query); err != nil {
		return nil, err
	}
	return l.strata(ctx, p)
}

// subscribed makes the view running of the subscriptions that run on the last day of a period.
func (l *Ledger) subscribed(ctx context.Context, next calendar.Period) error {
	query := "SELECT CAST(NULL AS BIGINT) AS unit WHERE FALSE"
	if len(l.from.Subscriptions) > 0 {
		values := map[string]any{"Files": l.e.files(paths(l.from.Subscriptions)), "PEnd": date(next.End), "Columns": join([]string{
			l.column("subscriptions", "ended_on", "DATE"), l.column("subscriptions", "plan", "VARCHAR"), l.column("subscriptions", "billed", "VARCHAR"),
		})}
		values["Unit"], values["Join"], values["Included"] = l.whose()
		var err error
		if query, err = question("loyalty_running.sql", values); err != nil {
			return err
		}
	}
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW running AS "+query)
}

// strata counts who stood, by touchpoint.
func (l *Ledger) strata(ctx context.Context, p parting) ([]journey.Stratum, error) {
	query, err := question("touchpoint_after.sql", map[string]any{"Brands": len(p.brands)})
	if err != nil {
		return nil, err
	}
	var out []journey.Stratum
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var s journey.Stratum
		var touchpoint, brand int
		var k journey.Alike
		if err := r.Scan(&touchpoint, &k.Segment, &brand, &k.Tenure, &k.Purchases, &k.Since, &s.Customers, &s.Again, &s.Revenue); err != nil {
			return err
		}
		k.Brand = p.brands[brand]
		s.Touchpoint, s.Name = p.touchpoints[touchpoint], k.String()
		out = append(out, s)
		return nil
	})
	slices.SortFunc(out, func(a, b journey.Stratum) int {
		return cmp.Or(cmp.Compare(a.Touchpoint, b.Touchpoint), cmp.Compare(a.Name, b.Name))
	})
	return out, err
}
