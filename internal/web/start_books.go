package web

import (
	"errors"
	"math/big"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// startBooksView is what the files would come to: every book of the draft.
type startBooksView struct {
	Steps    []stop
	Version  int64
	Books    []triedBook
	Loose    []givenFile // in no book
	Options  []option    // of the books
	Currency string      // that the files speak of, where it is not the company's
	Asked    string      // the company's
	Changed  int         // keys that differ from books.yaml
	Lacking  []door      // books that lack what they need
	Refused  []door      // books of which more rows are refused than a close allows
	Engaged  bool
	Wrong    string
	Do       string
	Stale    *meanwhile
	MayRead  bool // the rows' values
}

// triedBook is one book with what its files came to.
type triedBook struct {
	Name, Heading, Path, Purpose string
	Files                        []string
	More                         int
	Problem, Do                  string
	Removed                      []string // files that an erasure removed, for want of which it cannot be tried
	Rows, Refused, Skipped       int64
	Share, Threshold             string
	Above                        bool // more rows are refused than a close allows
	Whole                        bool
	First, Last                  *calendar.Day
	Amount                       string
	Tax                          string // what is said of tax in it; empty: the book has no such amounts
	Lacking                      []string
	Reasons                      []reasonLine
	Suggestions                  []suggestionLine
	Hasty                        bool
	Checks                       []checkLine
}

// checkLine is a guess that a person should look at.
type checkLine struct{ Key, Text string }

// suggestionLine is a change that mends rows, to be ticked.
type suggestionLine struct {
	Code, Text     string
	Mends, LeftOut int64
	Ticked         bool
}

var startBooksPage = page[startBooksView]("start-books.html")

func startBookPath(name string) string { return "/start/books/" + name }

// startBooks shows what the files would come to. Files that nobody has looked
// at yet are looked at first.
func (s *Server) startBooks(v *visit) error {
	ctx := v.r.Context()
	d, err := s.Office.Draft(ctx)
	if err != nil {
		return err
	}
	if d.Config.Company == "" {
		return v.goTo("/start")
	}
	files, err := s.Office.Files(ctx)
	if err != nil {
		return err
	}
	view := startBooksView{}
	if slices.ContainsFunc(files, func(f office.File) bool { return len(f.Books) == 0 && f.Note == "" }) {
		looked, err := s.Office.Propose(ctx, d.Version, v.user().ID)
		var clash *office.Clashing
		var stale *program.Stale
		switch {
		case errors.Is(err, office.ErrEngaged):
			view.Engaged = true
		case errors.As(err, &clash), errors.As(err, &stale): // somebody else has looked at the same moment
		case err != nil:
			return err
		default:
			view.Currency = looked.Currency
		}
	}
	return s.showStartBooks(v, http.StatusOK, view)
}

func (s *Server) showStartBooks(v *visit, status int, view startBooksView) error {
	ctx := v.r.Context()
	d, err := s.Office.Draft(ctx)
	if err != nil {
		return err
	}
	files, err := s.Office.Files(ctx)
	if err != nil {
		return err
	}
	if len(files) == 0 && len(d.Config.Books) == 0 {
		return v.goTo("/start/files")
	}
	view.Steps, view.Version, view.Asked, view.Changed, view.MayRead = v.stepsAt(2), d.Version, d.Config.Settings.Currency, len(d.Changed), v.may(access.ReadCustomers)
	view.Options = v.bookOptions(nil)
	for _, f := range files {
		if len(f.Books) == 0 {
			view.Loose = append(view.Loose, givenFile{Name: f.Name, Size: v.locale.bytesText(f.Size), Note: f.Note})
		}
	}
	for _, name := range d.Config.Mapped() {
		book, err := s.triedBook(v, d, name)
		if errors.Is(err, office.ErrEngaged) {
			view.Engaged = true
			continue
		}
		if err != nil {
			return err
		}
		at := door{Path: book.Path, Text: book.Heading}
		if len(book.Lacking) > 0 || book.Problem != "" {
			view.Lacking = append(view.Lacking, at)
		} else if book.Above {
			view.Refused = append(view.Refused, at)
		}
		view.Books = append(view.Books, book)
	}
	if len(d.Clashes) > 0 && view.Stale == nil {
		view.Stale = v.clashes(d.Clashes)
	}
	head := title{Text: v.t("Your books")}
	if view.Engaged {
		head.Refresh = waitSeconds
	}
	return startBooksPage.render(v, status, head, view)
}

// triedBook tries one book; why it cannot be tried is told beside it.
func (s *Server) triedBook(v *visit, d office.Draft, name string) (triedBook, error) {
	out := triedBook{Name: name, Heading: sentence(v.t(bookName(name))), Path: startBookPath(name), Purpose: purpose(v.locale, name), Checks: checkLines(d, name)}
	trial, err := s.Office.Try(v.r.Context(), d, name)
	var removed *office.Removed
	if errors.As(err, &removed) {
		out.Removed, out.Lacking = removed.Files, d.Config.Lacking(name)
		return out, nil
	}
	var refused *books.Refusal
	if errors.As(err, &refused) {
		out.Problem, out.Do, out.Lacking = refused.What, v.advised(refused), d.Config.Lacking(name)
		return out, nil
	}
	if err != nil {
		return out, err
	}
	v.tried(&out, d, trial)
	return out, nil
}

// checkLines are the guesses of a book that a person should look at.
func checkLines(d office.Draft, name string) []checkLine {
	var out []checkLine
	for _, c := range books.Checks(d.Text, name) {
		text := strings.NewReplacer(": CHECK", "", " CHECK", "", "CHANGE ME: ", "", "AMBIGUOUS", "ambiguous", " Check", "").Replace(c.Asked())
		out = append(out, checkLine{c.Key, strings.TrimRight(text, ". ") + "."})
	}
	return out
}

// tried fills in what a trial came to.
func (v *visit) tried(out *triedBook, d office.Draft, trial *office.Trial) {
	for _, f := range trial.Files {
		out.Files = append(out.Files, f.Path)
		if f.Problem != "" && out.Problem == "" {
			out.Problem, out.Do = f.Path+": "+f.Problem, v.advised(&books.Refusal{Do: f.Do, Kind: f.Kind, Book: out.Name})
		}
	}
	out.More, out.Rows, out.Refused, out.Skipped, out.Whole = trial.More, trial.Rows, trial.Refused, trial.Skipped, trial.Whole
	out.First, out.Last, out.Lacking, out.Hasty = trial.First, trial.Last, trial.Lacking, trial.Hasty
	if all := trial.Rows + trial.Refused; all > 0 {
		out.Share = partText(trial.Refused, all)
		out.Above = big.NewRat(trial.Refused, all).Cmp(d.Config.Settings.Threshold()) > 0
	}
	out.Threshold = percent(d.Config.Settings.Threshold())
	if trial.Amount != nil {
		out.Amount = amount(*trial.Amount)
		out.Tax = v.taxSaid(d, out.Name)
	}
	for _, r := range trial.Reasons {
		line := reasonLine{Column: columnOf(r), Reason: r.Reason, Count: r.Count}
		for _, e := range r.Examples {
			if v.may(access.ReadCustomers) {
				line.Examples = append(line.Examples, exampleLine{Place: v.placeOf(trial, e), Value: shown(e.Value)})
			}
		}
		out.Reasons = append(out.Reasons, line)
	}
	for _, x := range trial.Suggestions {
		lossy := strings.HasPrefix(x.Code, "without:") || strings.HasPrefix(x.Code, "no-key:")
		out.Suggestions = append(out.Suggestions, suggestionLine{Code: x.Code, Text: sentence(x.Text), Mends: x.Mends, LeftOut: x.LeftOut, Ticked: !lossy && !v.shadowed(trial, x)})
	}
}

// placeOf is where a refused row stands: its line, and its file where there
// are several.
func (v *visit) placeOf(trial *office.Trial, p books.RefusedPlace) string {
	line := strconv.FormatInt(p.Line, 10)
	if len(trial.Files) == 1 {
		return v.t("line %s", line)
	}
	return shown(path.Base(p.File)) + ":" + line
}

// shadowed tells whether another suggestion does more for the same rows, so
// that only one of the two is ticked at first.
func (v *visit) shadowed(trial *office.Trial, x books.Suggestion) bool {
	kind := func(code string) string {
		parts := strings.SplitN(code, ":", 3)
		switch parts[0] {
		case "clean", "comma", "decimal", "thousands":
			return "numbers"
		case "leave-out", "nothing", "unknown":
			return code
		}
		return parts[0]
	}
	for _, other := range trial.Suggestions {
		if other.Code == x.Code {
			return false // they are the best first
		}
		if kind(other.Code) == kind(x.Code) && other.Mends >= x.Mends {
			return true
		}
	}
	return false
}

// columnOf names the book's column and what it is read from.
func columnOf(r books.TriedReason) string {
	if r.From == "" || r.From == r.Column {
		return r.Column
	}
	return r.Column + " ← " + r.From
}

// published makes the draft the company's books and has them imported.
func (s *Server) published(v *visit) error {
	version, err := v.version()
	if err != nil {
		return v.notWhole("/start/books")
	}
	err = s.Office.Publish(v.r.Context(), version, v.user().ID)
	var stale *program.Stale
	var clash *office.Clashing
	var refused *books.Refusal
	switch {
	case errors.As(err, &stale):
		return s.showStartBooks(v, http.StatusConflict, startBooksView{Stale: &meanwhile{}})
	case errors.As(err, &clash):
		return s.showStartBooks(v, http.StatusConflict, startBooksView{Stale: v.clashes(clash.Clashes)})
	case errors.As(err, &refused):
		return s.showStartBooks(v, http.StatusUnprocessableEntity, startBooksView{Wrong: refused.What, Do: v.advised(refused)})
	case err != nil:
		return err
	}
	if err := v.noted("books written", "books.yaml"); err != nil {
		return err
	}
	job, err := s.Office.Ask(v.r.Context(), office.Task{Kind: office.ImportJob, By: v.user().ID})
	if err != nil {
		return err
	}
	return v.goTo("/start/close?job=" + strconv.FormatInt(job.ID, 10))
}

// abandoned gives the draft up for books.yaml as it is.
func (s *Server) abandoned(v *visit) error {
	version, err := v.version()
	if err != nil {
		return v.notWhole("/start/books")
	}
	_, err = s.Office.Abandon(v.r.Context(), version, v.user().ID)
	var stale *program.Stale
	if errors.As(err, &stale) {
		return s.showStartBooks(v, http.StatusConflict, startBooksView{Stale: &meanwhile{}})
	}
	if err != nil {
		return err
	}
	return v.goTo("/start/books")
}

// purpose says what a book is for.
func purpose(l *locale, name string) string {
	book, _ := fact.Find(name)
	return sentence(l.t(book.Purpose))
}
