package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// Posting moves an amount above zero from one account to another. What it came
// from falls by it (is credited), what it came to rises (is debited).
type Posting struct {
	From, To Account
	Amount   money.Amount
	Memo     string // any text, or none
}

// Transaction is what is posted together: all of it or nothing.
type Transaction struct {
	Day      calendar.Day // of the years 1000 to 9999, its last day aside
	ID       string       // any text but none, once in a journal
	Text     string       // any text, or none
	Postings []Posting    // at least one
	// Marks say more by name: {"course": "Fire safety"}. A name is two or more
	// small letters, digits and hyphens and begins with a letter.
	Marks map[string]string
}

// Journal holds the transactions of one currency. All methods may be called by
// several goroutines at once; a journal that is written or read row by row is
// the journal of that moment.
type Journal struct {
	currency money.Currency
	mu       sync.Mutex // over all below
	locked   bool
	through  calendar.Day // the last locked day, when locked
	entries  []*entry     // never changed once they are there
	ids      map[string]int32
	index    map[Account]int32
	accounts []account
	turnover sum
	decimals int       // that the longest amount needs
	spare    []posting // room for postings, taken from the front
	blank    []entry   // and for entries
}

// entry is a transaction as it is kept.
type entry struct {
	day      calendar.Day
	id, text string
	marks    []mark
	postings []posting
}

type mark struct{ key, value string }

type posting struct {
	from, to int32 // in Journal.accounts
	amount   sum
	memo     string
}

// New opens an empty journal in that currency.
func New(currency money.Currency) (*Journal, error) {
	if _, err := money.ParseCurrency(string(currency)); err != nil {
		return nil, fmt.Errorf("open a journal: %w", err)
	}
	return &Journal{currency: currency, ids: map[string]int32{}, index: map[Account]int32{}}, nil
}

// Currency is the one that all amounts are in.
func (j *Journal) Currency() money.Currency { return j.currency }

// Len is how many transactions have been posted.
func (j *Journal) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.entries)
}

// Post adds a transaction, on any open day, before or after others. It refuses
// one that is not whole, or lies in a locked period, and then nothing of it is
// posted; the error names the transaction and the posting.
func (j *Journal) Post(t Transaction) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, key := range []string{markCorrects, markCorrectsDay} {
		if _, ok := t.Marks[key]; ok {
			return fmt.Errorf("post %s: the mark %s is set by Correct alone", t.named(), key)
		}
	}
	if j.locked && t.Day <= j.through {
		return fmt.Errorf("post %s%s: the journal is locked through %s; post it on %s or later, or as a correction", t.named(), t.moved(j.currency), j.through, j.through+1)
	}
	return j.post(t)
}

// firstDay and lastDay bound the days that both programs read; after the last
// there must be another, at whose start Beancount asserts balances.
var (
	firstDay = calendar.DayOf(1000, time.January, 1)
	lastDay  = calendar.DayOf(9999, time.December, 30)
)

func (j *Journal) post(t Transaction) error {
	if err := t.whole(); err != nil {
		return fmt.Errorf("post %s: %w", t.named(), err)
	}
	if at, ok := j.ids[t.ID]; ok {
		return fmt.Errorf("post %s: a transaction of that id was posted on %s", t.named(), j.entries[at].day)
	}
	turnover, decimals := j.turnover, j.decimals
	postings := j.room(len(t.Postings))
	for i := range t.Postings {
		x, err := j.checked(&t.Postings[i])
		if turnover = turnover.add(x.amount); err == nil && !most.above(turnover) {
			err = errors.New("all postings of a journal come to less than 10²¹ units")
		}
		if err != nil {
			return fmt.Errorf("post %s, posting %d%s: %w", t.named(), i+1, t.Postings[i].moved(j.currency), err)
		}
		decimals = max(decimals, x.amount.decimals())
		postings[i] = x
	}
	// Nothing is refused from here on.
	j.spare = j.spare[len(postings):]
	for i := range postings {
		x := &postings[i]
		if x.from == unopened {
			x.from = j.account(t.Postings[i].From)
		}
		if x.to == unopened {
			x.to = j.account(t.Postings[i].To)
		}
		j.accounts[x.from].move(t.Day, x.amount.neg())
		j.accounts[x.to].move(t.Day, x.amount)
	}
	j.turnover, j.decimals = turnover, decimals
	if len(j.blank) == 0 {
		j.blank = make([]entry, 512)
	}
	e := &j.blank[0]
	j.blank = j.blank[1:]
	*e = entry{t.Day, t.ID, t.Text, marksOf(t.Marks), postings}
	j.ids[t.ID] = int32(len(j.entries))
	j.entries = append(j.entries, e)
	return nil
}

// room is for so many postings. It is taken only when they are posted.
func (j *Journal) room(n int) []posting {
	if len(j.spare) < n {
		j.spare = make([]posting, max(n, 1024))
	}
	return j.spare[:n:n]
}

// whole says what is wrong with a transaction but for its postings.
func (t Transaction) whole() error {
	switch {
	case t.ID == "":
		return errors.New("it has no id")
	case t.Day < firstDay || t.Day > lastDay:
		return fmt.Errorf("a journal's days are %s to %s", firstDay, lastDay)
	case len(t.Postings) == 0:
		return errors.New("it has no postings")
	}
	for key := range t.Marks {
		if !markable(key) {
			return fmt.Errorf("mark %s: a name is two or more of a–z, 0–9 and hyphens, begins with a letter and is none of %s", quote(key), strings.Join(unmarkable, ", "))
		}
	}
	return nil
}

// unopened stands for an account that nothing was posted to yet.
const unopened = -1

// checked says what is wrong with a posting, or gives it as it is kept.
func (j *Journal) checked(p *Posting) (x posting, err error) {
	if x.from, err = j.found(p.From); err != nil {
		return posting{}, err
	}
	if x.to, err = j.found(p.To); err != nil {
		return posting{}, err
	}
	if p.From == p.To {
		return posting{}, errors.New("it runs from an account to itself")
	}
	if p.Amount.Sign() <= 0 {
		return posting{}, errors.New("an amount is above zero; what runs the other way is posted from the other account")
	}
	amount, ok := sumOf(p.Amount)
	if !ok || !most.above(amount) {
		return posting{}, errors.New("an amount is below 10²¹ units")
	}
	x.amount, x.memo = amount, p.Memo
	return x, nil
}

// found is where an account is, or unopened when it is valid.
func (j *Journal) found(name Account) (int32, error) {
	if at, ok := j.index[name]; ok {
		return at, nil
	}
	_, _, err := name.Parts()
	return unopened, err
}

// unmarkable are names that one of the programs, or the journal, takes for its own.
var unmarkable = []string{"date", "date2", "filename", "id", "label", "lineno", "memo", "type"}

func markable(key string) bool {
	return len(key) >= 2 && key[0] >= 'a' && key[0] <= 'z' && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && !slices.Contains(unmarkable, key)
}

func marksOf(marks map[string]string) []mark {
	if len(marks) == 0 {
		return nil
	}
	out := make([]mark, 0, len(marks))
	for _, key := range slices.Sorted(maps.Keys(marks)) {
		out = append(out, mark{key, marks[key]})
	}
	return out
}

// account finds or opens an account.
func (j *Journal) account(name Account) int32 {
	at, ok := j.index[name]
	if !ok {
		at = int32(len(j.accounts))
		j.index[name] = at
		j.accounts = append(j.accounts, account{name: name})
	}
	return at
}

func (t Transaction) named() string { return fmt.Sprintf("%s of %s", quote(t.ID), t.Day) }

// moved tells what a transaction would have moved, by its first posting.
func (t Transaction) moved(c money.Currency) string {
	switch len(t.Postings) {
	case 0:
		return ""
	case 1:
		return t.Postings[0].moved(c)
	}
	return fmt.Sprintf("%s and %d more", t.Postings[0].moved(c), len(t.Postings)-1)
}

func (p Posting) moved(c money.Currency) string {
	amount := p.Amount.Text(c.Places())
	if len(amount) > 40 {
		amount = amount[:40] + "…"
	}
	return fmt.Sprintf(" (%s %s from %s to %s)", amount, c, short(p.From), short(p.To))
}

// short is an account for an error: as it is where it is short and prints.
func short(a Account) string {
	if quoted := quote(string(a)); quoted != `"`+string(a)+`"` {
		return quoted
	}
	return string(a)
}

// sorted is the order of the entries by day, then by id, which no order of
// posting decides.
func sorted(entries []*entry) []int32 {
	order := make([]int32, len(entries))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		a, b := entries[x], entries[y]
		if a.day != b.day {
			return cmp.Compare(a.day, b.day)
		}
		return strings.Compare(a.id, b.id)
	})
	return order
}
