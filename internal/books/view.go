package books

import (
	"encoding/json"
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

// View names the parts of a snapshot for questions about single customers; a
// book that books.yaml no longer maps is in no answer.
func View(c *Config, s snapshot.Snapshot) engine.View {
	v := engine.View{Books: map[string][]engine.Part{}, Keys: stored(keyParts(s)), Since: map[string]calendar.Day{}}
	for _, name := range c.Mapped() {
		if parts := stored(s.Effective(name)); len(parts) > 0 {
			v.Books[name] = parts
		}
		if day, dropped := KeptSince(s, name); dropped {
			v.Since[name] = day
		}
	}
	if len(v.Books["orders"]) > 0 {
		v.Firsts = stored(s.With("orders", snapshot.First))
	}
	return v
}

func stored(parts []snapshot.Part) []engine.Part {
	var out []engine.Part
	for _, p := range parts {
		out = append(out, p.Part)
	}
	return out
}

// Sealed identifies the statements of a seal for questions about the customers
// behind them: that of the period, and, where the seal has one, that of the
// twelve months that end with it. s is the snapshot that the seal names. What
// counts are the settings and books of that day, not those of now.
func Sealed(s snapshot.Snapshot, seal closing.Seal) (period engine.Statement, trailing *engine.Statement, err error) {
	fail := func(err error) (engine.Statement, *engine.Statement, error) {
		return engine.Statement{}, nil, fmt.Errorf("read seal %d: %w", seal.ID, err)
	}
	var in closing.Inputs
	if err := json.Unmarshal(seal.Inputs, &in); err != nil {
		return fail(err)
	}
	of := func(book string) []engine.Part {
		if _, counted := in.Books[book]; !counted {
			return nil
		}
		return stored(s.Effective(book))
	}
	period = engine.Statement{
		Period: in.Period, Compared: in.Compared, Active: string(in.Active),
		Ledger: engine.Ledger{
			Orders: of("orders"), Customers: of("customers"), Links: of("customer_links"), Rates: of("rates"), Subscriptions: of("subscriptions"),
			Firsts: snapshot.Paths(s.With("orders", snapshot.First)), Keys: snapshot.Paths(keyParts(s)),
			Currency: in.Settings["currency"], Grain: in.Settings["grain"], Basis: in.Settings["statement_basis"],
			ReturnsAtSale: in.Settings["returns_counted"] == "at the sale", AsOf: in.Period.End,
		},
	}
	var doc struct {
		Trailing struct {
			Period   *calendar.Period `json:"period"`
			Compared *calendar.Period `json:"compared_with"`
		} `json:"customer_trailing_year"`
	}
	if err := json.Unmarshal(seal.Document, &doc); err != nil {
		return fail(err)
	}
	if doc.Trailing.Period != nil && doc.Trailing.Compared != nil {
		year := period
		year.Period, year.Compared = *doc.Trailing.Period, *doc.Trailing.Compared
		trailing = &year
	}
	return period, trailing, nil
}
