package ledger

import (
	"fmt"
	"maps"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// What a correction is marked with: the locked day that it belongs to, and the
// id of the transaction that it corrects, where there is one.
const (
	markCorrectsDay = "corrects-day"
	markCorrects    = "corrects"
)

// Lock closes all days through that one. A lock is not taken back.
func (j *Journal) Lock(through calendar.Day) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.locked && through < j.through:
		return fmt.Errorf("lock through %s: the journal is locked through %s, and a lock is not taken back; post what changes as a correction", through, j.through)
	case through < firstDay || through >= lastDay:
		return fmt.Errorf("lock through %s: a journal's days are %s to %s, and one must stay open", through, firstDay, lastDay)
	}
	j.locked, j.through = true, through
	return nil
}

// Locked tells the last locked day; false where every day is open.
func (j *Journal) Locked() (through calendar.Day, locked bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.through, j.locked
}

// Correct posts on the first open day what belongs to the locked day t.Day, and
// tells that day. The transaction is marked with the day that it belongs to
// (corrects-day) and with the id of the one that it corrects (corrects), which
// is empty where the day lacked it altogether. What was posted before stays as
// it is: t holds the difference, and to take a posting back it runs the other
// way.
func (j *Journal) Correct(t Transaction, id string) (posted calendar.Day, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.locked || t.Day > j.through {
		return 0, fmt.Errorf("correct %s%s: that day is open; post it there", t.named(), t.moved(j.currency))
	}
	if t.Day < firstDay {
		return 0, fmt.Errorf("correct %s: a journal's days are %s to %s", t.named(), firstDay, lastDay)
	}
	marks := map[string]string{}
	maps.Copy(marks, t.Marks)
	marks[markCorrectsDay] = t.Day.String()
	delete(marks, markCorrects)
	if id != "" {
		at, ok := j.ids[id]
		switch {
		case !ok:
			return 0, fmt.Errorf("correct %s%s: no transaction of id %s was posted", t.named(), t.moved(j.currency), quote(id))
		case j.entries[at].day > j.through:
			return 0, fmt.Errorf("correct %s%s: %s was posted on %s, which is open; correct it there", t.named(), t.moved(j.currency), quote(id), j.entries[at].day)
		}
		marks[markCorrects] = id
	}
	t.Day, t.Marks = j.through+1, marks
	return t.Day, j.post(t)
}

// Opening is the account that opening balances come from.
const Opening Account = "Equity:Opening-Balances"

// Open posts balances with which a journal begins, as one transaction on an
// open day: those above zero come from [Opening], those below go there, and
// those of zero are left out. Balances that are all zero are nothing to post.
func (j *Journal) Open(day calendar.Day, id string, balances []Balance) error {
	t := Transaction{Day: day, ID: id, Text: "Opening balances"}
	for _, b := range balances {
		switch b.Amount.Sign() {
		case 1:
			t.Postings = append(t.Postings, Posting{From: Opening, To: b.Account, Amount: b.Amount})
		case -1:
			t.Postings = append(t.Postings, Posting{From: b.Account, To: Opening, Amount: b.Amount.Neg()})
		default:
			if _, _, err := b.Account.Parts(); err != nil {
				return fmt.Errorf("open with %s: %w", money.Amount{}.Text(j.currency.Places()), err)
			}
		}
	}
	if len(t.Postings) == 0 {
		return nil
	}
	return j.Post(t)
}
