package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/sealed"
)

// trialView is a close that was computed and not sealed: how far it has come, and then the figures to look at.
type trialView struct {
	Job    jobLine
	Period string
	View   *sealedView
}

// trialMoves is what a close would move of the seal that stands, and the form that seals it.
type trialMoves struct {
	Period   string
	Moves    *restatedView // nil: there is no seal of this statement yet
	Standing string        // path of the seal
	Still    bool          // nothing would move
	Whole    bool          // the period was not over when it was sealed, and is now
	Order    closeForm
	MayClose bool
}

var trialPage = page[trialView]("trial.html")

func trialPath(job int64) string { return "/closes/trial/" + strconv.FormatInt(job, 10) }

// trial shows what a close would seal, or how far it has come.
func (s *Server) trial(v *visit) error {
	id, err := strconv.ParseInt(v.r.PathValue("job"), 10, 64)
	if err != nil {
		return v.noTrial()
	}
	j, err := s.Office.Job(v.r.Context(), id)
	if errors.Is(err, program.ErrNone) || errors.Is(err, office.ErrNoQueue) || err == nil && j.Kind != office.CloseJob {
		return v.noTrial()
	}
	if err != nil {
		return err
	}
	var order office.Order
	if err := json.Unmarshal(j.Arguments, &order); err != nil {
		return fmt.Errorf("read what job %d was to close: %w", id, err)
	}
	if !order.DryRun {
		return v.goTo(runPath(j))
	}
	view := trialView{Job: s.jobLine(v, j), Period: order.Period}
	head := title{Text: v.t("Trial close of %s", order.Period)}
	switch {
	case view.Job.Working || view.Job.Waiting:
		head.Refresh = waitSeconds
	case j.State == office.Done && j.Outcome.Document != "":
		if view.View, err = v.computed(order, j.Outcome.Document); err != nil {
			return err
		}
	}
	return trialPage.render(v, http.StatusOK, head, view)
}

func (v *visit) noTrial() error {
	return v.refuse(http.StatusNotFound, v.t("There is no such trial close"), v.t("What was computed without sealing is kept for a while. Compute it again from the closes."), door{Path: "/closes", Text: v.t("All closes")})
}

// computed is the statement of a trial, beside the seal that stands.
func (v *visit) computed(order office.Order, document string) (*sealedView, error) {
	doc, err := sealed.Read([]byte(document))
	if err != nil {
		return nil, err
	}
	cal, err := v.company.Config.NewCalendar()
	if err != nil {
		return nil, err
	}
	named, err := cal.Parse(order.Period)
	if err != nil {
		return nil, err
	}
	o := &opened{
		teller: teller{v.locale, doc.Currency}, doc: doc, kind: named.Kind, lead: doc.Headline(), name: v.locale.periodName(named.Kind, named.Period, named.Text),
	}
	moves, err := v.against(o, []byte(document))
	if err != nil {
		return nil, err
	}
	moves.Period, moves.MayClose = o.name, v.may(access.Close)
	moves.Order = closeForm{Period: order.Period, Compare: order.Compare, AnyLine: order.Active == growth.AnyLine}
	view := o.sealedView()
	view.Columns, view.Trial = nil, &moves
	return &view, nil
}

// against says what would move of the seal that stands.
func (v *visit) against(o *opened, document []byte) (trialMoves, error) {
	ctx := v.r.Context()
	heads, err := v.server.Office.Heads(ctx)
	if err != nil {
		return trialMoves{}, err
	}
	i := slices.IndexFunc(heads, func(h office.Head) bool { return h.Stands() && h.Identity == identityOf(o.doc, o.kind) })
	if i < 0 {
		return trialMoves{}, nil
	}
	seal, err := v.server.Office.Sealed(ctx, heads[i].ID)
	if err != nil {
		return trialMoves{}, err
	}
	moved, err := closing.Differences(seal.Document, document)
	if err != nil {
		return trialMoves{}, err
	}
	r := sealed.Restatement{Of: seal.Fingerprint}
	for _, m := range moved {
		r.Lines = append(r.Lines, sealed.Moved{Line: m.Line, Before: m.Before, After: m.After, Change: m.Change})
	}
	return trialMoves{Moves: o.restatedBy(&r), Standing: statementPath(seal.ID), Still: len(moved) == 0, Whole: heads[i].Early && v.over(heads[i].Period)}, nil
}

// identityOf is the statement that a document is of.
func identityOf(d *sealed.Document, kind calendar.Kind) closing.Identity {
	i := closing.Identity{Period: *d.Period, Kind: kind, Active: growth.Active(d.Active), Grain: d.Grain}
	if d.Compared != nil {
		i.Compared = *d.Compared
	}
	return i
}
