package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// How long things last.
const (
	SessionIdle  = 8 * time.Hour        // a session that is not used ends after this
	SessionLimit = 7 * 24 * time.Hour   // a session ends after this however much it is used
	DeviceLimit  = 180 * 24 * time.Hour // a browser that is not signed in from is forgotten after this
	FreshFor     = 15 * time.Minute     // for so long after signing in may passkeys and tokens be made
)

// SignIn opens a session by mail address and password. It returns ErrWrong
// whether the address or the password is, and *Locked when there were too
// many wrong tries from that network or browser.
func (g *Gate) SignIn(ctx context.Context, email, password string, from Origin) (token string, s Session, err error) {
	email = mail(email)
	u, stored, err := g.claimed(ctx, email)
	if err != nil {
		return "", s, err
	}
	device, err := g.known(ctx, u, from)
	if err != nil {
		return "", s, err
	}
	guards := g.guards(email, device, from)
	if err := g.reserve(ctx, guards); err != nil {
		return "", s, err
	}
	is, renew, err := g.right(ctx, password, stored)
	switch {
	case err != nil:
		return "", s, err
	case !is:
		return "", s, errors.Join(g.notice(ctx, u, guards[0]), ErrWrong)
	}
	wrong, err := g.forgive(ctx, guards)
	if err != nil {
		return "", s, err
	}
	if renew {
		if stored, err = g.hash(ctx, password); err != nil {
			return "", s, err
		}
		if err := g.Store.SetPassword(ctx, u.ID, stored, g.now()); err != nil {
			return "", s, err
		}
	}
	return g.admit(ctx, u, "password", from, map[string]any{"wrong_tries": wrong})
}

// claimed finds whom a mail address belongs to and their password. Nobody
// there, nobody enabled and no password all give an empty hash.
func (g *Gate) claimed(ctx context.Context, email string) (u User, stored string, err error) {
	u, err = g.Store.UserByEmail(ctx, email)
	if errors.Is(err, ErrNoUser) || err == nil && u.Disabled {
		return User{}, "", nil
	}
	if err != nil {
		return u, "", err
	}
	stored, err = g.Store.Password(ctx, u.ID)
	return u, stored, err
}

// known is the device that the browser shows, when it is one of the user's.
func (g *Gate) known(ctx context.Context, u User, from Origin) (Device, error) {
	if u.ID == 0 {
		return Device{}, nil
	}
	d, err := g.shown(ctx, from)
	if d.User != u.ID {
		return Device{}, err
	}
	return d, err
}

// KnownAs is the user who signed in from this browser last, as far as it is
// known; 0: nobody. It proves nothing about who sits before it.
func (g *Gate) KnownAs(ctx context.Context, from Origin) (user int64, err error) {
	d, err := g.shown(ctx, from)
	return d.User, err
}

// shown is the device that the browser shows, whosever it is; zero when there
// is none, or it was not seen for too long.
func (g *Gate) shown(ctx context.Context, from Origin) (Device, error) {
	if from.Device == "" {
		return Device{}, nil
	}
	d, ok, err := g.Store.Device(ctx, kept(from.Device))
	if err != nil || !ok || d.Seen.Add(DeviceLimit).Before(g.now()) {
		return Device{}, err
	}
	return d, nil
}

// notice records that tries at an account begin to be slowed: once, not with
// every try, so that nobody can fill the log.
func (g *Gate) notice(ctx context.Context, u User, k guarded) error {
	t, err := g.Store.Tally(ctx, k.key)
	if err != nil || u.ID == 0 || t.Count/one != k.free {
		return err
	}
	return g.Record(ctx, Entry{What: "tries slowed", Object: object("user", u.ID), Detail: Detail(map[string]any{"wrong_tries": t.Count / one, "counted_by": k.name})})
}

// admit opens a session for a user who has shown who they are.
func (g *Gate) admit(ctx context.Context, u User, method string, from Origin, detail map[string]any) (token string, s Session, err error) {
	token, err = g.secret()
	if err != nil {
		return "", s, err
	}
	now := g.now()
	s = Session{Hash: kept(token), User: u, At: now, Seen: now, Until: now.Add(SessionLimit), Method: method, Agent: browser(from.Agent), Place: place(from.Address)}
	err = g.Together(ctx, func(ctx context.Context) error {
		if s.Device, s.NewDevice, err = g.remember(ctx, u, from); err != nil {
			return err
		}
		if from.Session != "" {
			if err := g.end(ctx, from.Session); err != nil {
				return err
			}
		}
		if s.ID, err = g.Store.AddSession(ctx, s); err != nil {
			return err
		}
		if detail == nil {
			detail = map[string]any{}
		}
		detail["method"] = method
		return g.Record(ctx, Entry{Who: u.ID, What: "signed in", Object: object("session", s.ID), Detail: Detail(detail)})
	})
	if err != nil {
		return "", Session{}, err
	}
	return token, s, nil
}

// remember makes the browser a known device, or sees it again.
func (g *Gate) remember(ctx context.Context, u User, from Origin) (id int64, secret string, err error) {
	d, err := g.known(ctx, u, from)
	if err != nil {
		return 0, "", err
	}
	now := g.now()
	if d.ID != 0 {
		return d.ID, "", g.Store.SeeDevice(ctx, d.ID, now)
	}
	if secret, err = g.secret(); err != nil {
		return 0, "", err
	}
	id, err = g.Store.AddDevice(ctx, Device{Hash: kept(secret), User: u.ID, Made: now, Seen: now})
	return id, secret, err
}

// browser says which browser it is in few words, which is all that the list
// of sessions needs to be told apart.
func browser(agent string) string {
	find := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	name := find([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Firefox", "Firefox"}, [2]string{"Chrom", "Chrome"}, [2]string{"Safari", "Safari"}, [2]string{"curl", "curl"})
	system := find([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Windows", "Windows"}, [2]string{"Mac OS", "macOS"}, [2]string{"CrOS", "ChromeOS"}, [2]string{"Linux", "Linux"})
	switch {
	case name == "":
		return ""
	case system == "":
		return name
	}
	return name + ", " + system
}

// object names what an entry is about.
func object(kind string, id int64) string { return fmt.Sprintf("%s %d", kind, id) }
