package ledger_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
	"pgregory.net/rapid"
)

// The second method goes through all postings for each account and day.
func TestBalancesAreThoseOfANaiveSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := journals().Draw(t, "journal")
		j := d.journal
		at := days().Draw(t, "at")
		if len(d.posted) > 0 && rapid.Bool().Draw(t, "near one") {
			at = rapid.SampledFrom(d.posted).Draw(t, "posted").Day + calendar.Day(rapid.IntRange(-1, 1).Draw(t, "off by"))
		}
		var total money.Amount
		listed := j.Balances(at)
		for _, b := range listed {
			total = total.Add(b.Amount)
		}
		if !total.IsZero() {
			t.Fatalf("the balances of %s sum to %s", at, total)
		}
		byRoot := map[string]money.Amount{}
		for _, a := range j.Accounts() {
			want, moved := d.naive(a, at)
			got, err := j.Balance(a, at)
			if err != nil || !got.Equal(want) {
				t.Fatalf("%s holds %s at %s (%v), want %s", a, got, at, err, want)
			}
			i := slices.IndexFunc(listed, func(b ledger.Balance) bool { return b.Account == a })
			if moved != (i >= 0) || moved && !listed[i].Amount.Equal(want) {
				t.Fatalf("%s at %s is in the list: %v, want %v of %s", a, at, i >= 0, moved, want)
			}
			root, _, _ := strings.Cut(string(a), ":")
			byRoot[root] = byRoot[root].Add(want)
		}
		rolled := j.Totals(at)
		for root, want := range byRoot {
			got, err := j.Total(ledger.Account(root), at)
			i := slices.IndexFunc(rolled, func(b ledger.Balance) bool { return string(b.Account) == root })
			if err != nil || !got.Equal(want) || i >= 0 && !rolled[i].Amount.Equal(want) || i < 0 && !want.IsZero() {
				t.Fatalf("%s and all below hold %s at %s (%v), want %s", root, got, at, err, want)
			}
		}
	})
}

// shop is the journal of the texts below.
func shop(t failer) *ledger.Journal {
	t.Helper()
	j := journal(t, "EUR")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(j.Open(day(t, "2026-01-01"), "opening", []ledger.Balance{{Account: "Assets:Bank", Amount: amount(t, "1000")}, {Account: "Liabilities:Loan", Amount: amount(t, "-400")}, {Account: "Assets:Till"}}))
	must(j.Post(ledger.Transaction{Day: day(t, "2026-01-20"), ID: "T-1", Text: "Fire safety", Postings: []ledger.Posting{{From: "Assets:Bank", To: "Assets:Training:Kitchen", Amount: amount(t, "360")}}}))
	must(j.Post(ledger.Transaction{Day: day(t, "2026-01-31"), ID: "A-1", Text: "Amortisation", Postings: []ledger.Posting{{From: "Assets:Training:Kitchen", To: "Expenses:Training", Amount: amount(t, "10")}}}))
	return j
}

func TestAPeriodIsLockedAndCorrectedAfterwards(t *testing.T) {
	j := shop(t)
	if err := j.Lock(day(t, "2026-01-31")); err != nil {
		t.Fatal(err)
	}
	late := ledger.Transaction{Day: day(t, "2026-01-25"), ID: "T-2", Postings: []ledger.Posting{{From: "Assets:Bank", To: "Assets:Training:Kitchen", Amount: amount(t, "5.5")}}}
	want := `post "T-2" of 2026-01-25 (5.50 EUR from Assets:Bank to Assets:Training:Kitchen): the journal is locked through 2026-01-31; post it on 2026-02-01 or later, or as a correction`
	if err := j.Post(late); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	on, err := j.Correct(late, "T-1")
	if err != nil || on != day(t, "2026-02-01") {
		t.Fatal(on, err)
	}
	rows := slices.Collect(j.Rows())
	last := rows[len(rows)-1]
	if last.Day != on || last.CorrectsDay != "2026-01-25" || last.Corrects != "T-1" || late.Marks != nil {
		t.Errorf("the correction stands as %+v", last)
	}
	for at, want := range map[string]string{"2026-01-31": "350", "2026-02-01": "355.5"} { // 360 − 10; + 5.5
		if got, err := j.Balance("Assets:Training:Kitchen", day(t, at)); err != nil || !got.Equal(amount(t, want)) {
			t.Errorf("%s at %s (%v), want %s", got, at, err, want)
		}
	}
	for _, c := range []struct {
		t    ledger.Transaction
		id   string
		says string
	}{
		{ledger.Transaction{Day: day(t, "2026-02-01"), ID: "x", Postings: late.Postings}, "", "that day is open; post it there"},
		{ledger.Transaction{Day: day(t, "2026-01-02"), ID: "x", Postings: late.Postings}, "T-9", `no transaction of id "T-9" was posted`},
		{ledger.Transaction{Day: day(t, "2026-01-02"), ID: "x", Postings: late.Postings}, "T-2", `"T-2" was posted on 2026-02-01, which is open`},
		{ledger.Transaction{Day: day(t, "2026-01-02"), ID: "T-2", Postings: late.Postings}, "", "a transaction of that id was posted on 2026-02-01"},
	} {
		if _, err := j.Correct(c.t, c.id); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, want …%s…", err, c.says)
		}
	}
	if err := j.Lock(day(t, "2026-01-30")); err == nil {
		t.Error("a lock was taken back")
	}
	if through, locked := j.Locked(); !locked || through != day(t, "2026-01-31") {
		t.Errorf("locked %v through %s", locked, through)
	}
}

func TestWhatIsRefusedLeavesNothingBehind(t *testing.T) {
	good := ledger.Posting{From: "Assets:Bank", To: "Expenses:Rent", Amount: amount(t, "1")}
	with := func(change func(*ledger.Transaction)) ledger.Transaction {
		x := ledger.Transaction{Day: day(t, "2026-02-01"), ID: "B-1", Postings: []ledger.Posting{good, good}}
		change(&x)
		return x
	}
	for want, x := range map[string]ledger.Transaction{
		`post "" of 2026-02-01: it has no id`:                                                                                with(func(x *ledger.Transaction) { x.ID = "" }),
		`post "T-1" of 2026-02-01: a transaction of that id was posted on 2026-01-20`:                                        with(func(x *ledger.Transaction) { x.ID = "T-1" }),
		`post "B-1" of 2026-02-01: it has no postings`:                                                                       with(func(x *ledger.Transaction) { x.Postings = nil }),
		`post "B-1" of 0999-12-31: a journal's days are 1000-01-01 to 9999-12-30`:                                            with(func(x *ledger.Transaction) { x.Day = day(t, "0999-12-31") }),
		`post "B-1" of 9999-12-31: a journal's days are 1000-01-01 to 9999-12-30`:                                            with(func(x *ledger.Transaction) { x.Day = day(t, "9999-12-31") }),
		`posting 2 (0.00 EUR from Assets:Bank to Expenses:Rent): an amount is above zero`:                                    with(func(x *ledger.Transaction) { x.Postings[1].Amount = money.Amount{} }),
		`posting 2 (-1.00 EUR from Assets:Bank to Expenses:Rent): an amount is above zero`:                                   with(func(x *ledger.Transaction) { x.Postings[1].Amount = amount(t, "-1") }),
		`posting 2 (1.00 EUR from Assets:Bank to Assets:Bank): it runs from an account to itself`:                            with(func(x *ledger.Transaction) { x.Postings[1].To = "Assets:Bank" }),
		`posting 2 (1.00 EUR from Assets:Bank to "Expenses:Rent\n"): account "Expenses:Rent\n"`:                              with(func(x *ledger.Transaction) { x.Postings[1].To = "Expenses:Rent\n" }),
		`posting 2 (1000000000000000000000.00 EUR from Assets:Bank to Expenses:Rent): an amount is below 10²¹`:               with(func(x *ledger.Transaction) { x.Postings[1].Amount = amount(t, "1"+strings.Repeat("0", 21)) }),
		`posting 2 (9999999999999999999999999999999999999999… EUR from Assets:Bank to Expenses:Rent): an amount is below`:    with(func(x *ledger.Transaction) { x.Postings[1].Amount = amount(t, strings.Repeat("9", 58)) }),
		`posting 2 (999999999999999999999.00 EUR from Assets:Bank to Expenses:Rent): all postings of a journal come to less`: with(func(x *ledger.Transaction) { x.Postings[1].Amount = amount(t, strings.Repeat("9", 21)) }),
		`mark "Course": a name is`: with(func(x *ledger.Transaction) { x.Marks = map[string]string{"Course": ""} }),
		`mark "date": a name is`:   with(func(x *ledger.Transaction) { x.Marks = map[string]string{"date": ""} }),
		`the mark corrects is set`: with(func(x *ledger.Transaction) { x.Marks = map[string]string{"corrects": "T-1"} }),
	} {
		j := shop(t)
		before := writings(t, j)
		if err := j.Post(x); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want …%s…", err, want)
		}
		if writings(t, j) != before {
			t.Errorf("%s: something was posted", want)
		}
	}
	if _, err := ledger.New("EURO"); err == nil {
		t.Error("EURO was taken for a currency")
	}
	if got, err := shop(t).Balance("Assets:Unknown", 0); err == nil {
		t.Errorf("an account that nothing was posted to holds %s", got)
	}
	if got, err := shop(t).Total("Assets:Train", 0); err == nil {
		t.Errorf("the beginning of a name was taken for an account of %s", got)
	}
}

// The limit of 10²¹ units is on the sum of all postings; just below it nothing wraps.
func TestLargeSumsAreExact(t *testing.T) {
	j := journal(t, "JPY")
	half := amount(t, "499999999999999999999.999999")
	for i, to := range []ledger.Account{"Assets:A:B", "Assets:A:C"} {
		if err := j.Post(ledger.Transaction{Day: 20454, ID: string(rune('a' + i)), Postings: []ledger.Posting{{From: "Income:X", To: to, Amount: half}}}); err != nil {
			t.Fatal(err)
		}
	}
	for a, want := range map[ledger.Account]string{"Assets": "999999999999999999999.999998", "Income": "-999999999999999999999.999998", "Assets:A": "999999999999999999999.999998"} {
		if got, err := j.Total(a, 20454); err != nil || got.String() != want {
			t.Errorf("%s holds %s (%v), want %s", a, got, err, want)
		}
	}
	one := ledger.Transaction{Day: 20454, ID: "c", Postings: []ledger.Posting{{From: "Income:X", To: "Assets:A:B", Amount: money.FromMicros(1)}}}
	if err := j.Post(one); err != nil {
		t.Error(err)
	}
	one.ID = "d"
	if err := j.Post(one); err == nil {
		t.Error("10²¹ units were posted")
	}
}

// The order of posting decides nothing that is written.
func TestAJournalIsWrittenTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := journals().Draw(t, "journal")
		var posted []ledger.Transaction
		for _, x := range d.posted {
			if !strings.HasPrefix(x.ID, "C") { // a correction carries marks that only Correct sets
				posted = append(posted, x)
			}
		}
		seed := rapid.Uint64().Draw(t, "seed")
		write := func() string {
			j := journal(t, d.journal.Currency())
			for _, x := range posted {
				if err := j.Post(x); err != nil {
					t.Fatal(err)
				}
			}
			return writings(t, j)
		}
		first := write()
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(posted), func(i, k int) { posted[i], posted[k] = posted[k], posted[i] })
		if again := write(); again != first {
			t.Fatalf("written in another order:\n%s\nand\n%s", first, again)
		}
	})
}

func writings(t failer, j *ledger.Journal) string {
	t.Helper()
	var b strings.Builder
	if err := errors.Join(j.WriteBeancount(&b), j.WriteHledger(&b), j.WriteCSV(&b)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// For the race detector: every method at once.
func TestAJournalMayBeUsedAtOnce(t *testing.T) {
	j := shop(t)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 50 {
				x := ledger.Transaction{Day: calendar.Day(20454 + (i*7+g)%40), ID: string(rune('a'+g)) + string(rune('A'+i)), Postings: []ledger.Posting{{From: "Income:X", To: "Assets:Bank", Amount: money.FromMicros(1)}}}
				if err := j.Post(x); err != nil {
					t.Error(err)
				}
				j.Balances(20470)
				if _, err := j.Total("Assets", 20480); err != nil {
					t.Error(err)
				}
				if i%10 == 0 {
					writings(t, j)
				}
			}
		})
	}
	all.Wait()
	if got, err := j.Balance("Income:X", 21000); err != nil || got.String() != "-0.0002" { // 200 millionths
		t.Error(got, err)
	}
}
