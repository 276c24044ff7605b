package relational

import (
	"context"
	"time"

	"github.com/throughline/throughline/internal/access"
)

const sessionColumns = "s.id, s.hash, s.account, s.at, s.seen, s.until, s.method, s.agent, s.place, s.device"

// sessionRow is a session as it lies in its table.
type sessionRow struct {
	access.Session
	at, seen, until string
}

func (r *sessionRow) into() []any {
	x := &r.Session
	return []any{&x.ID, &x.Hash, &x.User.ID, &r.at, &r.seen, &r.until, &x.Method, &x.Agent, &x.Place, &x.Device}
}

func (r *sessionRow) session() (access.Session, error) {
	err := moments([]string{r.at, r.seen, r.until}, &r.At, &r.Seen, &r.Until)
	return r.Session, err
}

func readSession(scan scanner) (access.Session, error) {
	var r sessionRow
	if err := scan(r.into()...); err != nil {
		return r.Session, err
	}
	return r.session()
}

// readWhole reads a session and its user from one row.
func readWhole(scan scanner) (access.Session, error) {
	var r sessionRow
	var u userRow
	if err := scan(append(r.into(), u.into()...)...); err != nil {
		return r.Session, err
	}
	x, err := r.session()
	if err != nil {
		return x, err
	}
	x.User, err = u.user()
	return x, err
}

// AddSession keeps a new session and returns its number.
func (s *Store) AddSession(ctx context.Context, x access.Session) (id int64, err error) {
	err = s.change(ctx, "sign in with", func(c conn) error {
		id, err = c.insert(ctx, "INSERT INTO session (hash, account, at, seen, until, method, agent, place, device) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			bytes(x.Hash), x.User.ID, stamped(x.At), stamped(x.Seen), stamped(x.Until), x.Method, x.Agent, x.Place, x.Device)
		return err
	})
	return id, err
}

// Session finds one by its hash, with its whole user, or returns
// access.ErrNoSession.
func (s *Store) Session(ctx context.Context, hash []byte) (access.Session, error) {
	x, found, err := first(ctx, s.ask(ctx), readWhole, "SELECT "+sessionColumns+", "+userColumns+" FROM session s JOIN users u ON u.id = s.account WHERE s.hash = ?", hash)
	if err == nil && !found {
		return x, access.ErrNoSession
	}
	return x, s.plain(ctx, "read a session in", err)
}

// SeeSession keeps when a session was last used.
func (s *Store) SeeSession(ctx context.Context, id int64, at time.Time) error {
	return s.change(ctx, "see a session in", func(c conn) error {
		return c.run(ctx, "UPDATE session SET seen = ? WHERE id = ?", stamped(at), id)
	})
}

// Sessions lists a user's, newest first.
func (s *Store) Sessions(ctx context.Context, user int64) ([]access.Session, error) {
	out, err := all(ctx, s.ask(ctx), readSession, "SELECT "+sessionColumns+" FROM session s WHERE s.account = ? ORDER BY s.id DESC", user)
	return out, s.plain(ctx, "read sessions in", err)
}

// EndSessions ends those of a user's sessions that are named, or all.
func (s *Store) EndSessions(ctx context.Context, user int64, ids ...int64) error {
	return s.change(ctx, "end sessions in", func(c conn) error {
		args := []any{user}
		for _, id := range ids {
			args = append(args, id)
		}
		return c.run(ctx, "DELETE FROM session WHERE account = ?"+among("id", len(ids)), args...)
	})
}

// among narrows a statement to n values of a column, or not at all for none.
func among(column string, n int) string {
	if n == 0 {
		return ""
	}
	return " AND " + column + " IN (" + marks(n) + ")"
}

// AddDevice keeps a browser that is known from now on.
func (s *Store) AddDevice(ctx context.Context, d access.Device) (id int64, err error) {
	err = s.change(ctx, "add a device to", func(c conn) error {
		id, err = c.insert(ctx, "INSERT INTO device (hash, account, made, seen) VALUES (?, ?, ?, ?)", bytes(d.Hash), d.User, stamped(d.Made), stamped(d.Seen))
		return err
	})
	return id, err
}

// Device finds a known browser by its hash.
func (s *Store) Device(ctx context.Context, hash []byte) (access.Device, bool, error) {
	d, found, err := first(ctx, s.ask(ctx), func(scan scanner) (d access.Device, err error) {
		var made, seen string
		if err := scan(&d.ID, &d.Hash, &d.User, &made, &seen); err != nil {
			return d, err
		}
		return d, moments([]string{made, seen}, &d.Made, &d.Seen)
	}, "SELECT id, hash, account, made, seen FROM device WHERE hash = ?", hash)
	return d, found, s.plain(ctx, "read a device in", err)
}

// SeeDevice keeps when a browser was last seen.
func (s *Store) SeeDevice(ctx context.Context, id int64, at time.Time) error {
	return s.change(ctx, "see a device in", func(c conn) error {
		return c.run(ctx, "UPDATE device SET seen = ? WHERE id = ?", stamped(at), id)
	})
}

// ForgetDevices forgets a user's browsers.
func (s *Store) ForgetDevices(ctx context.Context, user int64) error {
	return s.change(ctx, "forget devices in", func(c conn) error {
		return c.run(ctx, "DELETE FROM device WHERE account = ?", user)
	})
}

// Expire clears away what is over.
func (s *Store) Expire(ctx context.Context, now, devices, tallies time.Time) error {
	return s.change(ctx, "clear away what is over in", func(c conn) error {
		for _, x := range []struct {
			statement string
			before    time.Time
		}{
			{"DELETE FROM session WHERE until < ?", now},
			{"DELETE FROM link WHERE until < ?", now},
			{"DELETE FROM device WHERE seen < ?", devices},
			{"DELETE FROM tally WHERE last < ?", tallies},
		} {
			if err := c.run(ctx, x.statement, stamped(x.before)); err != nil {
				return err
			}
		}
		return nil
	})
}
