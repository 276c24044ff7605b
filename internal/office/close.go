package office

import (
	"context"
	"errors"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/money"
)

// Order is a close as somebody asks for it, in the words of the page and the
// command line.
type Order struct {
	Period   string // 2011, 2011-Q3, 2011-09, FY2011-P03 or 2011-01-01..2012-01-01
	Compare  string // empty: the same period a year earlier
	Active   growth.Active
	Restate  bool
	DryRun   bool
	Preparer string
}

// Heard hears how far an act has come; done and total are 0 where they are not
// known.
type Heard = books.Progress

// named reads an order's periods.
func (o Order) named(cal *calendar.Calendar) (closing.Order, error) {
	named, err := cal.Parse(o.Period)
	if err != nil {
		return closing.Order{}, &closing.Refusal{What: "the period: " + err.Error(), Do: "name one such as 2011-09, 2011-Q3 or 2011"}
	}
	order := closing.Order{Named: named, Active: o.Active, Restate: o.Restate, DryRun: o.DryRun, Preparer: o.Preparer}
	if order.Active == "" {
		order.Active = growth.Net
	}
	if o.Compare != "" {
		compare, err := cal.Parse(o.Compare)
		if err != nil {
			return order, &closing.Refusal{What: "the comparison period: " + err.Error(), Do: "name one such as 2010-09, 2010-Q3 or 2010"}
		}
		order.Compared = &compare.Period
	}
	return order, nil
}

// acting runs one act with an engine of its own.
func (o *Office) act(ctx context.Context, do func(Company, Engine) error) (err error) {
	c, err := o.Company(ctx)
	if err != nil {
		return err
	}
	o.acting.Lock()
	defer o.acting.Unlock()
	if err := o.finishErasing(ctx); err != nil {
		return err
	}
	e, err := o.Engine(ctx, c.TimeZone)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return do(c, e)
}

// Wanted is what an import shall do beyond reading what is new.
type Wanted struct {
	Only   string   // a book; empty: all
	Forget []string // sources that are gone, of which our copy is dropped
}

// Import brings the books up to date with their sources.
func (o *Office) Import(ctx context.Context, wanted Wanted, heard Heard) (report books.Report, err error) {
	err = o.act(ctx, func(c Company, e Engine) error {
		report, err = o.bring(ctx, c, e, wanted, heard)
		return err
	})
	return report, err
}

func (o *Office) bring(ctx context.Context, c Company, e Engine, wanted Wanted, heard Heard) (books.Report, error) {
	memory, err := o.remembered(ctx)
	if err != nil {
		return books.Report{}, err
	}
	removed, err := o.removals(ctx)
	if err != nil {
		return books.Report{}, err
	}
	im := &books.Importer{Memory: memory, Removed: removed, Config: c.Config, Manifest: o.Store, Engine: e, Dir: o.Dir, Now: o.Now, Progress: heard, Warn: o.warned(heard), Forget: wanted.Forget}
	report, err := im.Run(ctx, wanted.Only)
	if err != nil {
		return report, err
	}
	err = o.retained(ctx, e, heard, &report)
	return report, err
}

// warned passes what an import has to say on to whoever wants to hear it, or
// else its progress.
func (o *Office) warned(heard Heard) func(string) {
	if o.Warn != nil {
		return o.Warn
	}
	return func(text string) {
		if heard != nil {
			text, _, _ = strings.Cut(text, " (`throughline ") // how the command line drops them
			heard(text, 0, 0)
		}
	}
}

// Close imports what is new, computes and seals.
func (o *Office) Close(ctx context.Context, order Order, heard Heard) (outcome closing.Outcome, err error) {
	if order.Preparer, err = o.signed(ctx, order.Preparer); err != nil {
		return outcome, err
	}
	err = o.Brought(ctx, heard, func(closer *closing.Closer) error {
		wanted, err := order.named(closer.Settings.Calendar)
		if err != nil {
			return err
		}
		outcome, err = closer.Close(ctx, wanted)
		return err
	})
	return outcome, err
}

// Brought imports what is new, and lends whoever asks the closer over it.
func (o *Office) Brought(ctx context.Context, heard Heard, do func(*closing.Closer) error) error {
	return o.act(ctx, func(c Company, e Engine) error {
		imported, err := o.bring(ctx, c, e, Wanted{}, heard)
		if err != nil {
			return err
		}
		closer, err := o.closerNow(ctx, c, imported.Snapshot, e, heard)
		if err != nil {
			return err
		}
		return do(closer)
	})
}

// closerNow closes over a snapshot by the journey map as it is now.
func (o *Office) closerNow(ctx context.Context, c Company, s snapshot.Snapshot, e books.Asker, heard Heard) (*closing.Closer, error) {
	closer, err := o.closer(c, s, e, heard)
	if err != nil {
		return nil, err
	}
	closer.Settings.Journey, _, err = o.Journey(ctx)
	return closer, err
}

// closer closes over a snapshot; without an engine it can only name statements.
func (o *Office) closer(c Company, s snapshot.Snapshot, e books.Asker, heard Heard) (*closing.Closer, error) {
	cal, err := c.Config.NewCalendar()
	if err != nil {
		return nil, err
	}
	settings := c.Config.Settings
	margins, err := settings.Margins()
	if err != nil {
		return nil, err
	}
	training, err := c.Config.TrainingPolicies()
	if err != nil {
		return nil, err
	}
	exits, err := settings.Exits()
	if err != nil {
		return nil, err
	}
	accounts, err := settings.Income()
	if err != nil {
		return nil, err
	}
	return &closing.Closer{
		Settings: closing.Settings{
			Company: c.Name, Currency: money.Currency(settings.Currency), TimeZone: settings.TimeZone, Grain: settings.Grain, Basis: settings.StatementBasis,
			Returns: settings.ReturnsCounted, Orders: settings.OrdersCounted, Margins: margins, Discount: settings.Discount(), Reconcile: settings.ReconcileAccounts, AcquireEarned: settings.AcquireEarned, Threshold: settings.Threshold(), Calendar: cal,
			Training: training, MinimumGroup: settings.MinimumGroup, Exits: exits, Income: accounts,
		},
		Books: &books.Held{Config: c.Config, Snapshot: s, Engine: e, Dir: o.Dir},
		Seals: o.Store,
		Now:   o.Now,
		Progress: func(act string) {
			if heard != nil {
				heard(act, 0, 0)
			}
		},
	}, nil
}

// Seals lists every seal in the order in which they were made.
func (o *Office) Seals(ctx context.Context) ([]closing.Sealed, error) { return o.Store.Seals(ctx) }

// Review records that somebody other than the preparer has looked at a seal.
// A user may be named as "user 7" or by mail address.
func (o *Office) Review(ctx context.Context, seal closing.Seal, r closing.Review) (err error) {
	r.At = o.Now()
	if r.Reviewer, err = o.signed(ctx, r.Reviewer); err != nil {
		return err
	}
	own, err := o.own(ctx, seal, r.Reviewer)
	if err != nil {
		return err
	}
	if own {
		return closing.ErrOwnReview
	}
	return o.Store.Review(ctx, seal, r)
}
