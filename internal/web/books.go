package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
)

// booksView is all books at a glance.
type booksView struct {
	Heading, Lead string
	Check         checkNote
	Refusals      []refusalLine
	Books         []bookLine
	Findings      []findingLine
	Lacks, Later  []lack
	MayChange     bool
	NoRows        bool
}

// checkNote says of when the findings are.
type checkNote struct {
	At      string // empty: never checked
	Current bool   // it saw the books as they are now
	Looking bool   // a check is under way
	Why     string // it was refused or failed
	advice
}

// bookLine is one book in the list of all.
type bookLine struct {
	Path, Name, Purpose string
	Rows                int64
	Dropped             int64 // rows of its files that are no longer kept
	First, Last         *calendar.Day
	Fresh               freshLine
	Refused             int64
	RefusedShare        string
	Above               bool
	Named               string // share of rows that name a customer
	Files, Gone         int
	Overlaps            int
	Suspicious          int
}

// freshLine says how old the newest row is.
type freshLine struct {
	Known, Late bool
	Ago, Usual  string
}

// findingLine is a suspicious pattern, with the book it was found in.
type findingLine struct {
	Book, Path string // empty: ids of all books, or the page's own
	Here       bool   // it stands on the page of its book
	Text       string
	advice
	Examples []string
	Withheld bool // examples are not for the visitor's role
}

var booksPage = page[booksView]("books.html")

func (s *Server) books(v *visit) error {
	shelf, err := s.Office.Shelf(v.r.Context())
	if err != nil {
		return err
	}
	note, err := s.checkNote(v, shelf)
	if err != nil {
		return err
	}
	view := booksView{Check: note, MayChange: v.may(access.ChangeBooks), NoRows: len(shelf.Snapshot.Sources) == 0}
	for _, l := range v.lacks(shelf) {
		if l.Later {
			view.Later = append(view.Later, l)
		} else {
			view.Lacks = append(view.Lacks, l)
		}
	}
	for _, name := range shelf.Company.Config.Mapped() {
		view.Books = append(view.Books, v.bookLine(shelf, name))
	}
	if e := shelf.Examined; e != nil {
		for _, r := range e.Found.Refusals {
			view.Refusals = append(view.Refusals, v.refusalLine(v.reason(r)))
		}
		for _, f := range e.Found.Findings {
			view.Findings = append(view.Findings, v.finding("", f))
		}
		for _, b := range e.Found.Books {
			for _, f := range b.Findings {
				view.Findings = append(view.Findings, v.finding(b.Book, f))
			}
		}
	}
	view.Heading, view.Lead = v.booksSay(shelf)
	head := title{Text: v.t("Books")}
	if note.Looking {
		head.Refresh = waitSeconds
	}
	return booksPage.render(v, http.StatusOK, head, view)
}

// checkNote says what is known of the books, and has them looked at when they
// have changed since somebody last did.
func (s *Server) checkNote(v *visit, shelf office.Shelf) (checkNote, error) {
	note := checkNote{Current: shelf.Current}
	if shelf.Examined != nil {
		note.At = v.moment(shelf.Examined.At)
	}
	if note.Current || shelf.Snapshot.ID == 0 {
		return note, nil
	}
	job, err := s.Office.PrepareBooks(v.r.Context(), v.user().ID)
	if errors.Is(err, office.ErrNoQueue) {
		return note, nil
	}
	if err != nil {
		return note, err
	}
	switch job.State {
	case office.Waiting, office.Working:
		note.Looking = true
	case office.Refused, office.Failed:
		note.Why, note.advice = job.Outcome.Text, v.advise(job.Outcome, office.Order{})
		if !v.may(access.ReadCustomers) && !v.may(access.ChangeBooks) { // it may quote the books
			note.Why, note.advice = v.t("The books could not be looked at"), advice{Do: v.t("Why is told to those who may see customers."), Own: true}
		}
	}
	return note, nil
}

// booksSay is the page in a headline and a sentence.
func (v *visit) booksSay(s office.Shelf) (heading, lead string) {
	if s.Snapshot.ID == 0 || len(s.Snapshot.Sources) == 0 {
		return v.t("There are no rows in the books yet"), v.t("Books are what the company's files say, in fixed shapes. The first import fills them.")
	}
	var rows, dropped int64
	for _, name := range s.Company.Config.Mapped() {
		line := v.bookLine(s, name)
		rows, dropped = rows+line.Rows, dropped+line.Dropped
	}
	kept, files := int64(len(s.Company.Config.Books)), int64(len(s.Snapshot.Sources))
	lead = v.locale.tn(kept, "%s of fifteen books is kept.", "%s of fifteen books are kept.", count(kept)) + " " + v.locale.tn(files, "%s rows came from %s file.", "%s rows came from %s files.", count(rows), count(files))
	if dropped > 0 {
		lead += " " + v.locale.tn(dropped, "%s older row is no longer kept.", "%s older rows are no longer kept.", count(dropped))
	}
	heading = v.t("The books are kept")
	if last, ok := s.Reach(); ok {
		heading = v.t("The books reach %s", v.locale.day(last))
	}
	if s.Examined == nil || !s.Current {
		return heading, lead
	}
	if n := int64(len(s.Examined.Found.Refusals)); n > 0 {
		return v.locale.tn(n, "A close would be refused", "A close would be refused for %d reasons", onlyMany(n, n)...), lead
	}
	return heading, lead + " " + v.t("A close would be allowed.")
}

func bookPath(name string) string { return "/books/" + name }

func (v *visit) bookLine(s office.Shelf, name string) bookLine {
	book, _ := fact.Find(name)
	line := bookLine{Path: bookPath(name), Name: v.t(bookName(name)), Purpose: v.t(book.Purpose), Overlaps: len(s.Overlaps(name)), Fresh: v.fresh(s, name)}
	kept, read := s.Snapshot.Kept(), int64(0)
	line.Rows = s.Snapshot.Size(name)
	for _, source := range s.Snapshot.Of(name) {
		read, line.Dropped = read+source.Rows, line.Dropped+source.Rows-kept[source.ID]
		line.Refused, line.Files = line.Refused+source.Refused, line.Files+1
	}
	for _, source := range s.Gone {
		if source.Book == name {
			line.Gone++
		}
	}
	if months, _ := s.Months(name); len(months) > 0 {
		line.First, line.Last = &months[0].First, &months[len(months)-1].Last
	}
	line.RefusedShare, line.Above = v.refusedShare(s, line.Refused, read)
	if c := s.Checked(name); c != nil {
		line.Suspicious = len(c.Findings)
		if c.Identified != nil && c.Unidentified != nil && name != "customers" && c.Identified.Rows+c.Unidentified.Rows > 0 {
			line.Named = partText(c.Identified.Rows, c.Identified.Rows+c.Unidentified.Rows)
		}
	}
	return line
}

// fresh says how old a book's newest row is, against how often rows come.
func (v *visit) fresh(s office.Shelf, name string) freshLine {
	f, ok := s.Freshness(name)
	if !ok {
		return freshLine{}
	}
	line := freshLine{Known: true, Late: f.Late, Ago: v.locale.tn(f.Days, "1 day ago", "%s days ago", onlyMany(f.Days, count(f.Days))...)}
	if f.Days == 0 {
		line.Ago = v.t("today")
	}
	switch {
	case f.Usual > 0 && f.Files:
		line.Usual = v.locale.tn(f.Usual, "usually a new file every day", "usually a new file every %s days", onlyMany(f.Usual, count(f.Usual))...)
	case f.Usual > 0:
		line.Usual = v.locale.tn(f.Usual, "usually rows every day", "usually rows every %s days", onlyMany(f.Usual, count(f.Usual))...)
	}
	return line
}

// reason is why a close would be refused, without what it quotes of the rows
// for who may not see customers.
func (v *visit) reason(r books.Advice) books.Advice {
	if !v.may(access.ReadCustomers) {
		r.What, _, _ = strings.Cut(r.What, ":")
		r.What, _, _ = strings.Cut(r.What, "\n")
	}
	return r
}

// idless are the patterns whose examples quote no id and no value of a row.
var idless = []string{"overlaps", "months_without_rows", "duplicate_rows", "crowded_days", "several_currencies"}

// finding shows a pattern; ids are for who may see customers.
func (v *visit) finding(book string, f books.Finding) findingLine {
	line := findingLine{Text: f.Text, advice: advice{Do: f.Do}, Examples: slices.Clone(f.Examples)} // what was looked up is kept for others
	if f.Code == "overlaps" && book != "" {                                                         // it is what a close is refused for
		line.advice = v.advise(office.Outcome{Kind: closing.Overlapping, Book: book}, office.Order{})
	}
	if book != "" {
		line.Book, line.Path = v.t(bookName(book)), bookPath(book)
	}
	if !v.may(access.ReadCustomers) && !slices.Contains(idless, f.Code) && len(f.Examples) > 0 {
		line.Examples, line.Withheld = nil, true
	}
	for i, e := range line.Examples {
		line.Examples[i] = shown(e)
	}
	return line
}
