package ledger_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
	"pgregory.net/rapid"
)

type failer interface {
	Helper()
	Fatal(...any)
}

func day(t failer, text string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func amount(t failer, text string) money.Amount {
	t.Helper()
	a, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func journal(t failer, c money.Currency) *ledger.Journal {
	t.Helper()
	j, err := ledger.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// hostile are texts that mean something to one of the programs that read a journal.
var hostile = []string{
	"", " ", "\n", "\"", "\\", "\\\"", "\x00", "\x1b[31m", "\xff\xfe", "\u202eevil", "\u2028", "\u0085", ";", "; x", "a  ;b", "|", "payee | note", "'",
	"\n2020-01-01 open Assets:Bad EUR\n", "\"\n2020-01-01 close Assets:Cash\n; \"", "include \"/etc/hostname\"", "\ninclude /etc/hostname", "\n\ncomment\n", "end comment",
	"date: 2020-13-45", "date:1/1, date2:x", "[2020-13-45]", "[=1/1]", "type: Q", ":tag:", "key:: 1/0", "= expr", "~ monthly", "! pending", "* flag", "(code)", ")", "(", "{{}}", "@@ 5 USD",
	"=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "%", "#tag ^link", "P 2020-01-01 EUR 3 USD", "日本", "é", "🙂", "long " + strings.Repeat("text ", 400), "$", "1,000.00 EUR", "ünïcode\u00a0space",
}

func words() *rapid.Generator[string] {
	one := rapid.OneOf(rapid.SampledFrom(hostile), rapid.SampledFrom([]string{"Fire safety", "Onboarding", "Course 7"}), rapid.String())
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(one, 1, 2).Draw(t, "words"), "")
	})
}

// amounts are above zero: of two places, of six, of few digits, and very large.
func amounts() *rapid.Generator[money.Amount] {
	return rapid.Custom(func(t *rapid.T) money.Amount {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return money.FromMicros(10_000 * rapid.Int64Range(1, 10_000_000).Draw(t, "cents"))
		case 1:
			return money.FromMicros(rapid.Int64Range(1, 1<<40).Draw(t, "micros"))
		case 2:
			return money.FromMicros(1_000_000 * rapid.Int64Range(1, 9).Draw(t, "units"))
		case 3:
			return money.FromMicros(rapid.Int64Range(1<<62, 1<<63-1).Draw(t, "near the end of 64 bits"))
		}
		big := money.FromMicros(rapid.Int64Range(1, 1<<62).Draw(t, "big"))
		for range 23 {
			big = big.Add(big)
		}
		return big
	})
}

// days lie close together, so that transactions meet on one, or anywhere.
func days() *rapid.Generator[calendar.Day] {
	first, last := calendar.DayOf(1000, time.January, 1), calendar.DayOf(9999, time.December, 30)
	return rapid.OneOf(
		rapid.Custom(func(t *rapid.T) calendar.Day { return 20454 + calendar.Day(rapid.IntRange(0, 40).Draw(t, "day")) }), // from 2026-01-01
		rapid.Custom(func(t *rapid.T) calendar.Day {
			return calendar.Day(rapid.Int32Range(int32(first), int32(last)).Draw(t, "any day"))
		}),
		rapid.SampledFrom([]calendar.Day{first, last}),
	)
}

// drawn is a journal with all that was posted to it, as the naive method knows it.
type drawn struct {
	journal *ledger.Journal
	posted  []ledger.Transaction // as they stand: corrections on their day
	refused int
}

func (d *drawn) post(t ledger.Transaction) {
	if d.journal.Post(t) != nil {
		d.refused++
		return
	}
	d.posted = append(d.posted, t)
}

// naive is the balance by going through all postings.
func (d *drawn) naive(a ledger.Account, at calendar.Day) (total money.Amount, moved bool) {
	for _, t := range d.posted {
		for _, p := range t.Postings {
			if t.Day > at {
				continue
			}
			if p.To == a {
				total, moved = total.Add(p.Amount), true
			}
			if p.From == a {
				total, moved = total.Sub(p.Amount), true
			}
		}
	}
	return total, moved
}

func journals() *rapid.Generator[*drawn] {
	return rapid.Custom(func(t *rapid.T) *drawn {
		d := &drawn{journal: journal(t, rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD", "USD", "CLF"}).Draw(t, "currency"))}
		accounts := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) ledger.Account {
			return name(t, rapid.SampledFrom(ledger.Roots).Draw(t, "root"), rapid.SliceOfN(rapid.OneOf(texts(), words()), 1, 3).Draw(t, "parts")...)
		}), 2, 7, func(a ledger.Account) ledger.Account { return a }).Draw(t, "accounts")
		account := rapid.SampledFrom(accounts)
		transaction := rapid.Custom(func(t *rapid.T) ledger.Transaction {
			x := ledger.Transaction{Day: days().Draw(t, "day"), Text: words().Draw(t, "text")}
			for range rapid.IntRange(1, 4).Draw(t, "postings") {
				x.Postings = append(x.Postings, ledger.Posting{From: account.Draw(t, "from"), To: account.Draw(t, "to"), Amount: amounts().Draw(t, "amount"), Memo: words().Draw(t, "memo")})
			}
			if rapid.Bool().Draw(t, "marked") {
				x.Marks = map[string]string{"course": words().Draw(t, "course"), "a1-": words().Draw(t, "mark")}
			}
			return x
		})
		before, after := rapid.IntRange(0, 12).Draw(t, "before the lock"), 0
		for i := range before {
			x := transaction.Draw(t, "transaction")
			x.ID = words().Draw(t, "id") + fmt.Sprint(i)
			d.post(x)
		}
		if rapid.Bool().Draw(t, "lock") && d.journal.Lock(days().Draw(t, "through")) == nil {
			after = rapid.IntRange(0, 6).Draw(t, "after the lock")
		}
		for i := range after {
			x := transaction.Draw(t, "transaction")
			x.ID = fmt.Sprint("L", i)
			d.post(x)
			x.ID = fmt.Sprint("C", i)
			corrected := ""
			if len(d.posted) > 0 && rapid.Bool().Draw(t, "of one") {
				corrected = d.posted[0].ID
			}
			if on, err := d.journal.Correct(x, corrected); err == nil {
				x.Day = on
				d.posted = append(d.posted, x)
			}
		}
		return d
	})
}
