package web

import (
	"errors"
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

// retentionView is how long the rows of each book are kept.
type retentionView struct {
	Version   int64
	Books     []retentionLine
	MayChange bool
	Wrong     bool
	Stale     *meanwhile
	Changed   string // who last, and when
}

type retentionLine struct {
	Name, Label, Purpose string
	Months               string // empty: for good
	Wrong                string
	Kept                 bool // the book is kept at all
}

var retentionPage = page[retentionView]("retention.html")

func (s *Server) retention(v *visit) error {
	r, err := s.Office.Retention(v.r.Context())
	if err != nil {
		return err
	}
	view := retentionView{Version: r.Version}
	if r.Version > 0 {
		view.Changed = s.whose(v, r.By) + " · " + v.moment(r.At)
	}
	return v.showRetention(http.StatusOK, view, monthTexts(r), nil)
}

// limitable are the books whose rows can be dropped by their age.
func limitable() []fact.Book {
	return slices.DeleteFunc(slices.Clone(fact.Books), func(b fact.Book) bool { return books.Lasting(b.Name) != "" })
}

// monthTexts are the months of each book as the form has them.
func monthTexts(r office.Retention) map[string]string {
	out := map[string]string{}
	for book, months := range r.Months {
		out[book] = strconv.Itoa(months)
	}
	return out
}

func (v *visit) showRetention(status int, view retentionView, values, wrong map[string]string) error {
	view.MayChange, view.Wrong = v.may(access.ChangeSettings), len(wrong) > 0
	for _, b := range limitable() {
		_, kept := v.company.Config.Books[b.Name]
		view.Books = append(view.Books, retentionLine{
			Name: b.Name, Label: v.t(bookName(b.Name)), Purpose: v.t(b.Purpose), Months: values[b.Name], Wrong: wrong[b.Name], Kept: kept,
		})
	}
	return retentionPage.render(v, status, title{Text: v.t("How long rows are kept")}, view)
}

func (s *Server) retentionSent(v *visit) error {
	typed, wrong := map[string]string{}, map[string]string{}
	r := office.Retention{By: v.user().ID, Months: map[string]int{}}
	for _, b := range limitable() {
		text := strings.TrimSpace(v.r.PostFormValue(b.Name))
		if typed[b.Name] = text; text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1200 {
			wrong[b.Name] = v.t("Write a number of months from 1 to 1,200, or nothing for good.")
		}
		r.Months[b.Name] = n
	}
	var err error
	if r.Version, err = strconv.ParseInt(v.r.PostFormValue("version"), 10, 64); err != nil {
		return v.notWhole("/settings/retention")
	}
	if len(wrong) > 0 {
		return v.showRetention(http.StatusUnprocessableEntity, retentionView{Version: r.Version}, typed, wrong)
	}
	_, err = s.Office.SaveRetention(v.r.Context(), r)
	var stale *program.Stale
	if errors.As(err, &stale) {
		return s.retentionStale(v, stale, typed)
	}
	if err != nil {
		return err
	}
	if err := v.noted("settings changed", "retention"); err != nil {
		return err
	}
	return v.goTo("/settings/retention")
}

func (s *Server) retentionStale(v *visit, stale *program.Stale, typed map[string]string) error {
	now, err := s.Office.Retention(v.r.Context())
	if err != nil {
		return err
	}
	base, err := s.Office.RetentionAt(v.r.Context(), stale.Read)
	if errors.Is(err, program.ErrNone) {
		base, err = now, nil // a version of another store: everything counts as typed
	}
	if err != nil {
		return err
	}
	var fields []labelled
	for _, b := range limitable() {
		fields = append(fields, labelled{b.Name, v.t(bookName(b.Name))})
	}
	met := &meanwhile{By: s.changers(v, stale.Meanwhile)}
	met.Fields, typed = edited{was: monthTexts(base), is: monthTexts(now), typed: typed}.meet(fields)
	return v.showRetention(http.StatusConflict, retentionView{Version: now.Version, Stale: met}, typed, nil)
}

// notWhole answers a form that lacks what its page gave it.
func (v *visit) notWhole(path string) error {
	return v.refuse(http.StatusBadRequest, v.t("This form is not whole"), v.t("Open its page again and send it from there."), door{Path: path, Text: v.t("The page")})
}
