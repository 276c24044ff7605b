package sealed

import (
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// auditing is where the views of a customer base come from.
const auditing = "Fader, Hardie & Ross, The Customer-Base Audit (2022)"

// BaseViews are the five views of a customer base.
type BaseViews struct {
	Locked
	Period   *calendar.Period           `json:"period"`
	Compared *calendar.Period           `json:"compared_with"`
	Counted  string                     `json:"orders_counted"`
	Slices   []Slice                    `json:"slices"` // the comparison period and the period
	Changes  map[string]evidence.Figure `json:"changes"`
	Moves    []DecileMoves              `json:"moves"`
	Groups   []Dimension                `json:"groups"`
	Grids    []CohortGrid               `json:"cohorts"`
}

// Sums are what some customers did. Profit is nil where nobody knows it of some line.
type Sums struct {
	Customers int64         `json:"customers"`
	Orders    int64         `json:"orders"`
	Revenue   money.Amount  `json:"revenue"`
	Profit    *money.Amount `json:"profit"`
}

// Slice is the customers of one period.
type Slice struct {
	Name string `json:"name"` // comparison or period
	Sums
	ProfitRefused *evidence.Refusal `json:"profit_refused"`
	OrdersRefused *evidence.Refusal `json:"orders_refused"` // orders are null everywhere, and read as 0
	Ranked        []Ranked          `json:"by"`

	OrdersPerCustomer  evidence.Figure `json:"orders_per_customer"`
	RevenuePerOrder    evidence.Figure `json:"revenue_per_order"`
	RevenuePerCustomer evidence.Figure `json:"revenue_per_customer"`
	ProfitPerCustomer  evidence.Figure `json:"profit_per_customer"`
	GrossMargin        evidence.Figure `json:"gross_margin"`
	OneOrder           evidence.Figure `json:"one_order_share"`
	TopTenth           evidence.Figure `json:"top_tenth_of_revenue"`
	TopTenthProfit     evidence.Figure `json:"top_tenth_of_profit"`
}

// Ranked is a slice's customers by one measure: spend, orders or profit.
type Ranked struct {
	Name    string   `json:"name"`
	Bands   []Banded `json:"bands"`
	Deciles []Decile `json:"deciles"`
}

// Banded are customers between two values; an end that is missing is open.
type Banded struct {
	Name string  `json:"name"`
	From *string `json:"from"` // in whole units
	To   *string `json:"to"`
	Sums
}

// Decile is a tenth of the customers, the first the highest.
type Decile struct {
	Name string `json:"name"`
	Sums
	Least money.Amount `json:"least"`
	Most  money.Amount `json:"most"`
}

// DecileMoves is who moved between deciles, by one measure.
type DecileMoves struct {
	Name  string       `json:"name"`
	Moves []DecileMove `json:"moves"`
}

// DecileMove counts those who were in one decile and are in another; 0 is not active.
type DecileMove struct {
	From      int          `json:"from"`
	To        int          `json:"to"`
	Customers int64        `json:"customers"`
	Prior     money.Amount `json:"prior"`
	Current   money.Amount `json:"current"`
}

// Dimension is the base by segments, entities or ways of coming.
type Dimension struct {
	Name   string  `json:"name"`
	Groups []Group `json:"groups"`
}

// Group is what became of one of its parts; an empty name is not known.
type Group struct {
	Name           string          `json:"name"`
	Of             int64           `json:"groups_in_it"` // how many it is of; 0: it is one
	Opening        int64           `json:"opening"`
	Retained       int64           `json:"retained"`
	New            int64           `json:"new"`
	Closing        int64           `json:"closing"`
	Was            Sums            `json:"comparison"`
	Is             Sums            `json:"period"`
	NetRetention   evidence.Figure `json:"net_revenue_retention"`
	GrossRetention evidence.Figure `json:"gross_revenue_retention"`
}

// CohortGrid is cohorts by spans of one kind.
type CohortGrid struct {
	Locked
	Name  string      `json:"name"` // month, quarter, year or fiscal ones
	Spans []string    `json:"spans"`
	Rows  []CohortRow `json:"cohorts"`

	whole *CohortGrid // those of all customers, of whom the cohorts of a group of lines are a share
}

// CohortRow is one cohort from the span of its first purchase on, that of before from the first span.
type CohortRow struct {
	Name    string          `json:"name"`
	Active  []int64         `json:"active"`
	Orders  []int64         `json:"orders"`
	Revenue []money.Amount  `json:"revenue"`
	Profit  []*money.Amount `json:"profit"`
}

// Open tells whether there are views.
func (v *BaseViews) Open() bool { return v != nil && v.Refused == "" && len(v.Slices) == 2 }

// NoOrders is why nobody's orders are told; nil: they are.
func (v *BaseViews) NoOrders() *evidence.Refusal {
	if s := v.Slice("period"); s != nil {
		return s.OrdersRefused
	}
	return nil
}

// Slice is one of the two periods, by its name.
func (v *BaseViews) Slice(name string) *Slice {
	if !v.Open() {
		return nil
	}
	if i := slices.IndexFunc(v.Slices, func(s Slice) bool { return s.Name == name }); i >= 0 {
		return &v.Slices[i]
	}
	return nil
}

// By is a slice's customers by a measure; nil: they are not ranked by it.
func (s *Slice) By(measure string) *Ranked {
	if i := slices.IndexFunc(s.Ranked, func(r Ranked) bool { return r.Name == measure }); i >= 0 && len(s.Ranked[i].Bands) > 0 {
		return &s.Ranked[i]
	}
	return nil
}
