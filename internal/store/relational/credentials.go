package relational

import (
	"context"
	"time"

	"github.com/throughline/throughline/internal/access"
)

// Password is a user's argon2id hash; empty when there is none.
func (s *Store) Password(ctx context.Context, user int64) (string, error) {
	var phc string
	_, err := s.ask(ctx).one(ctx, "SELECT phc FROM password WHERE account = ?", user).into(&phc)
	return phc, s.plain(ctx, "read a password in", err)
}

// SetPassword keeps the hash of a user's password, or takes it away.
func (s *Store) SetPassword(ctx context.Context, user int64, phc string, at time.Time) error {
	return s.change(ctx, "set a password in", func(c conn) error {
		if phc == "" {
			return c.run(ctx, "DELETE FROM password WHERE account = ?", user)
		}
		return c.run(ctx, "INSERT INTO password (account, phc, at) VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE SET phc = excluded.phc, at = excluded.at", user, phc, stamped(at))
	})
}

const passkeyColumns = "id, account, handle, name, record, count, made, used"

func readPasskey(scan scanner) (p access.Passkey, err error) {
	var made, used string
	if err := scan(&p.ID, &p.User, &p.Handle, &p.Name, &p.Record, &p.Count, &made, &used); err != nil {
		return p, err
	}
	return p, moments([]string{made, used}, &p.Made, &p.Used)
}

// Passkeys lists a user's, oldest first.
func (s *Store) Passkeys(ctx context.Context, user int64) ([]access.Passkey, error) {
	out, err := all(ctx, s.ask(ctx), readPasskey, "SELECT "+passkeyColumns+" FROM passkey WHERE account = ? ORDER BY made, id", user)
	return out, s.plain(ctx, "read passkeys in", err)
}

// Passkey is one by its credential's id, or access.ErrNoPasskey.
func (s *Store) Passkey(ctx context.Context, id []byte) (access.Passkey, error) {
	p, found, err := first(ctx, s.ask(ctx), readPasskey, "SELECT "+passkeyColumns+" FROM passkey WHERE id = ?", id)
	if err == nil && !found {
		return p, access.ErrNoPasskey
	}
	return p, s.plain(ctx, "read a passkey in", err)
}

// AddPasskey keeps a new one, or returns access.ErrTaken.
func (s *Store) AddPasskey(ctx context.Context, p access.Passkey) error {
	return s.change(ctx, "add a passkey to", func(c conn) error {
		err := c.run(ctx, "INSERT INTO passkey ("+passkeyColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			bytes(p.ID), p.User, bytes(p.Handle), p.Name, bytes(p.Record), int64(p.Count), stamped(p.Made), stamped(p.Used))
		if s.taken(err) {
			return access.ErrTaken
		}
		return err
	})
}

// bytes is never NULL.
func bytes(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// UsePasskey keeps what changed in a passkey that was used.
func (s *Store) UsePasskey(ctx context.Context, p access.Passkey) error {
	return s.change(ctx, "use a passkey in", func(c conn) error {
		return some(access.ErrNoPasskey)(c.exec(ctx, "UPDATE passkey SET record = ?, count = ?, used = ? WHERE id = ?", bytes(p.Record), int64(p.Count), stamped(p.Used), p.ID))
	})
}

// RemovePasskey takes one of a user's away.
func (s *Store) RemovePasskey(ctx context.Context, user int64, id []byte) error {
	return s.change(ctx, "remove a passkey from", func(c conn) error {
		return some(access.ErrNoPasskey)(c.exec(ctx, "DELETE FROM passkey WHERE id = ? AND account = ?", id, user))
	})
}

// some makes an error of having changed no row.
func some(none error) func(n int64, err error) error {
	return func(n int64, err error) error {
		if err == nil && n == 0 {
			return none
		}
		return err
	}
}

// Identity finds whom a provider's subject is, or returns access.ErrNoUser.
func (s *Store) Identity(ctx context.Context, issuer, subject string) (access.Identity, error) {
	i := access.Identity{Issuer: issuer, Subject: subject}
	var made string
	found, err := s.ask(ctx).one(ctx, "SELECT account, made FROM identity WHERE issuer = ? AND subject = ?", issuer, subject).into(&i.User, &made)
	if err != nil {
		return i, s.plain(ctx, "read an identity in", err)
	}
	if !found {
		return i, access.ErrNoUser
	}
	i.Made, err = moment(made)
	return i, err
}

// AddIdentity keeps whom a provider's subject is, or returns access.ErrTaken.
func (s *Store) AddIdentity(ctx context.Context, i access.Identity) error {
	return s.change(ctx, "add an identity to", func(c conn) error {
		err := c.run(ctx, "INSERT INTO identity (issuer, subject, account, made) VALUES (?, ?, ?, ?)", i.Issuer, i.Subject, i.User, stamped(i.Made))
		if s.taken(err) {
			return access.ErrTaken
		}
		return err
	})
}
