package web

import (
	"errors"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// opening finds the seal that an address names and opens it for a page of it.
func opening(show func(*visit, office.Head, *opened) error) func(*visit) error {
	return func(v *visit) error {
		h, _, err := v.head()
		if errors.Is(err, program.ErrNone) {
			return v.noSeal()
		}
		if err != nil {
			return err
		}
		o, err := v.open(h)
		if err != nil {
			return err
		}
		return show(v, h, o)
	}
}

// statementPages are the pages of one seal beside each other, in the order of their links: the last part of each
// address, and its name.
var statementPages = []struct{ part, text string }{
	{"", "Customer statement"},
	{"base", "Customer base"},
	{"subscriptions", "Subscriptions"},
	{"referrals", "Referrals"},
	{"profit", "Profit and cost to serve"},
	{"equity", "Customer equity"},
	{"contracts", "Worth under contract"},
	{"loyalty", "Loyalty by satisfaction"},
	{"behaviour", "Behaviour"},
	{"prices", "Prices"},
	{"training", "Training as an asset"},
	{"income", "Two income statements"},
	{"people", "Who works here, and who stays"},
}

// sealPages are the links between the pages of a seal; none where there is only one page.
func (v *visit) sealPages(seal int64, current string) []door {
	if len(statementPages) < 2 {
		return nil
	}
	var out []door
	for _, p := range statementPages {
		path := statementPath(seal)
		if p.part != "" {
			path += "/" + p.part
		}
		out = append(out, door{Path: path, Text: v.t(p.text), Current: p.part == current})
	}
	return out
}
