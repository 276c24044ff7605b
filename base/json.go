package base

import (
	"encoding/json"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// sumsJSON are sums as the document has them. Profit is null where nobody
// knows it of some line, orders where revenue is not made of them alone.
type sumsJSON struct {
	Customers int64   `json:"customers"`
	Orders    *int64  `json:"orders"`
	Revenue   string  `json:"revenue"`
	Profit    *string `json:"profit"`
}

func (v Views) sums(s Sums) sumsJSON {
	out := sumsJSON{Customers: s.Customers, Revenue: v.text(s.Revenue)}
	if v.Slices[Current].OrdersLacks == nil {
		out.Orders = &s.Orders
	}
	if s.Unknown == 0 {
		text := v.text(s.Profit)
		out.Profit = &text
	}
	return out
}

func (v Views) text(a money.Amount) string { return a.Text(v.Currency.Places()) }

type bandJSON struct {
	Name string  `json:"name"`
	From *string `json:"from"` // the least value, included; null: no end
	To   *string `json:"to"`   // excluded
	sumsJSON
}

type decileJSON struct {
	Name string `json:"name"`
	sumsJSON
	Least string `json:"least"`
	Most  string `json:"most"`
}

type rankedJSON struct {
	Name    Measure      `json:"name"`
	Bands   []bandJSON   `json:"bands"`
	Deciles []decileJSON `json:"deciles"`
}

type sliceJSON struct {
	Name string `json:"name"`
	sumsJSON
	ProfitLacks        *evidence.Refusal `json:"profit_refused,omitempty"`
	OrdersLacks        *evidence.Refusal `json:"orders_refused,omitempty"`
	OrdersPerCustomer  evidence.Figure   `json:"orders_per_customer"`
	RevenuePerOrder    evidence.Figure   `json:"revenue_per_order"`
	RevenuePerCustomer evidence.Figure   `json:"revenue_per_customer"`
	ProfitPerCustomer  evidence.Figure   `json:"profit_per_customer"`
	GrossMargin        evidence.Figure   `json:"gross_margin"`
	OneOrder           evidence.Figure   `json:"one_order_share"`
	TopTenth           evidence.Figure   `json:"top_tenth_of_revenue"`
	TopTenthProfit     evidence.Figure   `json:"top_tenth_of_profit"`
	By                 []rankedJSON      `json:"by"`
}

type moveJSON struct {
	Name      string `json:"name"` // from 3 to 1; 0 is not active
	From      int    `json:"from"`
	To        int    `json:"to"`
	Customers int64  `json:"customers"`
	Prior     string `json:"prior"`
	Current   string `json:"current"`
}

type movesJSON struct {
	Name  Measure    `json:"name"`
	Moves []moveJSON `json:"moves"`
}

type partJSON struct {
	Name           string          `json:"name"` // empty: not known
	Of             int64           `json:"groups_in_it,omitempty"`
	Opening        int64           `json:"opening"`
	Retained       int64           `json:"retained"`
	New            int64           `json:"new"`
	Closing        int64           `json:"closing"`
	Was            sumsJSON        `json:"comparison"`
	Is             sumsJSON        `json:"period"`
	NetRetention   evidence.Figure `json:"net_revenue_retention"`
	GrossRetention evidence.Figure `json:"gross_revenue_retention"`
}

type partsJSON struct {
	Name   Dimension  `json:"name"`
	Groups []partJSON `json:"groups"`
}

// MarshalJSON writes the views' part of a close's document.
func (v Views) MarshalJSON() ([]byte, error) {
	out := struct {
		Period   calendar.Period `json:"period"`
		Compared calendar.Period `json:"compared_with"`
		Counted  string          `json:"orders_counted"`
		Slices   []sliceJSON     `json:"slices"`
		Changes  struct {
			Customers evidence.Figure `json:"customers"`
			Orders    evidence.Figure `json:"orders_per_customer"`
			Value     evidence.Figure `json:"revenue_per_order"`
			Revenue   evidence.Figure `json:"revenue"`
		} `json:"changes"`
		Moves []movesJSON `json:"moves"`
		Parts []partsJSON `json:"groups"`
	}{Period: v.Period, Compared: v.Windows.Compared, Counted: v.Counted, Moves: []movesJSON{}, Parts: []partsJSON{}}
	for _, s := range v.Slices {
		out.Slices = append(out.Slices, v.slice(s))
	}
	out.Changes.Customers, out.Changes.Orders, out.Changes.Value, out.Changes.Revenue = v.CustomersChange, v.OrdersChange, v.ValueChange, v.RevenueChange
	for _, m := range Measures {
		moves := movesJSON{Name: m, Moves: []moveJSON{}}
		for _, x := range v.Moves {
			if x.Measure == m && !(m == Profit && v.lacks()) && !(m == Orders && v.Slices[Current].OrdersLacks != nil) {
				moves.Moves = append(moves.Moves, moveJSON{strconv.Itoa(x.From) + " to " + strconv.Itoa(x.To), x.From, x.To, x.Customers, v.text(x.Prior), v.text(x.Current)})
			}
		}
		out.Moves = append(out.Moves, moves)
	}
	for _, d := range Dimensions {
		parts := partsJSON{Name: d}
		for _, p := range v.Parts {
			if p.Dimension == d {
				parts.Groups = append(parts.Groups, partJSON{p.Name, p.Of, p.Opening, p.Retained, p.New, p.Closing, v.sums(p.Was), v.sums(p.Is), p.NetRetention, p.GrossRetention})
			}
		}
		if parts.Groups != nil {
			out.Parts = append(out.Parts, parts)
		}
	}
	return json.Marshal(out)
}

// lacks tells whether the profit of a line is not known, so that nobody can be
// ranked by it.
func (v Views) lacks() bool {
	return v.Slices[Compared].ProfitLacks != nil || v.Slices[Current].ProfitLacks != nil
}

func (v Views) slice(s Slice) sliceJSON {
	out := sliceJSON{
		Name: s.String(), sumsJSON: v.sums(s.Sums), ProfitLacks: s.ProfitLacks, OrdersLacks: s.OrdersLacks,
		OrdersPerCustomer: s.OrdersPerCustomer, RevenuePerOrder: s.RevenuePerOrder, RevenuePerCustomer: s.RevenuePerCustomer, ProfitPerCustomer: s.ProfitPerCustomer,
		GrossMargin: s.GrossMargin, OneOrder: s.OneOrder, TopTenth: s.TopTenth, TopTenthProfit: s.TopTenthProfit,
	}
	for _, m := range Measures {
		by := rankedJSON{Name: m, Bands: []bandJSON{}, Deciles: []decileJSON{}}
		if m == Profit && s.ProfitLacks != nil || m == Orders && s.OrdersLacks != nil {
			out.By = append(out.By, by)
			continue
		}
		for _, b := range s.Bands {
			if b.Measure == m {
				by.Bands = append(by.Bands, v.band(b))
			}
		}
		for _, d := range s.Deciles {
			if d.Measure != m || s.Customers < fewest {
				continue
			}
			least, most := v.text(d.Least), v.text(d.Most)
			if m == Orders {
				least, most = d.Least.Text(0), d.Most.Text(0)
			}
			by.Deciles = append(by.Deciles, decileJSON{strconv.Itoa(d.Rank), v.sums(d.Sums), least, most})
		}
		out.By = append(out.By, by)
	}
	return out
}

// band names a band by its edges: "1" or "10 or more" orders, "20 to 50" of
// the currency.
func (v Views) band(b Band) bandJSON {
	out := bandJSON{sumsJSON: v.sums(b.Sums)}
	text := func(n int64) *string { t := strconv.FormatInt(n, 10); return &t }
	if b.Measure == Orders {
		out.Name, out.From, out.To = strconv.Itoa(b.Index), text(int64(b.Index)), text(int64(b.Index)+1)
		if b.Index == mostOrders {
			out.Name, out.To = out.Name+" or more", nil
		}
		return out
	}
	size := max(b.Index, -b.Index)
	switch {
	case size == 0:
		out.Name, out.From, out.To = "nothing", text(0), text(0)
		return out
	case size == 1:
		out.From, out.To = text(0), text(edges[0])
	case size > len(edges):
		out.From = text(edges[len(edges)-1])
	default:
		out.From, out.To = text(edges[size-2]), text(edges[size-1])
	}
	if b.Index < 0 {
		out.From, out.To = negated(out.To), negated(out.From)
	}
	switch {
	case out.To == nil:
		out.Name = *out.From + " or more"
	case out.From == nil:
		out.Name = *out.To + " or less"
	default:
		out.Name = *out.From + " to " + *out.To
	}
	return out
}

func negated(text *string) *string {
	if text == nil || *text == "0" {
		return text
	}
	t := "-" + *text
	return &t
}
