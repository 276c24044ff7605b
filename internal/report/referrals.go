package report

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// The lines of the referrals, in the order in which they are printed.
var (
	referralCustomers = []line{
		{"named", "Came, and name a referrer"},
		{"brought", "Brought by a known customer"},
		{"in_rings", "Set apart: in a ring"},
		{"by_excluded", "Set apart: by an excluded id"},
		{"by_unknown", "Set apart: by an unknown id"},
		{"by_self", "Set apart: by themselves"},
		{"named_not_yet", "Memo: came, had not bought yet"},
		{"referrers", "Brought somebody, ever"},
		{"referrers_active", "Of the active, brought somebody"},
		{"active", "Active in the period"},
		{"new_brought", "Of the new, brought"},
		{"new", "New in the period"},
		{"came_referrer_known", "By referral, referrer known"},
		{"came_by_referral", "Came by referral, ever"},
		{"brought_other_origin", "Brought, but of another origin"},
		{"trees", "Trees of referrals"},
		{"longest_chain", "Longest chain, in steps"},
	}
	referralRevenue = []line{
		{"brought", "Customers who were brought"},
		{"referrers", "Referrers themselves"},
		{"referral", "Came by referral, new and old"},
		{"referral_new", "Came by referral, new"},
		{"earned_new", "New by word of mouth"},
	}
	referralRates = []line{
		{"brought_share_of_new", "Of the new, brought by a customer"},
		{"referrer_known", "Referrals with a known referrer"},
		{"referral_share_of_earned", "Referral in new word of mouth"},
		{"top_tenth_share", "Value brought by the top tenth"},
	}
	spreadLines = []line{
		{"beyond_reversed", "Beyond the reversed"},
		{"difference", "Difference in loss"},
		{"reversed", "Reversed in time"},
		{"shuffled", "Shuffled"},
	}
)

// referralsBeside are those of a statement's period; of none where they are refused.
func (d *document) referralsBeside(s *sealed.Statement) *sealed.Referrals {
	r := d.Referrals
	if s == d.Trailing {
		r = d.ReferralsTrailing
	}
	if !r.Open() {
		return &sealed.Referrals{}
	}
	return r
}

// referred are the tables of the referrals beside those of the statements.
func (d *document) referred(columns []*sealed.Statement) []table {
	counts, sums, rates := table{title: "REFERRALS: CUSTOMERS", value: "number"}, table{title: "REFERRALS: REVENUE OF THE PERIOD", value: d.unit(), unit: "of current"}, table{title: "REFERRALS: RATES"}
	for _, l := range referralCustomers {
		across(&counts, columns, row{label: l.label}, func(s *sealed.Statement) (cell, bool) {
			r := d.referralsBeside(s)
			n, ok := r.Customers[l.key]
			return cell{value: count(n)}, ok
		})
	}
	for _, l := range referralRevenue {
		across(&sums, columns, row{label: l.label}, func(s *sealed.Statement) (cell, bool) {
			r := d.referralsBeside(s)
			a, ok := r.Revenue[l.key]
			return cell{value: d.money(a), share: share(a, s.Revenue["current"])}, ok
		})
	}
	for _, l := range referralRates {
		across(&rates, columns, row{label: l.label}, func(s *sealed.Statement) (cell, bool) {
			r := d.referralsBeside(s)
			f, ok := r.Rates[l.key]
			c := cell{share: headline(f)}
			if text := note(s, l.key, f); ok && text != "" {
				c.mark = rates.mark(text)
			}
			return c, ok
		})
	}
	return []table{counts, sums, rates}
}

// losses prints loss along the ties of referrals, or why there is none.
func (d *document) losses(p *page) {
	r := d.Referrals
	if r == nil {
		return
	}
	if r.Refused != "" {
		p.title("REFERRALS")
		p.lock(r.Locked)
		return
	}
	if r.Losses == nil {
		return
	}
	p.title("LOSS ALONG THE TIES OF REFERRALS")
	if r.Losses.Refused != "" {
		p.lock(r.Losses.Locked)
		return
	}
	for _, known := range sealed.Relations {
		for _, relation := range r.Losses.Relations {
			if relation.Name == known.Name {
				p.relation(known.Label, relation)
			}
		}
	}
	p.hang("", "An association along a tie is no proof that one led to the other. In points of the share that leaves; 95% intervals.", 0)
}

// spread is a difference in points with its interval, or why it was refused.
func spread(f evidence.Figure) (value, interval, why string) {
	if r, refused := f.Refusal(); refused {
		return "", "", sentence("refused: " + clean(r.Reason) + " — needs " + clean(r.Need))
	}
	if e, ok := f.Estimate(); ok && e.Value != nil {
		return points(e.Value), strings.TrimSuffix(points(e.Low), " pts") + " to " + points(e.High), ""
	}
	return "", "", ""
}

func (p *page) relation(label string, r sealed.Relation) {
	p.hang("", label, 0)
	if why, refused := r.Figures["difference"].Refusal(); refused {
		p.hang("  refused", sentence(clean(why.Reason)+" — needs "+clean(why.Need)), headKeys)
		return
	}
	for _, l := range spreadLines {
		value, interval, why := spread(r.Figures[l.key])
		text := why
		if value != "" {
			text = value + "  (" + interval + ")"
		}
		p.hang("  "+l.label, text, headKeys+8)
	}
}

// referralRecords are the referrals of one block.
func (d *document) referralRecords(name string, s *sealed.Statement, r *sealed.Referrals) []record {
	if r == nil {
		return nil
	}
	at := record{statement: name}
	if s != nil {
		at.period, at.compared = window(s.Period), window(s.Compared)
	}
	if r.Refused != "" {
		at.kind, at.note = "refused", unlocked(r.Locked)
		return []record{at}
	}
	out := counts(at, "customers.", referralCustomers, r.Customers, "customers")
	for i := range out { // the two that count no customers
		out[i].unit = map[string]string{"customers.trees": "trees", "customers.longest_chain": "steps"}[out[i].line]
		if out[i].unit == "" {
			out[i].unit = "customers"
		}
	}
	out = append(out, d.amounts(at, "revenue.", referralRevenue, r.Revenue)...)
	for _, l := range referralRates {
		if f, ok := r.Rates[l.key]; ok {
			out = append(out, figure(at, l.key, f))
		}
	}
	out = append(out, d.namedRecords(at, "by_number_brought", r.Sent)...)
	out = append(out, d.namedRecords(at, "depths", r.Depths)...)
	out = append(out, d.namedRecords(at, "tenths", r.Tenths)...)
	return append(out, lossRecords(at, r.Losses)...)
}

func (d *document) namedRecords(at record, list string, rows []sealed.Named) []record {
	var out []record
	at.kind = "exact"
	for _, row := range rows {
		prefix := list + "." + row.Name + "."
		for _, n := range []struct {
			key string
			n   *int64
		}{{"customers", row.Customers}, {"referrers", row.Referrers}, {"active", row.Active}} {
			if n.n != nil {
				r := at
				r.line, r.value, r.unit = prefix+n.key, strconv.FormatInt(*n.n, 10), "customers"
				out = append(out, r)
			}
		}
		for _, a := range []struct {
			key string
			a   *money.Amount
		}{{"revenue", row.Revenue}, {"chain_revenue", row.Chain}} {
			if a.a != nil {
				r := at
				r.line, r.value, r.unit = prefix+a.key, a.a.Text(d.places()), string(d.Currency)
				out = append(out, r)
			}
		}
	}
	return out
}

// lossRecords have the window of the outcome for their period and that of the exposure beside it.
func lossRecords(at record, l *sealed.Losses) []record {
	if l == nil {
		return nil
	}
	at.period, at.compared = "", ""
	if l.Refused != "" {
		at.line, at.kind, at.note = "loss_spreading", "refused", unlocked(l.Locked)
		return []record{at}
	}
	if len(l.Windows) == 3 {
		at.period, at.compared = l.Windows[2].Period().String(), l.Windows[1].Period().String()
	}
	var out []record
	for _, r := range l.Relations {
		prefix := "loss_spreading.relations." + r.Name + "."
		for _, key := range sealed.SpreadFigures {
			if f, ok := r.Figures[key]; ok && f != (evidence.Figure{}) {
				out = append(out, figure(at, prefix+key, f))
			}
		}
		for _, n := range []struct {
			key string
			n   *int64
		}{{"exposed", r.Exposed}, {"exposed_lost", r.ExposedLost}, {"others", r.Others}, {"others_lost", r.OthersLost}} {
			if n.n != nil {
				x := at
				x.line, x.value, x.kind, x.unit = prefix+n.key, strconv.FormatInt(*n.n, 10), "exact", "customers"
				out = append(out, x)
			}
		}
	}
	return out
}
