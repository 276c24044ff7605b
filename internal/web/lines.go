package web

import "github.com/throughline/throughline/internal/engine"

// lineWords are a line of the statement as the page behind it says it.
type lineWords struct{ heading, meaning, stake string }

func (v *visit) lineWords(line engine.Line) lineWords {
	w, ok := lineTexts[line]
	if !ok {
		return lineWords{heading: string(line)}
	}
	return lineWords{v.t(w.heading), v.t(w.meaning), v.t(w.stake)}
}

var lineTexts = map[engine.Line]lineWords{
	engine.Opening:         {"Active in the comparison period", "Everybody whose revenue in the comparison period, net of returns, was above zero.", "Revenue then"},
	engine.Lost:            {"Who left", "Active in the comparison period and not in this one. They are counted with what they spent then.", "Went with them"},
	engine.Retained:        {"Who stayed", "Active in both periods. They are counted with what they spent in this one.", "Revenue now"},
	engine.Contraction:     {"Who bought less", "Active in both periods, with less in this one than in the comparison period.", "Less by"},
	engine.Expansion:       {"Who bought more", "Active in both periods, with more in this one than in the comparison period.", "More by"},
	engine.Returning:       {"Who returned", "Active in this period, not in the comparison period, and customers before it.", "Revenue now"},
	engine.NewEarned:       {"Who came by word of mouth", "New customers whom a customer sent or our reputation brought.", "Revenue now"},
	engine.NewBought:       {"Who came by promotion or sales", "New customers whom paid promotion, sales or partners brought.", "Revenue now"},
	engine.NewUnattributed: {"Who came, and nobody asked how", "New customers of whom the books do not say what brought them.", "Revenue now"},
	engine.NewCustomers:    {"Who came", "Everybody whose first purchase lies after the comparison period.", "Revenue now"},
	engine.NewSince:        {"Who came between the two periods", "New customers whose first purchase lies after the comparison period and before this one.", "Revenue now"},
	engine.Closing:         {"Active in this period", "Everybody whose revenue in the period, net of returns, is above zero.", "Revenue now"},
	engine.Other:           {"Other: net of returns", "Revenue of everybody who is not active, because returns were as large as purchases or larger: in this period, less in the comparison period.", "In the figure"},
	engine.Prior:           {"All revenue of the comparison period", "Everybody with revenue in the comparison period, returns included.", "Revenue then"},
	engine.Current:         {"All revenue of this period", "Everybody with revenue in this period, returns included.", "Revenue now"},
	engine.Referrers:       {"Who brought customers", "Customers, ever, whom another customer names as referrer. They are counted with what those whom they brought spent in this period.", "Value brought"},
	engine.Quiet:           {"Who has gone quiet", "Customers who bought twice or more and are likelier gone than not, by the models that were sealed. They are counted with what of their worth is as good as lost.", "At stake"},
	engine.Excluded:        {"Left out of the statement", "Tests, staff and the company itself, as the book of customers says.", "Revenue now"},
	engine.Unidentified:    {"Lines without a customer", "Order lines of the period that name no customer id. Nobody can be shown behind them; a loyalty card or an id on the till would open them.", ""},
}
