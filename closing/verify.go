package closing

import (
	"context"

	"github.com/throughline/throughline/growth"
)

// Verified is a seal held against the books at its own snapshot.
type Verified struct {
	Seal    int64
	Label   string
	Equal   bool    // the fingerprint of the books is the one that was sealed
	Dropped Changes // which of its rows are no longer kept, when it is not equal
	Changed Changes // what else is not as it was
}

// Verify computes the fingerprint that a seal names once more, from the books
// at the seal's snapshot, which c.Books must be of. The settings are those of
// the seal. After somebody was erased the books differ in that person's rows
// alone, and the changes name their months. Rows that are no longer kept are in
// no change: what is left is held to what was sealed of it.
func (c *Closer) Verify(ctx context.Context, s Seal) (Verified, error) {
	var sealed Inputs
	if err := sealed.parse(s.Inputs); err != nil {
		return Verified{}, err
	}
	then := *c
	then.Settings.Returns = sealed.Settings["returns_counted"]
	state, err := then.Books.State(ctx)
	if err != nil {
		return Verified{}, err
	}
	o := Order{Active: sealed.Active}
	o.Named.Kind, o.Named.Period = sealed.Kind, sealed.Period
	now, err := then.inputs(ctx, state, o, growth.Windows{Period: sealed.Period, Compared: sealed.Compared})
	if err != nil {
		return Verified{}, err
	}
	now.Settings = sealed.Settings
	v := Verified{Seal: s.ID, Label: s.Label, Equal: now.fingerprint() == s.Fingerprint}
	if !v.Equal {
		v.Dropped = sealed.dropped(state.Kept)
		v.Changed = sealed.since(state.Kept).changes(now.since(state.Kept))
	}
	return v, nil
}
