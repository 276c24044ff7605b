package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/engine"
)

// mostQuiet is how many of those who have gone quiet are listed, those with the most at stake.
const mostQuiet = 10_000

// silent is somebody who has gone quiet.
type silent struct {
	unit             int64
	stake, alive     float64
	purchases, since int64
}

// quiet works out who has gone quiet by the sealed models. It comes last, because it makes the views of lines anew.
func (s *standings) quiet(ctx context.Context) error {
	s.stood.Totals[engine.Quiet] = totals{Sum: "0"}
	if s.verdict == nil || s.l.from.Basis == "subscriptions" {
		return nil
	}
	q := equity.Question{Opened: s.w.Period.Start, Until: s.w.Period.End, Cut: s.w.Period.Start}
	var lacks evidence.Refusal
	if err := s.l.live(ctx, q); errors.As(err, &lacks) {
		return nil
	} else if err != nil {
		return err
	}
	found, err := s.silent(ctx, q)
	if err != nil || len(found) == 0 {
		return err
	}
	if err := s.l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE silent (unit BIGINT, stake DECIMAL(38,6), brought BIGINT, depth BIGINT, chain DECIMAL(38,6))"); err != nil {
		return err
	}
	for rows := range slices.Chunk(found, 1000) {
		values := make([]string, len(rows))
		for i, r := range rows {
			values[i] = fmt.Sprintf("(%d, %s, %d, %d, %s)", r.unit, strconv.FormatFloat(r.stake, 'f', 2, 64), r.purchases, r.since, strconv.FormatFloat(r.alive, 'f', 6, 64))
		}
		if err := s.l.e.exec(ctx, "INSERT INTO silent VALUES "+strings.Join(values, ", ")); err != nil {
			return err
		}
	}
	var t totals
	if err := s.l.e.one(ctx, "SELECT count(*), CAST(sum(stake) AS VARCHAR) FROM silent", &t.Units, &t.Sum); err != nil {
		return err
	}
	s.stood.Totals[engine.Quiet] = t
	customer, group, entity, join := s.named()
	// The columns are those of the referrers: purchases, days since the last, and the probability of being a customer still.
	return s.files(ctx, engine.Quiet, t.Units, fmt.Sprintf(`SELECT x.rank, %s AS customer, %s AS grouped, %s AS entity, coalesce(p.state, 'idle') AS state, '' AS via, '' AS how, coalesce(p.r0, 0) AS r0, coalesce(p.r1, 0) AS r1,
		x.stake, x.brought, x.depth, x.chain FROM (SELECT *, row_number() OVER (ORDER BY stake DESC, %s) AS rank FROM silent) x LEFT JOIN standing p ON p.unit = x.unit%s ORDER BY x.rank`,
		customer, group, entity, s.ties, join))
}

// silent are those with the most at stake, in no order of their own where they are equal.
func (s *standings) silent(ctx context.Context, q equity.Question) ([]silent, error) {
	margins := map[string]float64{}
	for _, m := range s.verdict.Margins {
		margins[m.Segment] = m.Margin
	}
	var found []silent
	query := fmt.Sprintf(`SELECT h.unit, n - 1, last - first, %s - 1 - first, CAST(s - f AS DOUBLE) / (n - 1), %s FROM history h LEFT JOIN origin o ON o.unit = h.unit WHERE n > 1`, date(q.Until), s.l.lived.segment)
	most := func(n int) {
		slices.SortFunc(found, func(a, b silent) int { return cmp.Or(cmp.Compare(b.stake, a.stake), cmp.Compare(a.unit, b.unit)) })
		found = found[:min(len(found), n)]
	}
	err := s.l.e.each(ctx, query, func(r *sql.Rows) error {
		var unit int64
		var h clv.History
		var mean float64
		var segment string
		if err := r.Scan(&unit, &h.Repeats, &h.Last, &h.Age, &mean, &segment); err != nil {
			return err
		}
		margin, ok := margins[segment]
		if !ok {
			margin = s.verdict.Margin
		}
		alive, worth := s.verdict.Judge(h, mean, margin)
		if stake, quiet := equity.Quiet(h.Repeats, alive, worth); quiet && math.Round(stake*100) > 0 {
			if found = append(found, silent{unit, stake, alive, h.Repeats + 1, int64(h.Age - h.Last)}); len(found) > 4*mostQuiet {
				most(mostQuiet)
			}
		}
		return nil
	})
	most(mostQuiet)
	return found, err
}
