package access

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// ErrNoProvider is returned when no identity provider is set up.
var ErrNoProvider = errors.New("signing in by an identity provider is not set up")

// Leave begins to sign in by the identity provider: where to send the browser,
// and what it must bring back in a cookie.
func (g *Gate) Leave(ctx context.Context, next string, from Origin) (address, handshake string, err error) {
	if g.Provider == nil {
		return "", "", ErrNoProvider
	}
	if err := g.reserve(ctx, []guarded{handshakePace.under(Network(from.Address))}); err != nil {
		return "", "", err
	}
	h := Handshake{Next: next}
	for _, field := range []*string{&h.State, &h.Nonce, &h.Verifier} {
		if *field, err = g.secret(); err != nil {
			return "", "", err
		}
	}
	if address, err = g.Provider.Away(ctx, h); err != nil {
		return "", "", err
	}
	data, err := json.Marshal(h)
	if err != nil {
		return "", "", err
	}
	handshake, err = g.link(ctx, Link{Kind: providerSigning, Data: data})
	return address, handshake, err
}

// Return is what the browser brings back from the identity provider.
type Return struct {
	Handshake string // from the cookie
	State     string
	Code      string
}

// Arrive opens a session for whoever comes back from the identity provider,
// and tells which page they had asked for.
func (g *Gate) Arrive(ctx context.Context, r Return, from Origin) (token string, s Session, next string, err error) {
	if g.Provider == nil {
		return "", s, "", ErrNoProvider
	}
	l, err := g.finish(ctx, r.Handshake, providerSigning)
	if err != nil {
		return "", s, "", err
	}
	var h Handshake
	if err := json.Unmarshal(l.Data, &h); err != nil {
		return "", s, "", err
	}
	if subtle.ConstantTimeCompare([]byte(h.State), []byte(r.State)) != 1 || r.Code == "" {
		return "", s, "", ErrNotProven
	}
	claims, err := g.Provider.Claims(ctx, r.Code, h)
	if err != nil {
		return "", s, "", errors.Join(ErrNotProven, err)
	}
	var u User
	err = g.Together(ctx, func(ctx context.Context) error {
		u, err = g.recognise(ctx, claims)
		return err
	})
	if err != nil {
		return "", s, "", err
	}
	token, s, err = g.admit(ctx, u, "oidc", from, nil)
	return token, s, h.Next, err
}

// recognise finds whom a provider speaks of: the user that the subject was
// tied to; else a user with the mail address, when the provider has verified
// it; else, by the rule of domains, a new employee.
func (g *Gate) recognise(ctx context.Context, c Claims) (User, error) {
	i, err := g.Store.Identity(ctx, c.Issuer, c.Subject)
	switch {
	case err == nil:
		u, err := g.Store.User(ctx, i.User)
		if err == nil && u.Disabled {
			err = ErrNotInvited
		}
		return u, err
	case !errors.Is(err, ErrNoUser):
		return User{}, err
	case !c.Verified || c.Email == "":
		return User{}, ErrNotInvited
	}
	u, err := g.Store.UserByEmail(ctx, mail(c.Email))
	switch {
	case errors.Is(err, ErrNoUser):
		if u, err = g.byDomain(ctx, c); err != nil {
			return u, err
		}
	case err != nil:
		return u, err
	case u.Disabled:
		return u, ErrNotInvited
	}
	if err := g.Store.AddIdentity(ctx, Identity{Issuer: c.Issuer, Subject: c.Subject, User: u.ID, Made: g.now()}); err != nil {
		return u, err
	}
	return u, g.Record(ctx, Entry{Who: u.ID, What: "identity tied", Object: object("user", u.ID)})
}

func (g *Gate) byDomain(ctx context.Context, c Claims) (User, error) {
	_, domain, _ := strings.Cut(mail(c.Email), "@")
	if !slices.ContainsFunc(g.Domains, func(d string) bool { return mail(d) == domain }) {
		return User{}, ErrNotInvited
	}
	u, err := User{Email: c.Email, Name: c.Name, Roles: []Role{Employee}}.tidy()
	if err != nil {
		return u, ErrNotInvited
	}
	return g.add(ctx, 0, u)
}
