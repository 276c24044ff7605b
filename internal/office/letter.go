package office

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// Letter is one message to one person, in words and without any markup. It
// holds headline figures and nothing about any customer.
type Letter struct {
	ID         string // the same whenever the same letter is tried again
	To         string
	Subject    string
	Paragraphs []string
	Figures    []Headline
	After      []string // paragraphs below the figures
	Link       string   // full address of the page that says more; empty: none
	Open       string   // what the link is called
}

// Headline is one figure of a letter, as it is printed.
type Headline struct{ Name, Value string }

// writing is a letter in the making.
type writing struct {
	say     func(string) string
	company Company
	notice  Notice
	letter  Letter
	path    string
}

// t is a sentence of the letters with its arguments put in. Sentences are
// written in English where they stand, as those of the pages are.
func (w *writing) t(text string, args ...any) string {
	if w.say != nil {
		text = w.say(text)
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

func (w *writing) page(path string) { w.path = path }

// done puts the company before the subject and names the page.
func (w *writing) done(address func(path string) string) Letter {
	l := w.letter
	name := line(w.company.Name)
	if w.company.Simulated {
		name = w.t("%s (simulated)", name)
	}
	if l.Subject = capital(l.Subject); name != "" {
		l.Subject = name + ": " + l.Subject
	}
	if address != nil {
		l.Link, l.Open = address(w.path), w.t("Open it in Throughline")
	}
	return l
}

func (w *writing) add(text string) { w.letter.Paragraphs = append(w.letter.Paragraphs, text) }

// sealed tells of a seal, and of what a restatement moved.
func (w *writing) sealed(s closing.Seal) error {
	d, err := sealed.Read(s.Document)
	if err != nil {
		return fmt.Errorf("read seal %d: %w", s.ID, err)
	}
	period := w.period(s.Label)
	what := w.t("%s is sealed", period)
	if s.Restates != 0 {
		what = w.t("%s is restated", period)
	}
	w.letter.Subject = what
	w.add(capital(what) + ".")
	if d.Restatement != nil {
		w.add(w.t("The books changed since the first seal, and %s of the statement moved. The first seal stands beside it.", counted(len(d.Restatement.Lines), "line")))
	}
	if !w.notice.Due.IsZero() && s.At.Before(w.notice.Began) {
		w.add(w.t("It was sealed before the schedule came to it, on %s.", w.day(s.At)))
	} else {
		w.late()
	}
	if of := d.Statement(d.Headline()); of != nil && of.Period != nil && d.Headline() == sealed.Trailing {
		w.add(w.t("The figures are of the twelve months that end with it: %s.", w.days(*of.Period)))
	}
	w.figures(d)
	if n := len(d.Warnings); n > 0 {
		w.letter.After = append(w.letter.After, w.t("Warnings beside the figures: %d. Read them together.", n))
	}
	return nil
}

// refused tells why nothing was done and what to do.
func (w *writing) refused() {
	done := map[JobKind]string{CloseJob: w.t("the close"), ImportJob: w.t("the import"), BackupJob: w.t("the backup")}[w.notice.Kind]
	period := w.period(w.notice.Label)
	verb := w.t("%s of %s was refused", done, period)
	if w.notice.What == FailedNotice {
		verb = w.t("%s of %s failed", done, period)
	}
	if w.notice.Kind == CloseJob && w.notice.What == RefusedNotice {
		verb = w.t("%s was refused", period)
	}
	w.letter.Subject = capital(verb)
	if w.notice.Kind == CloseJob {
		w.add(capital(verb) + ". " + w.t("Nothing was sealed."))
	} else {
		w.add(capital(verb) + ".")
	}
	w.late()
	if w.notice.Why != "" {
		w.add(w.t("Why: %s.", w.notice.Why))
	}
	if w.notice.Do != "" {
		w.add(w.t("What to do: %s.", w.notice.Do))
	}
}

// overdue tells that a period has no seal.
func (w *writing) overdue() {
	period := w.period(w.notice.Label)
	w.letter.Subject = w.t("%s is overdue", period)
	w.add(capital(w.t("%s is overdue: it was due on %s and is not sealed.", period, w.day(w.notice.Due))))
	w.add(w.t("What to do: look at why the close was refused or did not run, then close it."))
}

// late says that a schedule was kept from its hour.
func (w *writing) late() {
	if w.notice.Due.IsZero() || !(Turn{Due: w.notice.Due}).Late(w.notice.Began) {
		return
	}
	w.add(w.t("It is late: it was due on %s, when no server was running, and was begun on %s.", w.moment(w.notice.Due), w.moment(w.notice.Began)))
}

// headline are the figures of a letter, by their names in the document.
var headline = []string{
	"revenue.current", "growth_rate", "earned_growth_rate", "net_revenue_retention",
	"customers.closing", "customers.new_earned", "customers.new_bought", "customers.new_unattributed", "customers.returning", "customers.lost",
}

// figures prints the headline figures, those that a restatement moved with
// what they were.
func (w *writing) figures(d *sealed.Document) {
	for _, name := range headline {
		f, ok := d.Figure(d.Headline(), name)
		if !ok {
			continue
		}
		value := w.value(f.Value, d.Currency)
		for _, m := range d.Moved(d.Headline(), name) {
			if _, _, part, ok := sealed.LineOf(m.Line); ok && part == "" {
				if was, ok := before(m.Before, f.Value.Unit, d.Currency); ok {
					value += " " + w.t("(was %s)", was)
				}
			}
		}
		w.letter.Figures = append(w.letter.Figures, Headline{w.t(f.Label), value})
	}
}

// value prints an exact number or a figure.
func (w *writing) value(v sealed.Value, currency money.Currency) string {
	switch v.Unit {
	case sealed.Money:
		return string(currency) + " " + v.Amount.Grouped(currency.Places())
	case sealed.Share, sealed.Multiple:
		return w.rate(v.Figure)
	}
	return grouped(v.Count)
}

// before prints a value as it stood before a restatement.
func before(text string, unit sealed.Unit, currency money.Currency) (string, bool) {
	switch unit {
	case sealed.Money:
		a, err := money.Parse(text)
		return string(currency) + " " + a.Grouped(currency.Places()), err == nil
	case sealed.Share, sealed.Multiple:
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			return "", false
		}
		return percent(r), true
	}
	return text, text != ""
}

// rate prints a figure with its interval, or that there is none.
func (w *writing) rate(f evidence.Figure) string {
	e, ok := f.Estimate()
	switch {
	case !ok:
		return w.t("not stated; the page says why")
	case e.Value == nil:
		return w.t("between %s and %s", percent(e.Low), percent(e.High))
	case e.Kind == evidence.KindExact:
		return percent(e.Value)
	}
	return w.t("%s, between %s and %s", percent(e.Value), percent(e.Low), percent(e.High))
}

// percent has one decimal, halves away from zero.
func percent(r *big.Rat) string {
	text := new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(1)
	if text == "-0.0" {
		text = "0.0"
	}
	return text + "%"
}

func grouped(n int64) string {
	return money.FromBig(new(big.Int).Mul(big.NewInt(n), big.NewInt(1_000_000))).Grouped(0)
}

var (
	quotation = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|“[^”]*”")
	single    = regexp.MustCompile(`(^|[\s(=:,\[])'[^']*'`) // as engines quote; an apostrophe follows a letter
	aside     = regexp.MustCompile(`\s*\([^()]*\)`)
	addressed = regexp.MustCompile(`\S*@\S*`)
	folders   = regexp.MustCompile(`(?:[A-Za-z]:)?[/\\](?:[^\s:/\\]+[/\\])+`)
)

// Bare is the first line of a refusal or a fault without what it may quote
// from the books: nothing between quotation marks or brackets, no mail address,
// and of a file its name alone. It may leave the house and enter a log.
func Bare(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = quotation.ReplaceAllString(text, "…")
	text = single.ReplaceAllString(text, "$1…")
	for aside.MatchString(text) {
		text = aside.ReplaceAllString(text, "")
	}
	text = addressed.ReplaceAllString(text, "…")
	text = folders.ReplaceAllString(text, "")
	text, _, _ = strings.Cut(text, "for example")
	return strings.TrimRight(line(text), " .;:,")
}

// line makes one line of a text, without what could steer a reader's program.
func line(text string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(visible), " ")
}

func capital(text string) string {
	for i, r := range text {
		return string(unicode.ToUpper(r)) + text[i+len(string(r)):]
	}
	return text
}

var months = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

var spoken = regexp.MustCompile(`^(FY)?([0-9]{4})(?:-(Q|P)?([0-9]{1,2}))?$`)

// period is a period's name as people say it: "September 2011".
func (w *writing) period(label string) string {
	part := spoken.FindStringSubmatch(label)
	if part == nil {
		return line(label)
	}
	year, number := part[1]+part[2], strings.TrimLeft(part[4], "0")
	switch {
	case part[3] == "Q":
		return w.t("quarter %s of %s", number, year)
	case part[3] == "P":
		return w.t("period %s of %s", number, year)
	case part[4] == "":
		return year
	}
	if i := slices.Index([]string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"}, part[4]); i >= 0 && part[1] == "" {
		return w.t("%s %s", w.t(months[i]), part[2])
	}
	return label
}
