package duckdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// met is a small company whose customers come, answer and speak, as text and by the definitions in memory.
type met struct {
	books map[string]*cells
	plain journey.Books
	grain string
}

// touchpointNames are names as books write them; journey.Fold makes them the same where they are.
var touchpointNames = []string{"phone", "Phone", " PHONE\u00a0", "shop", "Shop ", "web site", "Ärger", "ÄRGER", "nowhere", "card"}

// metScores are answers as they are written.
var metScores = []struct{ question, score, scale string }{
	{"nps", "10", ""}, {"nps", "9", "0-10"}, {"nps", "8.5", ""}, {"NPS", "7", "0–10"}, {" nps ", "6", ""}, {"nps", "6.5", ""}, {"nps", "0", "0 to 10"}, {"nps", "11", ""}, {"nps", "9", "1-10"}, {"nps", "", ""},
	{"csat", "5", ""}, {"csat", "4", "1-5"}, {"csat", "3", ""}, {"Csat", "2", ""}, {"csat", "6", "1 TO 7"}, {"csat", "80", "0-100"}, {"csat", "20", "0-100"}, {"csat", "4", "stars"}, {"csat", "4", "5-1"}, {"csat", "3.999999", ""},
	{"ces", "7", "1-7"}, {"ces", "5", ""}, {"ces", "4", ""}, {"ces", "3", ""}, {"ces", "3", "1-5"}, {"own", "3", ""}, {"own", "3", "1-3"}, {"own", "2", "1-3"}, {"own", "1", "0-1"}, {"own", "10", "0-12"}, {"own", "9", "0-11"}, {"own", "9", "1-11"}, {"ces", "-1", ""},
}

func drawMet(t *rapid.T) met {
	x := met{grain: rapid.SampledFrom([]string{"customer", "customer", "account", "entity"}).Draw(t, "grain"), books: map[string]*cells{
		"customers":      {names: []string{"customer_id", "account_id", "segment", "entity", "acquired_on", "excluded"}},
		"customer_links": {names: []string{"old_id", "new_id"}},
		"orders":         {names: []string{"customer_id", "ordered_at", "amount", "line_id", "touchpoint"}},
		"interactions":   {names: []string{"interaction_id", "started_at", "touchpoint", "customer_id", "wait_seconds", "handle_seconds", "transfers", "abandoned", "contained", "resolved", "reopened"}},
		"answers":        {names: []string{"answer_id", "answered_at", "question", "score", "scale", "customer_id", "touchpoint", "choice", "comment"}},
		"remarks":        {names: []string{"remark_id", "received_at", "text", "customer_id", "touchpoint"}},
		"measures":       {names: []string{"period", "measure", "value", "touchpoint", "n"}},
		"costs":          {names: []string{"period", "department", "kind", "amount", "touchpoint"}},
		"subscriptions":  {names: []string{"subscription_id", "customer_id", "started_on", "monthly_amount", "ended_on"}},
		"people":         {names: []string{"person_id", "valid_from", "department", "role", "kind", "hired_on", "left_on"}},
	}}
	x.plain.Links, x.plain.OwnEntity = map[string]string{}, x.grain == "entity"
	ids := make([]string, rapid.IntRange(2, 12).Draw(t, "people"))
	for i := range ids {
		ids[i] = fmt.Sprintf("c%02d", i)
	}
	for _, id := range ids {
		if rapid.IntRange(0, 4).Draw(t, "known") == 0 {
			continue
		}
		x.customer(t, id)
	}
	for i := range len(ids) - 1 {
		if rapid.IntRange(0, 9).Draw(t, "link") == 0 {
			to := ids[rapid.IntRange(i+1, len(ids)-1).Draw(t, "to")]
			x.add("customer_links", ids[i], to)
			x.plain.Links[ids[i]] = to
		}
	}
	x.contacts(t, ids)
	x.answers(t, ids)
	x.others(t, ids)
	x.staff(t)
	return x
}

func (x *met) add(book string, row ...string) { x.books[book].rows = append(x.books[book].rows, row) }

func (x *met) customer(t *rapid.T, id string) {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	c := journey.Customer{ID: id, Group: pick("account", "", "", "one", "two", id), Segment: pick("segment", "", "north", "south"), Entity: pick("entity", "", "shop", "Inn", " inn"), AcquiredOn: maybe(t, "acquired", drawAcquired)}
	excluded := pick("excluded", "", "", "", "", "", "", "test")
	c.Excluded = excluded != ""
	x.add("customers", id, c.Group, c.Segment, c.Entity, dayText(c.AcquiredOn), excluded)
	if x.grain != "account" {
		c.Group = ""
	}
	x.plain.Customers = append(x.plain.Customers, c)
}

// mention draws where, when and who; the text of the moment may be by another clock than that of the books.
func (x *met) mention(t *rapid.T, ids []string, names []string) (journey.Mention, string) {
	m := journey.Mention{Touchpoint: rapid.SampledFrom(names).Draw(t, "touchpoint"), Customer: rapid.SampledFrom(append([]string{"", ""}, ids...)).Draw(t, "who"), Moment: journey.Moment{Day: drawDay(t, "day")}}
	m.At = time.Duration(rapid.SampledFrom([]int{0, 0, 1, 1800, 43200, 86399}).Draw(t, "second")) * time.Second
	at := time.Unix(int64(m.Day)*86400, 0).Add(m.At)
	if zone := rapid.SampledFrom([]int{99, 99, 2, -5}).Draw(t, "zone"); zone != 99 {
		return m, at.In(time.FixedZone("", zone*3600)).Format("2006-01-02T15:04:05-07:00")
	}
	return m, at.UTC().Format("2006-01-02 15:04:05")
}

func rat(text string) *big.Rat {
	if text == "" {
		return nil
	}
	r, _ := new(big.Rat).SetString(text)
	return r
}

func (x *met) contacts(t *rapid.T, ids []string) {
	for i := range rapid.IntRange(0, 120).Draw(t, "contacts") {
		m, at := x.mention(t, ids, touchpointNames)
		number := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
		wait := number("wait", "", "0", "9.999999", "10", "10.000001", "60", "300.5", "-1", "999999999999.999999")
		handled, transfers := number("handled", "", "12", "0.000001", "-3"), number("transfers", "", "0", "1", "2", "1.5")
		truth := func(label string) (*bool, string) {
			switch rapid.IntRange(0, 3).Draw(t, label) {
			case 0:
				return nil, ""
			case 1:
				yes := true
				return &yes, "yes"
			}
			no := false
			return &no, "no"
		}
		c := journey.Contact{Mention: m, Wait: rat(wait), Handled: rat(handled), Transfers: rat(transfers)}
		var flags [4]string
		for i, f := range []**bool{&c.Abandoned, &c.Contained, &c.Resolved, &c.Reopened} {
			*f, flags[i] = truth(contactFlags[i])
		}
		x.add("interactions", fmt.Sprintf("i%d", i), at, m.Touchpoint, m.Customer, wait, handled, transfers, flags[0], flags[1], flags[2], flags[3])
		x.plain.Contacts = append(x.plain.Contacts, c)
	}
}

func (x *met) answers(t *rapid.T, ids []string) {
	for i := range rapid.IntRange(0, 80).Draw(t, "answers") {
		m, at := x.mention(t, ids, append([]string{""}, touchpointNames...))
		a := rapid.SampledFrom(metScores).Draw(t, "answer")
		row := journey.Answer{Mention: m, Question: a.question, Scale: a.scale, Score: rat(a.score), Comment: rapid.SampledFrom([]string{"", "", "kind"}).Draw(t, "comment")}
		choice := ""
		if a.score == "" {
			choice = "x"
		}
		x.add("answers", fmt.Sprintf("a%d", i), at, a.question, a.score, a.scale, m.Customer, m.Touchpoint, choice, row.Comment)
		x.plain.Answers = append(x.plain.Answers, row)
	}
}

func (x *met) others(t *rapid.T, ids []string) {
	names := append([]string{""}, touchpointNames...)
	for i := range rapid.IntRange(0, 20).Draw(t, "remarks") {
		m, at := x.mention(t, ids, names)
		x.add("remarks", fmt.Sprintf("r%d", i), at, "words", m.Customer, m.Touchpoint)
		x.plain.Remarks = append(x.plain.Remarks, m)
	}
	for i := range rapid.IntRange(0, 60).Draw(t, "orders") {
		m, at := x.mention(t, ids, names)
		amount := drawAmount(t, "amount")
		x.add("orders", m.Customer, at, amount.Text(0), fmt.Sprintf("l%d", i), m.Touchpoint)
		x.plain.Orders = append(x.plain.Orders, journey.Order{Mention: m, Amount: amount.Rat()})
	}
	months := []string{"2019-12", "2020-01", "2020-02", "2020-03", "2020"}
	for range rapid.IntRange(0, 25).Draw(t, "measures") {
		f := journey.Figure{Period: rapid.SampledFrom(months).Draw(t, "period"), Touchpoint: rapid.SampledFrom(names).Draw(t, "touchpoint"), Measure: rapid.SampledFrom([]string{"errors", "Errors ", "speed"}).Draw(t, "measure")}
		value, n := rapid.SampledFrom([]string{"1", "-2.5", "0.000001", "999999999999.999999", "-999999999999.999999"}).Draw(t, "value"), rapid.SampledFrom([]string{"", "3", "10", "999999999999.5", "0"}).Draw(t, "n")
		if rapid.Bool().Draw(t, "weighted") {
			n = "7"
		}
		f.Value, f.N = rat(value), rat(n)
		x.add("measures", f.Period, f.Measure, value, f.Touchpoint, n)
		x.plain.Measures = append(x.plain.Measures, f)
	}
	for range rapid.IntRange(0, 8).Draw(t, "costs") {
		f := journey.Figure{Period: rapid.SampledFrom(months).Draw(t, "period"), Touchpoint: rapid.SampledFrom(names).Draw(t, "touchpoint")}
		x.add("costs", f.Period, "service", "serve", "5", f.Touchpoint)
		x.plain.Costs = append(x.plain.Costs, f)
	}
	for i := range rapid.IntRange(0, 12).Draw(t, "subscriptions") {
		s := journey.Subscription{ID: fmt.Sprintf("s%d", i/2), Customer: rapid.SampledFrom(ids).Draw(t, "subscriber"), Started: drawDay(t, "started") + calendar.Day(i%2)}
		s.Ended = maybe(t, "ended", func(t *rapid.T, label string) calendar.Day {
			return s.Started + calendar.Day(rapid.IntRange(0, 80).Draw(t, label))
		})
		x.add("subscriptions", fmt.Sprintf("%s-%d", s.ID, i), s.Customer, s.Started.String(), "5", dayText(s.Ended))
		s.ID = fmt.Sprintf("%s-%d", s.ID, i)
		x.plain.Subscriptions = append(x.plain.Subscriptions, s)
	}
}

// direct writes rows as one part without staging them, which costs a hundred times as much; keys are given as ids are met.
func (s *stager) direct(ctx context.Context, name string, keys map[string]int, source *cells) ([]engine.Part, error) {
	if len(source.rows) == 0 {
		return nil, nil
	}
	book, _ := fact.Find(name)
	p := engine.Part{Path: fmt.Sprintf("direct%d.parquet", s.n), Rows: int64(len(source.rows)), First: lastDay}
	s.n++
	names := make([]string, len(source.names))
	var rows []string
	for _, row := range source.rows {
		var values []string
		for i, name := range source.names {
			c, _ := book.Column(name)
			switch {
			case row[i] == "":
				values = append(values, "NULL")
			case c.Refers != "":
				if keys[row[i]] == 0 {
					keys[row[i]] = len(keys) + 1
				}
				values = append(values, fmt.Sprint(keys[row[i]]))
			default:
				values = append(values, literal(row[i]))
			}
			if name == book.Time {
				if at, err := time.Parse("2006-01-02T15:04:05-07:00", row[i]); err == nil {
					values[i] = literal(at.UTC().Format("2006-01-02 15:04:05"))
				}
				if day, err := calendar.ParseDay(strings.Trim(values[i], "'")[:min(10, len(values[i])-2)]); err == nil {
					p.First, p.Last = min(p.First, day), max(p.Last, day)
				}
			}
		}
		rows = append(rows, "("+join(values)+")")
	}
	for i, name := range source.names {
		c, _ := book.Column(name)
		native := map[fact.Type]string{fact.Money: "DECIMAL(18,6)", fact.Number: "DECIMAL(18,6)", fact.Day: "DATE", fact.Instant: "TIMESTAMP", fact.Truth: "BOOLEAN"}[c.Type]
		if c.Refers != "" {
			native = "INTEGER"
		}
		names[i] = fmt.Sprintf("CAST(%s AS %s) AS %s", quoted(name), cmp.Or(native, "VARCHAR"), quoted(stored(c)))
	}
	return []engine.Part{p}, s.e.exec(ctx, fmt.Sprintf("COPY (SELECT %s FROM (VALUES %s) x (%s)) TO %s (FORMAT parquet)", join(names), strings.Join(rows, ", "), strings.Join(source.names, ", "), literal(filepath.Join(s.e.dir, p.Path))))
}

// met puts such a company into parts, staged or directly, each book's rows cut into so many sources.
func (s *stager) met(ctx context.Context, x met, until calendar.Day, sources int, direct bool) (*Ledger, error) {
	keys := map[string]int{}
	from := engine.Ledger{Currency: home, Grain: x.grain, Basis: "orders", AsOf: until}
	var err error
	for _, b := range []struct {
		name string
		into *[]engine.Part
	}{
		{"orders", &from.Orders}, {"customers", &from.Customers}, {"customer_links", &from.Links}, {"answers", &from.Answers}, {"subscriptions", &from.Subscriptions},
		{"interactions", &from.Interactions}, {"remarks", &from.Remarks}, {"measures", &from.Measures}, {"costs", &from.Costs}, {"people", &from.People},
	} {
		cut := make([]*cells, sources)
		for i := range cut {
			cut[i] = &cells{names: x.books[b.name].names}
		}
		for i, row := range x.books[b.name].rows {
			cut[i%sources].rows = append(cut[i%sources].rows, row)
		}
		if direct {
			for _, c := range cut {
				parts, err := s.direct(ctx, b.name, keys, c)
				if err != nil {
					return nil, err
				}
				*b.into = append(*b.into, parts...)
			}
		} else if *b.into, from.Keys, err = s.book(ctx, b.name, from.Keys, cut...); err != nil {
			return nil, err
		}
	}
	if len(from.Orders) > 0 {
		part, err := s.e.Firsts(ctx, engine.Firsts{Lines: paths(from.Orders), Folder: s.folder()})
		if err != nil {
			return nil, err
		}
		if part != nil {
			from.Firsts = []string{part.Path}
		}
	}
	return s.e.Ledger(ctx, from)
}

// drawQuestion draws what is asked: names that change hands on a day, spans that lie apart, meet and overlap.
func drawQuestion(t *rapid.T) journey.Question {
	day := func(label string) calendar.Day { return drawDay(t, label) }
	q := journey.Question{Rest: "rest", Within: []int64{10, 60}}
	for range rapid.IntRange(1, 3).Draw(t, "spans") {
		start := day("start")
		q.Spans = append(q.Spans, calendar.Period{Start: start, End: start + calendar.Day(rapid.IntRange(1, 60).Draw(t, "days"))})
	}
	turn := day("turn")
	q.Places = []journey.Place{
		{Name: "phone", Until: &turn, Touchpoint: "desk"}, {Name: "phone", From: &turn, Touchpoint: "bot"}, {Name: "shop", Touchpoint: "desk"},
		{Name: "ärger", From: maybe(t, "from", drawDay), Until: maybe(t, "until", drawDay), Touchpoint: "care"}, {Name: "ärger", Touchpoint: "late"},
	}
	if rapid.Bool().Draw(t, "brands") {
		q.Entities = map[string]string{"inn": "Inn", "shop": rapid.SampledFrom([]string{"rest", "Shop"}).Draw(t, "brand")}
	}
	if rapid.Bool().Draw(t, "periods") {
		q.Period = func(name string) (calendar.Period, error) {
			m, err := calendar.ParseMonth(name)
			return calendar.Period{Start: m.First(), End: m.Next().First()}, err
		}
	}
	return q
}

// agree holds one answer of the engine to that of the rows in memory.
func agree[Q, A any](t *rapid.T, what string, q Q, got, want func(context.Context, Q) ([]A, error)) {
	a, err := got(context.Background(), q)
	if err != nil {
		t.Fatalf("%s: %v (%v)", what, err, errors.Unwrap(err))
	}
	b, err := want(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	for i := range max(len(a), len(b)) {
		var one, other string
		if i < len(a) {
			one = fmt.Sprintf("%+v", a[i])
		}
		if i < len(b) {
			other = fmt.Sprintf("%+v", b[i])
		}
		if one != other {
			t.Fatalf("%s, row %d\n got %s\nwant %s", what, i, one, other)
		}
	}
}

// TestRandomTouchpoints holds all questions about touchpoints to the same definitions over rows in memory: names in other letters that
// change hands, moments by other clocks, merged and excluded customers, contacts of nobody, flags and waits that are not known.
func TestRandomTouchpoints(t *testing.T) {
	for _, way := range []struct {
		name   string
		direct bool
		worlds int
	}{{"staged", false, 4}, {"direct", true, 100}} {
		t.Run(way.name, func(t *testing.T) {
			checks(t, way.worlds)
			touchpointsHold(t, way.direct)
		})
	}
}

// The name phone passes from the desk to the bot on 3 January: the figure of that month is neither's alone, that of December the desk's.
func TestANameThatPassesWithinAPeriod(t *testing.T) {
	turn := calendar.DayOf(2020, 1, 3)
	x := met{grain: "customer", books: map[string]*cells{"measures": {names: []string{"period", "measure", "value", "touchpoint", "n"}}}}
	for _, book := range []string{"orders", "customers", "customer_links", "answers", "subscriptions", "interactions", "remarks", "costs", "people"} {
		x.books[book] = &cells{}
	}
	x.add("measures", "2019-12", "errors", "1", "phone", "")
	x.add("measures", "2020-01", "errors", "2", "Phone", "")
	x.add("measures", "2020-01", "errors", "3", "shop", "")
	q := journey.Question{
		Spans:  []calendar.Period{{Start: calendar.DayOf(2019, 12, 1), End: calendar.DayOf(2020, 2, 1)}},
		Places: []journey.Place{{Name: "phone", Until: &turn, Touchpoint: "desk"}, {Name: "phone", From: &turn, Touchpoint: "bot"}, {Name: "shop", Touchpoint: "till"}},
		Period: func(name string) (calendar.Period, error) {
			m, err := calendar.ParseMonth(name)
			return calendar.Period{Start: m.First(), End: m.Next().First()}, err
		},
	}
	l, err := openStager(t).met(context.Background(), x, q.Until(), 1, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Measured(context.Background(), q)
	if err != nil || len(got) != 2 || got[0].Touchpoint != "desk" || got[0].Values != 2 || got[0].Shared != 1 || got[1].Touchpoint != "till" || got[1].Shared != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
}

func touchpointsHold(t *testing.T, direct bool) {
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		x := drawMet(t)
		q := drawQuestion(t)
		l, err := s.met(context.Background(), x, q.Until(), rapid.IntRange(1, 3).Draw(t, "sources"), direct)
		if err != nil {
			t.Fatalf("%v (%v)", err, errors.Unwrap(err))
		}
		agree(t, "touched", q, l.Touched, x.plain.Touched)
		agree(t, "answered", q, l.Answered, x.plain.Answered)
		agree(t, "named", q, l.Named, x.plain.Named)
		agree(t, "measured", q, l.Measured, x.plain.Measured)
		agree(t, "jobs", x.workday(t), l.Jobs, x.plain.Jobs)
		if x.grain == "entity" { // whose customers are of a line's own entity
			return
		}
		end := drawDay(t, "passed until")
		after := journey.After{Question: q, Passed: calendar.Period{Start: end - calendar.Day(rapid.IntRange(1, 60).Draw(t, "passed")), End: end}, Subscribed: rapid.Bool().Draw(t, "subscribed")}
		after.Next.Start = end + calendar.Day(rapid.SampledFrom([]int{0, 0, 5}).Draw(t, "gap"))
		after.Next.End = after.Next.Start + calendar.Day(rapid.IntRange(1, 60).Draw(t, "next"))
		agree(t, "after", after, l.After, x.plain.After)
	})
}

// Of more names than are told apart the rarest stand together, by where they lead.
func TestRareNamesStandTogether(t *testing.T) {
	s := openStager(t)
	x := met{books: map[string]*cells{"remarks": {names: []string{"remark_id", "received_at", "text", "touchpoint"}}}}
	for _, name := range []string{"customers", "customer_links", "orders", "interactions", "answers", "measures", "costs", "subscriptions", "people"} {
		x.books[name] = &cells{}
	}
	places := []journey.Place{}
	for i := range journey.MostNames + 5 {
		name := fmt.Sprintf("name %04d", i)
		for range 1 + i%2 { // those with an even number are rarer
			x.add("remarks", fmt.Sprint("r", i), dayOne.String(), "words", name)
			x.plain.Remarks = append(x.plain.Remarks, journey.Mention{Moment: journey.Moment{Day: dayOne}, Touchpoint: name})
		}
		if i%4 == 0 {
			places = append(places, journey.Place{Name: name, Touchpoint: "desk"})
		}
	}
	q := journey.Question{Spans: []calendar.Period{{Start: dayOne, End: dayOne + 1}}, Places: places}
	l, err := s.met(t.Context(), x, dayOne+1, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Named(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	want, err := x.plain.Named(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	others := map[string]int64{}
	for _, n := range got {
		others[n.Touchpoint] += n.Others
	}
	if !slices.Equal(got, want) || others["desk"] != 3 || others[""] != 2 { // 1996, 2000 and 2004; 1998 and 2002
		t.Errorf("%d rows, want %d; others are %v", len(got), len(want), others)
	}
}
