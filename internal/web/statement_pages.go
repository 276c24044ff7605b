package web

// statementPages are the pages of one seal beside each other, in the order of their links: the last part of each
// address, and its name.
var statementPages = []struct{ part, text string }{
	{"", "Customer statement"},
	{"base", "Customer base"},
	{"subscriptions", "Subscriptions"},
	{"referrals", "Referrals"},
	{"profit", "Profit and cost to serve"},
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
