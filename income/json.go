package income

import (
	"encoding/json"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

type accountJSON struct {
	Name    string `json:"name"`
	Amount  string `json:"amount"`
	Missing string `json:"missing,omitempty"`
}

type viewsJSON struct {
	Reported   string `json:"as_reported"`
	Invested   string `json:"as_investments"`
	Difference string `json:"difference"`
}

type rowJSON struct {
	Name Line `json:"name"`
	viewsJSON
	Accounts []accountJSON `json:"accounts"`
}

type reconciledJSON struct {
	Name        string          `json:"name"`
	Line        Line            `json:"line"`
	Ledger      string          `json:"general_ledger"`
	Books       evidence.Figure `json:"books"`
	Unexplained evidence.Figure `json:"unexplained"`
}

type takenJSON struct {
	Name      string `json:"name"`
	Line      Line   `json:"line"`
	Carried   string `json:"carried"`
	FromLine  string `json:"from_its_line"`
	Elsewhere string `json:"from_elsewhere"`
}

type rollJSON struct {
	Opening   string `json:"opening"`
	Additions string `json:"additions"`
	Amortised string `json:"amortised"`
	Closing   string `json:"closing"`
}

type namedRollJSON struct {
	Name string `json:"name"`
	rollJSON
}

type skillJSON struct {
	Opening    string `json:"opening"`
	Restated   string `json:"restated"`
	Direct     string `json:"direct_cost"`
	Hours      string `json:"paid_hours"`
	Amortised  string `json:"amortised"`
	WrittenOff string `json:"written_off"`
	Impaired   string `json:"impaired"`
	Closing    string `json:"closing"`
	Filling    bool   `json:"earlier_training_unknown"`
}

type customersJSON struct {
	Roll     rollJSON        `json:"roll_forward"`
	By       []namedRollJSON `json:"by_origin"`
	Months   []namedRollJSON `json:"months"`
	Models   []string        `json:"models"`
	Horizon  int             `json:"horizon_months"`
	Expected evidence.Figure `json:"expected_months"`
	Begin    string          `json:"books_begin"`
	Filling  bool            `json:"earlier_customers_unknown"`
}

type overJSON struct {
	Name         string          `json:"name"`
	Months       int             `json:"months"`
	Direct       string          `json:"direct_cost_without_cut"`
	Added        string          `json:"additions_without_cut"`
	Reported     evidence.Figure `json:"as_reported"`
	Invested     evidence.Figure `json:"as_investments"`
	NotCharged   evidence.Figure `json:"less_charged"`
	Leavers      evidence.Figure `json:"more_leavers"`
	Effect       evidence.Figure `json:"effect"`
	EffectBounds evidence.Figure `json:"effect_bounds"`
	WithEffect   evidence.Figure `json:"with_effect"`
	WithBounds   evidence.Figure `json:"with_effect_bounds"`
}

type cutJSON struct {
	Share string     `json:"share"`
	Over  []overJSON `json:"over"`
}

// MarshalJSON writes the block as docs/income.md describes it.
func (s Statement) MarshalJSON() ([]byte, error) {
	places := s.Currency.Places()
	text := func(a money.Amount) string { return a.Text(places) }
	views := func(r Row) viewsJSON { return viewsJSON{text(r.Reported), text(r.Invested), text(r.Difference())} }
	rows := []rowJSON{}
	for _, r := range s.Rows {
		j := rowJSON{r.Line, views(r), []accountJSON{}}
		for _, a := range r.Accounts {
			j.Accounts = append(j.Accounts, accountJSON{a.Name, text(a.Amount), a.Missing})
		}
		rows = append(rows, j)
	}
	reconciled := []reconciledJSON{}
	for _, r := range s.Reconciled {
		reconciled = append(reconciled, reconciledJSON{r.Name, r.Line, text(r.Ledger), r.Amount, r.Unexplained})
	}
	taken := []takenJSON{}
	for _, t := range s.Taken {
		taken = append(taken, takenJSON{t.Name, t.From, text(t.Carried), text(t.Line), text(t.Elsewhere)})
	}
	return json.Marshal(struct {
		First      string           `json:"first_month"`
		Last       string           `json:"last_month"`
		Aligned    bool             `json:"period_is_these_months"`
		Signs      Signs            `json:"signs"`
		Rows       []rowJSON        `json:"lines"`
		Result     viewsJSON        `json:"result"`
		Taken      []takenJSON      `json:"carried"`
		Reconciled []reconciledJSON `json:"other_books"`
		Training   any              `json:"training"`
		Customers  any              `json:"customers"`
		Cut        any              `json:"training_cut"`
	}{
		s.From.String(), (s.To - 1).String(), s.Aligned, s.Mapping.signs(), rows, views(s.Result), taken, reconciled, s.skillJSON(text), s.customersJSON(text), s.Cut.json(text),
	})
}

func locked(r *evidence.Refusal) evidence.Locked {
	return evidence.Locked{Refused: r.Reason, UnlockedBy: r.Need}
}

func (s Statement) skillJSON(text func(money.Amount) string) any {
	k := s.Skill
	if k.Lacks != nil {
		return locked(k.Lacks)
	}
	return skillJSON{text(k.Opening), text(k.Restated), text(k.Direct), text(k.Hours), text(k.Amortised), text(k.WrittenOff), text(k.Impaired), text(k.Closing), k.Filling}
}

func (s Statement) customersJSON(text func(money.Amount) string) any {
	c := s.Customers
	if c == nil {
		return locked(s.CustomersLack)
	}
	roll := func(r Roll) rollJSON {
		return rollJSON{text(r.Opening), text(r.Additions), text(r.Amortised), text(r.Closing)}
	}
	j := customersJSON{Roll: roll(c.Roll), By: []namedRollJSON{}, Months: []namedRollJSON{}, Models: c.Models, Horizon: c.Horizon, Begin: c.Begin.String(), Filling: c.Filling, Expected: c.Expected}
	for _, o := range Origins {
		if r, ok := c.By[o]; ok {
			j.By = append(j.By, namedRollJSON{string(o), roll(r)})
		}
	}
	for _, m := range c.Months {
		j.Months = append(j.Months, namedRollJSON{m.Month.String(), roll(m.Roll)})
	}
	return j
}

func (c Cut) json(text func(money.Amount) string) any {
	if c.Lacks != nil {
		return locked(c.Lacks)
	}
	j := cutJSON{Share: "1/3", Over: []overJSON{}}
	for _, o := range c.Over {
		j.Over = append(j.Over, overJSON{o.Name, o.Months, text(o.Direct), text(o.Added), o.Reported, o.Invested, o.NotCharged, o.Leavers, o.Effect, o.EffectBounds, o.WithEffect, o.WithBounds})
	}
	return j
}
