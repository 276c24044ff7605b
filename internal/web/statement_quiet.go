package web

import (
	"errors"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// mostQuiet is how many of those who have gone quiet stand on the page; the list behind it has the ten thousand with the most at stake.
const mostQuiet = 10

// quietView is who has gone quiet, as far as whoever looks may see it.
type quietView struct {
	Figures []bigView
	Count   string
	Nearly  bool   // it is being put in order
	Gone    string // why it cannot be said any more
	Rows    []quietRow
	All     string // path of the whole list; empty: not for whoever looks
	Listed  string
}

// quietRow is a customer who has gone quiet.
type quietRow struct {
	Customer *called
	Group    string
	Stake    money.Amount
	Width    string
	Alive    string // probability; empty: not told
	Last     string // day of the last purchase
	Bought   string // purchases in all
	Words    string // what they last said
	Said     string // when, and where
	Withheld bool
}

// quiet is nil where nobody has gone quiet.
func (s *Server) quiet(v *visit, h office.Head, o *opened) (*quietView, error) {
	e := o.doc.Equity
	if !e.Open() || e.Quiet.Customers == 0 {
		return nil, nil
	}
	view := &quietView{Count: count(e.Quiet.Customers), Figures: o.bigs(sealed.EquityBlock, "quiet.at_stake")}
	if _, told := e.Quiet.AtStake.Estimate(); !o.rows || !told {
		return view, nil
	}
	list, all, err := s.Office.Silent(v.r.Context(), h, mostQuiet, v.seer())
	var gone *closing.Refusal
	switch {
	case errors.Is(err, office.ErrNoCustomers):
		return view, nil
	case errors.Is(err, engine.ErrUnready):
		view.Nearly, view.All = true, behindPath(h.ID, sealed.Period, engine.Quiet)
		return view, nil
	case errors.As(err, &gone):
		view.Gone = gone.What
		return view, nil
	case err != nil:
		return nil, err
	}
	view.All, view.Listed = behindPath(h.ID, sealed.Period, engine.Quiet), count(all)
	for _, one := range list {
		view.Rows = append(view.Rows, v.quietRow(one, list[0].Stake))
	}
	return view, nil
}

func (v *visit) quietRow(one office.Silent, most money.Amount) quietRow {
	row := quietRow{Group: shown(one.Group), Stake: one.Stake, Width: widthOf(one.Stake, most)}
	if one.Customer != nil {
		who := v.called(*one.Customer)
		row.Customer = &who
	}
	if s := one.Silence; s != nil {
		row.Alive, row.Last, row.Bought = percent(evidence.Float(s.Alive)), v.locale.day(one.Last), count(s.Purchases)
	}
	if e := one.Said; e != nil {
		row.Words, row.Withheld = e.Text, e.Withheld
		row.Said = v.t("%s, %s", v.locale.day(e.Day), v.happened(e.Kind))
		if e.Text == "" && !e.Withheld && e.Amount == nil {
			row.Said = v.t("%s, answered without words", v.locale.day(e.Day))
		}
	}
	return row
}
