package loyalty

import (
	"encoding/json"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

type sumsJSON struct {
	Customers int64  `json:"customers"`
	Revenue   string `json:"revenue"`
	Prior     string `json:"prior_revenue"`
}

func (s Sums) json(currency money.Currency) sumsJSON {
	return sumsJSON{s.Customers, s.Current.Text(currency.Places()), s.Prior.Text(currency.Places())}
}

type cellJSON struct {
	Name string `json:"name"`
	sumsJSON
}

type rowJSON struct {
	Name string `json:"name"`
	sumsJSON
	Cells []cellJSON `json:"cells"`
}

type groupJSON struct {
	Name string `json:"name"`
	sumsJSON
	Share        evidence.Figure `json:"share"`
	RevenueShare evidence.Figure `json:"revenue_share"`
	Value        evidence.Figure `json:"value"`
}

type levelJSON struct {
	Name    string          `json:"name"` // empty: not known, or none
	Of      string          `json:"of"`   // level, not_known, or rest: all others together
	Loyal   int64           `json:"loyal"`
	Captive int64           `json:"captive"`
	Share   evidence.Figure `json:"share"`
}

type splitJSON struct {
	Name   Dimension   `json:"name"`
	Levels []levelJSON `json:"levels"`
}

type askedJSON struct {
	Name      Question `json:"name"`
	Customers int64    `json:"customers"`
}

// MarshalJSON writes the block of a close: counts, money as exact decimal text, figures, and lists whose elements are named.
func (s Statement) MarshalJSON() ([]byte, error) {
	asked := make([]askedJSON, 0, len(s.Asked))
	for _, a := range s.Asked {
		asked = append(asked, askedJSON{a.Question, a.Customers})
	}
	data, err := json.Marshal(struct {
		Period   calendar.Period  `json:"period"`
		Compared calendar.Period  `json:"compared_with"`
		Span     calendar.Period  `json:"answered"`
		Question Question         `json:"question"`
		Asked    []askedJSON      `json:"questions"`
		Answers  map[string]int64 `json:"answers"`
		Table    []rowJSON        `json:"table"`
		Groups   []groupJSON      `json:"groups"`
		By       []splitJSON      `json:"captives_by"`
	}{
		s.Period, s.Compared, s.Answers(), s.Question, asked,
		map[string]int64{"given": s.Heard.Answers, "without_customer": s.Heard.Nameless, "not_read": s.Heard.Unread},
		s.tableJSON(), s.groupsJSON(), s.splitsJSON(),
	})
	if err != nil {
		return nil, err
	}
	for i, name := range FigureNames { // in their order, behind the rest
		figure, err := json.Marshal(s.Figures[i])
		if err != nil {
			return nil, err
		}
		data = append(append(append(data[:len(data)-1], `,"`+name+`":`...), figure...), '}')
	}
	return data, nil
}

func (s Statement) tableJSON() []rowJSON {
	out := make([]rowJSON, 0, behaviours)
	for b := range behaviours {
		row := rowJSON{Name: b.String(), sumsJSON: s.row(b).json(s.Currency)}
		for _, g := range []Grade{Satisfied, Neither, Unsatisfied, Unasked} {
			row.Cells = append(row.Cells, cellJSON{g.String(), s.Table[b][g].json(s.Currency)})
		}
		out = append(out, row)
	}
	return out
}

func (s Statement) groupsJSON() []groupJSON {
	out := make([]groupJSON, 0, len(s.Groups))
	for _, g := range s.Groups {
		out = append(out, groupJSON{g.Name, g.json(s.Currency), g.Share, g.RevenueShare, g.Value})
	}
	return out
}

func (s Statement) splitsJSON() []splitJSON {
	out := make([]splitJSON, 0, len(s.By))
	for _, x := range s.By {
		split := splitJSON{Name: x.Dimension, Levels: []levelJSON{}}
		for _, p := range x.Levels {
			l := levelJSON{p.Name, "level", p.Loyal, p.Captive, p.Share}
			switch {
			case p.Rest:
				l.Name, l.Of = "all others", "rest"
			case p.Name == "":
				l.Of = "not_known"
			}
			split.Levels = append(split.Levels, l)
		}
		out = append(out, split)
	}
	return out
}
