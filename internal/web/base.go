package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// baseView is the five views of the customer base at a close.
type baseView struct {
	Seal    sealLine
	Pages   []door
	Spans   string // which periods are compared
	Finding []string
	Refused []lockedView
	Apart   *apartView
	Changed *changedView
	Groups  groupsView
	Grid    gridView
	Parts   []partView
	Notes   []noteView
}

var basePage = page[baseView]("base.html")

// chosen is what of the views is shown: by which measure customers are ranked, by which spans cohorts are cut, by which
// groups they are compared, of which group they are, and whose life is told. What an address asks for and is not there is as
// if it had not been asked.
type chosen struct {
	by, span, cohort string
	of               string  // a dimension; empty: there is none
	group            *string // of it; nil: all customers
}

func (c chosen) path(seal int64, part string) string {
	q := url.Values{}
	for name, value := range map[string]string{"by": c.by, "span": c.span, "cohort": c.cohort, "of": c.of} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if c.group != nil {
		q.Set("group", *c.group) // whose group is not known has no name
	}
	return statementPath(seal) + "/base?" + q.Encode() + "#" + part
}

// base shows how different customers are, what changed, one cohort's life, cohorts at equal age, and all of them together.
func (s *Server) base(v *visit, h office.Head, o *opened) error {
	view := baseView{Seal: v.sealLine(h), Pages: v.sealPages(h.ID, "base")}
	b := o.doc.Views
	if !b.Open() {
		view.Refused = o.noViews()
		return basePage.render(v, http.StatusOK, title{Text: v.t("Customer base, %s", view.Seal.Name)}, view)
	}
	if b.Period != nil && b.Compared != nil {
		view.Spans = o.t("%s, compared with %s", o.days(*b.Period), o.days(*b.Compared))
	}
	c := o.chosen(v.r.URL.Query())
	view.Finding = o.baseFinding()
	view.Apart = o.apart(c)
	view.Changed = o.changedBase(c)
	view.Groups = o.groupsView(c)
	view.Grid = o.gridView(c)
	view.Parts = o.parts()
	view.Notes = o.notes
	return basePage.render(v, http.StatusOK, title{Text: v.t("Customer base, %s", view.Seal.Name), Pictures: true}, view)
}

// noViews says why a close has no views of the base.
func (o *opened) noViews() []lockedView {
	if b := o.doc.Views; b != nil && b.Refused != "" {
		return []lockedView{{o.t("Customer base"), b.Refused, b.UnlockedBy}}
	}
	return []lockedView{{o.t("Customer base"), o.t("This close was sealed before the views of the customer base were made."), o.t("closing the period again, as a restatement, once its books have changed")}}
}

func (o *opened) chosen(q url.Values) chosen {
	c := chosen{by: "spend", span: q.Get("span"), cohort: q.Get("cohort")}
	if now := o.doc.Views.Slice("period"); now != nil && now.By(q.Get("by")) != nil {
		c.by = q.Get("by")
	}
	open := func(g sealed.CohortGrid) bool { return g.Refused == "" && len(g.Rows) > 0 }
	grids := o.doc.Views.Grids
	if !slices.ContainsFunc(grids, func(g sealed.CohortGrid) bool { return open(g) && g.Name == c.span }) {
		c.span = ""
		for _, g := range grids { // the one with the most to see, up to a dozen spans
			if open(g) && (c.span == "" || len(g.Spans) >= 5) {
				c.span = g.Name
			}
		}
	}
	o.chooseGroup(&c, q)
	return c
}

// choices are links between the ways of looking.
func choices(now string, of []string, path func(string) string, name func(string) string) []door {
	var out []door
	for _, x := range of {
		out = append(out, door{Path: path(x), Text: name(x), Current: x == now})
	}
	return out
}

func (l *locale) measureName(m string) string {
	switch m {
	case "orders":
		return l.t("orders")
	case "profit":
		return l.t("gross profit")
	}
	return l.t("spend")
}
