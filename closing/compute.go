package closing

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

// compute makes every statement that the books allow.
func (c *Closer) compute(ctx context.Context, state State, o Order, w growth.Windows) (*document, error) {
	ledger, err := c.Books.Ledger(ctx, w.Period.End)
	if err != nil {
		return nil, err
	}
	doc := &document{Period: w.Period, Compared: w.Compared, Currency: string(c.Settings.Currency), Active: o.Active, Grain: c.Settings.Grain, Warnings: []Warning{}}
	if c.withoutLines(state) {
		doc.lockCustomers(state)
		if ofContacts(state) {
			if err := c.touchpoints(ctx, ledger, state, o, w, doc); err != nil {
				return nil, err
			}
		}
		if doc.People, err = c.people(ctx, ledger, state, o, doc); err != nil {
			return nil, err
		}
		doc.Income, err = c.income(ctx, ledger, state, o, doc)
		return doc, err
	}
	c.Progress("compute the customer statement of " + o.Named.Text)
	customer, err := c.statement(ctx, ledger, state, w, o.Active)
	if err != nil {
		return nil, err
	}
	doc.Customer = customer
	doc.Warnings = append(doc.Warnings, c.warnings(customer, state, "")...)
	if o.Compared == nil {
		if err := c.trailing(ctx, ledger, state, o, doc); err != nil {
			return nil, err
		}
	}
	if err := c.base(ctx, ledger, state, o, w, doc); err != nil {
		return nil, err
	}
	if doc.Subscriptions, err = c.subscriptions(ctx, ledger, state, o); err != nil {
		return nil, err
	}
	if err := c.referrals(ctx, ledger, state, o, w, doc); err != nil {
		return nil, err
	}
	if err := c.profits(ctx, ledger, state, o, doc); err != nil {
		return nil, err
	}
	if err := c.touchpoints(ctx, ledger, state, o, w, doc); err != nil {
		return nil, err
	}
	if err := c.equity(ctx, ledger, state, o, doc); err != nil {
		return nil, err
	}
	if err := c.contracts(ctx, ledger, state, o, doc); err != nil {
		return nil, err
	}
	if doc.Loyalty, err = c.loyalties(ctx, ledger, state, o, w, doc); err != nil {
		return nil, err
	}
	if doc.Behaviour, err = c.behaviour(ctx, ledger, state, o); err != nil {
		return nil, err
	}
	if doc.Prices, err = c.prices(ctx, ledger, state, o); err != nil {
		return nil, err
	}
	if doc.People, err = c.people(ctx, ledger, state, o, doc); err != nil {
		return nil, err
	}
	if doc.Income, err = c.income(ctx, ledger, state, o, doc); err != nil {
		return nil, err
	}
	return doc, c.marginNames(ctx, ledger, w.Period.End, doc)
}

// trailing adds the twelve months that end with a month or quarter.
func (c *Closer) trailing(ctx context.Context, ledger Ledger, state State, o Order, doc *document) error {
	p, q, ok, err := c.Settings.Calendar.TrailingYear(o.Named)
	if err != nil {
		doc.Trailing = evidence.Locked{Refused: err.Error(), UnlockedBy: "a calendar file that reaches a year further back"}
		return nil
	}
	if !ok {
		return nil
	}
	w := growth.Windows{Period: p, Compared: q}
	if gone := c.outlived(state, w); gone != nil {
		doc.Trailing = evidence.Locked{Refused: gone.What, UnlockedBy: "a later period, all of whose rows are kept"}
		return nil
	}
	c.Progress("compute the customer statement of the twelve months up to " + o.Named.Text)
	s, err := c.statement(ctx, ledger, state, w, o.Active)
	if err != nil {
		return err
	}
	doc.Trailing = trailingBlock{Statement: s}
	doc.Warnings = append(doc.Warnings, c.warnings(s, state, "trailing year: ")...)
	return nil
}

// statement asks the ledger and states what it answers.
func (c *Closer) statement(ctx context.Context, ledger Ledger, state State, w growth.Windows, active growth.Active) (growth.Statement, error) {
	cells, exchange, err := ledger.Tally(ctx, w, active)
	if err != nil {
		return growth.Statement{}, err
	}
	coverage, err := ledger.Coverage(ctx, w)
	if err != nil {
		return growth.Statement{}, err
	}
	if err := c.refused(ctx, w, &coverage); err != nil {
		return growth.Statement{}, err
	}
	for _, book := range c.basis() {
		coverage.LinesRounded += state.Counts[book].Rounded
	}
	if first, ok := c.firstDay(state); ok && first < w.Period.End {
		coverage.HistoryMonths = int(calendar.MonthOf(w.Period.End-1)-calendar.MonthOf(first)) + 1
	}
	s, err := growth.Input{Windows: w, Active: active, Currency: c.Settings.Currency, Cells: cells, Coverage: coverage, Exchange: exchange}.State()
	if err != nil {
		return s, err
	}
	return s, c.reconcile(ctx, &s)
}

func (c *Closer) basis() []string {
	if c.Settings.Basis == "both" {
		return lineBooks
	}
	return []string{c.Settings.Basis}
}

// firstDay is the day from which the books of the basis are complete: that of
// their first line, or from which their rows are kept.
func (c *Closer) firstDay(state State) (first calendar.Day, ok bool) {
	for _, book := range c.basis() {
		if _, dropped := state.Kept[book]; dropped {
			continue
		}
		if d, has := state.First[book]; has && (!ok || d < first) {
			first, ok = d, true
		}
	}
	for _, book := range c.basis() {
		if kept, dropped := state.Kept[book]; dropped && (!ok || kept > first) {
			first, ok = kept, true
		}
	}
	return first, ok
}

// refused counts the rows that would have been lines of the period. Those
// whose day could not be read are counted apart.
func (c *Closer) refused(ctx context.Context, w growth.Windows, coverage *growth.Coverage) error {
	for _, book := range c.basis() {
		err := c.Books.Refused(ctx, book, func(r RefusedRow) error {
			switch {
			case r.Day == nil:
				coverage.LinesRefusedUndated++
			case w.Period.Contains(*r.Day):
				coverage.LinesRefused++
				if r.Amount != nil && (r.Currency == "" || r.Currency == string(c.Settings.Currency)) {
					coverage.RevenueRefused = coverage.RevenueRefused.Add(*r.Amount)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// reconcile sets the general ledger beside the books.
func (c *Closer) reconcile(ctx context.Context, s *growth.Statement) error {
	accounts, missing, err := c.Books.Controls(ctx, s.Period)
	if err != nil {
		return err
	}
	switch {
	case missing != "":
		s.ReconciliationLacks = &evidence.Refusal{Reason: "no general ledger figures " + missing, Need: "controls for the whole period " + s.Period.String()}
	default:
		s.Reconciliation = []growth.Reconciled{}
		var names []string
		var ledger money.Amount
		for _, a := range accounts {
			names, ledger = append(names, a.Account), ledger.Add(a.Amount)
		}
		if len(accounts) > 0 {
			s.Reconciliation = append(s.Reconciliation, growth.Reconcile(strings.Join(names, " + "), ledger, s.Coverage, s.Currency))
		}
	}
	return nil
}

// Warning is something that a reader of the figures must know.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Over tells whether a period was over at an instant, by the company's days.
func Over(p calendar.Period, at time.Time, zone *time.Location) bool {
	return calendar.DayIn(at, zone) >= p.End
}

// zone is where the company's days begin.
func (s Settings) zone() *time.Location { return calendar.ZoneOrUTC(s.TimeZone) }

// shareMoves is the move of the identified share that makes growth suspect.
var shareMoves = big.NewRat(2, 100)

func (c *Closer) warnings(s growth.Statement, state State, prefix string) []Warning {
	var out []Warning
	warn := func(code, format string, args ...any) {
		out = append(out, Warning{code, prefix + fmt.Sprintf(format, args...)})
	}
	if first, ok := c.firstDay(state); ok {
		before := int(calendar.MonthOf(s.Compared.Start)) - int(calendar.MonthOf(first))
		if before < 12 && s.Undated > 0 {
			warn("short_history", "the books begin %s the comparison period, and %s without acquired_on may be returning ones", ahead(before), count(s.Undated, "new customer"))
		}
		if s.Compared.Start < first {
			warn("comparison_incomplete", "the books begin on %s, within the comparison period %s or after it", first, s.Compared)
		}
	}
	if !Over(s.Period, c.Now(), c.Settings.zone()) {
		warn("period_open", "the period ends on %s and was not over when it was closed", s.Period.End-1)
	}
	if p, q := s.Period.Days(), s.Compared.Days(); p-q > 3 || q-p > 3 {
		warn("period_lengths", "the period has %d days and the comparison period %d; part of the growth is days", p, q)
	}
	prior, current := share(s.Coverage.PriorRevenueIdentified, s.Coverage.PriorRevenue), share(s.Coverage.RevenueIdentified, s.Coverage.RevenueIdentified.Add(s.Coverage.RevenueUnidentified))
	if prior != nil && current != nil {
		move := new(big.Rat).Sub(current, prior)
		if new(big.Rat).Abs(move).Cmp(shareMoves) > 0 {
			warn("identified_share_moved", "the share of revenue with a customer id went from %s to %s; growth of identified revenue may only be better identification", percent(prior), percent(current))
		}
	}
	if i := s.Origins.Inferred(); i.Customers > 0 {
		warn("origin_inferred", "the origin of %s is inferred, not known", count(i.Customers, "new customer"))
	}
	if n := s.Coverage.LinesRefused; n > 0 {
		warn("refused_rows", "%s of the period refused and in no figure; `throughline check` lists them", count(n, "row"))
	}
	if n := s.Coverage.LinesRefusedUndated; n > 0 {
		warn("refused_undated", "%s without a readable date may belong to the period", count(n, "refused row"))
	}
	if n := s.Coverage.LinesRounded; n > 0 {
		warn("rounded", "%s of the books with amounts that were rounded: of more than six places to six, or to the currency's where tax was taken out", count(n, "line"))
	}
	if !s.Revenue.Returning.IsZero() {
		if e, ok := s.ReturningShare.Estimate(); ok {
			warn("returning", "returning customers brought %s, in neither earned nor bought; counted as earned they would add %s to earned growth", s.Revenue.Returning.Grouped(s.Currency.Places()), percent(e.Value))
		}
	}
	return out
}

// count prints a number of things, grouped and in the right number.
func count(n int64, thing string) string {
	text := money.FromBig(new(big.Int).Mul(big.NewInt(n), big.NewInt(1_000_000))).Grouped(0) + " " + thing
	if n != 1 {
		text += "s"
	}
	return text
}

// ahead says how long before a period the books begin.
func ahead(months int) string {
	switch {
	case months <= 0:
		return "no whole month before"
	case months == 1:
		return "one month before"
	}
	return fmt.Sprintf("%d months before", months)
}

// share is part ÷ whole; nil when the whole is not above zero.
func share(part, whole money.Amount) *big.Rat {
	if whole.Sign() <= 0 {
		return nil
	}
	return new(big.Rat).Quo(part.Rat(), whole.Rat())
}

// percent prints a share with one decimal.
func percent(r *big.Rat) string {
	return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(1) + "%"
}
