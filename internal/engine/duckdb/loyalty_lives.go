package duckdb

import (
	"context"
	"database/sql"

	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/loyalty"
)

// Lives answers loyalty.Ledger of the histories that the equity statement of the same close has made; of others it makes them.
func (l *Ledger) Lives(ctx context.Context, w loyalty.Windows, q loyalty.Question, visit func(loyalty.Life) error) error {
	if !l.lived.made || l.lived.q.Until != w.Period.End {
		if err := l.live(ctx, equity.Question{Opened: w.Period.Start, Until: w.Period.End, Cut: w.Period.Start}); err != nil {
			return err
		}
	}
	if err := l.attitudes(ctx, w); err != nil {
		return err
	}
	names := l.lived.segments
	query, err := question("loyalty_lives.sql", map[string]any{"Until": date(w.Period.End), "Segment": among(l.lived.segment, names), "Question": literal(string(q))})
	if err != nil {
		return err
	}
	return l.e.each(ctx, query, func(r *sql.Rows) error {
		var x loyalty.Life
		var segment int
		if err := r.Scan(&x.Repeats, &x.Last, &x.Age, &x.Mean, &segment, &x.Behaviour, &x.Grade, &x.Together); err != nil {
			return err
		}
		if x.Others = segment == equity.Rest; !x.Others {
			x.Segment = names[segment]
		}
		return visit(x)
	})
}
