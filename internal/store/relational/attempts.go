package relational

import (
	"context"

	"github.com/throughline/throughline/internal/access"
)

// Tally is what is counted under a key; zero when there is nothing.
func (s *Store) Tally(ctx context.Context, key string) (access.Tally, error) {
	t, err := s.ask(ctx).tally(ctx, key)
	return t, s.plain(ctx, "read attempts in", err)
}

func (c conn) tally(ctx context.Context, key string) (t access.Tally, err error) {
	var last string
	found, err := c.one(ctx, "SELECT count, last FROM tally WHERE key = ?", key).into(&t.Count, &last)
	if err != nil || !found {
		return access.Tally{}, err
	}
	t.Last, err = moment(last)
	return t, err
}

// none tells whether a tally is the zero one, in whatever zone its time is.
func none(t access.Tally) bool { return t.Count == 0 && t.Last.IsZero() }

// SwapTally puts next where was is, and tells whether it did.
func (s *Store) SwapTally(ctx context.Context, key string, was, next access.Tally) (done bool, err error) {
	err = s.change(ctx, "count attempts in", func(c conn) error {
		var n int64
		switch {
		case none(was) && none(next):
			t, err := c.tally(ctx, key)
			done = none(t)
			return err
		case none(was):
			n, err = c.exec(ctx, "INSERT INTO tally (key, count, last) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING", key, next.Count, stamped(next.Last))
		case none(next):
			n, err = c.exec(ctx, "DELETE FROM tally WHERE key = ? AND count = ? AND last = ?", key, was.Count, stamped(was.Last))
		default:
			n, err = c.exec(ctx, "UPDATE tally SET count = ?, last = ? WHERE key = ? AND count = ? AND last = ?",
				next.Count, stamped(next.Last), key, was.Count, stamped(was.Last))
		}
		done = n == 1
		return err
	})
	return done && err == nil, err
}
