package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/recurring"
)

// contracts are a random company's subscriptions beside what is known of its
// customers.
type contracts struct {
	world
	rows []recurring.Row
}

var subscriptionColumns = []string{"subscription_id", "customer_id", "started_on", "monthly_amount", "ended_on", "plan", "currency", "end_reason", "billed", "billed_amount"}

func (x contracts) table() *cells {
	c := &cells{names: subscriptionColumns}
	for _, r := range x.rows {
		bill := ""
		if r.BilledAmount != nil {
			bill = r.BilledAmount.Text(0)
		}
		c.rows = append(c.rows, []string{r.Subscription, r.Customer, r.Started.String(), r.Monthly.Text(0), dayText(r.Ended), r.Plan, r.Currency, r.EndReason, r.Billed, bill})
	}
	return c
}

// contractLedger stages them.
func (s *stager) contractLedger(ctx context.Context, x contracts, basis string) (*Ledger, error) {
	from := engine.Ledger{Currency: home, Grain: x.grain, Basis: basis, AsOf: x.w.Period.End}
	var err error
	for _, b := range []struct {
		name  string
		into  *[]engine.Part
		table *cells
	}{
		{"customers", &from.Customers, x.customerRows()}, {"customer_links", &from.Links, x.linkRows()}, {"rates", &from.Rates, x.rateRows()}, {"subscriptions", &from.Subscriptions, x.table()},
	} {
		if *b.into, from.Keys, err = s.book(ctx, b.name, from.Keys, b.table); err != nil {
			return nil, err
		}
	}
	return s.e.Ledger(ctx, from)
}

// led are the rows as the second method counts them: by unit, the excluded
// marked, what is in the statement's currency without one.
func (x contracts) led() []recurring.Row {
	u := x.units()
	out := slices.Clone(x.rows)
	for i := range out {
		r := &out[i]
		r.Excluded = u.excluded[u.stand(r.Customer)]
		r.Customer = u.of(r.Customer, "")
		if r.Currency == home {
			r.Currency = ""
		}
	}
	return out
}

func (x contracts) home(a money.Amount, currency string, on calendar.Day) money.Amount {
	return x.convert(a, currency, on)
}

func drawContracts(t *rapid.T) (contracts, recurring.Question) {
	x := contracts{world: drawWorld(t)}
	x.subs, x.lines = nil, nil
	foreign := len(x.rates) > 0
	var last calendar.Day
	for i := range rapid.IntRange(0, 14).Draw(t, "rows") {
		r := recurring.Row{
			Subscription: fmt.Sprintf("s%d", rapid.IntRange(0, 3).Draw(t, "subscription")), Customer: rapid.SampledFrom(ids).Draw(t, "subscriber"),
			Started: dayOne + 1 + calendar.Day(rapid.IntRange(0, 100).Draw(t, "started")), Monthly: drawAmount(t, "monthly"),
			Plan:      rapid.SampledFrom([]string{"", "basic", "basic", "pro", "pro's"}).Draw(t, "plan"),
			EndReason: rapid.SampledFrom([]string{"", "", "Paused by customer", "card declined", "too expensive", "involuntary", "Voluntary", "the dog ate it", "did not pause", "discarded", " "}).Draw(t, "reason"),
			Billed:    rapid.SampledFrom([]string{"", "monthly", "quarterly", "annual"}).Draw(t, "billed"),
		}
		if i > 0 && rapid.Bool().Draw(t, "follows") {
			r.Started = last // a change, a swap or a return on the day on which another ended
			r.Customer = x.rows[i-1].Customer
			if rapid.Bool().Draw(t, "the same") {
				r.Subscription = x.rows[i-1].Subscription
			}
		}
		if r.Started < dayOne {
			r.Started = dayOne + 1
		}
		r.Ended = maybe(t, "ended", func(t *rapid.T, label string) calendar.Day {
			return r.Started + calendar.Day(rapid.IntRange(0, 60).Draw(t, label))
		})
		last = r.Started + 7
		if r.Ended != nil {
			last = *r.Ended
		}
		r.BilledAmount = maybe(t, "bill", drawAmount)
		if foreign {
			r.Currency = rapid.SampledFrom([]string{"", home, "USD", "GBP"}).Draw(t, "currency")
		}
		if !slices.ContainsFunc(x.rows, func(o recurring.Row) bool { return o.Subscription == r.Subscription && o.Started == r.Started }) && r.Started < dayOne+115 {
			x.rows = append(x.rows, r)
		}
		if len(x.rows) <= i { // the next row follows the one before
			last = dayOne + 1
			x.rows = append(x.rows, recurring.Row{Subscription: fmt.Sprintf("own%d", i), Customer: "a", Started: dayOne + 1, Monthly: money.FromMicros(1_000_000), Ended: &last})
		}
	}
	end := dayOne + calendar.Day(rapid.IntRange(25, 118).Draw(t, "until"))
	start := dayOne + 1 + calendar.Day(rapid.IntRange(0, int(end-dayOne)-2).Draw(t, "from"))
	q := recurring.Question{Windows: []calendar.Period{{Start: start, End: end}}}
	if rapid.Bool().Draw(t, "trailing") {
		q.Windows = append(q.Windows, calendar.Period{Start: dayOne + 1 + calendar.Day(rapid.IntRange(0, int(start-dayOne)-1).Draw(t, "year from")), End: end})
	}
	at := dayOne + 1 + calendar.Day(rapid.IntRange(0, 20).Draw(t, "path from"))
	for range rapid.IntRange(0, 4).Draw(t, "spans") {
		next := at + calendar.Day(rapid.IntRange(1, 30).Draw(t, "span"))
		if next > end {
			break
		}
		q.Path = append(q.Path, calendar.Period{Start: at, End: next})
		at = next
	}
	x.w.Period.End = end // links are known up to it
	return x, q
}

func names(of []calendar.Period) []string {
	out := make([]string, len(of))
	for i, p := range of {
		out[i] = p.String()
	}
	return out
}

// TestSubscriptionsOfRandomLedgers holds what the engine answers to the second
// method, which looks at every customer on every day, and both to the
// identities of the statement.
func TestSubscriptionsOfRandomLedgers(t *testing.T) {
	checks(t, 60) // for each half
	for half := range 2 {
		t.Run(fmt.Sprint(half), func(t *testing.T) {
			t.Parallel()
			s := openStager(t)
			rapid.Check(t, func(t *rapid.T) { subscriptionsHold(t, s) })
		})
	}
}

func subscriptionsHold(t *rapid.T, s *stager) {
	ctx := context.Background()
	x, q := drawContracts(t)
	rows := x.led()
	ledger, err := s.contractLedger(ctx, x, "orders")
	if err != nil {
		t.Fatalf("%v\n%v", err, x.table().rows)
	}
	state := func(tally recurring.Tally) string {
		st, err := recurring.Input{Question: q, Names: names(q.Path), Currency: home, Tally: tally}.State()
		if err != nil {
			t.Fatalf("%v\n%v\n%v", err, q, x.table().rows)
		}
		identities(t, st)
		data, err := json.MarshalIndent(st, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	want := recurring.Count(rows, x.home, q)
	got, err := ledger.Recurring(ctx, q)
	if lack, ok := err.(*recurring.Lack); ok {
		if len(want.Stocks)+len(want.Cells) == 0 || !slices.ContainsFunc(rows, func(r recurring.Row) bool {
			return !r.Excluded && r.Started < q.Until() && (r.Ended == nil || *r.Ended > r.Started)
		}) {
			return
		}
		t.Fatalf("%v\n%v\n%v", lack, q, x.table().rows)
	}
	if err != nil {
		t.Fatalf("%v\n%v\n%v", err, q, x.table().rows)
	}
	want.Foreign = got.Foreign // of the rows before they were cut
	if g, w := state(got), state(want); g != w {
		t.Fatalf("got %s\nwant %s\n%v\n%v\n%s", g, w, q, x.table().rows, x)
	}
	if g, w := fmt.Sprint(got.Billed), fmt.Sprint(want.Billed); g != w { // also where the statement refuses what is deferred
		t.Fatalf("billed %s, want %s\n%v\n%v", g, w, q, x.table().rows)
	}
	accrues(t, s, x, rows, q)
}

// identities checks what must be true of every statement.
func identities(t *rapid.T, s recurring.Statement) {
	all := []recurring.Movements{}
	for _, w := range s.Windows {
		all = append(all, w.MRR)
		var opening, closing money.Amount
		for _, p := range w.Plans {
			opening, closing = opening.Add(p.Opening), closing.Add(p.Closing)
		}
		if !opening.Equal(w.MRR.Opening) || !closing.Equal(w.MRR.Closing) {
			t.Fatalf("plans do not come to the whole: %+v", w)
		}
		c := w.Customers
		if c.Opening+c.New+c.Reactivated+c.Resumed-c.Lost-c.Paused != c.Closing {
			t.Fatalf("customers do not roll: %+v", c)
		}
		var lost int64
		for _, n := range w.LostFor {
			lost += n
		}
		if lost != c.Lost {
			t.Fatalf("%d lost, by reason %d", c.Lost, lost)
		}
		if e, ok := w.GrossRetention.Estimate(); ok && (e.Value.Sign() < 0 || e.Value.Cmp(big.NewRat(1, 1)) > 0) {
			t.Fatalf("gross retention is %s", e.Value)
		}
	}
	for i, p := range s.Path {
		all = append(all, p.MRR)
		if i > 0 && (!p.MRR.Opening.Equal(s.Path[i-1].MRR.Closing) || p.Customers.Opening != s.Path[i-1].Customers.Closing) {
			t.Fatalf("the path breaks at %s", p.Name)
		}
	}
	for _, m := range all {
		if !m.Sum().Equal(m.Closing) || !s.Foreign && !m.Exchange.IsZero() {
			t.Fatalf("the movements do not come to the closing: %+v", m)
		}
	}
}

// accrues checks that the accrued revenue of the first window is, day by day,
// what runs that day over the days of its month, by the stated rounding.
func accrues(t *rapid.T, s *stager, x contracts, rows []recurring.Row, q recurring.Question) {
	w := growth.Windows{Period: q.Windows[0], Compared: calendar.Period{Start: q.Windows[0].Start - 1, End: q.Windows[0].Start}}
	ledger, err := s.contractLedger(context.Background(), x, "subscriptions")
	if err != nil {
		t.Fatal(err)
	}
	covered, err := ledger.Coverage(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	var want money.Amount
	for d := w.Period.Start; d < w.Period.End; d++ {
		for _, r := range recurring.Running(rows, d) {
			want = want.Add(x.home(recurring.Accrued(r.Monthly, d), r.Currency, d))
		}
	}
	if !covered.RevenueIdentified.Equal(want) {
		t.Fatalf("accrued %s, day by day %s\n%v\n%v", covered.RevenueIdentified, want, w, x.table().rows)
	}
}

// TestLargeSubscriptionsAccrueExactly: by hand, half of April's thirty days is half of the monthly amount; a year's bill of
// 12 monthly amounts from 1 April has accrued that half on the 16th.
func TestLargeSubscriptionsAccrueExactly(t *testing.T) {
	april := calendar.DayOf(2024, 4, 1)
	half := calendar.Period{Start: april, End: april + 15}
	for monthly, want := range map[string]string{"1100000": "550000", "999999999999": "499999999999.5"} {
		x := contracts{world: world{grain: "customer"}, rows: []recurring.Row{{Subscription: "s", Customer: "a", Started: april, Monthly: amount(monthly), Billed: "annual"}}}
		l, err := openStager(t).contractLedger(t.Context(), x, "subscriptions")
		if err != nil {
			t.Fatal(err)
		}
		covered, err := l.Coverage(t.Context(), growth.Windows{Period: half, Compared: calendar.Period{Start: april - 15, End: april}})
		if err != nil {
			t.Fatal(err)
		}
		if got := covered.RevenueIdentified; !got.Equal(amount(want)) {
			t.Errorf("%s a month accrued %s, want %s", monthly, got, want)
		}
		got, err := l.Recurring(t.Context(), recurring.Question{Windows: []calendar.Period{half}})
		if err != nil {
			t.Fatal(err)
		}
		year := money.FromBig(new(big.Int).Mul(amount(monthly).Big(), big.NewInt(12)))
		if len(got.Billed) != 1 || !got.Billed[0].Accrued.Equal(amount(want)) || !got.Billed[0].Amount.Equal(year) {
			t.Errorf("%s a month is billed %+v, want %s accrued of %s", monthly, got.Billed, want, year)
		}
	}
}

// TestASubscriptionLentToWhoDoesNotCount: within one account, a subscription goes from a customer to a member of staff and back. By hand:
// 10 a month runs from 5 January, pauses on the 10th, when staff take it over, and is back, at 30, on the 20th.
func TestASubscriptionLentToWhoDoesNotCount(t *testing.T) {
	day := func(d int) calendar.Day { return calendar.DayOf(2024, 1, d) }
	x := contracts{world: world{grain: "account", customers: []worldCustomer{{id: "a", account: "one"}, {id: "b", account: "one", excluded: "staff"}}}, rows: []recurring.Row{
		{Subscription: "s", Customer: "a", Started: day(5), Monthly: amount("10")},
		{Subscription: "s", Customer: "b", Started: day(10), Monthly: amount("20")},
		{Subscription: "s", Customer: "a", Started: day(20), Monthly: amount("30")},
	}}
	l, err := openStager(t).contractLedger(t.Context(), x, "orders")
	if err != nil {
		t.Fatal(err)
	}
	q := recurring.Question{Windows: []calendar.Period{{Start: day(6), End: day(31)}}}
	tally, err := l.Recurring(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	s, err := recurring.Input{Question: q, Currency: home, Tally: tally}.State()
	if err != nil {
		t.Fatal(err)
	}
	want := recurring.Movements{Opening: amount("10"), Paused: amount("10"), Resumed: amount("30"), Closing: amount("30")}
	if got := s.Windows[0].MRR; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("movements %+v, want %+v", got, want)
	}
}

// foldedTexts are put together from pieces that fold, negate or end a clause.
var foldedTexts = rapid.Custom(func(t *rapid.T) string {
	pieces := rapid.SampledFrom([]string{
		"pause", "menopause", "freezer", "freeze", "on hold", "card", "scorecard", "discarded", "non-payment", "not paid", "paid", "requested", "unrequested",
		"removed", "moved", "un-", "not", "No", "didn’t", "don't", "never", "no longer needed", "in-", "VOLUNTARY", "é", "ß", "İ", "K", "_", "-", "'",
		",", ".", ";", "(", " ", "  ", "\t", "\n", "\v", "\u0085", "\u00a0", "\u2003", "1",
	})
	return strings.Join(rapid.SliceOfN(pieces, 0, 7).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
})

// TestReasonsAreFoldedAlikeInSQL holds the engine's folding to recurring.Fold.
func TestReasonsAreFoldedAlikeInSQL(t *testing.T) {
	s := openStager(t)
	rapid.Check(t, func(t *rapid.T) {
		var texts []string
		for range 100 {
			texts = append(texts, "("+literal(foldedTexts.Draw(t, "text"))+")")
		}
		err := s.e.each(context.Background(), "SELECT t, "+foldedReason("t")+" FROM (VALUES "+strings.Join(texts, ", ")+") v (t)", func(r *sql.Rows) error {
			var given, got string
			if err := r.Scan(&given, &got); err != nil {
				return err
			}
			if want := recurring.Fold(given); got != string(want) {
				t.Fatalf("%q is %s, want %s", given, got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
