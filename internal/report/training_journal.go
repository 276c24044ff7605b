package report

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

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
	p := poster{of: titles(t)}
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
		if i == 0 || l.Month != t.Journal.Lines[i-1].Month || l.Movement != t.Journal.Lines[i-1].Movement {
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
			now = ledger.Transaction{Day: day, ID: l.Month + " " + l.Movement, Text: movements[l.Movement]}
		}
		now.Postings = append(now.Postings, p.posting(l))
	}
	if err := post(); err != nil {
		return nil, err
	}
	if p.fault != nil {
		return nil, p.fault
	}
	return j, j.Lock(last.Next().First() - 1)
}

// movements are the movements in words.
var movements = map[string]string{
	"restatement": "Came to light of earlier months", "addition": "Training completed", "transfer": "People went to another department", "amortisation": "Training used up",
	"impairment": "Training of no more use", "write_off": "Training left with people",
}

// impaired is why something was, as an account.
var impaired = map[string]string{"role_change": "Role change", "no_effect": "No effect"}

// poster names accounts. Its fault is the first name that could not be made.
type poster struct {
	of    map[string]string // names of the books as accounts have them
	fault error
}

// titles gives each department, course and kind of leaving a capital where no other is written so already: accounts begin with one, and
// an account of anything else has to say what it was.
func titles(t *sealed.Training) map[string]string {
	names := map[string]bool{}
	for _, b := range t.Journal.Opening {
		names[b.Department], names[b.Course] = true, true
	}
	for _, l := range t.Journal.Lines {
		names[l.Department], names[l.Course], names[l.ToDepartment], names[l.Why] = true, true, true, true
	}
	out := map[string]string{}
	for name := range names {
		out[name] = name
		if first, size := utf8.DecodeRuneInString(name); size > 0 {
			if title := string(unicode.ToUpper(first)) + name[size:]; !names[title] {
				out[name] = title
			}
		}
	}
	return out
}

func (p *poster) title(name string) string {
	if title, ok := p.of[name]; ok {
		return title
	}
	return name
}

func (p *poster) name(root string, parts ...string) ledger.Account {
	a, err := ledger.Name(root, parts...)
	if err != nil && p.fault == nil {
		p.fault = err
	}
	return a
}

func (p *poster) asset(contractor bool, department, course string) ledger.Account {
	of := "Training"
	if contractor {
		of = "Training of contractors"
	}
	return p.name("Assets", of, p.title(department), p.title(course))
}

// posting is a line of the journal; an amount below zero runs the other way.
func (p *poster) posting(l sealed.TrainingLine) ledger.Posting {
	asset := p.asset(l.Contractor, l.Department, l.Course)
	var x ledger.Posting
	switch l.Movement {
	case "addition":
		part := "Direct cost"
		if l.Pay {
			part = "Paid hours"
		}
		x = ledger.Posting{From: p.name("Expenses", "Training", part), To: asset}
	case "restatement":
		x = ledger.Posting{From: p.name("Equity", "Restatements"), To: asset}
	case "transfer":
		x = ledger.Posting{From: asset, To: p.asset(l.ToContractor, l.ToDepartment, l.Course)}
	case "amortisation":
		x = ledger.Posting{From: asset, To: p.name("Expenses", "Training", "Amortisation")}
	case "impairment":
		x = ledger.Posting{From: asset, To: p.name("Expenses", "Training", "Impairment", impaired[l.Why])}
	default:
		why := p.title(l.Why)
		if why == "" {
			why = "Not given"
		}
		x = ledger.Posting{From: asset, To: p.name("Expenses", "Training", "Written off", why)}
	}
	x.Amount = l.Amount
	if x.Amount.Sign() < 0 {
		x.From, x.To, x.Amount = x.To, x.From, x.Amount.Neg()
	}
	return x
}
