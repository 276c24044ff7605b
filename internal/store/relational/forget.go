package relational

import (
	"context"
	"encoding/json"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
)

// ForgetUser empties who a user was, everywhere in the store but in what
// others wrote about them.
func (s *Store) ForgetUser(ctx context.Context, id, by int64, at time.Time) (counts map[string]int64, err error) {
	err = s.change(ctx, "forget a user in", func(c conn) error {
		counts = map[string]int64{"users": 1}
		was, found, err := first(ctx, c, readUser, "SELECT "+userColumns+" FROM users u WHERE u.id = ?"+c.d.Hold, id)
		if err != nil {
			return err
		}
		if !found {
			return access.ErrNoUser
		}
		u := was
		u.Version++
		u.Disabled = true
		nobody(&u.Email, &u.Name, &u.PersonID, &u.Locale)
		if err := c.writeUser(ctx, u); err != nil {
			return err
		}
		if counts["change"], err = c.forgetHistory(ctx, program.Entity{Kind: program.KindUser, ID: id}); err != nil {
			return err
		}
		before := knownOf(was)
		before.forget()
		if err := c.record(ctx, userChange(u, access.UserVersion{By: by, At: at}), before, knownOf(u)); err != nil {
			return err
		}
		for _, table := range []string{"password", "passkey", "identity", "session", "device", "link"} {
			if counts[table], err = c.exec(ctx, "DELETE FROM "+table+" WHERE account = ?", id); err != nil {
				return err
			}
		}
		counts["token"], err = c.exec(ctx, "UPDATE token SET name = '', revoked = CASE WHEN revoked = '' THEN ? ELSE revoked END WHERE account = ?", stamped(at), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

func nobody(texts ...*string) {
	for _, t := range texts {
		*t = ""
	}
}

func (k *known) forget() { nobody(&k.Email, &k.Name, &k.PersonID, &k.Locale) }

// forgetHistory takes who a user was out of all that is kept of their changes.
func (c conn) forgetHistory(ctx context.Context, e program.Entity) (int64, error) {
	changes, err := c.changes(ctx, e, 0)
	if err != nil {
		return 0, err
	}
	for _, x := range changes {
		texts := [2]any{}
		for i, text := range []json.RawMessage{x.Before, x.After} {
			if text == nil {
				continue
			}
			var k known
			if err := json.Unmarshal(text, &k); err != nil {
				return 0, err
			}
			k.forget()
			out, err := json.Marshal(k)
			if err != nil {
				return 0, err
			}
			texts[i] = string(out)
		}
		if err := c.run(ctx, "UPDATE change SET before = ?, after = ? WHERE id = ?", texts[0], texts[1], x.ID); err != nil {
			return 0, err
		}
	}
	return int64(len(changes)), nil
}
