package web

import (
	"errors"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// mostShown is how many referrers the page of referrals lists; the list behind it has them all.
const mostShown = 10

// referrersView is who brought most, as far as whoever looks may see it.
type referrersView struct {
	Nearly  bool   // it is being put in order
	Gone    string // why it cannot be said any more
	Differs bool   // it is not what was sealed
	Rows    []behindRow
	Names   bool
	All     string // path of the whole list
	Count   string // how many there are
}

// referrers is nil for who may not open rows, and where nobody brought anybody.
func (s *Server) referrers(v *visit, h office.Head, o *opened) (*referrersView, error) {
	if r := o.doc.ReferralsOf(o.lead.In(sealed.ReferralsPeriod)); !o.rows || !o.doc.Statement(o.lead).Open() || !r.Open() || r.Customers["referrers"] == 0 {
		return nil, nil
	}
	view := &referrersView{All: behindPath(h.ID, o.lead, engine.Referrers)}
	found, err := s.Office.Behind(v.r.Context(), office.Behind{Seal: h.ID, Block: o.lead, Line: engine.Referrers, Limit: mostShown, Seer: v.seer()})
	var gone *closing.Refusal
	switch {
	case errors.Is(err, office.ErrNoCustomers):
		return nil, nil
	case errors.Is(err, engine.ErrUnready):
		view.Nearly = true
		return view, nil
	case errors.As(err, &gone):
		view.Gone = gone.What
		return view, nil
	case err != nil:
		return nil, err
	}
	view.Differs, view.Count = !found.Agrees(), count(found.Units)
	for _, row := range found.Rows {
		line := v.behindRow(row, found.Sum)
		line.Width = widthOf(row.Stake, found.Rows[0].Stake)
		view.Names = view.Names || line.Name != ""
		view.Rows = append(view.Rows, line)
	}
	return view, nil
}
