package sealed

import (
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Prices is how quantities followed list prices.
type Prices struct {
	Locked
	Window     calendar.Period  `json:"window"`
	Basis      PriceBasis       `json:"rests_on"`
	Elasticity *evidence.Figure `json:"elasticity"`
	Halves     *PriceHalves     `json:"by_half"`
	Watch      *calendar.Period `json:"watch"`
	Service    []PriceService   `json:"by_service"`
	Products   []PriceProduct   `json:"products"`
	Rest       PriceRest        `json:"rest"`
}

// PriceBasis is what the elasticity rests on.
type PriceBasis struct {
	Products int64 `json:"products"`
	Months   int64 `json:"product_months"`
	Changes  int64 `json:"price_changes"`
}

// PriceHalves is the elasticity before a day and from it on.
type PriceHalves struct {
	Split   calendar.Day     `json:"split"`
	Earlier *evidence.Figure `json:"earlier"`
	Later   *evidence.Figure `json:"later"`
	Change  *evidence.Figure `json:"change"`
}

// PriceService is the elasticity by how customers were served, by one measure.
type PriceService struct {
	Name            string           `json:"name"`
	WellCustomers   int64            `json:"well_served_customers"`
	PoorlyCustomers int64            `json:"poorly_served_customers"`
	Difference      *evidence.Figure `json:"difference"`
	Well            *evidence.Figure `json:"well_served"`
	Poorly          *evidence.Figure `json:"poorly_served"`
}

// PriceProduct is one product.
type PriceProduct struct {
	Name       string           `json:"name"`
	Revenue    money.Amount     `json:"revenue"`
	Customers  int64            `json:"customers"`
	Months     int64            `json:"months"`
	Changes    int64            `json:"price_changes"`
	First      *money.Amount    `json:"first_price"`
	Last       *money.Amount    `json:"last_price"`
	Elasticity *evidence.Figure `json:"elasticity"`
}

// PriceRest are the products that were not looked at.
type PriceRest struct {
	Products int64        `json:"products"`
	Revenue  money.Amount `json:"revenue"`
}

// Open tells whether there are figures.
func (p *Prices) Open() bool { return p != nil && p.Refused == "" }

// ServiceMeasures are the measures of service, in the order of the document, with what they are called.
var ServiceMeasures = []struct{ Name, Label, Well, Poorly string }{
	{"resolved", "By what was resolved", "all their interactions that say so were resolved", "one of their interactions or more was not resolved"},
	{"nps", "By what they answered", "their last answer to nps was 9 or 10", "their last answer to nps was 0 to 6"},
}

func priced(of func(*Prices) *evidence.Figure) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		f := of(d.Prices)
		if f == nil {
			return Value{}, false
		}
		return Value{Figure: *f}, true
	}
}

func halved(of func(*PriceHalves) *evidence.Figure) func(*Document, Block) (Value, bool) {
	return priced(func(p *Prices) *evidence.Figure {
		if p.Halves == nil {
			return nil
		}
		return of(p.Halves)
	})
}

func servedAs(measure string, of func(PriceService) *evidence.Figure) func(*Document, Block) (Value, bool) {
	return priced(func(p *Prices) *evidence.Figure {
		for _, s := range p.Service {
			if s.Name == measure {
				return of(s)
			}
		}
		return nil
	})
}

const (
	panels   = "Baltagi & Griffin, Gasoline demand in the OECD, European Economic Review 22 (1983); Mundlak, On the pooling of time series and cross section data, Econometrica 46 (1978); Santos Silva & Tenreyro, The log of gravity, Review of Economics and Statistics 88 (2006)"
	twoSteps = panels + "; Donald & Lang, Inference with difference-in-differences and other panel data, Review of Economics and Statistics 89 (2007)"
)

// priceDefinitions are the figures of prices that are not of one product.
var priceDefinitions = append([]Definition{
	{
		Name: "elasticity", Label: "Observed price elasticity", Unit: Multiple, On: ProductMonths, Source: twoSteps,
		Meaning: "By how many per cent the quantity that the same customers bought moved where a product's list price moved by one, beside other products in the same month. −0.8: 1% dearer, 0.8% less. It was observed; it is no proof that the price led to it.",
		Formula: "ln q(product, month) = ε ln list price + product + month + trend of the product",
		value:   priced(func(p *Prices) *evidence.Figure { return p.Elasticity }),
	},
	{
		Name: "by_half.earlier", Label: "Price elasticity: first half", Unit: Multiple, On: ProductMonths, Source: twoSteps,
		Meaning: "The observed price elasticity in the first half of the months looked at.", Formula: "as the elasticity, with a level of each product in each half",
		value: halved(func(h *PriceHalves) *evidence.Figure { return h.Earlier }),
	},
	{
		Name: "by_half.later", Label: "Price elasticity: second half", Unit: Multiple, On: ProductMonths, Source: twoSteps,
		Meaning: "The observed price elasticity in the second half of the months looked at.", Formula: "as the elasticity, with a level of each product in each half",
		value: halved(func(h *PriceHalves) *evidence.Figure { return h.Later }),
	},
	{
		Name: "by_half.change", Label: "Price elasticity: change", Unit: Multiple, On: ProductMonths, Source: twoSteps,
		Meaning: "How much the observed price elasticity changed from the first half to the second. Below zero, customers mind prices more than they did.", Formula: "second half − first half",
		value: halved(func(h *PriceHalves) *evidence.Figure { return h.Change }),
	},
}, serviceDefinitions()...)

func serviceDefinitions() []Definition {
	var out []Definition
	for _, m := range ServiceMeasures {
		out = append(out,
			Definition{
				Name: "by_service." + m.Name + ".difference", Label: "Do the well-served mind prices less? " + m.Label, Unit: Multiple, On: ProductMonths, Source: twoSteps,
				Meaning: "The observed price elasticity of the well-served (" + m.Well + ", in the year before they are watched) less that of the poorly served (" + m.Poorly + "). Above zero, the well-served mind prices less. What happens to all customers of a product in a month falls out of it.",
				Formula: "ln q(well) − ln q(poorly) = δ ln list price + product + trend of the product",
				value:   servedAs(m.Name, func(s PriceService) *evidence.Figure { return s.Difference }),
			},
			Definition{
				Name: "by_service." + m.Name + ".well_served", Label: "Price elasticity of the well-served: " + m.Label, Unit: Multiple, On: ProductMonths, Source: twoSteps,
				Meaning: "The observed price elasticity of customers who had been well served: " + m.Well + ".", Formula: "as the elasticity",
				value: servedAs(m.Name, func(s PriceService) *evidence.Figure { return s.Well }),
			},
			Definition{
				Name: "by_service." + m.Name + ".poorly_served", Label: "Price elasticity of the poorly served: " + m.Label, Unit: Multiple, On: ProductMonths, Source: twoSteps,
				Meaning: "The observed price elasticity of customers who had been poorly served: " + m.Poorly + ".", Formula: "as the elasticity",
				value: servedAs(m.Name, func(s PriceService) *evidence.Figure { return s.Poorly }),
			})
	}
	return out
}
