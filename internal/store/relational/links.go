package relational

import (
	"context"
	"encoding/json"
	"time"

	"github.com/throughline/throughline/internal/access"
)

const linkColumns = "hash, kind, account, who, data, made, until"

func readLink(scan scanner) (l access.Link, err error) {
	var made, until string
	if err := scan(&l.Hash, &l.Kind, &l.User, &l.By, &l.Data, &made, &until); err != nil {
		return l, err
	}
	return l, moments([]string{made, until}, &l.Made, &l.Until)
}

// AddLink keeps a one-time secret.
func (s *Store) AddLink(ctx context.Context, l access.Link) error {
	return s.change(ctx, "add a link to", func(c conn) error {
		return c.run(ctx, "INSERT INTO link ("+linkColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
			bytes(l.Hash), l.Kind, l.User, l.By, bytes(l.Data), stamped(l.Made), stamped(l.Until))
	})
}

// Link looks at a one-time secret without using it, or returns access.ErrNoLink.
func (s *Store) Link(ctx context.Context, hash []byte) (access.Link, error) {
	l, found, err := first(ctx, s.ask(ctx), readLink, "SELECT "+linkColumns+" FROM link WHERE hash = ?", hash)
	if err == nil && !found {
		return l, access.ErrNoLink
	}
	return l, s.plain(ctx, "read a link in", err)
}

// UseLink takes a link away and returns it; of several at once, one gets it.
func (s *Store) UseLink(ctx context.Context, hash []byte) (l access.Link, err error) {
	err = s.change(ctx, "use a link in", func(c conn) error {
		var found bool
		l, found, err = first(ctx, c, readLink, "DELETE FROM link WHERE hash = ? RETURNING "+linkColumns, hash)
		if err == nil && !found {
			return access.ErrNoLink
		}
		return err
	})
	return l, err
}

// EndLinks ends a user's links of some kinds, or all when none is named.
func (s *Store) EndLinks(ctx context.Context, user int64, kinds ...access.LinkKind) error {
	return s.change(ctx, "end links in", func(c conn) error {
		args := []any{user}
		for _, kind := range kinds {
			args = append(args, kind)
		}
		return c.run(ctx, "DELETE FROM link WHERE account = ?"+among("kind", len(kinds)), args...)
	})
}

const tokenColumns = "id, hash, account, name, scopes, made, until, used, revoked"

func readToken(scan scanner) (t access.Token, err error) {
	var scopes, made, until, used, revoked string
	if err := scan(&t.ID, &t.Hash, &t.User, &t.Name, &scopes, &made, &until, &used, &revoked); err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(scopes), &t.Scopes); err != nil {
		return t, err
	}
	return t, moments([]string{made, until, used, revoked}, &t.Made, &t.Until, &t.Used, &t.Revoked)
}

// AddToken keeps an API token and returns its number.
func (s *Store) AddToken(ctx context.Context, t access.Token) (id int64, err error) {
	scopes, err := json.Marshal(t.Scopes)
	if err != nil {
		return 0, err
	}
	err = s.change(ctx, "add a token to", func(c conn) error {
		id, err = c.insert(ctx, "INSERT INTO token (hash, account, name, scopes, made, until, used, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			bytes(t.Hash), t.User, t.Name, string(scopes), stamped(t.Made), stamped(t.Until), stamped(t.Used), stamped(t.Revoked))
		return err
	})
	return id, err
}

// Token finds one by its hash, or returns access.ErrNoToken.
func (s *Store) Token(ctx context.Context, hash []byte) (access.Token, error) {
	t, found, err := first(ctx, s.ask(ctx), readToken, "SELECT "+tokenColumns+" FROM token WHERE hash = ?", hash)
	if err == nil && !found {
		return t, access.ErrNoToken
	}
	return t, s.plain(ctx, "read a token in", err)
}

// Tokens lists a user's, or everybody's for 0, newest first.
func (s *Store) Tokens(ctx context.Context, user int64) ([]access.Token, error) {
	where, args := "", []any{}
	if user != 0 {
		where, args = " WHERE account = ?", append(args, user)
	}
	out, err := all(ctx, s.ask(ctx), readToken, "SELECT "+tokenColumns+" FROM token"+where+" ORDER BY id DESC", args...)
	return out, s.plain(ctx, "read tokens in", err)
}

// UseToken keeps when a token was last used.
func (s *Store) UseToken(ctx context.Context, id int64, at time.Time) error {
	return s.change(ctx, "use a token in", func(c conn) error {
		return c.run(ctx, "UPDATE token SET used = ? WHERE id = ?", stamped(at), id)
	})
}

// RevokeToken revokes a token; one that is revoked keeps its time.
func (s *Store) RevokeToken(ctx context.Context, id int64, at time.Time) error {
	return s.change(ctx, "revoke a token in", func(c conn) error {
		return some(access.ErrNoToken)(c.exec(ctx, "UPDATE token SET revoked = CASE WHEN revoked = '' THEN ? ELSE revoked END WHERE id = ?", stamped(at), id))
	})
}
