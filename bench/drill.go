package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// drillBooks maps what drill simulates: the lines, and who the customers are
// and what they said.
const drillBooks = `company: Simulated Ltd (simulated customers)
settings: {currency: GBP, timezone: UTC}
books:
  customers:
    from: customers.parquet
    columns: {customer_id: customer_id, name: name, email: email, segment: segment, acquired_on: acquired_on, acquired_via: acquired_via}
  customer_links:
    from: links.parquet
    columns: {old_id: old_id, new_id: new_id, since: since}
  orders:
    from: lines/*.parquet
    columns: {customer_id: customer_id, ordered_at: ordered_at, amount: amount}
  answers:
    from: answers.parquet
    columns: {answer_id: answer_id, answered_at: answered_at, question: question, score: score, customer_id: customer_id, comment: comment}
`

// drillSettings are the flags of drill.
type drillSettings struct {
	settings
	rate    float64
	seconds int
	folder  string // of books that stand already
}

func readDrill(args []string) (drillSettings, error) {
	var s drillSettings
	f := flag.NewFlagSet("bench drill", flag.ContinueOnError)
	f.Int64Var(&s.lines, "lines", 100_000_000, "order lines in the eight years")
	f.Int64Var(&s.customers, "customers", 0, "customers (default: a tenth of the lines)")
	f.StringVar(&s.dir, "dir", "", "folder to work in (default: a temporary one)")
	f.BoolVar(&s.keep, "keep", false, "leave the folder as it is at the end")
	f.StringVar(&s.folder, "again", "", "ask the books in a folder that an earlier drill with --keep left")
	f.StringVar(&s.memory, "memory", "3GB", "memory limit of the import and the close")
	f.IntVar(&s.threads, "threads", runtime.NumCPU(), "threads of the engine")
	f.Float64Var(&s.rate, "rate", 20, "questions a second")
	f.IntVar(&s.seconds, "seconds", 60, "for how long")
	f.StringVar(&s.out, "out", "", "also write the report, as Markdown, to this file")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	s.skew, s.only = 1, "cold"
	if s.customers == 0 {
		s.customers = max(1, s.lines/10)
	}
	if f.NArg() > 0 || s.lines < 1000 || s.customers < 100 || s.customers > 99_999_999 || s.threads < 1 || s.rate <= 0 || s.seconds < 1 || s.seconds > 600 {
		return s, errors.New("usage: go run ./bench drill [--lines 1000 or more] [--rate above 0] [--seconds 1 to 600]; --help lists all")
	}
	return s, nil
}

// drill measures questions about single customers over books of size.
func drill(ctx context.Context, args []string, out io.Writer) (err error) {
	s, err := readDrill(args)
	if err != nil {
		return err
	}
	b := &bench{settings: s.settings}
	done, err := b.booksIn(s.folder, b.enough, func() error { return b.drillBooks(ctx) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	b.say("ask %g questions a second for %d s", s.rate, s.seconds)
	text, u, err := command(ctx, nil, b.self, "ask", "--dir", b.dir, "--rate", strconv.FormatFloat(s.rate, 'g', -1, 64), "--seconds", strconv.Itoa(s.seconds), "--threads", strconv.Itoa(s.threads))
	if err != nil {
		return err
	}
	var asked askedReport
	if err := json.Unmarshal(text, &asked); err != nil {
		return err
	}
	var report strings.Builder
	for _, line := range b.notes {
		fmt.Fprintln(&report, line)
	}
	asked.write(&report)
	fmt.Fprintf(&report, "\nThe whole process peaked at %d MB. %s; %s\n", u.peak>>20, machine(), time.Now().UTC().Format(time.DateOnly))
	return s.publish(report.String(), out)
}

// drillBooks simulates, imports and closes.
func (b *bench) drillBooks(ctx context.Context) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	b.say("simulate who %d customers are", b.customers)
	if _, _, err := command(ctx, nil, b.self, b.engineArgs("people", "--customers", fmt.Sprint(b.customers), "--dir", b.dir)...); err != nil {
		return err
	}
	if err := os.WriteFile(b.path("books.yaml"), []byte(drillBooks), 0o644); err != nil {
		return err
	}
	if err := os.Mkdir(b.path("data", "books"), 0o755); err != nil {
		return err
	}
	for _, verb := range [][]string{{"import"}, {"close", "--period", "2018-12"}} {
		b.say("%s", strings.Join(verb, " "))
		_, u, err := b.throughline(ctx, b.path("data", "books"), verb...)
		if err != nil {
			return err
		}
		b.notes = append(b.notes, fmt.Sprintf("`%s`: %.0f s, %.0f s of CPU, %d MB at most.", strings.Join(verb, " "), u.wall.Seconds(), u.cpu.Seconds(), u.peak>>20))
	}
	return nil
}

// people writes who the simulated customers are and what some of them said:
// one name in a hundred is shared by a hundredth of all, as in life.
func people(ctx context.Context, args []string) error {
	var e engineFlags
	var customers int64
	var dir string
	f := flag.NewFlagSet("bench people", flag.ContinueOnError)
	e.register(f)
	f.Int64Var(&customers, "customers", 0, "customers")
	f.StringVar(&dir, "dir", "", "folder")
	if err := f.Parse(args); err != nil {
		return err
	}
	id := "'C' || lpad(CAST(i AS VARCHAR), 8, '0')"
	first, last := syllables("hash(i, 'first')", 3000), syllables("hash(i, 'last')", 90_000)
	return e.engine(ctx, false, func(conn *sql.Conn) error {
		for name, query := range map[string]string{
			"customers": fmt.Sprintf(`SELECT %s AS customer_id, %s || ' ' || %s AS name, lower(%[2]s || '.' || %[3]s) || (i %% 1000) || '@example' || (i %% 50) || '.com' AS email,
				['north', 'south', 'east', 'west'][1 + i %% 4] AS segment, DATE '2010-06-01' + CAST(hash(i, 'day') %% 3000 AS INTEGER) AS acquired_on,
				['referral', 'reputation', 'paid', 'sales', 'unknown'][1 + CAST(hash(i, 'via') %% 5 AS INTEGER)] AS acquired_via
				FROM range(0, %d) t(i) WHERE hash(i, 'known') %% 50 > 0`, id, first, last, customers),
			"links": fmt.Sprintf(`SELECT 'C' || lpad(CAST(2 * i AS VARCHAR), 8, '0') AS old_id, 'C' || lpad(CAST(2 * i + 1 AS VARCHAR), 8, '0') AS new_id, DATE '2015-01-01' AS since
				FROM range(0, %d) t(i)`, customers/100),
			"answers": fmt.Sprintf(`SELECT 'A' || i AS answer_id, TIMESTAMP '2011-01-01' + to_seconds(CAST(hash(i, 'at') %% 252460800 AS BIGINT)) AS answered_at, 'nps' AS question,
				CAST(hash(i, 'score') %% 11 AS INTEGER) AS score, 'C' || lpad(CAST(hash(i, 'of') %% %d AS VARCHAR), 8, '0') AS customer_id,
				'they said ' || (hash(i, 'words') %% 100000) AS comment FROM range(0, %d) t(i)`, customers, customers/5),
		} {
			if _, err := conn.ExecContext(ctx, "COPY ("+query+") TO "+literal(filepath.Join(dir, name+".parquet"))+" (FORMAT parquet)"); err != nil {
				return err
			}
		}
		return nil
	})
}

// syllables is SQL of one of n made-up words, the first of them the commonest.
func syllables(hash string, n int) string {
	of := "['ba','ke','li','mo','nu','ra','se','ti','vo','zu','an','el','in','or','us','da','fe','gi','ho','ju','pa','qui','ro','sa','ta','ul','ve','wi','xa','yo']"
	// The k-th of n is drawn about 1/k as often as the first.
	k := fmt.Sprintf("CAST(floor(pow(%d, ((%s) %% 1000003) / 1000003.0)) AS BIGINT)", n, hash)
	return fmt.Sprintf("upper(%[1]s[1 + %[2]s %% 30][1:1]) || %[1]s[1 + %[2]s %% 30][2:] || %[1]s[1 + (%[2]s // 30) %% 30] || %[1]s[1 + (%[2]s // 900) %% 30] || CASE WHEN %[2]s > 27000 THEN %[1]s[1 + (%[2]s // 27000) %% 30] ELSE '' END", of, k)
}
