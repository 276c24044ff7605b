package pricing

import (
	"encoding/json"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// span is months as the days that they begin and end with, the end excluded.
func span(start, end calendar.Month) calendar.Period {
	return calendar.Period{Start: start.First(), End: end.First()}
}

// MarshalJSON writes the block of a close.
func (s Statement) MarshalJSON() ([]byte, error) {
	text := func(a money.Amount) string { return a.Text(s.Currency.Places()) }
	price := func(a *money.Amount) *string {
		if a == nil {
			return nil
		}
		t := text(*a)
		return &t
	}
	type product struct {
		Name       string          `json:"name"`
		Revenue    string          `json:"revenue"`
		Customers  int64           `json:"customers"`
		Months     int64           `json:"months"`
		Changes    int64           `json:"price_changes"`
		First      *string         `json:"first_price"`
		Last       *string         `json:"last_price"`
		Elasticity evidence.Figure `json:"elasticity"`
	}
	type service struct {
		Name            string          `json:"name"`
		WellCustomers   int64           `json:"well_served_customers"`
		PoorlyCustomers int64           `json:"poorly_served_customers"`
		Difference      evidence.Figure `json:"difference"`
		Well            evidence.Figure `json:"well_served"`
		Poorly          evidence.Figure `json:"poorly_served"`
	}
	type rest struct {
		Products int64  `json:"products"`
		Revenue  string `json:"revenue"`
	}
	products, services := make([]product, 0, len(s.Products)), make([]service, 0, len(s.Service))
	for _, p := range s.Products {
		products = append(products, product{p.Name, text(p.Revenue), p.Customers, p.Months, p.Changes, price(p.First), price(p.Last), p.Elasticity})
	}
	for _, l := range s.Service {
		services = append(services, service{l.Measure, l.WellCustomers, l.PoorlyCustomers, l.Difference, l.Well, l.Poorly})
	}
	type basis struct {
		Products int64 `json:"products"`
		Months   int64 `json:"product_months"`
		Changes  int64 `json:"price_changes"`
	}
	type halves struct {
		Split   calendar.Day    `json:"split"`
		Earlier evidence.Figure `json:"earlier"`
		Later   evidence.Figure `json:"later"`
		Change  evidence.Figure `json:"change"`
	}
	var watch *calendar.Period
	if s.Watch != (Watch{}) {
		p := span(s.Watch.Start, s.Watch.End)
		watch = &p
	}
	return json.Marshal(struct {
		Window     calendar.Period  `json:"window"`
		Basis      basis            `json:"rests_on"`
		Elasticity evidence.Figure  `json:"elasticity"`
		Halves     halves           `json:"by_half"`
		Watch      *calendar.Period `json:"watch"`
		Service    []service        `json:"by_service"`
		Products   []product        `json:"products"`
		Rest       rest             `json:"rest"`
	}{
		span(s.Start, s.End), basis{s.Estimated, s.Months, s.Changes}, s.Elasticity,
		halves{s.Halves.Split.First(), s.Halves.Earlier, s.Halves.Later, s.Halves.Change},
		watch, services, products, rest{s.Rest.Products, text(s.Rest.Revenue)},
	})
}
