package web

import (
	"net/http"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
)

// bookView is one book: where its rows come from and what became of them.
type bookView struct {
	Name, Path, Heading, Purpose string
	Mapped                       bool
	Rows                         int64
	Dropped                      int64 // rows of its files that are no longer kept
	First, Last                  *calendar.Day
	Fresh                        freshLine
	Refused                      int64
	RefusedShare                 string
	Threshold                    string
	Above                        bool
	Identified, Unidentified     *coveredLine
	Customers                    int64
	Check                        checkNote
	Files                        []fileLine
	Months                       []monthLine
	Undated                      int64
	Missing                      int // months without a row
	Reasons                      []reasonLine
	Download                     string
	Findings                     []findingLine
	Overlaps                     []overlapLine
	Columns                      []columnLine
	Lacks                        []lack
	Values                       []valueLine
	MayChange                    bool
	Version                      int64 // of the settings that the buttons change
	Stale                        *meanwhile
	Get                          *rowsForm // its rows as a file; nil: not for the visitor
}

// coveredLine is one side of a book.
type coveredLine struct {
	Rows   int64
	Share  string
	Amount string
}

// fileLine is a file as it was read.
type fileLine struct {
	Path                                        string
	Rows, Refused, Skipped, Rounded, Duplicates int64
	Dropped                                     int64 // rows that are no longer kept
	ReadAt                                      string
	Newest                                      *calendar.Day
	Gone, Erased                                bool // it is not in its place; an erasure removed it
}

// monthLine is how many rows a month has.
type monthLine struct {
	ISO, Label string
	Rows       int64
}

// reasonLine are the refused rows of one reason.
type reasonLine struct {
	Column, Reason string
	Count          int64
	Examples       []exampleLine
}

type exampleLine struct {
	Place, Value string
}

// overlapLine are two files that seem to hold the same rows.
type overlapLine struct {
	A, B        string
	Rows        int64
	First, Last *calendar.Day
}

// columnLine is a column of the book and what it is read from.
type columnLine struct {
	Name       string
	From       string // empty: not mapped
	Required   bool
	Expression bool
}

// valueLine are the values of a column of few values.
type valueLine struct {
	Column string
	Values []countedValue
}

type countedValue struct {
	Value string
	Rows  int64
}

var bookPage = page[bookView]("book.html")

func (s *Server) book(v *visit) error { return s.showBook(v, http.StatusOK, nil) }

// showBook answers with a book's page; stale says why an edit was not taken.
func (s *Server) showBook(v *visit, status int, stale *meanwhile) error {
	name := v.r.PathValue("book")
	book, ok := fact.Find(name)
	if !ok {
		return v.noBook()
	}
	shelf, err := s.Office.Shelf(v.r.Context())
	if err != nil {
		return err
	}
	view := v.bookView(shelf, book)
	view.Stale = stale
	if view.Check, err = s.checkNote(v, shelf); err != nil {
		return err
	}
	if view.MayChange && len(view.Overlaps) > 0 {
		settings, err := s.Office.Settings(v.r.Context())
		if err != nil {
			return err
		}
		view.Version = settings.Version
	}
	head := title{Text: view.Heading, Pictures: len(view.Months) > 1}
	if view.Check.Looking && stale == nil {
		head.Refresh = waitSeconds
	}
	return bookPage.render(v, status, head, view)
}

func (v *visit) noBook() error {
	return v.refuse(http.StatusNotFound, v.t("There is no such book"), v.t("There are fifteen books; those that are kept are listed."), door{Path: "/books", Text: v.t("All books")})
}

func (v *visit) bookView(s office.Shelf, book fact.Book) bookView {
	mapping, mapped := s.Company.Config.Books[book.Name]
	line := v.bookLine(s, book.Name)
	view := bookView{
		Name: book.Name, Path: line.Path, Heading: sentence(line.Name), Purpose: sentence(line.Purpose), Mapped: mapped, Rows: line.Rows, Dropped: line.Dropped, First: line.First, Last: line.Last,
		Fresh: line.Fresh, Refused: line.Refused, RefusedShare: line.RefusedShare, Above: line.Above, Threshold: percent(s.Company.Config.Settings.Threshold()),
		MayChange: v.may(access.ChangeBooks), Columns: columnLines(book, mapping),
	}
	for _, l := range v.lacks(s) {
		if l.Path == line.Path {
			view.Lacks = append(view.Lacks, l)
		}
	}
	view.Files = v.fileLines(s, book.Name)
	months, undated := s.Months(book.Name)
	view.Undated = undated
	for _, m := range months {
		view.Months = append(view.Months, monthLine{ISO: m.Month.First().String(), Label: v.locale.monthText(m.Month), Rows: m.Rows})
		if m.Rows == 0 {
			view.Missing++
		}
	}
	for _, o := range s.Overlaps(book.Name) {
		l := overlapLine{A: o.A, B: o.B, Rows: o.Rows}
		if !o.Undated {
			l.First, l.Last = &o.First, &o.Last
		}
		view.Overlaps = append(view.Overlaps, l)
	}
	if c := s.Checked(book.Name); c != nil {
		v.checkedBook(&view, *c)
	}
	view.Get = v.rowsAsked(book, line.Rows)
	if view.Refused > 0 && v.may(access.ReadCustomers) {
		view.Download = line.Path + "/refused.csv"
	}
	return view
}

// checkedBook adds what the last check found.
func (v *visit) checkedBook(view *bookView, c books.CheckedBook) {
	named := v.may(access.ReadCustomers)
	for _, f := range c.Findings {
		line := v.finding("", f)
		line.Here = true
		view.Findings = append(view.Findings, line)
	}
	for _, r := range c.Reasons {
		line := reasonLine{Column: r.Column, Reason: r.Reason, Count: r.Count}
		for _, e := range r.Examples {
			if named {
				line.Examples = append(line.Examples, exampleLine{Place: shown(e.File) + ":" + strconv.FormatInt(e.Line, 10), Value: shown(e.Value)})
			}
		}
		view.Reasons = append(view.Reasons, line)
	}
	view.Customers = c.Customers
	if c.Identified != nil && c.Unidentified != nil && c.Book != "customers" {
		all := c.Identified.Rows + c.Unidentified.Rows
		view.Identified, view.Unidentified = covered(*c.Identified, all), covered(*c.Unidentified, all)
	}
	for _, column := range sortedValues(c.Values) {
		line := valueLine{Column: bookName(column)}
		for _, value := range c.Values[column] {
			text := shown(value.Value)
			if text == "" {
				text = v.t("unknown")
			}
			line.Values = append(line.Values, countedValue{text, value.Rows})
		}
		view.Values = append(view.Values, line)
	}
}

func sortedValues(m map[string][]books.Value) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func covered(c books.Covered, all int64) *coveredLine {
	line := &coveredLine{Rows: c.Rows}
	if all > 0 {
		line.Share = partText(c.Rows, all)
	}
	if c.Amount != nil {
		line.Amount = grouped(*c.Amount)
	}
	return line
}

// fileLines are the files of a book, in the order of which the later one's row
// stands.
func (v *visit) fileLines(s office.Shelf, name string) []fileLine {
	newest := s.Newest(name)
	checked := map[string]books.CheckedSource{}
	if c := s.Checked(name); c != nil && s.Current {
		for _, x := range c.Sources {
			checked[x.Path] = x
		}
	}
	var out []fileLine
	kept := s.Snapshot.Kept()
	for _, x := range s.Snapshot.Of(name) {
		line := fileLine{
			Path: x.Path, Rows: kept[x.ID], Dropped: x.Rows - kept[x.ID], Refused: x.Refused, Skipped: x.Skipped, Rounded: x.Rounded, Duplicates: checked[x.Path].Duplicates, ReadAt: v.moment(x.ReadAt),
		}
		if day, ok := newest[x.ID]; ok {
			line.Newest = &day
		}
		for _, g := range s.Gone {
			line.Gone = line.Gone || g.ID == x.ID
		}
		line.Erased = line.Gone && s.Removed[x.ID].File
		out = append(out, line)
	}
	return out
}

// columnLines are the book's columns with what each is read from.
func columnLines(book fact.Book, m books.Mapping) []columnLine {
	var out []columnLine
	for _, c := range book.Columns {
		out = append(out, columnLine{Name: c.Name, From: m.Columns[c.Name], Required: c.Required})
	}
	return out
}

// sentence begins a text with a capital.
func sentence(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// monthText is a month as it is said: October 2026.
func (l *locale) monthText(m calendar.Month) string {
	year, month, _ := m.First().Date()
	return l.t("%s %d", l.t(month.String()), year)
}

var refusedHeader = []string{"file", "line", "column", "value", "reason", "day", "amount", "currency"}

// refusedCSV is every refused row of a book.
func (s *Server) refusedCSV(v *visit) error {
	name := v.r.PathValue("book")
	if !office.IsBook(name) {
		return v.noBook()
	}
	if err := v.noted("refused rows downloaded", "book "+name); err != nil {
		return err
	}
	out := v.download("refused-" + name + ".csv")
	err := out.Write(refusedHeader)
	if err == nil {
		err = s.Office.Refused(v.r.Context(), name, func(r books.RefusedRow) error {
			cells := []string{harmless(r.File), strconv.FormatInt(r.Line, 10), harmless(r.Column), harmless(r.Value), harmless(r.Reason), "", "", r.Currency}
			if r.Day != nil {
				cells[5] = r.Day.String()
			}
			if r.Amount != nil {
				cells[6] = r.Amount.Text(2)
			}
			return out.Write(cells)
		})
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return v.cutOff(err)
	}
	return nil
}

// importNow has the books brought up to date with their files.
func (s *Server) importNow(v *visit) error {
	job, err := s.Office.Ask(v.r.Context(), office.Task{Kind: office.ImportJob, By: v.user().ID})
	if err != nil {
		return err
	}
	if err := v.noted("import asked for", ""); err != nil {
		return err
	}
	return v.goTo(runPath(job))
}

// forget has our copy of a file's rows dropped that is no longer in its place.
func (s *Server) forget(v *visit) error {
	name := v.r.PathValue("book")
	if !office.IsBook(name) {
		return v.noBook()
	}
	task, err := office.Importing(v.user().ID, v.r.PostFormValue("source"))
	if err != nil {
		return err
	}
	job, err := s.Office.Ask(v.r.Context(), task)
	if err != nil {
		return err
	}
	if err := v.noted("source forgotten", "book "+name); err != nil {
		return err
	}
	return v.goTo(runPath(job))
}
