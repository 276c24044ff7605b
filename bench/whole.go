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
	"strings"
	"time"
)

// wholeBooks maps what a close of every statement reads.
const wholeBooks = `company: Simulated Ltd (simulated books)
settings: {currency: GBP, timezone: UTC, statement_basis: %s}
books:
  customers:
    from: customers.parquet
    columns: {customer_id: customer_id, segment: segment, entity: entity, acquired_on: acquired_on, acquired_via: acquired_via, referred_by: referred_by}
  orders:
    from: lines/*.parquet
    columns: {order_id: order_id, customer_id: customer_id, ordered_at: ordered_at, amount: amount, product: product, cost: cost}
  subscriptions:
    from: subscriptions.parquet
    columns: {subscription_id: subscription_id, customer_id: customer_id, plan: plan, started_on: started_on, ended_on: ended_on, monthly_amount: monthly_amount,
      end_reason: end_reason, billed: billed}
  interactions:
    from: interactions/*.parquet
    columns: {interaction_id: interaction_id, started_at: started_at, touchpoint: touchpoint, customer_id: customer_id, handle_seconds: handle_seconds, reason: reason}
  costs:
    from: costs.csv
    columns: {period: period, department: department, kind: kind, amount: amount, touchpoint: touchpoint}
`

// wholeSettings are the flags of whole.
type wholeSettings struct {
	settings
	contacts, contracts int64
	basis, period       string
	folder, built       string // books that stand, a program that is built
}

func readWhole(args []string) (wholeSettings, error) {
	var s wholeSettings
	f := flag.NewFlagSet("bench whole", flag.ContinueOnError)
	f.Int64Var(&s.lines, "lines", 100_000_000, "order lines in the eight years")
	f.Int64Var(&s.customers, "customers", 0, "customers (default: a tenth of the lines)")
	f.Int64Var(&s.contacts, "contacts", 0, "interactions in the eight years (default: as many as lines)")
	f.Int64Var(&s.contracts, "subscriptions", 0, "rows of subscriptions (default: as many as customers)")
	f.StringVar(&s.basis, "basis", "orders", "statement_basis: orders, subscriptions or both")
	f.StringVar(&s.period, "period", "2018", "period to close")
	f.StringVar(&s.dir, "dir", "", "folder to work in (default: a temporary one)")
	f.BoolVar(&s.keep, "keep", false, "leave the folder as it is at the end")
	f.StringVar(&s.folder, "again", "", "close the books in a folder that an earlier run with --keep left")
	f.StringVar(&s.memory, "memory", "3GB", "memory limit of the engine")
	f.IntVar(&s.threads, "threads", runtime.NumCPU(), "threads of the engine")
	f.StringVar(&s.built, "program", "", "a throughline that is built already (default: it is built)")
	f.StringVar(&s.out, "out", "", "also write the report, as Markdown, to this file")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	s.skew, s.only = 1, "cold"
	for n, share := range map[*int64]int64{&s.customers: 10, &s.contacts: 1, &s.contracts: 10} {
		if *n == 0 {
			*n = max(1, s.lines/share)
		}
	}
	if f.NArg() > 0 || s.lines < 1000 || s.customers < 100 || s.customers > 99_999_999 || s.threads < 1 || s.contacts < 1 || s.contracts < 1 {
		return s, errors.New("usage: go run ./bench whole [--lines 1000 or more]; --help lists all")
	}
	return s, nil
}

// whole measures the close of every statement over books of size, as whole
// processes and question by question, beside the bare group-by.
func whole(ctx context.Context, args []string, out io.Writer) (err error) {
	s, err := readWhole(args)
	if err != nil {
		return err
	}
	b := &bench{settings: s.settings, program: s.built}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	done, err := b.booksIn(s.folder, b.enough, func() error { return b.wholeBooks(ctx, s) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	b.say("close %s, question by question", s.period)
	text, u, err := command(ctx, nil, b.self, "questions", "--dir", b.dir, "--period", s.period, "--memory", s.memory, "--threads", fmt.Sprint(s.threads))
	if err != nil {
		return err
	}
	var asked watchedClose
	if err := json.Unmarshal(text, &asked); err != nil {
		return err
	}
	for _, q := range asked.Blocks {
		u.peak = max(u.peak, q.Peak) // to measure a block forgets the peak of those before
	}
	bareText, bareUse, err := command(ctx, nil, b.self, b.engineArgs("bare", "--glob", b.path("lines", "*.parquet"), "--q0", year2018.Q0, "--q1", year2018.Q1, "--p0", year2018.P0, "--p1", year2018.P1)...)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, bareText)
	}
	var report strings.Builder
	for _, line := range b.notes {
		fmt.Fprintln(&report, line)
	}
	fmt.Fprintf(&report, "\nClose of %s in a process of its own: %.0f s, %.0f s of CPU, %d MB at most; the bare group-by of two years of the same lines: %.0f s, %.0f s of CPU, %d MB; %.1f times its CPU.\n\n",
		s.period, u.wall.Seconds(), u.cpu.Seconds(), u.peak>>20, bareUse.wall.Seconds(), bareUse.cpu.Seconds(), bareUse.peak>>20, u.cpu.Seconds()/bareUse.cpu.Seconds())
	fmt.Fprintln(&report, "| block | wall s | CPU s | peak MB | ÷ bare CPU |\n| --- | ---: | ---: | ---: | ---: |")
	for _, q := range asked.Blocks {
		fmt.Fprintf(&report, "| %s | %.1f | %.1f | %d | %.2f |\n", q.Name, q.Wall, q.CPU, q.Peak>>20, q.CPU/bareUse.cpu.Seconds())
	}
	fmt.Fprintln(&report, "\n| question | asked | wall s | CPU s | ÷ bare CPU |\n| --- | ---: | ---: | ---: | ---: |")
	for _, q := range asked.Questions {
		fmt.Fprintf(&report, "| %s | %d | %.1f | %.1f | %.2f |\n", q.Name, q.Times, q.Wall, q.CPU, q.CPU/bareUse.cpu.Seconds())
	}
	fmt.Fprintf(&report, "\n%s; %s\n", machine(), time.Now().UTC().Format(time.DateOnly))
	return s.publish(report.String(), out)
}

// wholeBooks simulates and imports.
func (b *bench) wholeBooks(ctx context.Context, s wholeSettings) error {
	for _, name := range []string{"lines", "interactions", "data", "scratch"} {
		if err := os.Mkdir(b.path(name), 0o755); err != nil {
			return err
		}
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	b.say("simulate %d lines, %d interactions, %d rows of subscriptions of %d customers", b.lines, s.contacts, s.contracts, b.customers)
	if _, _, err := command(ctx, nil, b.self, b.engineArgs("company", "--lines", fmt.Sprint(b.lines), "--customers", fmt.Sprint(b.customers),
		"--contacts", fmt.Sprint(s.contacts), "--subscriptions", fmt.Sprint(s.contracts), "--dir", b.dir)...); err != nil {
		return err
	}
	if err := os.WriteFile(b.path("books.yaml"), fmt.Appendf(nil, wholeBooks, s.basis), 0o644); err != nil {
		return err
	}
	if err := os.Mkdir(b.path("data", "books"), 0o755); err != nil {
		return err
	}
	b.say("import")
	_, u, err := b.throughline(ctx, b.path("data", "books"), "import")
	b.notes = append(b.notes, fmt.Sprintf("`import` of all five books: %.0f s, %.0f s of CPU, %d MB at most.", u.wall.Seconds(), u.cpu.Seconds(), u.peak>>20))
	return err
}

// simulated are how many of each the simulated company has.
type simulated struct{ lines, customers, contacts, contracts int64 }

// companyOf writes the books of whole, the same for the same numbers.
func companyOf(ctx context.Context, args []string) error {
	var e engineFlags
	var n simulated
	var dir string
	f := flag.NewFlagSet("bench company", flag.ContinueOnError)
	e.register(f)
	f.Int64Var(&n.lines, "lines", 0, "lines")
	f.Int64Var(&n.customers, "customers", 0, "customers")
	f.Int64Var(&n.contacts, "contacts", 0, "interactions")
	f.Int64Var(&n.contracts, "subscriptions", 0, "rows of subscriptions")
	f.StringVar(&dir, "dir", "", "folder")
	if err := f.Parse(args); err != nil {
		return err
	}
	var costs strings.Builder
	costs.WriteString("period,department,kind,amount,touchpoint\n")
	for y := range years {
		for m := range 12 {
			for p, place := range touchpoints {
				fmt.Fprintf(&costs, "%d-%02d,service,serve,%d.00,%s\n", firstYear+y, m+1, n.contacts/(12*years)*int64(p+1)/4, place)
			}
			fmt.Fprintf(&costs, "%d-%02d,marketing,acquire,%d.00,\n", firstYear+y, m+1, n.customers/100)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "costs.csv"), []byte(costs.String()), 0o644); err != nil {
		return err
	}
	return e.engine(ctx, true, func(conn *sql.Conn) error {
		for _, q := range n.books() {
			if _, err := conn.ExecContext(ctx, "COPY ("+q.query+") TO "+literal(filepath.Join(dir, q.file))+" (FORMAT parquet)"); err != nil {
				return err
			}
		}
		return nil
	})
}

// touchpoints of the simulated company; each is called a little less than the one before.
var touchpoints = []string{"phone", "mail", "chat", "counter", "returns desk", "billing"}

type copiedTo struct{ file, query string }

// books are the queries of the files. Lines fall evenly on customers, two to
// an order; one order in 25 is taken back. A subscription has two rows on
// average, the later the dearer, and a third of them have ended.
func (n simulated) books() []copiedTo {
	id := func(number string) string { return "'C' || lpad(CAST(" + number + " AS VARCHAR), 8, '0')" }
	of := func(hash string) string { return id(fmt.Sprintf("hash(%s) %% %d", hash, n.customers)) }
	out := []copiedTo{
		{"customers.parquet", fmt.Sprintf(`SELECT %s AS customer_id, ['north', 'south', 'east', 'west', 'web'][1 + i %% 5] AS segment, ['Brand A', 'Brand B', 'Brand C'][1 + i %% 3] AS entity,
			DATE '2010-06-01' + CAST(hash(i, 'day') %% 3000 AS INTEGER) AS acquired_on,
			CASE WHEN hash(i, 'brought') %% 4 = 0 AND i > 0 THEN 'referral' ELSE ['reputation', 'paid', 'sales', 'unknown'][1 + CAST(hash(i, 'via') %% 4 AS INTEGER)] END AS acquired_via,
			CASE WHEN hash(i, 'brought') %% 4 = 0 AND i > 0 THEN %s END AS referred_by FROM range(0, %d) t(i)`, id("i"), id("hash(i, 'by') % i"), n.customers)},
		{"subscriptions.parquet", fmt.Sprintf(`SELECT 'S' || (i // 2) AS subscription_id, %s AS customer_id, 'plan ' || (hash(i // 2, 'plan') + i %% 2 * (hash(i // 2, 'up') %% 2)) %% 60 AS plan,
			day + CAST(i %% 2 * (90 + hash(i // 2, 'change') %% 400) AS INTEGER) AS started_on,
			CASE WHEN i %% 2 = 1 AND hash(i // 2, 'ends') %% 3 = 0 THEN day + CAST(500 + hash(i // 2, 'end') %% 1500 AS INTEGER) END AS ended_on,
			CAST(10 + hash(i // 2, 'amount') %% 90 + 2 * (i %% 2) AS DECIMAL(18,2)) AS monthly_amount,
			['price', 'competitor', 'service', NULL][1 + CAST(hash(i // 2, 'why') %% 4 AS INTEGER)] AS end_reason, ['monthly', 'annual'][1 + CAST(hash(i // 2, 'billed') %% 2 AS INTEGER)] AS billed
			FROM (SELECT i, DATE '2011-01-01' + CAST(hash(i // 2, 'began') %% 2600 AS INTEGER) AS day FROM range(0, %d) t(i))`, of("i // 2, 'contract'"), n.contracts)},
	}
	for y := range years {
		begin, end := fmt.Sprintf("%d-01-01", firstYear+y), fmt.Sprintf("%d-01-01", firstYear+y+1)
		at := func(i string, from, to int64) string {
			return fmt.Sprintf("TIMESTAMP '%s' + to_seconds(CAST(floor((%s - %d) / (%d - %[3]d) * epoch(TIMESTAMP '%[5]s' - TIMESTAMP '%[1]s')) AS BIGINT))", begin, i, from, to, end)
		}
		from, to := n.lines*int64(y)/years, n.lines*int64(y+1)/years
		cents := "CAST(100 + hash(i, 'amount') % 19900 AS BIGINT) * (CASE WHEN i // 2 % 25 = 24 THEN -1 ELSE 1 END)"
		out = append(out, copiedTo{filepath.Join("lines", begin[:4]+".parquet"), fmt.Sprintf(`SELECT 'O' || (i // 2) AS order_id, %s AS customer_id, %s AS ordered_at,
			CAST(CAST(%s AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(18,2)) AS amount, 'P' || hash(i, 'product') %% 500 AS product,
			CAST(CAST(%[3]s * (40 + hash(i, 'cost') %% 50) // 100 AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(18,2)) AS cost
			FROM range(%[4]d, %[5]d) t(i)`, of("(i // 2 - CASE WHEN i // 2 % 25 = 24 THEN 1 ELSE 0 END), 'customer'"), at("i", from, to), cents, from, to)})
		from, to = n.contacts*int64(y)/years, n.contacts*int64(y+1)/years
		out = append(out, copiedTo{filepath.Join("interactions", begin[:4]+".parquet"), fmt.Sprintf(`SELECT 'I' || i AS interaction_id, %s AS started_at,
			['phone', 'phone', 'phone', 'mail', 'mail', 'chat', 'chat', 'counter', 'returns desk', 'billing'][1 + CAST(hash(i, 'where') %% 10 AS INTEGER)] AS touchpoint,
			CASE WHEN hash(i, 'known') %% 20 > 0 THEN %s END AS customer_id, CAST(30 + hash(i, 'long') %% 900 AS INTEGER) AS handle_seconds,
			['order', 'delivery', 'complaint', 'invoice', NULL][1 + CAST(hash(i, 'why') %% 5 AS INTEGER)] AS reason FROM range(%d, %d) t(i)`, at("i", from, to), of("i, 'caller'"), from, to)})
	}
	return out
}
