package relational

import (
	"context"
	"encoding/json"

	"github.com/throughline/throughline/internal/access"
)

const entryColumns = "n, at, who, what, object, detail, previous, hash"

func readEntry(scan scanner) (e access.Entry, err error) {
	var at, detail string
	if err := scan(&e.N, &at, &e.Who, &e.What, &e.Object, &detail, &e.Previous, &e.Hash); err != nil {
		return e, err
	}
	if detail != "" {
		e.Detail = json.RawMessage(detail)
	}
	e.At, err = moment(at)
	return e, err
}

// AuditHead is the last entry; the zero one when there is none.
func (s *Store) AuditHead(ctx context.Context) (access.Entry, error) {
	e, _, err := first(ctx, s.ask(ctx), readEntry, "SELECT "+entryColumns+" FROM audit ORDER BY n DESC LIMIT 1")
	return e, s.plain(ctx, "read the audit log in", err)
}

// AppendAudit adds an entry as it is given, or returns access.ErrStale when
// its number is not the next.
func (s *Store) AppendAudit(ctx context.Context, e access.Entry) error {
	return s.change(ctx, "append to the audit log in", func(c conn) error {
		var last int64
		if _, err := c.one(ctx, "SELECT coalesce(max(n), 0) FROM audit").into(&last); err != nil {
			return err
		}
		if e.N != last+1 {
			return access.ErrStale
		}
		err := c.run(ctx, "INSERT INTO audit ("+entryColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			e.N, stamped(e.At), e.Who, e.What, e.Object, string(e.Detail), bytes(e.Previous), bytes(e.Hash))
		if s.taken(err) {
			return access.ErrStale
		}
		return err
	})
}

// AuditEntries lists entries after a number, oldest first.
func (s *Store) AuditEntries(ctx context.Context, after int64, limit int) ([]access.Entry, error) {
	out, err := all(ctx, s.ask(ctx), readEntry, "SELECT "+entryColumns+" FROM audit WHERE n > ? ORDER BY n LIMIT ?", after, limit)
	return out, s.plain(ctx, "read the audit log in", err)
}

// AuditTrail lists a page of the log, newest first.
func (s *Store) AuditTrail(ctx context.Context, f access.Trail) ([]access.Entry, error) {
	where, args := " WHERE 1 = 1", []any{}
	narrow := func(asked bool, condition string, arg any) {
		if asked {
			where, args = where+" AND "+condition, append(args, arg)
		}
	}
	narrow(f.Before != 0, "n < ?", f.Before)
	narrow(f.Who != 0, "who = ?", f.Who)
	narrow(f.What != "", "what = ?", f.What)
	narrow(f.Object != "", "object = ?", f.Object)
	out, err := all(ctx, s.ask(ctx), readEntry, "SELECT "+entryColumns+" FROM audit"+where+" ORDER BY n DESC LIMIT ?", append(args, f.Limit)...)
	return out, s.plain(ctx, "read the audit log in", err)
}
