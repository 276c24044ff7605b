package books

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/money"
)

// Asker opens a ledger over parts and reads small books whole.
type Asker interface {
	OpenLedger(ctx context.Context, from engine.Ledger) (engine.Answers, error)
	// Columns lists what a part stores.
	Columns(ctx context.Context, path string) ([]string, error)
	// Records reads rows of parts as text, NULL as empty, in a stable order.
	Records(ctx context.Context, paths, columns []string) ([][]string, error)
	// Method names how rows are fingerprinted.
	Method() string
}

// Held is our copy of the books at one snapshot, as a close reads it.
type Held struct {
	Config   *Config
	Snapshot snapshot.Snapshot
	Engine   Asker
	Dir      string
}

var _ closing.Books = (*Held)(nil)

// State tells what the snapshot holds.
func (h *Held) State(ctx context.Context) (closing.State, error) {
	state := closing.State{
		Snapshot: h.Snapshot.ID, Method: h.Engine.Method(), Prints: map[string]map[string]closing.Print{},
		Counts: map[string]closing.Count{}, First: map[string]calendar.Day{}, Last: map[string]calendar.Day{}, Mapped: map[string][]string{}, Kept: map[string]calendar.Day{},
	}
	for _, s := range h.Snapshot.Sources {
		n := state.Counts[s.Book]
		n.Rows, n.Refused, n.Rounded = n.Rows+s.Rows, n.Refused+s.Refused, n.Rounded+s.Rounded
		state.Counts[s.Book] = n
	}
	for _, name := range h.Config.Mapped() {
		parts := h.Snapshot.Effective(name)
		if len(parts) == 0 {
			continue
		}
		if kept, dropped := KeptSince(h.Snapshot, name); dropped {
			state.Kept[name] = kept
		}
		columns, err := h.Engine.Columns(ctx, parts[0].Path)
		if err != nil {
			return state, err
		}
		state.Mapped[name] = columns
		state.Prints[name] = map[string]closing.Print{}
		for month, f := range h.Snapshot.Fingerprints(name) {
			if f.Rows == 0 && droppedMonth(h.Snapshot, name, month) {
				continue
			}
			state.Prints[name][monthText(month)] = closing.Print{Rows: f.Rows, Sum: hex.EncodeToString(f.Sum[:])}
		}
		for _, p := range parts {
			if p.Month == engine.Undated || p.Rows == 0 {
				continue
			}
			if first, ok := state.First[name]; !ok || p.First < first {
				state.First[name] = p.First
			}
			state.Last[name] = max(state.Last[name], p.Last)
		}
	}
	for _, o := range h.Snapshot.Overlaps {
		if kept, dropped := state.Kept[o.Book]; dropped && o.Month != engine.Undated && o.Month < calendar.MonthOf(kept) {
			continue
		}
		state.Overlaps = append(state.Overlaps, closing.Overlap{Book: o.Book, A: o.A, B: o.B, Rows: o.Rows, First: o.First, Last: o.Last, Month: monthText(o.Month)})
	}
	return state, nil
}

func monthText(m calendar.Month) string {
	if m == engine.Undated {
		return ""
	}
	return m.String()
}

// Ledger opens the lines for the statement's questions.
func (h *Held) Ledger(ctx context.Context, asOf calendar.Day) (closing.Ledger, error) {
	s := h.Config.Settings
	if err := h.whole(ctx); err != nil {
		return nil, err
	}
	margins, err := s.Margins()
	if err != nil {
		return nil, err
	}
	return h.Engine.OpenLedger(ctx, engine.Ledger{
		Orders: h.parts("orders"), Customers: h.parts("customers"), Links: h.parts("customer_links"), Rates: h.parts("rates"), Subscriptions: h.parts("subscriptions"),
		Interactions: h.parts("interactions"), Costs: h.parts("costs"), Answers: h.parts("answers"), People: h.parts("people"), Trainings: h.parts("trainings"),
		Remarks: h.parts("remarks"), Measures: h.parts("measures"),
		Firsts: snapshot.Paths(h.Snapshot.With("orders", snapshot.First)), Keys: snapshot.Paths(keyParts(h.Snapshot)),
		Currency: s.Currency, Grain: s.Grain, Basis: s.StatementBasis, ReturnsAtSale: s.ReturnsCounted == "at the sale", AsOf: asOf,
		OrdersCounted: s.OrdersCounted, Margins: margins,
	})
}

// parts are a book's; one that books.yaml no longer maps is in no statement.
func (h *Held) parts(book string) []engine.Part {
	if _, mapped := h.Config.Books[book]; !mapped {
		return nil
	}
	var out []engine.Part
	for _, p := range h.Snapshot.Effective(book) {
		out = append(out, p.Part)
	}
	return out
}

// Refused hands every refused row of a book to visit.
func (h *Held) Refused(_ context.Context, book string, visit func(closing.RefusedRow) error) error {
	for _, s := range h.Snapshot.Of(book) {
		err := ReadRefused(h.Dir, s, func(r RefusedRow) error { return visit(closing.RefusedRow(r)) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Controls sums the general ledger's figures that lie wholly in the period, by
// account. The figures must cover the whole period without gaps, account by
// account; longer ones than the period cannot be split and do not count.
func (h *Held) Controls(ctx context.Context, p calendar.Period) ([]closing.Control, string, error) {
	if len(h.parts("controls")) == 0 {
		return nil, "", nil
	}
	within, err := h.controls(ctx, p, h.reconciles)
	if err != nil {
		return nil, "", err
	}
	var accounts []string
	for account := range within {
		accounts = append(accounts, account)
	}
	slices.Sort(accounts)
	return sums(accounts, within, p)
}

type figure struct {
	calendar.Period
	amount money.Amount
}

func (h *Held) reconciles(account string) bool {
	wanted := h.Config.Settings.ReconcileAccounts
	return len(wanted) == 0 || slices.Contains(wanted, account)
}

// sums adds the figures of accounts and says which days lack one.
func sums(accounts []string, within map[string][]figure, p calendar.Period) ([]closing.Control, string, error) {
	if len(accounts) == 0 {
		return nil, "in " + p.String(), nil
	}
	var out []closing.Control
	for _, account := range accounts {
		total, gap, err := sum(account, within[account], p)
		switch {
		case err != nil:
			return nil, "", err
		case gap != nil:
			return nil, fmt.Sprintf("of account %s for %s", account, gap), nil
		}
		out = append(out, closing.Control{Account: account, Amount: total})
	}
	return out, "", nil
}
