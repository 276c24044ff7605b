package report

import (
	"fmt"
	"io"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
)

// JournalFormats are the forms in which the journal of the training asset is written: plain text that Beancount and hledger read, and rows.
var JournalFormats = []string{"beancount", "hledger", "csv", "xlsx"}

// NoJournal says that a document holds no journal, and what it lacks.
type NoJournal struct{ sealed.Locked }

func (n *NoJournal) Error() string { return n.Refused }

// Journal writes the journal of the training asset of the period. Of a document that has none it is a *[NoJournal], and nothing is written.
func Journal(w io.Writer, document []byte, format string) error {
	d, err := read(document)
	if err != nil {
		return err
	}
	t := d.TrainingAsset()
	if t == nil {
		return &NoJournal{sealed.Locked{Refused: "this seal was made before the training asset was stated", UnlockedBy: "a close of a later period, or a restatement"}}
	}
	if !t.Open() {
		return &NoJournal{t.Locked}
	}
	j, err := trainingJournal(t, money.Currency(d.Currency))
	if err != nil {
		return fmt.Errorf("journal of the training asset: %w", err)
	}
	switch format {
	case "beancount":
		err = j.WriteBeancount(w)
	case "hledger":
		err = j.WriteHledger(w)
	case "csv":
		err = j.WriteCSV(w)
	case "xlsx":
		through, _ := j.Locked()
		err = JournalXLSX(w, j, through)
	default:
		return fmt.Errorf("journal of the training asset: there is no format %q", format)
	}
	if err != nil {
		return fmt.Errorf("journal of the training asset: %w", err)
	}
	return nil
}

// trainingJournal posts what a sealed statement of the training asset holds: what the period opens with, and of each month one transaction a
// movement, on the month's last day. The period is locked when all is posted.
func trainingJournal(t *sealed.Training, currency money.Currency) (*ledger.Journal, error) {
	j, err := ledger.New(currency)
	if err != nil {
		return nil, err
	}
	first, err := calendar.ParseMonth(t.First)
	if err != nil {
		return nil, err
	}
	last, err := calendar.ParseMonth(t.Last)
	if err != nil {
		return nil, err
	}
	p := poster{}
	var balances []ledger.Balance
	for _, b := range t.Journal.Opening {
		balances = append(balances, ledger.Balance{Account: p.asset(b.Contractor, b.Department, b.Course), Amount: b.Amount})
	}
	if err := j.Open(first.First(), t.First+" opening", balances); err != nil {
		return nil, err
	}
	var now ledger.Transaction
	post := func() error {
		if len(now.Postings) == 0 {
			return nil
		}
		return j.Post(now)
	}
	for i, l := range t.Journal.Lines {
		if i == 0 || !t.Journal.Lines[i-1].Together(l) {
			if err := post(); err != nil {
				return nil, err
			}
			month, err := calendar.ParseMonth(l.Month)
			if err != nil {
				return nil, err
			}
			day := month.Next().First() - 1
			if l.Movement == "restatement" {
				day = month.First()
			}
			now = ledger.Transaction{Day: day, ID: l.Month + " " + l.Movement + section(l.Contractor) + ": " + l.Department, Text: movements[l.Movement]}
		}
		now.Postings = append(now.Postings, p.posting(l))
	}
	if err := post(); err != nil {
		return nil, err
	}
	if err := p.reasons(j, t, last); err != nil {
		return nil, err
	}
	if p.fault != nil {
		return nil, p.fault
	}
	return j, j.Lock(last.Next().First() - 1)
}

// section tells what is of contractors' workers.
func section(contractor bool) string {
	if contractor {
		return " of contractors"
	}
	return ""
}

// reasons tells what was written off by kind of exit, of the whole company and on the period's last day: by department it would tell why
// somebody left.
func (p *poster) reasons(j *ledger.Journal, t *sealed.Training, last calendar.Month) error {
	now := ledger.Transaction{Day: last.Next().First() - 1, ID: t.Last + " write_off by kind of exit", Text: "What left with people, by why they left"}
	for _, l := range t.Left {
		kind := map[string]string{"voluntary": "Voluntary", "involuntary": "Involuntary", "other": "Other", "unknown": "Unknown"}[l.Name]
		if kind != "" && l.Amount.Sign() > 0 {
			now.Postings = append(now.Postings, ledger.Posting{From: p.name("Expenses", "Training", "Written off"), To: p.name("Expenses", "Training", "Written off", kind), Amount: l.Amount})
		}
	}
	if len(now.Postings) == 0 {
		return nil
	}
	return j.Post(now)
}

// movements are the movements in words.
var movements = map[string]string{
	"restatement": "Came to light of earlier months", "addition": "Training completed", "transfer": "People went to another department", "amortisation": "Training used up",
	"impairment": "Training of no more use", "write_off": "Training left with people",
}

// impaired is why something was, as an account.
var impaired = map[string]string{"role_change": "Role change", "no_effect": "No effect"}

// poster names accounts. Its fault is the first name that could not be made.
type poster struct{ fault error }

func (p *poster) name(root string, parts ...string) ledger.Account {
	a, err := ledger.Name(root, parts...)
	if err != nil && p.fault == nil {
		p.fault = err
	}
	return a
}

// after is a name of the books behind a word of ours, so that it may begin with anything and is written alike in every period.
func after(word, name string) string {
	if name == "" {
		return word
	}
	return word + " " + name
}

func (p *poster) asset(contractor bool, department, course string) ledger.Account {
	of := "Training"
	if contractor {
		of = "Training of contractors"
	}
	return p.name("Assets", of, after("Department", department), after("Course", course))
}

// posting is a line of the journal; an amount below zero runs the other way.
func (p *poster) posting(l sealed.TrainingLine) ledger.Posting {
	asset := p.asset(l.Contractor, l.Department, l.Course)
	var x ledger.Posting
	switch l.Movement {
	case "addition":
		x = ledger.Posting{From: p.name("Expenses", "Training", "Capitalised"), To: asset}
	case "restatement":
		x = ledger.Posting{From: p.name("Equity", "Restatements"), To: asset}
	case "transfer":
		x = ledger.Posting{From: asset, To: p.asset(l.ToContractor, l.ToDepartment, l.Course)}
	case "amortisation":
		x = ledger.Posting{From: asset, To: p.name("Expenses", "Training", "Amortisation")}
	case "impairment":
		x = ledger.Posting{From: asset, To: p.name("Expenses", "Training", "Impairment", impaired[l.Why])}
	default:
		x = ledger.Posting{From: asset, To: p.name("Expenses", "Training", "Written off")}
	}
	x.Amount = l.Amount
	if x.Amount.Sign() < 0 {
		x.From, x.To, x.Amount = x.To, x.From, x.Amount.Neg()
	}
	return x
}
