package access

import (
	"context"
	"errors"
	"slices"
	"time"
)

// lasting is how long links of a kind can be used.
var lasting = map[LinkKind]time.Duration{
	FirstLink:       24 * time.Hour,
	InvitationLink:  7 * 24 * time.Hour,
	ResetLink:       24 * time.Hour,
	SignInLink:      time.Hour,
	passkeyAdding:   10 * time.Minute,
	passkeySigning:  10 * time.Minute,
	providerSigning: 10 * time.Minute,
}

// Lasting is how long a link of a kind can be used.
func Lasting(kind LinkKind) time.Duration { return lasting[kind] }

// FirstLink makes the secret of the link by which the first administrator
// comes in. ErrNotFirst when there is one already.
func (g *Gate) FirstLink(ctx context.Context) (secret string, err error) {
	err = g.Together(ctx, func(ctx context.Context) error {
		if err := g.unclaimed(ctx); err != nil {
			return err
		}
		secret, err = g.link(ctx, Link{Kind: FirstLink})
		return err
	})
	return secret, err
}

func (g *Gate) unclaimed(ctx context.Context) error {
	all, err := g.Store.Users(ctx)
	if err == nil && slices.ContainsFunc(all, User.administers) {
		err = ErrNotFirst
	}
	return err
}

// NewLink makes the secret of a one-time link for a user, in place of older
// ones of its kind. By is who asked for it; 0: the command line.
func (g *Gate) NewLink(ctx context.Context, by, user int64, kind LinkKind) (secret string, err error) {
	if kind != InvitationLink && kind != ResetLink && kind != SignInLink {
		return "", &Refusal{Field: "kind", What: "there is no link of this kind for a user"}
	}
	err = g.Together(ctx, func(ctx context.Context) error {
		u, err := g.Store.User(ctx, user)
		if err != nil {
			return err
		}
		if u.Disabled {
			return &Refusal{Field: "user", What: "this user is disabled", Do: "enable them first"}
		}
		if err := g.Store.EndLinks(ctx, user, kind); err != nil {
			return err
		}
		if secret, err = g.link(ctx, Link{Kind: kind, User: user, By: by}); err != nil {
			return err
		}
		return g.Record(ctx, Entry{Who: by, What: "link made", Object: object("user", user), Detail: Detail(map[string]any{"kind": kind})})
	})
	return secret, err
}

func (g *Gate) link(ctx context.Context, l Link) (secret string, err error) {
	if secret, err = g.secret(); err != nil {
		return "", err
	}
	l.Hash, l.Made = kept(secret), g.now()
	l.Until = l.Made.Add(lasting[l.Kind])
	return secret, g.Store.AddLink(ctx, l)
}

// Link looks at a link without using it, so that a page can ask what to do
// with it, and no mail program that follows links uses it up. ErrNoLink.
func (g *Gate) Link(ctx context.Context, secret string) (Link, User, error) {
	l, err := g.Store.Link(ctx, kept(secret))
	if err != nil {
		return Link{}, User{}, err
	}
	if l.handshake() || !g.now().Before(l.Until) {
		return Link{}, User{}, ErrNoLink
	}
	if l.User == 0 {
		return l, User{}, nil
	}
	u, err := g.Store.User(ctx, l.User)
	if err == nil && u.Disabled {
		err = ErrNoLink
	}
	return l, u, err
}

func (l Link) handshake() bool {
	return l.Kind == passkeyAdding || l.Kind == passkeySigning || l.Kind == providerSigning
}

// Chosen is what whoever opens a link chooses.
type Chosen struct {
	Email, Name string // the first administrator's alone
	Password    string // may be empty with a sign-in link
	KeepTokens  bool   // with a reset link: API tokens go on
}

// Redeem uses a link: it makes the first administrator, or sets the chosen
// password, and signs in. What is refused leaves the link as it was.
func (g *Gate) Redeem(ctx context.Context, secret string, c Chosen, from Origin) (token string, s Session, err error) {
	l, u, err := g.Link(ctx, secret)
	if err != nil {
		return "", s, err
	}
	if l.Kind == FirstLink {
		if u, err = first(c); err != nil {
			return "", s, err
		}
	}
	var phc string
	if l.Kind != SignInLink || c.Password != "" {
		if err := g.choosable(c.Password, u.Email); err != nil {
			return "", s, err
		}
		if phc, err = g.hash(ctx, c.Password); err != nil {
			return "", s, err
		}
	}
	return g.redeem(ctx, secret, u, c, from, func(ctx context.Context, user int64) error {
		if phc == "" {
			return nil
		}
		return g.Store.SetPassword(ctx, user, phc, g.now())
	})
}

// founding are the first user's roles: whoever sets the program up also closes
// the books, until they invite others.
var founding = []Role{Administrator, ProgramLead}

func first(c Chosen) (User, error) {
	return User{Email: c.Email, Name: c.Name, Roles: founding}.tidy()
}

// redeem uses a link up, lets keep store what the user will sign in by from
// now on, and signs in.
func (g *Gate) redeem(ctx context.Context, secret string, u User, c Chosen, from Origin, keep func(ctx context.Context, user int64) error) (token string, s Session, err error) {
	err = g.Together(ctx, func(ctx context.Context) error {
		l, err := g.Store.UseLink(ctx, kept(secret))
		if err != nil {
			return err
		}
		switch l.Kind {
		case FirstLink:
			if err := g.unclaimed(ctx); err != nil {
				return err
			}
			if u, err = g.Store.AddUser(ctx, UserVersion{User: u, At: g.now()}); err != nil {
				return err
			}
			if err := g.Record(ctx, Entry{Who: u.ID, What: "user added", Object: object("user", u.ID), Detail: Detail(map[string]any{"roles": u.Roles, "first": true})}); err != nil {
				return err
			}
		case ResetLink:
			if err := g.startAnew(ctx, u.ID, c.KeepTokens); err != nil {
				return err
			}
		}
		if err := keep(ctx, u.ID); err != nil {
			return err
		}
		token, s, err = g.admit(ctx, u, "link", from, map[string]any{"link": l.Kind})
		return err
	})
	return token, s, err
}

// startAnew ends whatever signs in as a user, because somebody else may have
// it: sessions, known devices, the password, passkeys, and API tokens, unless
// they shall go on.
func (g *Gate) startAnew(ctx context.Context, user int64, keepTokens bool) error {
	if err := g.putOut(ctx, user); err != nil {
		return err
	}
	if err := g.Store.SetPassword(ctx, user, "", g.now()); err != nil {
		return err
	}
	keys, err := g.Store.Passkeys(ctx, user)
	if err != nil {
		return err
	}
	for _, p := range keys {
		if err := g.Store.RemovePasskey(ctx, user, p.ID); err != nil {
			return err
		}
	}
	revoked := 0
	if !keepTokens {
		if revoked, err = g.revokeAll(ctx, user); err != nil {
			return err
		}
	}
	return g.Record(ctx, Entry{Who: user, What: "earlier ways in ended", Object: object("user", user), Detail: Detail(map[string]any{"passkeys": len(keys), "tokens_revoked": revoked})})
}

// finish takes back what a browser's handshake had to remember, once.
func (g *Gate) finish(ctx context.Context, secret string, kind LinkKind) (Link, error) {
	l, err := g.Store.UseLink(ctx, kept(secret))
	switch {
	case err != nil:
		return Link{}, err
	case l.Kind != kind || !g.now().Before(l.Until):
		return Link{}, ErrNoLink
	}
	return l, nil
}

// ChangePassword sets a user's password. The old one is asked for, and tries
// at it are counted as those of signing in are; a user without one must have
// signed in freshly. All other sessions end.
func (g *Gate) ChangePassword(ctx context.Context, s Session, old, chosen string) error {
	stored, err := g.Store.Password(ctx, s.User.ID)
	if err != nil {
		return err
	}
	switch {
	case stored == "" && !g.Fresh(s):
		return ErrNotFresh
	case stored != "":
		if err := g.prove(ctx, s, old, stored); err != nil {
			return err
		}
	}
	if err := g.choosable(chosen, s.User.Email); err != nil {
		return err
	}
	phc, err := g.hash(ctx, chosen)
	if err != nil {
		return err
	}
	return g.Together(ctx, func(ctx context.Context) error {
		if err := g.Store.SetPassword(ctx, s.User.ID, phc, g.now()); err != nil {
			return err
		}
		if err := g.endOthers(ctx, s); err != nil {
			return err
		}
		return g.Record(ctx, Entry{Who: s.User.ID, What: "password changed", Object: object("user", s.User.ID)})
	})
}

// ErrNotFresh is returned when what is asked for needs a fresh signing in.
var ErrNotFresh = errors.New("sign in again first: this asks that you have signed in during the last minutes")

// prove asks for the password of whoever is signed in.
func (g *Gate) prove(ctx context.Context, s Session, password, stored string) error {
	guards := []guarded{devicePace.under("session of", object("user", s.User.ID))}
	if err := g.reserve(ctx, guards); err != nil {
		return err
	}
	is, _, err := g.right(ctx, password, stored)
	if err != nil {
		return err
	}
	if !is {
		return &Refusal{Field: "old", What: "this is not your password"}
	}
	_, err = g.forgive(ctx, guards)
	return err
}

func (g *Gate) endOthers(ctx context.Context, s Session) error {
	all, err := g.Store.Sessions(ctx, s.User.ID)
	if err != nil {
		return err
	}
	var others []int64
	for _, o := range all {
		if o.ID != s.ID {
			others = append(others, o.ID)
		}
	}
	if len(others) == 0 {
		return nil
	}
	return g.Store.EndSessions(ctx, s.User.ID, others...)
}
