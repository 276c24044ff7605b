package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
)

// rowsForm asks in which form a book's rows are wanted.
type rowsForm struct {
	Path    string
	Formats []option
	Period  bool // the book has days
	Veiled  bool // customers stand under pseudonyms
	Persons bool // which employee a row is about is left out
}

// ofEmployees are the books of which every row is about an employee: they are
// for whoever may see figures about all of them.
var ofEmployees = []string{"people", "trainings", "pulses"}

// mayDownload tells whether a book's rows are the visitor's to have.
func (v *visit) mayDownload(book string) bool {
	return v.may(access.ReadRows) && (!slices.Contains(ofEmployees, book) || v.seesEmployees())
}

// seesEmployees tells whether the visitor may see figures about every employee.
func (v *visit) seesEmployees() bool {
	return v.may(access.ReadPeople) && (v.user().Has(access.People) || v.user().Has(access.Auditor))
}

// rowsAsked is the form on a book's page; nil where its rows are not the
// visitor's to have, or there are none.
func (v *visit) rowsAsked(book fact.Book, rows int64) *rowsForm {
	if rows == 0 || !v.mayDownload(book.Name) {
		return nil
	}
	out := &rowsForm{Path: bookPath(book.Name) + "/rows", Period: book.Time != "", Veiled: !v.may(access.ReadCustomers) && hasCustomers(book), Persons: !v.seesEmployees() && hasPerson(book)}
	for _, f := range engine.ExportFormats {
		out.Formats = append(out.Formats, option{f, v.t(formatNames[f]), f == "csv"})
	}
	return out
}

var formatNames = map[string]string{"ndjson": "lines of JSON", "csv": "CSV", "parquet": "Parquet", "xlsx": "Excel workbook"}

var formatTypes = map[string]string{
	"ndjson": "application/x-ndjson; charset=utf-8", "csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

func hasCustomers(book fact.Book) bool {
	return slices.ContainsFunc(book.Columns, func(c fact.Column) bool { return c.Refers != "" })
}

// personColumn names an employee in a row about something else.
const personColumn = "person_id"

func hasPerson(book fact.Book) bool { _, ok := book.Column(personColumn); return ok }

// bookRows hands out the rows of a book, of the days that are asked for.
func (s *Server) bookRows(v *visit) error {
	book, known := fact.Find(v.r.PathValue("book"))
	if !known {
		return v.noBook()
	}
	back := door{Path: bookPath(book.Name), Text: v.t("The book")}
	if !v.mayDownload(book.Name) {
		return v.refuse(http.StatusForbidden, v.t("These rows are about single employees"), v.t("They are for whoever may see figures about every employee."), back)
	}
	query := v.r.URL.Query()
	x := engine.BookExport{Book: book.Name, Format: query.Get("format")}
	if !slices.Contains(engine.ExportFormats, x.Format) {
		return v.refuse(http.StatusBadRequest, v.t("There is no such format"), v.t("Choose one of the list."), back)
	}
	if text := query.Get("period"); text != "" {
		cal, err := v.company.Config.NewCalendar()
		if err != nil {
			return err
		}
		named, err := cal.Parse(text)
		if err != nil {
			return v.refuse(http.StatusBadRequest, v.t("These are no days of the company's calendar"), v.t("Write a period such as 2026, 2026-Q3, 2026-09 or 2026-01-01..2026-02-01, or leave it empty for all."), back)
		}
		x.Period = &named.Period
	}
	what := "rows downloaded"
	if !v.may(access.ReadCustomers) {
		veil := engine.NewVeil(s.Key)
		x.Veil = &veil
		what = "rows downloaded under pseudonyms"
	}
	if !v.seesEmployees() {
		x.Without = []string{personColumn, "manager_id"}
	}
	if v.r.Method == http.MethodHead {
		v.rowsHead(x)
		v.w.WriteHeader(http.StatusOK)
		return nil
	}
	return s.sendRows(v, x, what, back)
}

// rowsHead says what is sent. Whoever asks for the head alone, such as a program
// that follows links, has nothing made and takes nothing.
func (v *visit) rowsHead(x engine.BookExport) {
	name := x.Book
	if x.Period != nil {
		name += "-" + x.Period.Start.String() + "-" + (x.Period.End - 1).String()
	}
	v.w.Header().Set("Content-Type", formatTypes[x.Format])
	v.attached(name + "." + x.Format)
	v.w.Header().Set("Cache-Control", "private, no-store")
}

// sendRows answers with the file, once it is whole; the act is noted before
// anything leaves.
func (s *Server) sendRows(v *visit, x engine.BookExport, what string, back door) error {
	f, err := s.Office.DownloadBook(v.r.Context(), x)
	var unanswerable *engine.Unanswerable
	switch {
	case errors.Is(err, office.ErrManyDownloads):
		return v.refuse(http.StatusServiceUnavailable, v.t("Others are having rows written at this moment"), v.t("Ask for the rows again when theirs are done. Imports and closes do not wait for it."), back)
	case errors.Is(err, office.ErrRowsGone):
		return v.refuse(http.StatusConflict, v.t("Rows were erased while this file was made"), v.t("Somebody was erased, or rows were dropped because they are older than they are kept. The file is thrown away; ask for the rows again."), back)
	case errors.As(err, &unanswerable):
		return v.refuse(http.StatusUnprocessableEntity, sentence(unanswerable.What), sentence(unanswerable.Do), back)
	case err != nil:
		return err
	}
	defer f.Close() // only read from
	size, err := f.Size()
	if err != nil {
		return err
	}
	if err := v.noted(what, "book "+x.Book+", "+x.Format); err != nil {
		return err
	}
	v.rowsHead(x)
	v.w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	v.w.WriteHeader(http.StatusOK)
	if err := f.Send(v.r.Context(), v.w); err != nil {
		return v.cutOff(err)
	}
	return nil
}
