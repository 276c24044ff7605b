package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// TokenPrefix begins every API token, so that one that was published by
// mistake can be searched for.
const TokenPrefix = "tl_"

// TokenDays is how long a token can last that ends at all.
const TokenDays = 3650

// ParseScopes reads the scopes of a token: names of rights, by commas.
func ParseScopes(text string) (Scopes, error) {
	var out Scopes
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		if !slices.Contains(Scopable(), Right(name)) {
			return nil, &Refusal{Field: "scopes", What: fmt.Sprintf("%q is not a scope", name), Do: "take from " + joined(Scopable())}
		}
		out = append(out, Right(name))
	}
	return out, nil
}

// Scopable are the rights that a token can carry: all but those that need
// nobody, or a person.
func Scopable() []Right {
	var out []Right
	for _, m := range Rights {
		if m.Right != Anyone && m.Right != OwnAccount {
			out = append(out, m.Right)
		}
	}
	return out
}

// NewToken makes an API token for a user and returns its bearer text, which is
// not kept and cannot be had again. Its scopes are rights that the user has.
func (g *Gate) NewToken(ctx context.Context, by int64, t Token) (bearer string, made Token, err error) {
	u, err := g.Store.User(ctx, t.User)
	if err != nil {
		return "", t, err
	}
	t.Name = strings.TrimSpace(t.Name)
	t.Made, t.Until = g.now(), t.Until.UTC().Truncate(time.Microsecond)
	t.Scopes = Scopes(sorted(slices.Clone(t.Scopes)))
	if err := t.sound(u); err != nil {
		return "", t, err
	}
	secret, err := g.secret()
	if err != nil {
		return "", t, err
	}
	bearer = TokenPrefix + secret
	t.Hash = kept(bearer)
	err = g.Together(ctx, func(ctx context.Context) error {
		if t.ID, err = g.Store.AddToken(ctx, t); err != nil {
			return err
		}
		detail := map[string]any{"scopes": t.Scopes, "user": t.User}
		return g.Record(ctx, Entry{Who: by, What: "token made", Object: object("token", t.ID), Detail: Detail(detail)})
	})
	if err != nil {
		return "", Token{}, err
	}
	return bearer, t, nil
}

func (t Token) sound(u User) error {
	switch {
	case u.Disabled:
		return &Refusal{Field: "user", What: "this user is disabled", Do: "enable them first"}
	case t.Name == "" || utf8.RuneCountInString(t.Name) > 100 || strings.ContainsFunc(t.Name, unicode.IsControl):
		return &Refusal{Field: "name", What: "a token needs a name of at most 100 characters", Do: "say what it is for"}
	case len(t.Scopes) == 0:
		return &Refusal{Field: "scopes", What: "a token needs a scope", Do: "choose what it may do"}
	case !t.Until.IsZero() && !t.Until.After(t.Made):
		return &Refusal{Field: "until", What: "the token would have ended already", Do: "choose a later day"}
	case t.Until.After(t.Made.AddDate(0, 0, TokenDays)):
		return &Refusal{Field: "until", What: fmt.Sprintf("the token would last longer than %d days", TokenDays), Do: "choose an earlier day, and make another one then"}
	}
	for _, r := range t.Scopes {
		if !slices.Contains(Scopable(), r) || !u.May(r) {
			return &Refusal{Field: "scopes", What: fmt.Sprintf("the user's roles do not give the right %s", r), Do: "take a scope from " + joined(allowed(u))}
		}
	}
	return nil
}

// allowed are the scopes that a token of the user's can have.
func allowed(u User) []Right {
	return slices.DeleteFunc(Scopable(), func(r Right) bool { return !u.May(r) })
}

// ScopesFor are the scopes that a token of the user's can have, with what they mean.
func ScopesFor(u User) []Meaning {
	return slices.DeleteFunc(slices.Clone(Rights), func(m Meaning) bool { return !slices.Contains(allowed(u), m.Right) })
}

// Token finds whose a bearer text is, and what it may be used for: what both
// the user's roles and the scopes allow. ErrNoToken.
func (g *Gate) Token(ctx context.Context, bearer string) (User, Scopes, error) {
	if !strings.HasPrefix(bearer, TokenPrefix) {
		return User{}, nil, ErrNoToken
	}
	t, err := g.Store.Token(ctx, kept(bearer))
	if err != nil {
		return User{}, nil, err
	}
	now := g.now()
	if !t.Revoked.IsZero() || !t.Until.IsZero() && !now.Before(t.Until) {
		return User{}, nil, ErrNoToken
	}
	u, err := g.Store.User(ctx, t.User)
	if errors.Is(err, ErrNoUser) || err == nil && u.Disabled {
		err = ErrNoToken
	}
	if err != nil {
		return User{}, nil, err
	}
	if now.Sub(t.Used) >= time.Minute {
		if err := g.Store.UseToken(ctx, t.ID, now); err != nil {
			return User{}, nil, err
		}
	}
	return u, slices.DeleteFunc(slices.Clone(t.Scopes), func(r Right) bool { return !u.May(r) }), nil
}

// Tokens lists a user's tokens, newest first; user 0: everybody's.
func (g *Gate) Tokens(ctx context.Context, user int64) ([]Token, error) {
	return g.Store.Tokens(ctx, user)
}

// TokensInForce counts a user's tokens that are neither revoked nor over.
func (g *Gate) TokensInForce(ctx context.Context, user int64) (n int64, err error) {
	all, err := g.Store.Tokens(ctx, user)
	for _, t := range all {
		if t.Revoked.IsZero() && (t.Until.IsZero() || g.now().Before(t.Until)) {
			n++
		}
	}
	return n, err
}

// revokeAll ends every token of a user that is in force; user 0: everybody's.
func (g *Gate) revokeAll(ctx context.Context, user int64) (revoked int, err error) {
	all, err := g.Store.Tokens(ctx, user)
	if err != nil {
		return 0, err
	}
	for _, t := range all {
		if !t.Revoked.IsZero() {
			continue
		}
		if err := g.Store.RevokeToken(ctx, t.ID, g.now()); err != nil {
			return revoked, err
		}
		revoked++
	}
	return revoked, nil
}

// RevokeToken ends a token. Owner is whose it must be; 0: anybody's. ErrNoToken.
func (g *Gate) RevokeToken(ctx context.Context, by, owner, id int64) error {
	return g.Together(ctx, func(ctx context.Context) error {
		all, err := g.Store.Tokens(ctx, owner)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(t Token) bool { return t.ID == id }) {
			return ErrNoToken
		}
		if err := g.Store.RevokeToken(ctx, id, g.now()); err != nil {
			return err
		}
		return g.Record(ctx, Entry{Who: by, What: "token revoked", Object: object("token", id)})
	})
}
