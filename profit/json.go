package profit

import (
	"encoding/json"
	"math/big"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// MarshalJSON writes the statement as the document has it; docs/profit.md lists the names. Every element of a list has one.
func (s Statement) MarshalJSON() ([]byte, error) {
	text := func(a money.Amount) string { return a.Text(s.Currency.Places()) }
	type named struct {
		Name    string `json:"name"`
		Amount  string `json:"amount,omitempty"`
		Missing string `json:"missing,omitempty"` // days of which the costs book says nothing
		*evidence.Refusal
	}
	out := struct {
		Period            calendar.Period  `json:"period"`
		Customers         int64            `json:"customers"`
		GrossProfit       evidence.Figure  `json:"gross_profit"`
		CostToServe       evidence.Figure  `json:"cost_to_serve"`
		CostAssigned      evidence.Figure  `json:"cost_assigned"`
		AssignedShare     evidence.Figure  `json:"cost_assigned_share"`
		Profit            evidence.Figure  `json:"profit"`
		ProfitPerCustomer evidence.Figure  `json:"profit_per_customer"`
		Peak              evidence.Figure  `json:"peak"`
		PeakCustomers     evidence.Figure  `json:"peak_customers"`
		LosingCustomers   evidence.Figure  `json:"losing_customers"`
		Losses            evidence.Figure  `json:"losses"`
		LossesShare       evidence.Figure  `json:"losses_share"`
		AcquisitionCost   evidence.Figure  `json:"acquisition_cost"`
		CostPerNew        evidence.Figure  `json:"acquisition_cost_per_new"`
		CostPerBought     evidence.Figure  `json:"acquisition_cost_per_bought"`
		CostPerEarned     evidence.Figure  `json:"acquisition_cost_per_earned"`
		Payback           evidence.Figure  `json:"payback_months"`
		New               map[string]int64 `json:"new_customers"`
		Known             []knownJSON      `json:"known"`
		Serve             []named          `json:"serve"`
		Touchpoints       []touchJSON      `json:"touchpoints"`
		Deciles           []groupJSON      `json:"deciles"`
		Curve             []pointJSON      `json:"curve"`
		Costs             []named          `json:"costs"`
	}{
		s.Period, s.Customers, s.GrossProfit, s.CostToServe, s.CostAssigned, s.AssignedShare, s.Profit, s.ProfitPerCustomer,
		s.Peak, s.PeakCustomers, s.LosingCustomers, s.Losses, s.LossesShare,
		s.AcquisitionCost, s.CostPerNew, s.CostPerBought, s.CostPerEarned, s.Payback,
		map[string]int64{"earned": s.New.Earned, "bought": s.New.Bought, "unattributed": s.New.Unattributed},
		[]knownJSON{}, []named{}, []touchJSON{}, []groupJSON{}, []pointJSON{}, []named{},
	}
	if _, refused := s.AcquisitionCost.Refusal(); refused {
		out.New = nil // not asked for
	}
	for _, k := range s.Known {
		line := knownJSON{Name: k.By, Lines: k.Lines, Revenue: text(k.Revenue)}
		if k.By == "" {
			line.Name = "unknown"
		} else {
			profit := text(k.Profit)
			line.Profit = &profit
		}
		out.Known = append(out.Known, line)
	}
	if s.Split != nil {
		out.Serve = []named{
			{Name: "customers", Amount: text(s.Split.Customers)}, {Name: "unidentified", Amount: text(s.Split.Unidentified)}, {Name: "excluded", Amount: text(s.Split.Excluded)},
			{Name: "without_contacts", Amount: text(s.Split.WithoutContacts)}, {Name: "without_touchpoint", Amount: text(s.Split.WithoutTouchpoint)},
		}
	}
	for _, t := range s.Touchpoints {
		out.Touchpoints = append(out.Touchpoints, t.json(text))
	}
	for i, g := range s.Deciles {
		d := groupJSON{Name: strconv.Itoa(i + 1), Customers: g.Customers, Revenue: text(g.Revenue), Gross: text(g.Gross), Cost: text(g.Cost), Profit: text(g.Profit), Least: text(g.Least), Most: text(g.Most)}
		out.Deciles = append(out.Deciles, d)
	}
	for _, p := range s.Curve {
		out.Curve = append(out.Curve, s.point(p))
	}
	for _, k := range s.Kinds {
		if k.Lacks != nil {
			out.Costs = append(out.Costs, named{Name: k.Name, Refusal: k.Lacks})
			continue
		}
		out.Costs = append(out.Costs, named{Name: k.Name, Amount: text(k.Amount), Missing: k.Missing})
	}
	return json.Marshal(out)
}

type knownJSON struct {
	Name    string  `json:"name"`
	Lines   int64   `json:"lines"`
	Revenue string  `json:"revenue"`
	Profit  *string `json:"gross_profit"` // null: not known
}

type touchJSON struct {
	Name      string      `json:"name"`
	Cost      *string     `json:"cost"` // null: the costs book gives none
	Driver    Driver      `json:"driver"`
	Units     json.Number `json:"units"`
	Rate      *string     `json:"cost_per_unit"` // 12 significant digits; null without a cost or a contact
	Contacts  int64       `json:"contacts"`
	Untimed   int64       `json:"contacts_without_time"`
	Customers int64       `json:"customers"`
	Assigned  string      `json:"assigned"`         // to customers
	Idle      string      `json:"without_contacts"` // cost of periods in which nobody called
}

func (t Touchpoint) json(text func(money.Amount) string) touchJSON {
	out := touchJSON{
		Name: t.Name, Driver: t.Driver, Units: json.Number(money.FormatRate(t.Units)), Contacts: t.Contacts, Untimed: t.Untimed, Customers: t.Customers, Assigned: text(t.Assigned), Idle: text(t.Idle),
	}
	if t.Costed {
		cost := text(t.Cost)
		out.Cost = &cost
		if t.Units.Sign() > 0 {
			rate := money.FormatRate(new(big.Rat).Quo(t.Cost.Sub(t.Idle).Rat(), t.Units))
			out.Rate = &rate
		}
	}
	return out
}

type groupJSON struct {
	Name      string `json:"name"`
	Customers int64  `json:"customers"`
	Revenue   string `json:"revenue"`
	Gross     string `json:"gross_profit"`
	Cost      string `json:"cost_to_serve"`
	Profit    string `json:"profit"`
	Least     string `json:"least"` // of one customer
	Most      string `json:"most"`
}

type pointJSON struct {
	Name      string       `json:"name"` // hundredths of the customers
	Customers int64        `json:"customers"`
	Profit    string       `json:"profit"`
	Share     *json.Number `json:"share"` // of all profit; null where it is not above zero
}

func (s Statement) point(p Point) pointJSON {
	out := pointJSON{Name: strconv.Itoa(p.Place), Customers: p.Customers, Profit: p.Profit.Text(s.Currency.Places())}
	if e, ok := s.Profit.Estimate(); ok && e.Value.Sign() > 0 {
		share := json.Number(money.FormatRate(new(big.Rat).Quo(p.Profit.Rat(), e.Value)))
		out.Share = &share
	}
	return out
}
