package duckdb

import (
	"context"

	"github.com/throughline/throughline/internal/engine"
)

// referrers works out who brought whom and how much they are worth, each
// customer for itself whatever the grain of the statement, as Referrals counts
// them. It comes last: it makes the tables of a coarser grain anew.
func (s *standings) referrers(ctx context.Context) (err error) {
	t := totals{Sum: "0"}
	defer func() { s.stood.Totals[engine.Referrers] = t }()
	if !s.l.has["customers"]["referred_by"] {
		return nil
	}
	own, back, err := s.l.asCustomers(ctx)
	if err != nil {
		return err
	}
	defer func() { err = closing(err, back) }()
	// The coverage has prepared its own lines.
	if err := own.prepare(ctx, spans(s.w), s.active); err != nil {
		return err
	}
	if err := own.forest(ctx, s.w.Period.End); err != nil {
		return err
	}
	if err := own.fates(ctx, s.w, s.active); err != nil {
		return err
	}
	query, err := question("referrers.sql", nil)
	if err != nil {
		return err
	}
	if err := s.l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE referrer AS "+query); err != nil {
		return err
	}
	if err := s.l.e.one(ctx, "SELECT count(*), CAST(coalesce(sum(stake), 0) AS VARCHAR) FROM referrer", &t.Units, &t.Sum); err != nil || t.Units == 0 {
		return err
	}
	return s.files(ctx, engine.Referrers, t.Units, `SELECT row_number() OVER (ORDER BY abs(stake) DESC, `+s.ties+`) AS rank, CAST(unit AS INTEGER) AS customer,
		CAST(NULL AS VARCHAR) AS grouped, CAST(NULL AS VARCHAR) AS entity, state, via, how, r0, r1, stake, brought, depth, chain FROM referrer ORDER BY rank`)
}
