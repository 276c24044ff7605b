package web

import (
	"math/big"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/sealed"
)

// A finding is a sentence that the figures below it bear out. The rules are few and cautious: of an estimate only what its
// whole interval says, of bounds only what both ends say, of a refusal that there is nothing to say yet.

// finding is what a statement says, in sentences; the first is what the page is about.
func (o *opened) finding(b sealed.Block) []string {
	out := []string{o.grew(b)}
	for _, more := range []string{o.brought(b), o.earned(b)} {
		if more != "" {
			out = append(out, more)
		}
	}
	return out
}

// still is the change below which nothing is said to have moved: what one decimal prints as nothing.
var still = big.NewRat(5, 10_000)

func (o *opened) estimate(b sealed.Block, name string) (evidence.Estimate, bool) {
	f, ok := o.doc.Figure(b, name)
	if !ok {
		return evidence.Estimate{}, false
	}
	return f.Value.Figure.Estimate()
}

// grew says how revenue moved.
func (o *opened) grew(b sealed.Block) string {
	g, ok := o.estimate(b, "growth_rate")
	switch {
	case !ok && !o.doc.Statement(b).Open():
		return o.t("The books do not allow a customer statement yet.")
	case !ok || g.Value == nil:
		return o.t("There is no growth to state: nothing stands in the comparison period.")
	case new(big.Rat).Abs(g.Value).Cmp(still) < 0:
		return o.t("Revenue stood still.")
	case g.Value.Sign() > 0:
		return o.t("Revenue grew by %s.", percent(g.Value))
	}
	return o.t("Revenue fell by %s.", percent(new(big.Rat).Neg(g.Value)))
}

// brought says which of word of mouth and promotion brought more new revenue, as far as that is known.
func (o *opened) brought(b sealed.Block) string {
	amounts := map[string]*big.Rat{}
	for _, name := range []string{"revenue.new_earned", "revenue.new_bought", "revenue.new_unattributed"} {
		f, ok := o.doc.Figure(b, name)
		if !ok || f.Value.Amount.Sign() < 0 {
			return ""
		}
		amounts[name] = f.Value.Rat()
	}
	earned, bought, open := amounts["revenue.new_earned"], amounts["revenue.new_bought"], amounts["revenue.new_unattributed"]
	switch {
	case earned.Sign()+bought.Sign()+open.Sign() == 0:
		return ""
	case earned.Sign()+bought.Sign() == 0:
		return o.t("What brought the new customers nobody has asked yet.")
	case earned.Cmp(new(big.Rat).Add(bought, open)) > 0:
		return o.t("Word of mouth brought more new revenue than promotion and sales.")
	case bought.Cmp(new(big.Rat).Add(earned, open)) > 0:
		return o.t("Promotion and sales brought more new revenue than word of mouth.")
	case open.Sign() > 0:
		return o.byAnswers(b)
	}
	return o.t("Word of mouth brought as much new revenue as promotion and sales.")
}

// byAnswers goes by those who were asked, where the others could tip the scale.
func (o *opened) byAnswers(b sealed.Block) string {
	half := big.NewRat(1, 2)
	share, ok := o.estimate(b, "earned_share")
	unknown := o.t("Whether word of mouth or promotion brought more new revenue is not known.")
	switch {
	case !ok || share.Kind == evidence.KindBounds:
		return unknown
	case share.Low.Cmp(half) > 0:
		return o.t("By those who were asked, word of mouth brought more new revenue than promotion and sales.")
	case share.High.Cmp(half) < 0:
		return o.t("By those who were asked, promotion and sales brought more new revenue than word of mouth.")
	}
	return o.t("Word of mouth and promotion brought about as much new revenue, by those who were asked.")
}

// earned says whether there was earned growth: only what the whole interval bears out.
func (o *opened) earned(b sealed.Block) string {
	e, ok := o.estimate(b, "earned_growth_rate")
	if !ok {
		return ""
	}
	is := o.t("%s to %s", ratio(sealed.Share, e.Low, true), ratio(sealed.Share, e.High, false))
	if e.Low.Cmp(e.High) == 0 {
		is = percent(e.Low)
	}
	switch {
	case e.Low.Cmp(e.High) == 0 && new(big.Rat).Abs(e.Low).Cmp(still) < 0:
		return o.t("What customers spent who stayed or came by word of mouth just made up for what was lost.")
	case e.Low.Sign() > 0:
		return o.t("What customers spent who stayed or came by word of mouth more than made up for what was lost: earned growth is %s.", is)
	case e.High.Sign() < 0:
		return o.t("What customers spent who stayed or came by word of mouth did not make up for what was lost: earned growth is %s.", is)
	case e.Kind == evidence.KindBounds:
		return o.t("Whether any growth was earned is not known: earned growth lies anywhere from %s.", is)
	}
	return o.t("Earned growth may be nothing: %s.", is)
}

// broughtBack says what word of mouth made up of what was lost, for the room.
func (o *opened) broughtBack(b sealed.Block) string {
	e, ok := o.estimate(b, "earned_replacement")
	if !ok {
		return ""
	}
	hundred := func(r *big.Rat) string { return grouped(new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(0)) }
	unit := string(o.doc.Currency)
	switch {
	case e.Value == nil:
		return o.t("For every 100 %s lost with customers we had, word of mouth brought back between %s and %s.", unit, hundred(e.Low), hundred(e.High))
	case e.Low.Cmp(e.High) == 0:
		return o.t("For every 100 %s lost with customers we had, word of mouth brought back %s.", unit, hundred(e.Value))
	}
	return o.t("For every 100 %s lost with customers we had, word of mouth brought back %s (%s to %s).", unit, hundred(e.Value), hundred(e.Low), hundred(e.High))
}

// headline is a finding in the few words that a wall has room for.
func (o *opened) headline(b sealed.Block) []string {
	out := []string{o.grew(b)}
	if text := o.ofIt(b); text != "" {
		out[0] += " " + text
	}
	if text := o.broughtBack(b); text != "" {
		out = append(out, text)
	}
	return out
}

// ofIt says whether any of the growth was earned, as far as the whole interval bears it out.
func (o *opened) ofIt(b sealed.Block) string {
	g, ok := o.estimate(b, "growth_rate")
	e, also := o.estimate(b, "earned_growth_rate")
	if !ok || !also {
		return ""
	}
	grew := g.Value.Cmp(still) >= 0
	switch {
	case grew && e.Low.Sign() > 0:
		return o.t("Part of it was earned.")
	case grew && e.High.Sign() <= 0:
		return o.t("None of it was earned.")
	case grew && e.Kind == evidence.KindBounds:
		return o.t("Whether any of it was earned is not known.")
	case grew:
		return o.t("It may be that none of it was earned.")
	case e.High.Sign() < 0:
		return o.t("Word of mouth did not make up for what was lost.")
	}
	return ""
}
