package recurring_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/recurring"
)

func amount(t testing.TB, text string) money.Amount {
	t.Helper()
	a, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func february() recurring.Question {
	return recurring.Question{Windows: []calendar.Period{{Start: calendar.DayOf(2024, 2, 1), End: calendar.DayOf(2024, 3, 1)}}}
}

func same(a money.Amount, _ string, _ calendar.Day) money.Amount { return a }

// Example makes the statement of February 2024 of two customers: one goes from
// 20 to 50 at another plan, one fails to pay.
func Example() {
	day := func(m, d int) calendar.Day { return calendar.DayOf(2024, 1, 1).AddMonths(m-1) + calendar.Day(d-1) }
	until := func(m, d int) *calendar.Day { x := day(m, d); return &x }
	rows := []recurring.Row{
		{Subscription: "s1", Customer: "ann", Started: day(1, 5), Ended: until(2, 10), Monthly: money.FromMicros(20_000_000), Plan: "basic"},
		{Subscription: "s1", Customer: "ann", Started: day(2, 10), Monthly: money.FromMicros(50_000_000), Plan: "pro"},
		{Subscription: "s2", Customer: "bo", Started: day(1, 7), Ended: until(2, 20), Monthly: money.FromMicros(30_000_000), Plan: "basic", EndReason: "card declined"},
	}
	q := february()
	tally := recurring.Count(rows, func(a money.Amount, _ string, _ calendar.Day) money.Amount { return a }, q)
	s, err := recurring.Input{Question: q, Currency: "EUR", Tally: tally}.State()
	if err != nil {
		fmt.Println(err)
		return
	}
	w := s.Windows[0]
	net, _ := w.NetRetention.Estimate()
	gross, _ := w.GrossRetention.Estimate()
	fmt.Println("from", w.MRR.Opening, "to", w.MRR.Closing, "by another plan", w.Expansion.Plan, "and churn", w.MRR.Churned)
	fmt.Println("net", net.Value.FloatString(2), "gross", gross.Value.FloatString(2))
	// Output:
	// from 50 to 50 by another plan 30 and churn 30
	// net 1.00 gross 0.40
}

// What runs on the first day of a period was not there at its opening when it
// began that day, and what ends on it was.
func TestAChangeBelongsToThePeriodOfItsDay(t *testing.T) {
	q := february()
	first := q.Windows[0].Start
	s := state(t, q, []recurring.Row{
		{Subscription: "new", Customer: "a", Started: first, Monthly: amount(t, "10")},
		{Subscription: "old", Customer: "b", Started: first - 40, Ended: &first, Monthly: amount(t, "7")},
		{Subscription: "next", Customer: "c", Started: q.Until(), Monthly: amount(t, "99")},
	}, same)
	m := s.Windows[0].MRR
	if m.Opening.Text(0) != "7" || m.New.Text(0) != "10" || m.Churned.Text(0) != "7" || m.Closing.Text(0) != "10" {
		t.Errorf("%+v", m)
	}
}

// At 0.90 on 31 January and 0.80 on 29 February ten dollars go from 9 to 8
// euros: exchange −1.
func TestExchangeIsWhatTheRatesMade(t *testing.T) {
	q := february()
	at := func(a money.Amount, currency string, on calendar.Day) money.Amount {
		if currency == "" {
			return a
		}
		rate := int64(8)
		if on < q.Windows[0].Start {
			rate = 9
		}
		return money.FromBig(new(big.Int).Quo(new(big.Int).Mul(a.Big(), big.NewInt(rate)), big.NewInt(10)))
	}
	m := state(t, q, []recurring.Row{{Subscription: "s", Customer: "a", Started: q.Windows[0].Start - 9, Monthly: amount(t, "10"), Currency: "USD"}}, at).Windows[0].MRR
	if m.Opening.Text(0) != "9" || m.Exchange.Text(0) != "-1" || m.Closing.Text(0) != "8" {
		t.Errorf("%+v", m)
	}
}

func state(t *testing.T, q recurring.Question, rows []recurring.Row, home recurring.Home) recurring.Statement {
	t.Helper()
	s, err := recurring.Input{Question: q, Currency: "EUR", Tally: recurring.Count(rows, home, q)}.State()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A ledger whose movements miss the closing gives no statement.
func TestWhatDoesNotAddUpIsNoStatement(t *testing.T) {
	q := february()
	tally := recurring.Count([]recurring.Row{{Subscription: "s", Customer: "a", Started: q.Windows[0].Start + 3, Monthly: amount(t, "10")}}, same, q)
	for i := range tally.Cells {
		tally.Cells[i].Began = amount(t, "11")
	}
	if _, err := (recurring.Input{Question: q, Currency: "EUR", Tally: tally}).State(); err == nil || !strings.Contains(err.Error(), "miss the closing by -1") {
		t.Errorf("got %v", err)
	}
}

// docs/subscriptions.md says how reasons fold.
func TestReasonsFold(t *testing.T) {
	for given, want := range map[string]recurring.Reason{
		"": recurring.NotGiven, "  ": recurring.NotGiven, "Paused by customer": recurring.Pause, "on hold": recurring.Pause, "INVOLUNTARY": recurring.Payment, "Card declined": recurring.Payment,
		"voluntary": recurring.Voluntary, "Too expensive": recurring.Voluntary, "cancelled: unpaid": recurring.Payment, "deceased": recurring.Other, "合併": recurring.Other,
	} {
		if got := recurring.Fold(given); got != want {
			t.Errorf("%q is %s, want %s", given, got, want)
		}
	}
}

// A twelfth of 100 is 8.333333; the twelve months of any year come to
// 99.999996, whatever their days, and so misses 100 by less than 0.000006.
func TestTwelveAccruedMonthsComeToTheYear(t *testing.T) {
	for _, year := range []int{2023, 2024} {
		var sum money.Amount
		for d := calendar.DayOf(year, 1, 1); d < calendar.DayOf(year+1, 1, 1); d++ {
			sum = sum.Add(recurring.Accrued(amount(t, "8.333333"), d))
		}
		if sum.Text(0) != "99.999996" {
			t.Errorf("%d comes to %s", year, sum)
		}
	}
	// Leap February by hand: 29 on each of its days comes to 1; in 2023 to 29/28 = 1.035714.
	if a, b := recurring.Accrued(amount(t, "29"), calendar.DayOf(2024, 2, 29)), recurring.Accrued(amount(t, "29"), calendar.DayOf(2023, 2, 1)); a.Text(0) != "1" || b.Text(0) != "1.035714" {
		t.Errorf("%s and %s", a, b)
	}
}

// The days of a month sum to the monthly amount, and any stretch of it misses
// days × amount ÷ days of the month by no more than a millionth.
func TestAccrualKeepsToItsRounding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		monthly := money.FromMicros(rapid.Int64Range(-10_000_000_000, 10_000_000_000).Draw(t, "monthly"))
		month := calendar.MonthOf(calendar.DayOf(2019, 1, 1)) + calendar.Month(rapid.IntRange(0, 100).Draw(t, "month"))
		first, end := month.First(), month.Next().First()
		days := int64(end - first)
		from := first + calendar.Day(rapid.IntRange(0, int(days)).Draw(t, "from"))
		to := from + calendar.Day(rapid.IntRange(0, int(end-from)).Draw(t, "days"))
		var whole, part money.Amount
		for d := first; d < end; d++ {
			a := recurring.Accrued(monthly, d)
			whole = whole.Add(a)
			if from <= d && d < to {
				part = part.Add(a)
			}
		}
		if !whole.Equal(monthly) {
			t.Fatalf("%s comes to %s", monthly, whole)
		}
		miss := new(big.Rat).Sub(part.Rat(), new(big.Rat).Mul(monthly.Rat(), big.NewRat(int64(to-from), days)))
		if miss.Abs(miss).Cmp(big.NewRat(1, 1_000_000)) > 0 {
			t.Fatalf("%d of %d days of %s come to %s", to-from, days, monthly, part)
		}
	})
}

// The constant monthly churn of a year: 0.9¹² = 0.282429536481 exactly, so of
// 10¹² customers 282,429,536,481 kept is a tenth a month.
func TestMonthlyChurnCompoundsToTheYear(t *testing.T) {
	q := recurring.Question{Windows: []calendar.Period{{Start: calendar.DayOf(2023, 1, 1), End: calendar.DayOf(2024, 1, 1)}}}
	tally := recurring.Tally{From: q.Windows[0].Start, Held: []recurring.Held{{Opening: 1_000_000_000_000, Retained: 282_429_536_481, Closing: 282_429_536_481}},
		Cells: []recurring.Cell{{State: recurring.Left, Reason: recurring.NotGiven, Days: 1_000_000_000_000 - 282_429_536_481}}}
	s, err := recurring.Input{Question: q, Currency: "EUR", Tally: tally}.State()
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(s.Windows[0].MonthlyLogoChurn)
	if err != nil || !strings.Contains(string(data), `"value":0.1,`) {
		t.Errorf("%s, %v", data, err)
	}
}

// By hand: of 60 a month from 1 January, 120 has accrued on 1 March.
func TestDeferredRevenueIsNotBelowZero(t *testing.T) {
	for bill, want := range map[string]string{
		"-1":  "1 of 1 subscriptions that run at the end have a billed_amount below zero",
		"119": "more has accrued than was billed: annual bills come to 119.00, and 120.00 has accrued of them",
		"120": "",
	} {
		billed := amount(t, bill)
		s := state(t, february(), []recurring.Row{{Subscription: "s", Customer: "a", Started: calendar.DayOf(2024, 1, 1), Monthly: amount(t, "60"), Billed: "annual", BilledAmount: &billed}}, same)
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Deferred struct{ Refused, Amount string }
		}
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Deferred.Refused != want || want == "" && doc.Deferred.Amount != "0.00" {
			t.Errorf("billed %s: %+v, want %q", bill, doc.Deferred, want)
		}
	}
}
