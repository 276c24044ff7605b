// Package closing is the close: it computes the statements that the books
// allow for a period and seals them with the snapshot and the fingerprints of
// what they were computed from. A sealed statement never changes; closing
// again returns it, byte for byte, and changed facts lead to a restatement
// that says what moved and why. It computes no figure itself.
//
// The invariant: the bytes that were printed for a seal are the bytes that
// every later close of the same inputs prints.
package closing

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/behaviour"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/income"
	"github.com/throughline/throughline/journey"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/loyalty"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/pricing"
	"github.com/throughline/throughline/profit"
	"github.com/throughline/throughline/recurring"
	"github.com/throughline/throughline/referral"
	"github.com/throughline/throughline/workforce"
)

// Settings are the company's choices that the statements depend on.
type Settings struct {
	Company  string
	Currency money.Currency
	TimeZone string
	Grain    string
	Basis    string
	Returns  string
	Orders   string                  // what one order is: by order id, by day, by quantity; empty: by order id
	Margins  map[string]money.Amount // gross margin by product, segment or default
	Discount *big.Rat                // a year, such as 1/10; nil: not stated
	// AcquireEarned are the departments and touchpoints whose acquire costs earn customers.
	AcquireEarned []string
	Reconcile     []string // general ledger accounts that are revenue; empty: all of controls
	Threshold     *big.Rat // share of a book's rows that may be refused
	Training      learning.Policies
	MinimumGroup  int               // of people of whom anything is said; 0: 5
	Exits         map[string]string // kinds of leaving by the company's words
	Income        income.Mapping    // accounts by the line of the income statement
	Calendar      *calendar.Calendar
	Journey       *journey.Map // where customers meet the company; nil: nobody has mapped it
}

// Books are the imported books at one snapshot, as the close reads them.
type Books interface {
	// State tells what the snapshot holds.
	State(ctx context.Context) (State, error)
	// Ledger opens the lines for the statement's questions; links known from
	// asOf on are not yet known.
	Ledger(ctx context.Context, asOf calendar.Day) (Ledger, error)
	// Controls sums the general ledger's figures that lie in the period, by
	// account; missing names the part of the period that has none.
	Controls(ctx context.Context, p calendar.Period) (accounts []Control, missing string, err error)
	// GeneralLedger sums the figures of every account that lie in the period,
	// whether or not it is reconciled with; none: there are no controls.
	GeneralLedger(ctx context.Context, p calendar.Period) ([]Control, error)
	// Refused hands every refused row of a book to visit.
	Refused(ctx context.Context, book string, visit func(RefusedRow) error) error
}

// Ledger answers the questions of every statement over the lines of one
// snapshot.
type Ledger interface {
	growth.Ledger
	base.Ledger
	recurring.Ledger
	referral.Ledger
	loyalty.Ledger
	pricing.Ledger
	profit.Ledger
	equity.Ledger
	equity.ContractLedger
	profit.Names
	behaviour.Ledger
	workforce.Ledger
	journey.Ledger
	journey.People
}

// Control is a general ledger figure for a whole period.
type Control struct {
	Account string
	Amount  money.Amount
	Missing string // the part of the period without a figure, of GeneralLedger
}

// RefusedRow is a row that never became a fact. Day and Amount are set when
// they could be read.
type RefusedRow struct {
	File, Column, Value, Reason string
	Line                        int64
	Day                         *calendar.Day
	Amount                      *money.Amount
	Currency                    string // of the amount; empty: the statement's
}

// Seals keep sealed statements, and cohort columns, which cost a pass over
// their lines and stay the same while no earlier line changes.
type Seals interface {
	// Current is the seal of a statement that has not been restated; ok is
	// false when there is none.
	Current(ctx context.Context, statement string) (s Seal, ok bool, err error)
	// Cohorts is what was kept of a cohort column under a key.
	Cohorts(ctx context.Context, key string) (cells []byte, ok bool, err error)
	// KeepCohorts keeps a column; keeping the same key again changes nothing.
	KeepCohorts(ctx context.Context, key string, cells []byte) error
	// Keep seals for good. It returns ErrSealed when somebody else has sealed
	// or restated the same statement meanwhile.
	Keep(ctx context.Context, s Seal) (Seal, error)
}

// Seal is a sealed statement.
type Seal struct {
	ID          int64
	Statement   string // identifies the statement: period, comparison, definitions
	Label       string // the period as it was named
	At          time.Time
	Snapshot    int64
	Fingerprint string
	Inputs      []byte // JSON of Inputs
	Preparer    string
	Restates    int64  // 0: restates nothing
	Difference  []byte // JSON of what a restatement moved
	Document    []byte
}

// Order is what to close and how.
type Order struct {
	Named    calendar.Named
	Compared *calendar.Period // nil: a year earlier
	Active   growth.Active
	Restate  bool
	DryRun   bool
	Preparer string
}

// Outcome is a close's document and how it came about.
type Outcome struct {
	Document []byte
	Seal     Seal // zero for a dry run
	Notes    []string
}

// Closer closes periods.
type Closer struct {
	Settings Settings
	Books    Books
	Seals    Seals
	Now      func() time.Time
	Progress func(act string)
}

// Refusal is a close that was refused, with what to do about it.
type Refusal struct {
	What string
	Do   string // in the words of the command line
	Kind string // one of Kinds; empty: there is no other advice
	Book string // that the kind is about; empty: none
}

func (r *Refusal) Error() string {
	if r.Do == "" {
		return r.What
	}
	return r.What + "\n  → " + r.Do
}

// Close computes and seals, or returns what is sealed.
func (c *Closer) Close(ctx context.Context, o Order) (Outcome, error) {
	w, err := c.windows(&o)
	if err != nil {
		return Outcome{}, err
	}
	state, err := c.Books.State(ctx)
	if err != nil {
		return Outcome{}, err
	}
	if gone := c.outlived(state, w); gone != nil {
		return c.printed(ctx, state, o, w, gone)
	}
	if err := c.allow(ctx, state, w); err != nil {
		return Outcome{}, err
	}
	inputs, err := c.inputs(ctx, state, o, w)
	if err != nil {
		return Outcome{}, err
	}
	sealed, found, err := c.Seals.Current(ctx, inputs.statement())
	if err != nil {
		return Outcome{}, err
	}
	if o.Restate && !found {
		return Outcome{}, &Refusal{What: "period " + o.Named.Text + " has no seal that could be restated", Do: "close it without --restate", Kind: NothingSealed}
	}
	if found && !o.DryRun {
		same, notes, err := c.stands(sealed, inputs, state.Kept)
		if err != nil {
			return Outcome{}, err
		}
		whole := c.overSince(sealed, w)
		if same && whole && !o.Restate {
			notes = append(notes, "the period was not over when it was sealed; a restatement would seal it as one that is")
		}
		if same && !(whole && o.Restate) {
			return Outcome{Document: sealed.Document, Seal: sealed, Notes: append(notes, restateNote(o)...)}, nil
		}
	}
	doc, err := c.compute(ctx, state, o, w)
	if err != nil {
		return Outcome{}, err
	}
	if o.DryRun {
		text, err := doc.bytes()
		return Outcome{Document: text, Notes: []string{"dry run: nothing was sealed"}}, err
	}
	if found {
		return c.again(ctx, o, doc, inputs, sealed, state)
	}
	return c.seal(ctx, o, doc, inputs, state, nil)
}

// overSince tells whether a period was not over when it was sealed, and is now.
// Restating it then needs no figure that moved: its seal is that of a part.
func (c *Closer) overSince(sealed Seal, w growth.Windows) bool {
	return !Over(w.Period, sealed.At, c.Settings.zone()) && Over(w.Period, c.Now(), c.Settings.zone())
}

func restateNote(o Order) []string {
	if !o.Restate {
		return nil
	}
	return []string{"nothing changed since the seal; it stands and was not restated"}
}

// windows are the period and the one it is compared with. A comparison that is
// the usual one anyway is no comparison of its own.
func (c *Closer) windows(o *Order) (growth.Windows, error) {
	w := growth.Windows{Period: o.Named.Period}
	earlier, err := c.Settings.Calendar.YearEarlier(o.Named)
	switch {
	case o.Compared != nil && (err != nil || *o.Compared != earlier):
		w.Compared = *o.Compared
	case err != nil:
		return w, &Refusal{What: err.Error(), Do: "name the comparison period with --compare", Kind: NoComparison}
	default:
		w.Compared, o.Compared = earlier, nil
	}
	if err := w.Check(); err != nil {
		return w, &Refusal{What: err.Error()}
	}
	return w, nil
}

// again meets a statement that is sealed with other inputs: when no figure
// moved the seal stands; otherwise it is refused, or restated on request.
func (c *Closer) again(ctx context.Context, o Order, doc *document, inputs Inputs, sealed Seal, state State) (Outcome, error) {
	var before Inputs
	if err := before.parse(sealed.Inputs); err != nil {
		return Outcome{}, err
	}
	changed := before.changesSince(inputs, state.Kept)
	moved, err := differences(sealed.Document, doc)
	if err != nil {
		return Outcome{}, err
	}
	figures := moved
	if len(state.Kept) > 0 {
		figures = slices.DeleteFunc(slices.Clone(moved), shortened)
	}
	if len(changed) == 0 && len(figures) > 0 {
		changed = append(changed, Change{What: "neither books nor settings: this release counts or judges otherwise than the one that sealed"})
	}
	whole := o.Restate && c.overSince(sealed, growth.Windows{Period: o.Named.Period})
	if whole {
		changed = append(changed, Change{What: "the period was not over when it was sealed, and is now"})
	}
	if len(figures) == 0 && !whole {
		note := "the books changed since the seal (" + changed.summary() + "), but no figure of this statement moved; the seal stands"
		return Outcome{Document: sealed.Document, Seal: sealed, Notes: []string{note}}, nil
	}
	if !o.Restate {
		return Outcome{}, &Refusal{
			What: fmt.Sprintf("%s was sealed at %s and the books have changed since:\n%s\n  %s of the statement would move, for example %s",
				o.Named.Text, sealed.At.UTC().Format(time.RFC3339), changed.list(), count(int64(len(figures)), "line"), figures[0]),
			Do:   "look at them with --dry-run, then close with --restate to seal a restatement beside the first seal",
			Kind: BooksChanged,
		}
	}
	return c.seal(ctx, o, doc, inputs, state, &restatement{of: sealed, Of: sealed.Fingerprint, At: sealed.At.UTC().Format(time.RFC3339Nano), Books: changed, Lines: append([]Moved{}, moved...)})
}

func (c *Closer) seal(ctx context.Context, o Order, doc *document, inputs Inputs, state State, r *restatement) (Outcome, error) {
	s := Seal{
		Statement: inputs.statement(), Label: o.Named.Text, At: c.Now().UTC(), Snapshot: state.Snapshot,
		Fingerprint: inputs.fingerprint(), Inputs: inputs.bytes(), Preparer: o.Preparer,
	}
	doc.Sealed = &sealedBlock{At: s.At.Format(time.RFC3339Nano), Snapshot: fmt.Sprint(s.Snapshot), Fingerprint: s.Fingerprint, Preparer: s.Preparer}
	if r != nil {
		s.Restates = r.of.ID
		doc.Sealed.Restates = &r.Of
		doc.Restatement = r
		var err error
		if s.Difference, err = encode(r); err != nil {
			return Outcome{}, err
		}
	}
	var err error
	if s.Document, err = doc.bytes(); err != nil {
		return Outcome{}, err
	}
	kept, err := c.Seals.Keep(ctx, s)
	if errors.Is(err, ErrSealed) {
		// Somebody else was quicker; with the same inputs theirs is ours.
		theirs, found, readErr := c.Seals.Current(ctx, s.Statement)
		if readErr == nil && found && theirs.Fingerprint == s.Fingerprint {
			return Outcome{Document: theirs.Document, Seal: theirs}, nil
		}
	}
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Document: kept.Document, Seal: kept}, nil
}

// Statement identifies the statement that an order asks for, as its seals do.
func (c *Closer) Statement(o Order) (string, error) {
	w, err := c.windows(&o)
	if err != nil {
		return "", err
	}
	in := Inputs{Period: w.Period, Compared: w.Compared, Kind: o.Named.Kind, Active: o.Active, Settings: map[string]string{"grain": c.Settings.Grain}}
	return in.statement(), nil
}
