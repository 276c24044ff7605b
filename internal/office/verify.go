package office

import (
	"context"
	"fmt"

	"github.com/throughline/throughline/closing"
)

// Verify holds every seal that stands against the books at its own snapshot:
// after a restore, or to be sure.
func (o *Office) Verify(ctx context.Context) (out []closing.Verified, err error) {
	err = o.act(ctx, func(c Company, e Engine) error {
		seals, err := o.Store.Seals(ctx)
		if err != nil {
			return err
		}
		for _, s := range seals {
			if s.RestatedBy != 0 {
				continue
			}
			at, err := o.Store.Snapshot(ctx, s.Snapshot)
			if err != nil {
				return err
			}
			closer, err := o.closer(c, at, e, nil)
			if err != nil {
				return err
			}
			if closer.Settings.Journey, err = o.JourneyAt(ctx, s.At); err != nil {
				return err
			}
			v, err := closer.Verify(ctx, s.Seal)
			if err != nil {
				return fmt.Errorf("verify the seal of %s: %w", s.Label, err)
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}
