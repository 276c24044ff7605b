package report

import (
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// touchpointRecords are every figure of the touchpoints and of what their map covers, a row each.
func (d *document) touchpointRecords() []record {
	t := d.Touchpoints
	if t == nil {
		return nil
	}
	at := record{statement: "touchpoints"}
	if c := d.Covers; c.Open() {
		at.period, at.compared = window(c.Period), window(c.Compared)
	}
	if !t.Open() {
		at.kind, at.note = "refused", unlocked(t.Locked)
		return []record{at}
	}
	var out []record
	for i := range t.Lines {
		out = append(out, d.touchpointRecord(at, &t.Lines[i])...)
	}
	return append(out, d.coverRecords(at)...)
}

func inWords(at record, line, text string) record {
	at.line, at.kind, at.note = line, "text", text
	return at
}

func (d *document) touchpointRecord(at record, t *sealed.Touchpoint) []record {
	in := member(t.Name) + "."
	out := []record{inWords(at, in+"state", t.State), inWords(at, in+"department", t.Department), inWords(at, in+"owner", t.Owner)}
	out = append(out, volumeRecords(at, in, t.TouchpointVolume)...)
	for i := range t.Brands {
		b := &t.Brands[i]
		of := in + "brands." + member(b.Name) + "."
		out = append(out, inWords(at, of+"state", b.State))
		out = append(out, volumeRecords(at, of, b.TouchpointVolume)...)
		for _, s := range b.Standards {
			out = append(out, inWords(at, of+"standards."+member(s.Name)+".state", s.State))
		}
		for _, f := range b.Figures {
			out = append(out, shownRecords(at, of+"figures."+member(f.Name)+".", f)...)
		}
		if r := b.PutRight; r != nil {
			out = append(out, numbered(at, of+"put_right.customers", r.Customers, "customers"), inUnit(figure(at, of+"put_right.median_days", r.Median), "days"))
			for _, w := range r.Within {
				out = append(out, figure(at, of+"put_right.within."+member(w.Name)+".share", w.Share))
			}
		}
	}
	for _, r := range t.Rows {
		out = append(out, numbered(at, in+"rows."+member(r.Name)+".n", r.N, "rows"))
	}
	for _, f := range t.Measures {
		out = append(out, shownRecords(at, in+"measures."+member(f.Name)+".", f)...)
	}
	for _, c := range []struct {
		name string
		f    *evidence.Figure
	}{{"cost_to_serve", t.Cost}, {"cost_per_contact", t.Each}} {
		if c.f != nil {
			out = append(out, inUnit(figure(at, in+c.name, *c.f), string(d.Currency)))
		}
	}
	if n := t.Next; n != nil {
		next := in + "next."
		out = append(out, numbered(at, next+"passers", n.Passers, "customers"), numbered(at, next+"matched", n.Matched, "customers"), numbered(at, next+"others", n.Others, "customers"),
			figure(at, next+"difference", n.Difference), inUnit(figure(at, next+"revenue_not_seen", n.Revenue), string(d.Currency)), inWords(at, next+"grade", n.Grade))
		for _, x := range []struct {
			name string
			of   *sealed.Decimal
		}{{"e_value", n.EValue}, {"e_value_of_interval", n.EnoughFor}, {"chance", n.Chance}, {"chance_adjusted", n.Adjusted}} {
			if x.of != nil {
				out = append(out, decimal(at, next+x.name, x.of))
			}
		}
	}
	return out
}

func decimal(at record, line string, x *sealed.Decimal) record {
	at.line, at.value, at.kind, at.unit = line, money.FormatRate(x.Rat), "exact", "ratio"
	return at
}

func inUnit(r record, unit string) record {
	r.unit = unit
	return r
}

func volumeRecords(at record, in string, v sealed.TouchpointVolume) []record {
	out := []record{numbered(at, in+"contacts", v.Contacts, "contacts"), numbered(at, in+"contacts_before", v.Before, "contacts"), numbered(at, in+"identified", v.Identified, "contacts"), numbered(at, in+"customers", v.Customers, "customers")}
	for _, l := range v.Unreached {
		of, unit := in+"unreached."+member(l.Name)+".", "contacts"
		if l.Name == "lost_customers" {
			unit = "customers"
		}
		out = append(out, numbered(at, of+"n", l.N, unit), numbered(at, of+"of", l.Of, unit), numbered(at, of+"open", l.Open, unit))
	}
	return out
}

// shownRecords are a figure, its bounds and its change.
func shownRecords(at record, in string, f sealed.TouchpointFigure) []record {
	unit := "ratio"
	switch {
	case strings.HasPrefix(f.Name, "wait_"), f.Name == "handle_mean":
		unit = "seconds"
	case f.Name == "nps":
		unit = "points"
	}
	out := []record{inUnit(figure(at, in+"figure", f.Figure), unit)}
	if f.Bounds != nil {
		out = append(out, inUnit(figure(at, in+"bounds", *f.Bounds), unit))
	}
	if f.Before != nil {
		out = append(out, inUnit(decimal(at, in+"before", f.Before), unit))
	}
	if f.Change != nil { // the document has its interval alone
		r := inUnit(figure(at, in+"change", *f.Change), unit)
		r.value, r.n = "", ""
		out = append(out, r)
	}
	return out
}

// coverRecords are what the map covers.
func (d *document) coverRecords(at record) []record {
	c := d.Covers
	if !c.Open() {
		return nil
	}
	at.statement = "touchpoint_coverage"
	var out []record
	for _, s := range c.States {
		out = append(out, numbered(at, "states."+member(s.Name)+".n", s.N, "touchpoints"))
	}
	for _, l := range c.Unreached {
		out = append(out, numbered(at, "unreached."+member(l.Name)+".n", l.N, map[bool]string{true: "customers", false: "contacts"}[l.Name == "lost_customers"]))
	}
	for _, g := range c.Gaps() {
		for _, x := range g.Items {
			out = append(out, inWords(at, g.Name+"."+member(x.Name)+".title", x.Title))
		}
	}
	for _, j := range c.JobsWithoutRole {
		if j.People != nil {
			out = append(out, numbered(at, "jobs_without_role."+member(j.Name)+".people", *j.People, "people"))
		}
	}
	for _, b := range c.Books {
		in := "books." + member(b.Name) + "."
		for _, n := range []struct {
			name string
			n    int64
		}{{"rows", b.Rows}, {"leading", b.Leading}, {"unnamed", b.Unnamed}, {"aside", b.Aside}, {"nowhere", b.Nowhere}} {
			out = append(out, numbered(at, in+n.name, n.n, "rows"))
		}
		out = append(out, figure(at, in+"leading_share", b.Share))
		for _, n := range b.Names {
			out = append(out, numbered(at, in+"names."+member(n.Name)+".rows", n.Rows, "rows"))
		}
	}
	if n := c.Next; n != nil && n.Chance != nil {
		out = append(out, numbered(at, "next.compared", n.Compared, "touchpoints"), numbered(at, "next.clear", n.Clear, "touchpoints"), figure(at, "next.clear_by_chance", *n.Chance), numbered(at, "next.clear_of_all", n.Adjusted, "touchpoints"))
	}
	return out
}
