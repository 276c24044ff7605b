package access

import (
	"context"
	"errors"
	"time"
)

// Session finds the session that a cookie's token opens, with its user as
// they are now. ErrNoSession when it has ended, was idle for too long, or its
// user was disabled.
func (g *Gate) Session(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, ErrNoSession
	}
	s, err := g.Store.Session(ctx, kept(token))
	if err != nil {
		return Session{}, err
	}
	now := g.now()
	if s.User.Disabled || !now.Before(s.Until) || now.Sub(s.Seen) >= SessionIdle {
		return Session{}, errors.Join(g.Store.EndSessions(ctx, s.User.ID, s.ID), ErrNoSession)
	}
	if now.Sub(s.Seen) >= time.Minute {
		s.Seen = now
		if err := g.Store.SeeSession(ctx, s.ID, now); err != nil {
			return Session{}, err
		}
	}
	return s, nil
}

// Fresh tells whether the user has signed in so lately that nobody else can
// be sitting there. Making a passkey or a token, or setting a first password,
// asks for it.
func (g *Gate) Fresh(s Session) bool { return g.now().Sub(s.At) < FreshFor }

// Sessions lists a user's sessions that have not ended, newest first.
func (g *Gate) Sessions(ctx context.Context, user int64) ([]Session, error) {
	all, err := g.Store.Sessions(ctx, user)
	if err != nil {
		return nil, err
	}
	now := g.now()
	var out []Session
	for _, s := range all {
		if now.Before(s.Until) && now.Sub(s.Seen) < SessionIdle {
			out = append(out, s)
		}
	}
	return out, nil
}

// SignOut ends the session of a token. One that has ended already is no error.
func (g *Gate) SignOut(ctx context.Context, token string) error {
	return g.Together(ctx, func(ctx context.Context) error { return g.end(ctx, token) })
}

func (g *Gate) end(ctx context.Context, token string) error {
	s, err := g.Store.Session(ctx, kept(token))
	if errors.Is(err, ErrNoSession) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := g.Store.EndSessions(ctx, s.User.ID, s.ID); err != nil {
		return err
	}
	return g.Record(ctx, Entry{Who: s.User.ID, What: "signed out", Object: object("session", s.ID)})
}

// EndSession ends one of a user's own sessions.
func (g *Gate) EndSession(ctx context.Context, user, session int64) error {
	return g.Together(ctx, func(ctx context.Context) error {
		if err := g.Store.EndSessions(ctx, user, session); err != nil {
			return err
		}
		return g.Record(ctx, Entry{Who: user, What: "signed out", Object: object("session", session)})
	})
}

// SignOutEverywhere ends all of a user's sessions and forgets their known
// devices. By is who asked for it.
func (g *Gate) SignOutEverywhere(ctx context.Context, by, user int64) error {
	return g.Together(ctx, func(ctx context.Context) error {
		if err := g.putOut(ctx, user); err != nil {
			return err
		}
		return g.Record(ctx, Entry{Who: by, What: "signed out everywhere", Object: object("user", user)})
	})
}

func (g *Gate) putOut(ctx context.Context, user int64) error {
	if err := g.Store.EndSessions(ctx, user); err != nil {
		return err
	}
	return g.Store.ForgetDevices(ctx, user)
}

// Tidy clears away sessions, links, devices and counts that are over. A
// server calls it once an hour.
func (g *Gate) Tidy(ctx context.Context) error {
	now := g.now()
	return g.Store.Expire(ctx, now, now.Add(-DeviceLimit), now.Add(-14*24*time.Hour))
}

// EndEverything ends every session, link, known device and API token, whoever's
// they are. A restore calls it: what was ended, used up or revoked after the
// backup was taken would open the door once more.
func (g *Gate) EndEverything(ctx context.Context) (revoked int, err error) {
	err = g.Together(ctx, func(ctx context.Context) error {
		ever := g.now().AddDate(100, 0, 0)
		if err := g.Store.Expire(ctx, ever, ever, ever); err != nil {
			return err
		}
		if revoked, err = g.revokeAll(ctx, 0); err != nil {
			return err
		}
		return g.Record(ctx, Entry{What: "restored", Object: "backup", Detail: Detail(map[string]any{"tokens_revoked": revoked})})
	})
	return revoked, err
}
