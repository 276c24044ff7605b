package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// sealView is a seal: who prepared and reviewed it, what it was computed from and what became of it.
type sealView struct {
	Seal       sealLine
	Row        closeRow
	Label      string
	Reviewed   string // when
	Note       string
	MayReview  bool
	Own        bool // whoever looks prepared it
	Typed      string
	Why        string // the review was refused
	Inputs     inputsView
	Order      closeForm
	MayClose   bool
	Downloads  []door
	Definition string
}

var sealPage = page[sealView]("seal.html")

func (s *Server) seal(v *visit) error {
	h, _, err := v.head()
	if errors.Is(err, program.ErrNone) {
		return v.noSeal()
	}
	if err != nil {
		return err
	}
	return s.showSeal(v, http.StatusOK, h, "", "")
}

func (s *Server) showSeal(v *visit, status int, h office.Head, typed, why string) error {
	whole, err := s.Office.Sealed(v.r.Context(), h.ID)
	if err != nil {
		return err
	}
	view := sealView{Seal: v.sealLine(h), Row: v.closeRow(h, map[string]string{}), Label: h.Label, MayReview: v.may(access.Review), MayClose: v.may(access.Close) && h.Stands(), Typed: typed, Why: why}
	view.Own = h.Preparer == object("user", v.user().ID)
	if h.Review != nil {
		view.Reviewed, view.Note = v.moment(h.Review.At), h.Review.Note
	}
	if view.Inputs, err = v.inputs(whole.Seal); err != nil {
		return err
	}
	view.Order = v.orderOf(h)
	o := opened{teller: teller{v.locale, ""}, seal: h.ID}
	view.Downloads = o.downloads()
	return sealPage.render(v, status, title{Text: v.t("Seal of %s", view.Seal.Name)}, view)
}

// orderOf is how a seal's statement is asked for again.
func (v *visit) orderOf(h office.Head) closeForm {
	form := closeForm{Period: h.Label, AnyLine: h.Active == growth.AnyLine, Compare: h.Compared.String()}
	if !v.founded {
		return form
	}
	cal, err := v.company.Config.NewCalendar()
	if err != nil {
		return form
	}
	named, err := cal.Parse(h.Label)
	if err != nil {
		return form
	}
	if earlier, err := cal.YearEarlier(named); err == nil && earlier == h.Compared {
		form.Compare = ""
	}
	return form
}

// reviewed records that a second person has looked at a seal.
func (s *Server) reviewed(v *visit) error {
	h, _, err := v.head()
	if errors.Is(err, program.ErrNone) {
		return v.noSeal()
	}
	if err != nil {
		return err
	}
	note := valid(strings.TrimSpace(v.r.PostFormValue("note")))
	err = s.Office.Review(v.r.Context(), h.Seal, closing.Review{Reviewer: object("user", v.user().ID), Note: note})
	switch {
	case errors.Is(err, closing.ErrOwnReview):
		return s.showSeal(v, http.StatusUnprocessableEntity, h, note, v.t("You prepared this close, so somebody else must review it."))
	case errors.Is(err, closing.ErrReviewed):
		return s.showSeal(v, http.StatusConflict, h, note, v.t("Somebody has reviewed this seal meanwhile. A seal is reviewed once."))
	case err != nil:
		return err
	}
	if err := s.Gate.Record(v.r.Context(), access.Entry{Who: v.user().ID, What: "close reviewed", Object: object("seal", h.ID)}); err != nil {
		return err
	}
	return v.goTo(closePath(h.ID))
}
