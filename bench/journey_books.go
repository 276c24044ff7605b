package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// journeyBooks maps what journey simulates.
const journeyBooks = `company: Simulated Ltd (simulated journey)
settings: {currency: GBP, timezone: UTC}
books:
  customers:
    from: customers.parquet
    columns: {customer_id: customer_id, name: name, email: email, segment: segment, entity: entity, acquired_on: acquired_on, acquired_via: acquired_via}
  orders:
    from: orders.parquet
    columns: {order_id: order_id, customer_id: customer_id, ordered_at: ordered_at, amount: amount}
  interactions:
    from: interactions/*.parquet
    columns: {interaction_id: interaction_id, started_at: started_at, touchpoint: touchpoint, customer_id: customer_id, wait_seconds: wait_seconds, handle_seconds: handle_seconds,
      abandoned: abandoned, transfers: transfers, resolved: resolved, reopened: reopened, contained: contained}
  answers:
    from: answers.parquet
    columns: {answer_id: answer_id, answered_at: answered_at, question: question, score: score, customer_id: customer_id, touchpoint: touchpoint, comment: comment, language: language}
  remarks:
    from: remarks.parquet
    columns: {remark_id: remark_id, received_at: received_at, text: text, channel: channel, customer_id: customer_id, touchpoint: touchpoint, language: language}
  people:
    from: people.parquet
    columns: {person_id: person_id, valid_from: valid_from, department: department, role: role, hired_on: hired_on, annual_cost: annual_cost}
  costs:
    from: costs.csv
    columns: {period: period, department: department, kind: kind, amount: amount, touchpoint: touchpoint}
`

// The years of the simulated company, and the one that is closed.
const (
	metFrom   = 2023
	metYears  = 3
	metClosed = 2025
)

// met are how many of each its books have.
type met struct {
	mapped
	contacts, answers, remarks, people, customers int64
}

// known is what the generator knows of the contacts.
type known struct {
	Touchpoints []knownPlace
	Nowhere     int64 // contacts of the year that is closed at names that the map does not have
}

// knownPlace is the contacts of each brand at a touchpoint, in the year that is closed and the year before.
type knownPlace struct {
	Key    string
	Brands map[string][2]int64
}

// places writes the books and the map of journey, and what is known of them; the same for the same numbers.
func places(ctx context.Context, args []string) error {
	var e engineFlags
	var n met
	var dir string
	f := flag.NewFlagSet("bench places", flag.ContinueOnError)
	e.register(f)
	n.register(f)
	f.StringVar(&dir, "dir", "", "folder")
	if err := f.Parse(args); err != nil {
		return err
	}
	if err := n.write(dir); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "costs.csv"), []byte(n.costs()), 0o644); err != nil {
		return err
	}
	return e.engine(ctx, false, func(conn *sql.Conn) error {
		for _, q := range n.books() {
			if _, err := conn.ExecContext(ctx, "COPY ("+q.query+") TO "+literal(filepath.Join(dir, q.file))+" (FORMAT parquet)"); err != nil {
				return fmt.Errorf("%s: %w", q.file, err)
			}
		}
		return n.count(ctx, conn, dir)
	})
}

// register are the flags of journey and of places alike.
func (n *met) register(f *flag.FlagSet) {
	f.Int64Var(&n.contacts, "contacts", 50_000_000, "interactions in three years")
	f.IntVar(&n.touchpoints, "touchpoints", 500, "touchpoints of the map")
	f.IntVar(&n.roles, "roles", 5000, "roles of the map, each with a line")
	f.IntVar(&n.departments, "departments", 60, "departments, one in twelve a contractor")
	f.Int64Var(&n.people, "people", 50_000, "people who work there")
	f.Int64Var(&n.answers, "answers", 5_000_000, "answers to three questions, one in five with a comment")
	f.Int64Var(&n.remarks, "remarks", 1_000_000, "remarks")
	f.Int64Var(&n.customers, "customers", 1_000_000, "customers, with two order lines each")
}

// args are the flags again.
func (n met) args() []string {
	return []string{
		"--contacts", fmt.Sprint(n.contacts), "--touchpoints", fmt.Sprint(n.touchpoints), "--roles", fmt.Sprint(n.roles), "--departments", fmt.Sprint(n.departments),
		"--people", fmt.Sprint(n.people), "--answers", fmt.Sprint(n.answers), "--remarks", fmt.Sprint(n.remarks), "--customers", fmt.Sprint(n.customers),
	}
}

// costs are a line a month and touchpoint.
func (n met) costs() string {
	var b strings.Builder
	b.WriteString("period,department,kind,amount,touchpoint\n")
	for y := metFrom; y < metFrom+metYears; y++ {
		for m := range 12 {
			for i := range n.touchpoints {
				fmt.Fprintf(&b, "%d-%02d,%s,serve,%d.00,%s\n", y, m+1, departmentName(i%n.departments), 1000+37*i, placeName(i))
			}
		}
	}
	return b.String()
}

// at is SQL of when the i-th of n happened, evenly over all years.
func at(i string, n int64) string {
	return fmt.Sprintf("TIMESTAMP '%d-01-01' + to_seconds(CAST(floor(%s / %d.0 * epoch(TIMESTAMP '%d-01-01' - TIMESTAMP '%[1]d-01-01')) AS BIGINT))", metFrom, i, max(n, 1), metFrom+metYears)
}

// place is SQL of which touchpoint the i-th row is about: the first is met most, about forty times as often as most.
func (n met) place(i string) string {
	return fmt.Sprintf("CAST(floor(%d * pow((hash(%s, 'where') %% 1000003) / 1000003.0, 2)) AS INTEGER)", n.touchpoints, i)
}

// called is SQL of what the books call place p at a moment; one row in 33 names a place that the map does not have.
func (n met) called(i string) string {
	words := make([]string, len(placeWords))
	for k, w := range placeWords {
		words[k] = literal(w)
	}
	return fmt.Sprintf(`CASE WHEN hash(%s, 'nowhere') %% 33 = 0 THEN 'Kiosk ' || (hash(%[1]s, 'kiosk') %% 40)
		ELSE [%s][1 + p %% %d] || ' ' || format('{:03d}', p) || CASE WHEN p %% %d = 0 AND moment < DATE '%s' THEN ' (old)' ELSE '' END END`,
		i, strings.Join(words, ", "), len(words), renamedEvery, renamedOn)
}

// rows is SQL of numbered rows with their moment and place.
func (n met) rows(from, to, of int64, salt string) string {
	return fmt.Sprintf("(SELECT i, %s AS moment, %s AS p FROM range(%d, %d) t(i))", at("i", of), n.place("i, "+literal(salt)), from, to)
}

// books are the queries of the files.
func (n met) books() []copiedTo {
	id := func(number string) string { return "'C' || lpad(CAST(" + number + " AS VARCHAR), 8, '0')" }
	of := func(salt string) string {
		return fmt.Sprintf("CASE WHEN hash(i, '%s named') %% 5 > 0 THEN %s END", salt, id(fmt.Sprintf("hash(i, '%s') %% %d", salt, n.customers)))
	}
	first, last := syllables("hash(i, 'first')", 3000), syllables("hash(i, 'last')", 90_000)
	said := "['They were kind about ', 'Nobody told me about ', 'It took three calls to settle ', 'At last somebody listened about ', 'I waited for ', 'Thank you for '][1 + CAST(hash(i, 'said') % 6 AS INTEGER)] || lower(" + syllables("hash(i, 'about')", 3000) + ")"
	scores := "CASE hash(i, 'asked') % 3 WHEN 0 THEN CAST(floor(11 * sqrt((hash(i, 'nps') % 1000) / 1000.0)) AS INTEGER) WHEN 1 THEN 1 + CAST(hash(i, 'csat') % 5 AS INTEGER) ELSE 1 + CAST(hash(i, 'ces') % 7 AS INTEGER) END"
	out := []copiedTo{
		{"customers.parquet", fmt.Sprintf(`SELECT %s AS customer_id, %s || ' ' || %s AS name, 'c' || i || '@example.com' AS email, ['north', 'south', 'east', 'west'][1 + i %% 4] AS segment,
			CASE WHEN hash(i, 'entity') %% 3 = 0 THEN %s ELSE %s END AS entity, DATE '%d-01-01' + CAST(hash(i, 'day') %% 1500 AS INTEGER) AS acquired_on,
			['referral', 'reputation', 'paid', 'sales', 'unknown'][1 + CAST(hash(i, 'via') %% 5 AS INTEGER)] AS acquired_via FROM range(0, %d) t(i)`, id("i"), first, last, literal(firstEntity), literal(restEntity), metFrom-2, n.customers)},
		{"orders.parquet", fmt.Sprintf("SELECT 'O' || i AS order_id, %s AS customer_id, %s AS ordered_at, CAST(5 + hash(i, 'amount') %% 200 AS DECIMAL(18,2)) AS amount FROM range(0, %d) t(i)",
			id(fmt.Sprintf("hash(i, 'buyer') %% %d", n.customers)), at("i", 2*n.customers), 2*n.customers)},
		{"answers.parquet", fmt.Sprintf(`SELECT 'A' || i AS answer_id, moment AS answered_at, ['nps', 'csat', 'ces'][1 + CAST(hash(i, 'asked') %% 3 AS INTEGER)] AS question, %s AS score, %s AS customer_id, %s AS touchpoint,
			CASE WHEN hash(i, 'says') %% 5 = 0 THEN %s END AS comment, CASE WHEN hash(i, 'says') %% 5 = 0 THEN 'en' END AS language FROM %s`, scores, of("answerer"), n.called("i"), said, n.rows(0, n.answers, n.answers, "answer"))},
		{"remarks.parquet", fmt.Sprintf(`SELECT 'R' || i AS remark_id, moment AS received_at, %s AS text, ['email', 'review', 'social', 'call', 'letter', 'floor'][1 + CAST(hash(i, 'channel') %% 6 AS INTEGER)] AS channel,
			%s AS customer_id, %s AS touchpoint, 'en' AS language FROM %s`, said, of("remarker"), n.called("i"), n.rows(0, n.remarks, n.remarks, "remark"))},
		{"people.parquet", fmt.Sprintf(`SELECT 'E' || lpad(CAST(i AS VARCHAR), 6, '0') AS person_id, DATE '2019-01-01' + CAST(hash(i, 'hired') %% 2000 AS INTEGER) AS valid_from,
			'Department ' || lpad(CAST(i %% %d %% %d AS VARCHAR), 2, '0') AS department, 'Job ' || lpad(CAST(i %% %[1]d AS VARCHAR), 4, '0') AS role,
			DATE '2019-01-01' + CAST(hash(i, 'hired') %% 2000 AS INTEGER) AS hired_on, CAST(24000 + hash(i, 'paid') %% 40000 AS DECIMAL(18,2)) AS annual_cost FROM range(0, %[3]d) t(i)`, n.roles, n.departments, n.people)},
	}
	// Three of four places tell waits and who gave up; one in seven is automatic.
	const files = 4 * metYears
	for q := range int64(files) {
		from, to := n.contacts*q/files, n.contacts*(q+1)/files
		out = append(out, copiedTo{filepath.Join("interactions", fmt.Sprintf("part-%02d.parquet", q)), fmt.Sprintf(`SELECT 'I' || i AS interaction_id, moment AS started_at, %s AS touchpoint, %s AS customer_id,
			CASE WHEN p %% 4 > 0 THEN CAST(floor(-ln((1 + hash(i, 'wait') %% 100000) / 100001.0) * 60 * (1 + p %% 5)) AS INTEGER) END AS wait_seconds, CAST(30 + hash(i, 'long') %% 900 AS INTEGER) AS handle_seconds,
			CASE WHEN p %% 4 > 0 THEN hash(i, 'gave up') %% 25 = 0 END AS abandoned, CAST(hash(i, 'handed') %% 8 = 0 AS INTEGER) AS transfers,
			CASE WHEN hash(i, 'asked whether') %% 5 > 0 THEN hash(i, 'settled') %% 4 > 0 END AS resolved, CASE WHEN hash(i, 'asked whether') %% 5 > 0 THEN hash(i, 'again') %% 20 = 0 END AS reopened,
			CASE WHEN p %% 7 = 0 THEN hash(i, 'kept') %% 3 = 0 END AS contained FROM %s`, n.called("i"), of("caller"), n.rows(from, to, n.contacts, "contact"))})
	}
	return out
}

// count writes what is known of each touchpoint into known.json, counted bare in the files: by the name in the books, and by the entity of
// the customer; contacts that name nobody are of the brand that has all others.
func (n met) count(ctx context.Context, conn *sql.Conn, dir string) error {
	at, out := map[string]int{}, known{Touchpoints: make([]knownPlace, n.touchpoints)}
	for i := range out.Touchpoints {
		out.Touchpoints[i] = knownPlace{Key: placeKey(i), Brands: map[string][2]int64{}}
		at[placeName(i)], at[oldName(i)] = i, i
	}
	rows, err := conn.QueryContext(ctx, fmt.Sprintf(`SELECT x.touchpoint, coalesce(c.entity, ''), count(*) FILTER (WHERE x.started_at >= DATE '%d-01-01'), count(*) FILTER (WHERE x.started_at < DATE '%[1]d-01-01')
		FROM read_parquet(%s) x LEFT JOIN read_parquet(%s) c ON c.customer_id = x.customer_id WHERE x.started_at >= DATE '%d-01-01' GROUP BY ALL`,
		metClosed, literal(filepath.Join(dir, "interactions", "*.parquet")), literal(filepath.Join(dir, "customers.parquet")), metClosed-1))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what went wrong is told by Err
	for rows.Next() {
		var name, entity string
		var now, before int64
		if err := rows.Scan(&name, &entity, &now, &before); err != nil {
			return err
		}
		i, ok := at[name]
		if !ok {
			out.Nowhere += now
			continue
		}
		brand := brandKeys[1]
		if entity == firstEntity {
			brand = brandKeys[0]
		}
		have := out.Touchpoints[i].Brands[brand]
		out.Touchpoints[i].Brands[brand] = [2]int64{have[0] + now, have[1] + before}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	data, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "known.json"), data, 0o644)
}
