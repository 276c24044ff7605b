package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/loyalty"
	"github.com/throughline/throughline/money"
)

// voiced is a small company whose customers buy and answer, as text and by the definitions in memory.
type voiced struct {
	books map[string]*cells
	plain loyalty.Books
	grain string
}

// answerScores are answers as they are written; loyalty's own tests say what each means.
var answerScores = []struct{ question, score, scale string }{
	{"nps", "10", ""}, {"nps", "9", "0-10"}, {"nps", "8.5", ""}, {"NPS", "7", "0–10"}, {" nps ", "6", ""}, {"nps", "6.5", ""}, {"nps", "0", "0 to 10"}, {"nps", "11", ""}, {"nps", "9", "1-10"}, {"nps", "", ""},
	{"csat", "5", ""}, {"csat", "4", "1-5"}, {"csat", "3", ""}, {"Csat", "2", ""}, {"csat", "6", "1 TO 7"}, {"csat", "5", "1-7"}, {"csat", "75", "0-100"}, {"csat", "25", "0-100"}, {"csat", "4", "stars"}, {"csat", "4", "5-1"},
	{"ces", "7", "1-7"}, {"ces", "2", "1-7"}, {"ces", "4", "1-7"}, {"ces", "1", ""}, {"origin", "9", ""}, {"csat", "4", "4-4"}, {"ces", "-1", ""},
}

func drawVoiced(t *rapid.T) voiced {
	x := voiced{grain: rapid.SampledFrom([]string{"customer", "account"}).Draw(t, "grain"), books: map[string]*cells{
		"customers":      {names: []string{"customer_id", "account_id", "segment", "entity", "acquired_on", "acquired_via", "excluded"}},
		"customer_links": {names: []string{"old_id", "new_id"}},
		"orders":         {names: []string{"customer_id", "ordered_at", "amount", "line_id"}},
		"answers":        {names: []string{"answer_id", "answered_at", "question", "score", "scale", "customer_id", "touchpoint", "choice"}},
		"subscriptions":  {names: []string{"subscription_id", "customer_id", "started_on", "monthly_amount", "ended_on", "plan", "billed"}},
	}}
	x.plain = loyalty.Books{Links: map[string]string{}}
	ids := make([]string, rapid.IntRange(3, 60).Draw(t, "people"))
	for i := range ids {
		ids[i] = fmt.Sprintf("c%02d", i)
	}
	add := func(book string, row ...string) { x.books[book].rows = append(x.books[book].rows, row) }
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	for _, id := range ids {
		if rapid.IntRange(0, 5).Draw(t, "known") == 0 {
			continue
		}
		c := loyalty.Customer{ID: id, Group: pick("account", "", "", "one", "two", id), Segment: pick("segment", "", "north", "south"), Entity: pick("entity", "", "shop"), Via: pick("via", "", "referral", "paid", "unknown"), AcquiredOn: maybe(t, "acquired", drawDay)}
		excluded := pick("excluded", "", "", "", "", "", "", "", "test")
		c.Excluded = excluded != ""
		add("customers", id, c.Group, c.Segment, c.Entity, dayText(c.AcquiredOn), c.Via, excluded)
		if x.grain == "customer" {
			c.Group = ""
		}
		x.plain.Customers = append(x.plain.Customers, c)
	}
	for i := range len(ids) - 1 {
		if rapid.IntRange(0, 11).Draw(t, "link") == 0 {
			to := ids[rapid.IntRange(i+1, len(ids)-1).Draw(t, "to")]
			add("customer_links", ids[i], to)
			x.plain.Links[ids[i]] = to
		}
	}
	for i := range rapid.IntRange(0, 200).Draw(t, "lines") {
		who, day, amount := pick("customer", append([]string{""}, ids...)...), drawDay(t, "day"), drawAmount(t, "amount")
		if rapid.Bool().Draw(t, "round") { // so that halves are met exactly
			amount = money.FromMicros(1_000_000 * rapid.Int64Range(1, 4).Draw(t, "units"))
		}
		add("orders", who, day.String(), amount.Text(0), fmt.Sprintf("l%d", i))
		x.plain.Lines = append(x.plain.Lines, loyalty.Line{Customer: who, Day: day, Amount: amount})
	}
	x.answer(t, add, ids)
	x.subscribe(t, add, ids)
	if rapid.IntRange(0, 2).Draw(t, "crowd") == 0 {
		x.crowd(t, add)
	}
	return x
}

// crowd adds customers who mostly stay and answer, at so many touchpoints that some are not shown.
func (x *voiced) crowd(t *rapid.T, add func(string, ...string)) {
	spread := rapid.IntRange(8, 13).Draw(t, "touchpoints")
	for i := range 150 {
		id, score := fmt.Sprintf("d%03d", i), int64(i*7%11)
		for day := dayOne; day < dayOne+110; day += 10 {
			add("orders", id, day.String(), "1", fmt.Sprintf("%s-%d", id, day))
			x.plain.Lines = append(x.plain.Lines, loyalty.Line{Customer: id, Day: day, Amount: money.FromMicros(1_000_000)})
		}
		row := loyalty.Answer{Customer: id, Day: dayOne + calendar.Day(30+i%40), Question: "nps", Score: big.NewRat(score, 1), Touchpoint: fmt.Sprintf("desk %d", i%spread)}
		add("answers", "crowd "+id, row.Day.String(), row.Question, fmt.Sprint(score), "", id, row.Touchpoint, "")
		x.plain.Answers = append(x.plain.Answers, row)
	}
}

func (x *voiced) answer(t *rapid.T, add func(string, ...string), ids []string) {
	for i := range rapid.IntRange(0, 150).Draw(t, "answers") {
		a := rapid.SampledFrom(answerScores).Draw(t, "answer")
		row := loyalty.Answer{Customer: rapid.SampledFrom(append([]string{""}, ids...)).Draw(t, "who"), Day: drawDay(t, "answered"), Question: a.question, Scale: a.scale, Touchpoint: rapid.SampledFrom([]string{"", "phone", "shop"}).Draw(t, "touchpoint")}
		clock := ""
		if rapid.Bool().Draw(t, "clocked") {
			row.Second = rapid.SampledFrom([]int64{0, 1, 86399}).Draw(t, "second")
			clock = fmt.Sprintf(" %02d:%02d:%02d", row.Second/3600, row.Second/60%60, row.Second%60)
		}
		choice := "x" // where there is no score
		if a.score != "" {
			row.Score, _ = new(big.Rat).SetString(a.score)
			choice = ""
		}
		add("answers", fmt.Sprintf("a%d", i), row.Day.String()+clock, a.question, a.score, a.scale, row.Customer, row.Touchpoint, choice)
		x.plain.Answers = append(x.plain.Answers, row)
	}
}

func (x *voiced) subscribe(t *rapid.T, add func(string, ...string), ids []string) {
	for i := range rapid.IntRange(0, 20).Draw(t, "subscriptions") {
		who, start := rapid.SampledFrom(ids).Draw(t, "subscriber"), drawDay(t, "started")
		for range rapid.IntRange(1, 2).Draw(t, "rows") {
			s := loyalty.Subscription{ID: fmt.Sprintf("s%d", i), Customer: who, Started: start, Plan: rapid.SampledFrom([]string{"", "basic", "full"}).Draw(t, "plan"), Billed: rapid.SampledFrom([]string{"", "monthly", "annual"}).Draw(t, "billed")}
			if rapid.Bool().Draw(t, "ends") {
				end := start + calendar.Day(rapid.IntRange(0, 60).Draw(t, "length"))
				s.Ended = &end
			}
			add("subscriptions", s.ID, who, start.String(), "5", dayText(s.Ended), s.Plan, s.Billed)
			x.plain.Subscriptions = append(x.plain.Subscriptions, s)
			start += calendar.Day(rapid.IntRange(1, 40).Draw(t, "later"))
		}
	}
}

// voiced stages such a company.
func (s *stager) voiced(ctx context.Context, x voiced, until calendar.Day) (*Ledger, error) {
	from := engine.Ledger{Currency: home, Grain: x.grain, Basis: "orders", AsOf: until}
	var err error
	for _, b := range []struct {
		name string
		into *[]engine.Part
	}{
		{"orders", &from.Orders}, {"customers", &from.Customers}, {"customer_links", &from.Links}, {"answers", &from.Answers}, {"subscriptions", &from.Subscriptions},
	} {
		if *b.into, from.Keys, err = s.book(ctx, b.name, from.Keys, x.books[b.name]); err != nil {
			return nil, err
		}
	}
	return s.e.Ledger(ctx, from)
}

// TestRandomLoyalty holds both questions to the same definitions over rows in memory: merged and excluded customers, answers
// without a customer, on several scales, several in one moment, customers and accounts.
func TestRandomLoyalty(t *testing.T) {
	checks(t, 3)
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		x := drawVoiced(t)
		start := dayOne + calendar.Day(rapid.IntRange(0, 30).Draw(t, "start"))
		length := calendar.Day(rapid.IntRange(5, 45).Draw(t, "length"))
		gap := calendar.Day(rapid.SampledFrom([]int{0, 0, 7}).Draw(t, "gap"))
		w := loyalty.Windows{Compared: calendar.Period{Start: start, End: start + length}, Period: calendar.Period{Start: start + length + gap, End: start + 2*length + gap}, AnyLine: rapid.Bool().Draw(t, "any line")}
		l, err := s.voiced(ctx, x, w.Period.End)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Loyalty(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		want, err := x.plain.Loyalty(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); a != b {
			t.Fatalf("loyalty\n got %s\nwant %s", a, b)
		}
		q := rapid.SampledFrom(loyalty.Questions).Draw(t, "question")
		held, err := l.Held(ctx, w, q)
		if err != nil {
			t.Fatal(err)
		}
		levels, err := x.plain.Held(ctx, w, q)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := heldText(held), heldText(x.mapped(levels)); a != b {
			t.Fatalf("held by %s\n got %s\nwant %s", q, a, b)
		}
		if a, b := lifeText(t, l, w, q), lifeText(t, x.plain, w, q); a != b {
			t.Fatalf("lives by %s\n got %s\nwant %s", q, a, b)
		}
		if _, err := (loyalty.Input{Windows: w, Currency: home}).State(ctx, l); err != nil && !strings.Contains(err.Error(), "answered one question") {
			t.Fatal(err)
		}
	})
}

// mapped leaves out the dimensions of books that have no rows, which are not there.
func (x *voiced) mapped(levels []loyalty.Level) []loyalty.Level {
	book := map[loyalty.Dimension]string{loyalty.Touchpoint: "answers", loyalty.Plan: "subscriptions", loyalty.Billing: "subscriptions"}
	return slices.DeleteFunc(levels, func(l loyalty.Level) bool {
		of := book[l.Dimension]
		if of == "" {
			of = "customers"
		}
		return len(x.books[of].rows) == 0
	})
}

func heldText(levels []loyalty.Level) string {
	lines := make([]string, len(levels))
	for i, l := range levels {
		lines[i] = fmt.Sprintf("%s %q rest %t: %d of %d", l.Dimension, l.Name, l.Rest, l.Captive, l.Loyal)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// lifeText are all lives, customer by customer.
func lifeText(t *rapid.T, l loyalty.Ledger, w loyalty.Windows, q loyalty.Question) string {
	var lines []string
	if err := l.Lives(context.Background(), w, q, func(x loyalty.Life) error {
		n := x.Together
		x.Together = 1
		for range n {
			lines = append(lines, fmt.Sprintf("%s %s %q %t %d %v %v %.9g", x.Behaviour, x.Grade, x.Segment, x.Others, x.Repeats, x.Last, x.Age, x.Mean))
		}
		return nil
	}); err != nil {
		t.Fatalf("%v (%v)", err, errors.Unwrap(err))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
