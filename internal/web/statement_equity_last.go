package web

import (
	"math/big"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// lastWorthView is what the last close said that the base was worth when the period opened, in a sentence.
type lastWorthView struct{ Text, Path string }

// lastWorth reads both seals, because neither may depend on the other.
func (s *Server) lastWorth(v *visit, h office.Head, o *opened) (*lastWorthView, error) {
	last, err := s.Office.LastWorth(v.r.Context(), h, o.doc)
	if err != nil || last == nil {
		return nil, err
	}
	name, currency := v.sealHead(last.Head).Name, string(o.currency)
	say := func(r *big.Rat) string { return o.number(sealed.Expected, r, false) }
	view := &lastWorthView{Path: statementPath(last.Head.ID) + "/equity"}
	more := new(big.Rat).Abs(last.Restated)
	switch said := say(last.Said); {
	case say(more) == say(new(big.Rat)):
		view.Text = o.t("The close of %s said that the base was worth %s %s then, and it is told the same now.", name, said, currency)
	case last.Restated.Sign() > 0:
		view.Text = o.t("The close of %s said that the base was worth %s %s then; by the books as they are now it was %s more.", name, said, currency, say(more))
	default:
		view.Text = o.t("The close of %s said that the base was worth %s %s then; by the books as they are now it was %s less.", name, said, currency, say(more))
	}
	return view, nil
}
