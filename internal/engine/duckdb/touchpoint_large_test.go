package duckdb

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// largeMonth writes the contacts, answers and remarks of one of 24 months of so many contacts over 500 touchpoints and 400,000 customers.
func (s *stager) largeMonth(t *testing.T, v engine.View, month calendar.Month, rows int64) {
	t.Helper()
	first := month.First()
	days := int64(month.Next().First() - first)
	for _, b := range []struct {
		name, query string
		rows        int64
	}{
		{"interactions", `SELECT 'i' || i AS interaction_id, moment AS started_at, 'Desk ' || CAST(h % 500 AS VARCHAR) AS touchpoint, CASE WHEN h % 10 > 0 THEN CAST(1 + (h // 7) % 400000 AS INTEGER) END AS customer_key,
			CAST((h // 11) % 900 AS DECIMAL(18,6)) AS wait_seconds, CAST(60 + (h // 13) % 600 AS DECIMAL(18,6)) AS handle_seconds, h % 20 = 1 AS abandoned, CAST(h % 3 AS DECIMAL(18,6)) AS transfers, h % 7 > 0 AS resolved, h % 30 = 2 AS reopened, h % 6 = 3 AS contained`, rows},
		{"answers", `SELECT 'a' || i AS answer_id, moment AS answered_at, CASE WHEN h % 2 = 0 THEN 'nps' ELSE 'csat' END AS question, CAST(1 + h % 5 AS DECIMAL(18,6)) AS score, CAST(1 + (h // 7) % 400000 AS INTEGER) AS customer_key,
			'desk ' || CAST(h % 500 AS VARCHAR) AS touchpoint, CASE WHEN h % 3 = 0 THEN 'I waited for ' || CAST(h % 1000 AS VARCHAR) || ' minutes and nobody could say why the parcel was not there' END AS comment`, rows / 5},
		{"remarks", `SELECT 'r' || i AS remark_id, moment AS received_at, 'The ' || CAST(h % 1000 AS VARCHAR) || 'th time that I write about this' AS text, 'email' AS channel, CAST(1 + (h // 7) % 400000 AS INTEGER) AS customer_key, 'desk ' || CAST(h % 500 AS VARCHAR) AS touchpoint`, rows / 20},
	} {
		p := engine.Part{Path: fmt.Sprintf("%s-%s.parquet", b.name, month), Month: month, Rows: b.rows, First: first, Last: month.Next().First() - 1}
		query := fmt.Sprintf("COPY (%s FROM (SELECT i, hash(i, %d) AS h, CAST(%s AS TIMESTAMP) + to_seconds(CAST(hash(%d, i) %% %d AS BIGINT)) AS moment FROM range(%d) r (i)) ORDER BY customer_key) TO %s (FORMAT parquet)",
			b.query, month, date(first), month, days*86400, b.rows, literal(filepath.Join(s.e.dir, p.Path)))
		if err := s.e.exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
		v.Books[b.name] = append(v.Books[b.name], p)
	}
}

// TestTouchpointsAtSize measures the answers about touchpoints on as many contacts as THROUGHLINE_CONTACTS says.
func TestTouchpointsAtSize(t *testing.T) {
	n, err := strconv.ParseInt(cmp.Or(os.Getenv("THROUGHLINE_CONTACTS"), "0"), 10, 64)
	if err != nil || n <= 0 {
		t.Skip("set THROUGHLINE_CONTACTS to a number of contacts to measure")
	}
	e, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := &stager{e: e}
	v := engine.View{Books: map[string][]engine.Part{}}
	begun := calendar.MonthOf(calendar.DayOf(2024, 1, 1))
	for i := range calendar.Month(24) {
		s.largeMonth(t, v, begun+i, n/24)
	}
	if err := e.exec(t.Context(), "COPY (SELECT 'c' || i AS id, CAST(i AS INTEGER) AS key FROM range(1, 400001) r (i)) TO "+literal(filepath.Join(e.dir, "keys.parquet"))+" (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	v.Keys = []engine.Part{{Path: "keys.parquet", Rows: 400000}}
	r, err := OpenReader(t.Context(), ReaderOptions{Dir: e.dir, Small: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	measure := func(what string, times int, do func() (int, error)) {
		t.Helper()
		took := make([]time.Duration, times)
		rows := 0
		for i := range took {
			at := time.Now()
			if rows, err = do(); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			took[i] = time.Since(at)
		}
		slices.Sort(took)
		t.Logf("%-60s %6d rows, median %8.1f ms, slowest %8.1f ms", what, rows, float64(took[times/2].Microseconds())/1000, float64(took[times-1].Microseconds())/1000)
	}
	measure("prepare the counts and words of 24 months", 1, func() (int, error) { return 0, r.PrepareTouchpoints(t.Context(), v) })
	fewer := engine.View{Books: map[string][]engine.Part{}, Keys: v.Keys}
	for book, parts := range v.Books {
		fewer.Books[book] = parts[:23]
	}
	measure("prepare 23 of them again", 1, func() (int, error) { return 0, r.PrepareTouchpoints(t.Context(), fewer) })
	measure("prepare the customers", 1, func() (int, error) { return 0, r.prepareIndex(t.Context(), v) })
	all := calendar.Period{Start: begun.First(), End: (begun + 24).First()}
	month := calendar.Period{Start: (begun + 20).First(), End: (begun + 21).First()}
	year := calendar.Period{Start: (begun + 12).First(), End: (begun + 24).First()}
	desk := []string{"desk 123"}
	measure("all touchpoints, one month, by day", 9, func() (int, error) {
		d, err := r.TouchpointDays(t.Context(), v, nil, month)
		return len(d), err
	})
	measure("all touchpoints, one month, added up", 9, func() (int, error) {
		d, err := r.TouchpointSums(t.Context(), v, nil, month)
		return len(d), err
	})
	measure("all touchpoints, one year, added up", 9, func() (int, error) {
		d, err := r.TouchpointSums(t.Context(), v, nil, year)
		return len(d), err
	})
	measure("one touchpoint, 24 months, by day", 9, func() (int, error) {
		d, err := r.TouchpointDays(t.Context(), v, desk, all)
		return len(d), err
	})
	measure("one touchpoint, 50 words", 9, func() (int, error) {
		w, err := r.Words(t.Context(), v, engine.TouchpointWords{Names: desk, Period: all, Seer: seesAll})
		return len(w), err
	})
	measure("all touchpoints, 50 words", 9, func() (int, error) {
		w, err := r.Words(t.Context(), v, engine.TouchpointWords{Period: all, Seer: seesAll})
		return len(w), err
	})
	l, err := e.Ledger(t.Context(), engine.Ledger{Currency: home, Grain: "customer", Basis: "orders", AsOf: all.End, Interactions: v.Books["interactions"], Answers: v.Books["answers"], Remarks: v.Books["remarks"], Keys: paths(v.Keys)})
	if err != nil {
		t.Fatal(err)
	}
	q := journey.Question{Rest: "all", Within: []int64{60, 300}, Spans: []calendar.Period{{Start: all.Start, End: year.Start}, year}}
	for i := range 500 {
		q.Places = append(q.Places, journey.Place{Name: fmt.Sprintf("desk %d", i), Touchpoint: fmt.Sprintf("t%d", i)})
	}
	measure("the close: touched, two years", 1, func() (int, error) { a, err := l.Touched(t.Context(), q); return len(a), err })
	measure("the close: answered", 1, func() (int, error) { a, err := l.Answered(t.Context(), q); return len(a), err })
	measure("the close: named", 1, func() (int, error) { a, err := l.Named(t.Context(), q); return len(a), err })
	measure("the close: after", 1, func() (int, error) {
		a, err := l.After(t.Context(), journey.After{Question: q, Passed: q.Spans[0], Next: q.Spans[1]})
		return len(a), err
	})
}
