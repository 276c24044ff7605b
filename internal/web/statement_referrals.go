package web

import (
	"math/big"
	"net/http"
	"net/url"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// referralsView says who brought whom, what they spend, and whether loss spreads along their ties.
type referralsView struct {
	Seal     sealLine
	Pages    []door
	Finding  []string
	Columns  []door
	Lead     string
	Currency string
	Refused  []lockedView
	Figures  []bigView
	Who      []referralRow
	Sums     []referralRow
	Sent     []barRow
	Depths   []barRow
	Longest  string
	Tenths   []barRow
	Most     *referrersView
	Losses   *lossesView
	Notes    []noteView
}

// referralRow is a count or a sum with what it is of.
type referralRow struct {
	Label string
	Value numView
	Share string
	Class string
}

// barRow is a row with a bar: its name, the bar's width in per cent, and what stands beside it.
type barRow struct {
	Label, Width string
	Cells        []string
}

// lossesView is loss along ties on one scale.
type lossesView struct {
	Windows   string
	Refused   []lockedView
	Ticks     []tick
	Scale     string
	Relations []relationView
}

// relationView is one relation: the headline and, below it, what it was taken from.
type relationView struct {
	Label  string
	Counts string
	Rows   []spreadRow
}

// spreadRow is one figure of a relation.
type spreadRow struct {
	Label    string
	Value    numView
	Strip    strip
	Interval string
	N        string
	Head     bool
	Refused  string // in the sealed document's words
}

var referralsPage = page[referralsView]("referrals.html")

func (s *Server) referrals(v *visit, h office.Head, o *opened) error {
	view := o.referralsView()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "referrals")
	var err error
	if view.Most, err = s.referrers(v, h, o); err != nil {
		return err
	}
	return referralsPage.render(v, http.StatusOK, title{Text: v.t("Referrals, %s", view.Seal.Name)}, view)
}

func (o *opened) referralsView() referralsView {
	view := referralsView{Currency: string(o.doc.Currency)}
	if all := o.doc.Referrals; !all.Open() {
		locked := lockedView{What: o.t("Referrals"), Why: "this close was sealed by a release that did not look at referrals", Opens: "a restatement"}
		if all != nil {
			locked.Why, locked.Opens = all.Refused, all.UnlockedBy
		}
		view.Refused = []lockedView{locked}
		return view
	}
	if !o.doc.Open(o.lead.In(sealed.ReferralsPeriod)) {
		o.lead = sealed.Period // another statement may be open without its referrals
	}
	b := o.lead.In(sealed.ReferralsPeriod)
	s, r := o.doc.Statement(o.lead), o.doc.ReferralsOf(b)
	if !s.Open() {
		return view
	}
	view.Lead = o.head(o.lead)
	for _, b := range o.doc.Blocks(sealed.Period) {
		if o.doc.Open(b.In(sealed.ReferralsPeriod)) {
			path := statementPath(o.seal) + "/referrals?" + url.Values{"of": {string(b)}}.Encode()
			view.Columns = append(view.Columns, door{Path: path, Text: o.head(b), Current: b == o.lead})
		}
	}
	if len(view.Columns) < 2 {
		view.Columns = nil
	}
	view.Finding = o.referralFinding(s, r)
	view.Figures = o.bigs(b, "brought_share_of_new", "referrer_known", "referral_share_of_earned", "top_tenth_share")
	view.Who, view.Sums = o.whoBrought(b, r), o.broughtSums(s, b, r)
	view.Sent, view.Depths, view.Tenths = o.sentRows(r), o.depthRows(r), o.tenthRows(r)
	if n := r.Customers["longest_chain"]; n > 0 {
		view.Longest = o.tn(n, "The longest chain has %s step.", "The longest chain has %s steps.", count(n)) + " " + o.tn(r.Customers["trees"], "There is %s tree.", "There are %s trees.", count(r.Customers["trees"]))
	}
	view.Losses = o.lossesView()
	view.Notes = o.notes
	return view
}

// referralFinding is the page in two sentences.
func (o *opened) referralFinding(s *sealed.Statement, r *sealed.Referrals) []string {
	out := []string{o.t("Of %s new customers, %s were brought by a customer whom the books know.", count(r.Customers["new"]), count(r.Customers["new_brought"]))}
	if current := s.Revenue["current"]; current.Sign() > 0 {
		share := new(big.Rat).Quo(r.Revenue["brought"].Rat(), current.Rat())
		out = append(out, o.t("Everyone whom a customer ever brought spent %s %s in the period, %s of revenue.", o.cash(r.Revenue["brought"]), string(o.doc.Currency), percent(share)))
	}
	return out
}

func (o *opened) whoBrought(b sealed.Block, r *sealed.Referrals) []referralRow {
	var out []referralRow
	whole := r.Customers["named"]
	for _, line := range []struct{ key, label, class string }{
		{"brought", "Brought by a known customer", ""}, {"by_unknown", "Name an id that no book has", ""},
		{"by_excluded", "Name an excluded customer", ""}, {"by_self", "Name themselves", ""}, {"in_rings", "In a ring: their referrers lead back to them", ""},
		{"named", "Came, and name who brought them", "total"}, {"named_not_yet", "Also: of these, had not bought yet", ""}, {"brought_other_origin", "Also: brought, but of another stated origin", ""},
		{"referrers", "Also: brought somebody, ever", ""},
	} {
		row := referralRow{Label: o.t(line.label), Class: line.class, Value: numView{Text: count(r.Customers[line.key])}}
		if n, _, ok := o.num(b, "customers."+line.key); ok {
			row.Value = n
		}
		if whole > 0 && line.class == "" && !strings.HasPrefix(line.label, "Also") {
			row.Share = percent(big.NewRat(r.Customers[line.key], whole))
		}
		out = append(out, row)
	}
	return out
}

func (o *opened) broughtSums(s *sealed.Statement, b sealed.Block, r *sealed.Referrals) []referralRow {
	var out []referralRow
	for _, line := range []struct{ key, label string }{
		{"referral", "By referral, new and old"}, {"referral_new", "By referral, new"}, {"earned_new", "New by word of mouth: referral or reputation"},
		{"brought", "Whom a known customer brought"}, {"referrers", "Referrers themselves"},
	} {
		row := referralRow{Label: o.t(line.label)}
		row.Value, _, _ = o.num(b, "revenue."+line.key)
		if current := s.Revenue["current"]; current.Sign() > 0 {
			row.Share = percent(new(big.Rat).Quo(r.Revenue[line.key].Rat(), current.Rat()))
		}
		out = append(out, row)
	}
	return out
}

// bars gives each row the width of its number beside the largest.
func bars(rows []barRow, of []*big.Rat) []barRow {
	most := new(big.Rat)
	for _, x := range of {
		if x.Cmp(most) > 0 {
			most = x
		}
	}
	for i, x := range of {
		rows[i].Width = "0"
		if most.Sign() > 0 && x.Sign() > 0 {
			rows[i].Width = place(100 * float(new(big.Rat).Quo(x, most)))
		}
	}
	return rows
}

// sentRows are how many customers brought how many; nobody's bar is left out, since it would dwarf the others.
func (o *opened) sentRows(r *sealed.Referrals) []barRow {
	var rows []barRow
	var of []*big.Rat
	for _, x := range r.Sent {
		row, n := barRow{Label: x.Name}, new(big.Rat)
		ever, active := "–", ""
		if x.Referrers != nil {
			ever = count(*x.Referrers)
			n.SetInt64(*x.Referrers)
		}
		if x.Active != nil {
			active = count(*x.Active)
		}
		switch x.Name {
		case "0":
			row.Label = o.t("Nobody")
		case "3+":
			row.Label = o.t("3 and more")
		}
		row.Cells = []string{ever, active}
		rows, of = append(rows, row), append(of, n)
	}
	return bars(rows, of)
}

func (o *opened) depthRows(r *sealed.Referrals) []barRow {
	var rows []barRow
	var of []*big.Rat
	for _, x := range r.Depths {
		if x.Customers == nil || x.Revenue == nil {
			continue
		}
		label := x.Name
		if n, deeper := strings.CutSuffix(x.Name, "+"); deeper {
			label = o.t("%s and deeper", n)
		}
		rows = append(rows, barRow{Label: label, Cells: []string{count(*x.Customers), o.cash(*x.Revenue)}})
		of = append(of, new(big.Rat).SetInt64(*x.Customers))
	}
	return bars(rows, of)
}

func (o *opened) tenthRows(r *sealed.Referrals) []barRow {
	var rows []barRow
	var of []*big.Rat
	for _, x := range r.Tenths {
		if x.Referrers == nil || x.Revenue == nil || x.Chain == nil {
			continue
		}
		each := money.Amount{}.Rat()
		if *x.Referrers > 0 {
			each.Quo(x.Revenue.Rat(), new(big.Rat).SetInt64(*x.Referrers))
		}
		rows = append(rows, barRow{Label: x.Name, Cells: []string{count(*x.Referrers), o.cash(*x.Revenue), decimal(each, o.currency.Places()), o.cash(*x.Chain)}})
		of = append(of, x.Revenue.Rat())
	}
	return bars(rows, of)
}

// lossesView is of the document as a whole: always years for a month or a quarter.
func (o *opened) lossesView() *lossesView {
	l := o.doc.Referrals.Losses
	if l == nil {
		return nil
	}
	view := &lossesView{}
	if l.Refused != "" {
		view.Refused = []lockedView{{o.t("Does loss spread along ties?"), l.Refused, l.UnlockedBy}}
		return view
	}
	if len(l.Windows) == 3 {
		view.Windows = o.t("Before: %s. Left or complained: %s. Left after that: %s.", o.days(l.Windows[0].Period()), o.days(l.Windows[1].Period()), o.days(l.Windows[2].Period()))
	}
	var ends []float64
	for _, r := range l.Relations {
		for _, key := range sealed.SpreadFigures {
			if e, ok := r.Figures[key].Estimate(); ok {
				ends = append(ends, float(e.Low), float(e.High))
			}
		}
	}
	a := axisOf(ends)
	view.Ticks = []tick{{"0", signedPercent(a.low), "start"}, {a.at(0), "0", "middle"}, {"100", signedPercent(a.high), "end"}}
	view.Scale = o.t("On a scale from %s to %s", signedPercent(a.low), signedPercent(a.high))
	for _, known := range sealed.Relations {
		for _, r := range l.Relations {
			if r.Name == known.Name {
				view.Relations = append(view.Relations, o.relation(a, known.Label, r))
			}
		}
	}
	return view
}

func (o *opened) relation(a axis, label string, r sealed.Relation) relationView {
	view := relationView{Label: o.t(label)}
	if _, ok := r.Figures["difference"].Estimate(); ok && r.Exposed != nil && r.ExposedLost != nil && r.Others != nil && r.OthersLost != nil {
		view.Counts = o.t("%s of %s left, against %s of %s others", count(*r.ExposedLost), count(*r.Exposed), count(*r.OthersLost), count(*r.Others))
	}
	words := map[string]string{
		"beyond_reversed": o.t("Beyond the reversed"), "difference": o.t("Difference in leaving"), "reversed": o.t("The same, reversed in time"), "shuffled": o.t("The same, referrers shuffled"),
	}
	for _, key := range sealed.SpreadFigures {
		name := "loss_spreading.relations." + r.Name + "." + key
		f, ok := o.doc.Figure(sealed.ReferralsPeriod, name)
		if !ok {
			continue
		}
		row := spreadRow{Label: words[key], Head: key == "beyond_reversed", Interval: o.interval(f.Value)}
		row.Value, _, _ = o.line(sealed.ReferralsPeriod, name)
		row.Strip = strip{Refused: true, Zero: a.at(0)}
		if why, refused := f.Value.Figure.Refusal(); refused {
			row.Refused = why.Reason + ": " + why.Need
			view.Rows = append(view.Rows, row)
			if key == "beyond_reversed" {
				if _, also := r.Figures["difference"].Refusal(); also {
					break // the others are refused for the same reason
				}
			}
			continue
		}
		e, _ := f.Value.Figure.Estimate()
		row.N = count(e.N)
		row.Strip = a.strip(f.Value, nil, 0, lossPaint(key, e))
		view.Rows = append(view.Rows, row)
	}
	return view
}

// lossPaint is clay only where the headline's whole interval is above zero: more loss goes against customers.
func lossPaint(key string, e evidence.Estimate) string {
	switch {
	case key != "beyond_reversed" || e.Low.Sign() <= 0 && e.High.Sign() >= 0:
		return "ink"
	case e.Low.Sign() > 0:
		return "clay"
	}
	return "petrol"
}
