package web

import (
	"errors"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// startBookView is one book of the draft: how its files are read, and what
// they come to.
type startBookView struct {
	triedBook
	Steps    []stop
	Version  int64
	Columns  []mappedColumn
	Dates    settingField
	Where    settingField
	Source   []settingField
	Sheets   *sheetsForm // of a workbook
	Tax      *taxForm    // of a book with amounts that customers pay
	Found    []foundLine // what was detected of the first file
	Good     goodRows
	Words    []wordsForm
	Raise    *raiseForm
	Download string
	Engaged  bool
	Stale    *meanwhile
	Wrong    string
	WrongDo  string
	MayRead  bool
}

// mappedColumn is a column of the book and what it is read from.
type mappedColumn struct {
	Name, Kind, Why string
	Required        bool
	Options         []option
	Expression      string
	Wrong           bool // it is needed and not given
}

// foundLine is something that was detected.
type foundLine struct{ Label, Value string }

// goodRows are the first rows as the book would have them.
type goodRows struct {
	Columns []string
	Rows    []goodRow
}

type goodRow struct {
	Line  int64
	Cells []string
}

// wordsForm asks what the words of a column mean.
type wordsForm struct {
	Column string
	Words  []wordLine
}

type wordLine struct {
	Name, Word string
	Rows       int64
	Options    []option
}

// raiseForm lets more rows be refused, for a reason.
type raiseForm struct {
	Share, Reason settingField
}

var startBookPage = page[startBookView]("start-book.html")

// startBook shows one book of the draft.
func (s *Server) startBook(v *visit) error {
	return s.showStartBook(v, http.StatusOK, startBookView{}, nil)
}

// showStartBook answers with the form over the draft, or over what was typed.
func (s *Server) showStartBook(v *visit, status int, view startBookView, typed *books.Mapping) error {
	name := v.r.PathValue("book")
	book, known := fact.Find(name)
	d, err := s.Office.Draft(v.r.Context())
	if err != nil {
		return err
	}
	mapping, mapped := d.Config.Books[name]
	if !known || !mapped {
		return v.refuse(http.StatusNotFound, v.t("No file is read for this book"), v.t("Say on the files page which file it is."), door{Path: "/start/files", Text: v.t("Files")})
	}
	view.Name, view.Heading, view.Path, view.Purpose = name, v.t("Book: %s", v.t(bookName(name))), startBookPath(name), purpose(v.locale, name)
	view.Checks = checkLines(d, name)
	view.Steps, view.Version, view.MayRead = v.stepsAt(2), d.Version, v.may(access.ReadCustomers)
	trial, err := s.Office.Try(v.r.Context(), d, name)
	var refused *books.Refusal
	var removed *office.Removed
	switch {
	case errors.Is(err, office.ErrEngaged):
		view.Engaged = true
	case errors.As(err, &removed):
		view.Removed = removed.Files
	case errors.As(err, &refused):
		view.Problem, view.Do = refused.What, v.advised(refused)
	case err != nil:
		return err
	default:
		v.tried(&view.triedBook, d, trial)
		v.looked(&view, d, trial)
	}
	if typed != nil {
		mapping = *typed
	}
	var glanced *books.Glanced
	if trial != nil {
		glanced = trial.Glanced
	}
	view.Columns = v.mappedColumns(d, book, mapping, glanced)
	v.sourceFields(&view, mapping)
	view.Sheets, view.Tax = v.sheetsAsked(mapping, glanced), v.taxAsked(book, mapping, glanced)
	head := title{Text: view.Heading}
	if view.Engaged {
		head.Refresh = waitSeconds
	}
	return startBookPage.render(v, status, head, view)
}

// looked adds what only the page of one book shows of a trial.
func (v *visit) looked(view *startBookView, d office.Draft, trial *office.Trial) {
	view.Good.Columns = trial.Columns
	book, _ := fact.Find(view.Name)
	for _, r := range trial.Sample {
		row := goodRow{Line: r.Line}
		for i, c := range r.Cells {
			column, _ := book.Column(trial.Columns[i])
			row.Cells = append(row.Cells, shown(plainCell(column, c)))
		}
		view.Good.Rows = append(view.Good.Rows, row)
	}
	g := trial.Glanced
	view.Found = append(view.Found, foundLine{v.t("Kind of file"), g.Format})
	if g.Delimiter != "" {
		view.Found = append(view.Found, foundLine{v.t("Cells are parted by"), delimiterName(g.Delimiter)})
	}
	if g.Encoding != "" {
		view.Found = append(view.Found, foundLine{v.t("Letters are written as"), g.Encoding})
	}
	if len(g.Sheets) > 1 {
		view.Found = append(view.Found, foundLine{v.t("Sheets"), strings.Join(g.Sheets, ", ")})
	}
	if trial.Refused == 0 {
		return
	}
	if v.may(access.ReadCustomers) {
		view.Download = view.Path + "/refused.csv"
		view.Words = v.wordsForms(book, trial)
	}
	if view.Above {
		share := new(big.Rat).SetFrac64(trial.Refused, trial.Rows+trial.Refused)
		view.Raise = &raiseForm{
			Share:  settingField{Name: "share", Label: v.t("Of a hundred rows, how many may be refused"), Value: new(big.Rat).Mul(new(big.Rat).Add(share, big.NewRat(1, 1000)), big.NewRat(100, 1)).FloatString(1), Required: true},
			Reason: settingField{Name: "reason", Label: v.t("Why they may be left out"), Help: v.t("It stands in books.yaml beside the share, for whoever audits the books."), Required: true},
		}
	}
}

// plainCell is a value without the noughts that only the storage needs.
func plainCell(c fact.Column, text string) string {
	switch c.Type {
	case fact.Money, fact.Number, fact.Rate:
		if strings.Contains(text, ".") {
			return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
	case fact.Instant:
		return strings.TrimSuffix(text, " 00:00:00")
	}
	return text
}

func delimiterName(d string) string {
	switch d {
	case "\t":
		return "tab"
	case " ":
		return "blank"
	}
	return d
}

// mappedColumns are the book's columns with what each is read from.
func (v *visit) mappedColumns(d office.Draft, book fact.Book, m books.Mapping, g *books.Glanced) []mappedColumn {
	var out []mappedColumn
	for _, c := range book.Columns {
		text := m.Columns[c.Name]
		line := mappedColumn{Name: c.Name, Kind: v.t(c.Type.String()), Required: c.Required, Wrong: c.Required && text == "", Why: books.Why(d.Text, "books", book.Name, "columns", c.Name)}
		line.Options = []option{{"", v.t("not in the file"), text == ""}}
		found := text == ""
		if g != nil {
			for _, x := range g.Columns {
				chosen := strings.EqualFold(x.Name, strings.TrimSpace(text))
				found = found || chosen
				label := x.Name
				if len(x.Examples) > 0 && v.may(access.ReadCustomers) {
					label += " · " + shown(x.Examples[0])
				}
				line.Options = append(line.Options, option{"=" + x.Name, label, chosen})
			}
		}
		line.Options = append(line.Options, option{"?", v.t("by the expression beside it"), !found})
		if !found {
			line.Expression = text
		}
		out = append(out, line)
	}
	return out
}

// sourceFields are the choices of how the files are read.
func (v *visit) sourceFields(view *startBookView, m books.Mapping) {
	view.Dates = settingField{Name: "dates", Label: v.t("How dates are written"), Help: v.t("One way a line, such as %s for 31.12.2026; empty for 2026-12-31.", "%d.%m.%Y"), Kind: "long", Value: strings.Join(m.Dates, "\n")}
	view.Where = settingField{Name: "where", Label: v.t("Only the rows for which"), Help: v.t(`An expression that is yes or no, such as "Order date" IS NOT NULL. Other rows are left out and not refused.`), Value: m.Where}
	header := "auto"
	if m.Source.Header != nil {
		header = map[bool]string{true: "yes", false: "no"}[*m.Source.Header]
	}
	view.Source = []settingField{
		v.choice("header", v.t("The first row names the columns"), header, "auto", v.t("as detected"), "yes", v.t("yes"), "no", v.t("no")),
		v.choice("decimal", v.t("Decimal mark"), m.Source.Decimal, "", v.t("point"), ",", v.t("comma")),
		v.choice("thousands", v.t("Between thousands"), m.Source.Thousands, "", v.t("nothing"), ",", v.t("comma"), ".", v.t("point"), " ", v.t("blank"), "'", v.t("apostrophe")),
		v.choice("delimiter", v.t("Cells are parted by"), m.Source.Delimiter, "", v.t("as detected"), ",", v.t("comma"), ";", v.t("semicolon"), "tab", v.t("tab"), "|", v.t("upright line"), "whitespace", v.t("blanks")),
		v.choice("encoding", v.t("Letters are written as"), m.Source.Encoding, "", v.t("as detected"), "utf-8", v.t("UTF-8"), "windows-1252", v.t("Windows-1252"), "latin-1", v.t("Latin-1"), "utf-16", v.t("UTF-16")),
	}
}

// choice is a field of one of several values; one that is set otherwise stays
// among them.
func (v *visit) choice(name, label, value string, pairs ...string) settingField {
	f := settingField{Name: name, Label: label, Kind: "choice", Value: value}
	found := false
	for pair := range slices.Chunk(pairs, 2) {
		f.Options = append(f.Options, option{pair[0], pair[1], pair[0] == value})
		found = found || pair[0] == value
	}
	if !found {
		f.Options = append(f.Options, option{value, value, true})
	}
	return f
}

// wordsForms ask for the meaning of words that a column of few choices does
// not know.
func (v *visit) wordsForms(book fact.Book, trial *office.Trial) []wordsForm {
	var out []wordsForm
	for _, r := range trial.Reasons {
		c, ok := book.Column(r.Column)
		choices := office.Choices(c)
		if !ok || len(choices) == 0 || !strings.HasPrefix(r.Reason, "is not") {
			continue
		}
		form := wordsForm{Column: c.Name}
		for i, value := range r.Values() {
			if i == mostWords {
				break
			}
			line := wordLine{Name: "word-" + strconv.Itoa(i), Word: value.Value, Rows: value.Rows, Options: []option{{"?", v.t("leave it refused"), true}, {"", v.t("unknown"), false}}}
			for _, x := range choices {
				if x != "unknown" {
					line.Options = append(line.Options, option{x, v.t(x), false})
				}
			}
			form.Words = append(form.Words, line)
		}
		out = append(out, form)
	}
	return out
}

// mostWords is how many words a form asks for.
const mostWords = 40

// mappingSent takes how a book is read.
func (s *Server) mappingSent(v *visit) error {
	name := v.r.PathValue("book")
	version, err := v.version()
	book, known := fact.Find(name)
	if err != nil || !known {
		return v.notWhole("/start/books")
	}
	d, err := s.Office.Draft(v.r.Context())
	if err != nil {
		return err
	}
	m := v.typedMapping(book, d.Config.Books[name])
	if err := errors.Join(v.typedSheets(&m), v.typedTax(&m)); err != nil {
		return s.mapped(v, name, &m, err)
	}
	_, err = s.Office.Map(v.r.Context(), version, v.user().ID, name, m)
	return s.mapped(v, name, &m, err)
}

// mapped answers an edit of a book.
func (s *Server) mapped(v *visit, name string, typed *books.Mapping, err error) error {
	var refused *books.Refusal
	var wrong *access.Refusal
	var clash *office.Clashing
	switch {
	case errors.As(err, &clash):
		return s.showStartBook(v, http.StatusConflict, startBookView{Stale: v.clashes(clash.Clashes)}, typed)
	case errors.As(err, &refused):
		return s.showStartBook(v, http.StatusUnprocessableEntity, startBookView{Wrong: refused.What, WrongDo: v.advised(refused)}, typed)
	case errors.As(err, &wrong):
		return s.showStartBook(v, http.StatusUnprocessableEntity, startBookView{Wrong: wrong.What, WrongDo: wrong.Do}, typed)
	case errors.Is(err, office.ErrNoSuggestion):
		return s.showStartBook(v, http.StatusConflict, startBookView{Wrong: err.Error()}, typed)
	case errors.Is(err, office.ErrEngaged):
		return s.showStartBook(v, http.StatusConflict, startBookView{Wrong: err.Error()}, typed)
	case errors.Is(err, program.ErrNone):
		return v.goTo("/start/books")
	case err != nil:
		return err
	}
	return v.goTo(startBookPath(name))
}
