package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"math/big"
	"slices"

	"github.com/throughline/throughline/journey"
)

// Answered answers journey.Ledger.
func (l *Ledger) Answered(ctx context.Context, q journey.Question) ([]journey.Answered, error) {
	if len(q.Spans) == 0 || len(within(l.from.Answers, q.Spans, false)) == 0 || !l.has["answers"]["score"] {
		return nil, nil
	}
	p, err := l.parting(ctx, q)
	if err != nil {
		return nil, err
	}
	columns := []column{{"touchpoint", "VARCHAR"}, {"question", "VARCHAR"}, {"scale", "VARCHAR"}, {"score", "DECIMAL(18,6)"}, {"customer_key", "INTEGER"}, {"comment", "VARCHAR"}}
	rows := func(of []column) string { return l.during("answers", "answered_at", l.from.Answers, q.Spans, of) }
	if err := l.lead(ctx, rows(columns[:1])); err != nil {
		return nil, err
	}
	if err := l.e.asked(ctx, rows(columns[1:4])); err != nil {
		return nil, err
	}
	said := "SELECT * FROM (" + rows(columns) + ") WHERE score IS NOT NULL"
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW said AS "+l.partedRows(p, said, []string{"x.question", "coalesce(x.scale, '') AS scale", "x.score", "x.comment IS NOT NULL AS worded"})); err != nil {
		return nil, err
	}
	query, err := question("touchpoint_answers.sql", nil)
	if err != nil {
		return nil, err
	}
	var out []journey.Answered
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var part int
		var a journey.Answered
		var u, s [4]string
		if err := r.Scan(&part, &a.Question, &a.Scale, &a.N, &a.Unread, &a.Customers, &a.Comments, &a.Low, &a.Middle, &a.High, &u[0], &u[1], &u[2], &u[3], &s[0], &s[1], &s[2], &s[3], &a.Unit.NN); err != nil {
			return err
		}
		a.Part = p.of(part)
		a.Score.NN = a.Unit.NN
		plain := func(n *big.Int) *big.Rat { return new(big.Rat).SetInt(n) }
		fill := func(m *journey.Mean, texts [4]string, single, double func(*big.Int) *big.Rat) {
			m.N, m.Sum, m.Squares, m.SumSum, m.SumN = a.N, single(whole(texts[0])), double(whole(texts[1])), double(whole(texts[2])), single(whole(texts[3]))
		}
		fill(&a.Unit, u, plain, plain)
		fill(&a.Score, s, millionths, squaredMillionths)
		out = append(out, a)
		return nil
	})
	slices.SortFunc(out, func(a, b journey.Answered) int {
		return cmp.Or(byPart(a.Part, b.Part), cmp.Compare(a.Question, b.Question), cmp.Compare(a.Scale, b.Scale))
	})
	return out, err
}

// asked makes the table of what is asked in answers (question, scale, score).
func (e *Engine) asked(ctx context.Context, answers string) error {
	query, err := question("touchpoint_asked.sql", map[string]any{"Answers": answers, "Question": foldedSQL("said"), "Scale": foldedSQL("written"), "Form": scalePattern})
	if err != nil {
		return err
	}
	return e.exec(ctx, "CREATE OR REPLACE TEMP TABLE asked AS "+query)
}
