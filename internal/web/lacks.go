package web

import (
	"math/big"
	"slices"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
)

// lack is something that the books do not hold, with what it would open.
type lack struct {
	Book, Path string
	What       string
	Opens      string
	Later      bool // a statement of a later release needs it
}

// openings are what books and columns open, in the order in which they matter.
var openings = []struct {
	book    string
	columns []string // one of them is enough; none: the book itself
	what    string
	opens   string
	later   bool
}{
	{"orders", nil, "what was bought", "The customer statement: who came, who left, who bought more or less, and what it was worth.", false},
	{"orders", []string{"customer_id"}, "the customer of each order line", "Every figure of the statement; lines that name nobody are revenue without a customer.", false},
	{"customers", nil, "who the customers are", "How they came and since when, so what growth was earned and what was bought; names to look for.", false},
	{"customers", []string{"acquired_via"}, "how each customer came", "Earned growth: which new customers came by word of mouth and which by promotion.", false},
	{"customers", []string{"acquired_how"}, "how it is known in which way they came", "An interval for the earned share, from those who were asked.", false},
	{"customers", []string{"acquired_on"}, "since when each is a customer", "New and returning told apart where the orders begin later than the customers.", false},
	{"customers", []string{"referred_by"}, "who sent whom", "The sender on each customer's page, and the page of referrals.", false},
	{"customers", []string{"name", "email"}, "names and mail addresses", "Finding a customer by name or address.", false},
	{"customers", []string{"excluded"}, "which customers are tests or staff", "Statements without them.", false},
	{"customer_links", nil, "which ids are the same customer", "Customers who were merged count once, with one timeline.", false},
	{"controls", nil, "figures of the general ledger", "Each close set beside finance's own revenue.", false},
	{"rates", nil, "rates of currencies", "Lines in another currency than the statement's.", false},
	{"subscriptions", nil, "contracts with a monthly amount", "Revenue of contracts in the statement.", false},
	{"answers", nil, "what customers answered", "Scores and comments on each customer's page; later the voice of customers at each touchpoint.", true},
	{"remarks", nil, "what customers said unasked", "Their words on each customer's page; later the voice of customers at each touchpoint.", true},
	{"interactions", nil, "each time a customer was served", "Waits, calls and repairs on each customer's page; later what broke at each touchpoint.", true},
	{"people", nil, "who works here", "The people statement: who works here, who stays, who leaves.", false},
	{"people", []string{"exit_kind"}, "why people left", "Who left by choice and who by the company's.", false},
	{"people", []string{"manager_id"}, "who manages whom", "How many people a manager has, and who stays when one leaves.", false},
	{"people", []string{"opened_on"}, "when a place was opened", "How long it takes to fill one.", false},
	{"trainings", nil, "what people were taught", "The training asset, and learning in the people statement; later whether training pays.", false},
	{"pulses", nil, "what employees answered", "Where culture drifts.", true},
	{"measures", nil, "figures of other systems", "Standards at touchpoints, kept or not.", true},
	{"costs", nil, "what departments spend, by kind", "Profit and cost to serve, and what it costs to replace somebody; later returns on training and on keeping customers.", false},
	{"budgets", nil, "what was planned and spent", "The gap between stated priorities and where the money goes.", true},
}

// lacks lists what is not in the books, and margin, which is a setting.
func (v *visit) lacks(s office.Shelf) []lack {
	config := s.Company.Config
	var out []lack
	for _, o := range openings {
		mapping, mapped := config.Books[o.book]
		if mapped && (len(o.columns) == 0 || gives(mapping, o.columns)) || !mapped && len(o.columns) > 0 {
			continue
		}
		out = append(out, lack{Book: v.t(bookName(o.book)), Path: bookPath(o.book), What: v.t(o.what), Opens: v.t(o.opens), Later: o.later})
	}
	if orders, ok := config.Books["orders"]; len(config.Settings.Margin) == 0 && !(ok && gives(orders, []string{"cost"})) {
		out = append(out, lack{Book: v.t("settings"), Path: "/settings", What: v.t("margin by product group, or what each line cost"), Opens: v.t("Customer equity: what the customers are worth."), Later: true})
	}
	return out
}

// gives tells whether a mapping gives one of the columns.
func gives(m books.Mapping, columns []string) bool {
	return slices.ContainsFunc(columns, func(c string) bool { return m.Columns[c] != "" })
}

// refusedShare is how much of a book was refused, and whether that is more than
// a close allows.
func (v *visit) refusedShare(s office.Shelf, refused, rows int64) (text string, above bool) {
	if refused == 0 {
		return "", false
	}
	share := big.NewRat(refused, refused+rows)
	return partText(refused, refused+rows), share.Cmp(s.Company.Config.Settings.Threshold()) > 0
}

// partText is a part of a whole in per cent, never rounded to nothing or to all.
func partText(part, whole int64) string {
	share := big.NewRat(part, whole)
	switch {
	case part > 0 && share.Cmp(big.NewRat(1, 2000)) < 0:
		return "< 0.1%"
	case part < whole && share.Cmp(big.NewRat(1999, 2000)) > 0:
		return "> 99.9%"
	}
	return percent(share)
}
