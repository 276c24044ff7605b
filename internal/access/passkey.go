package access

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrNoCeremony is returned when there are no passkeys here, because the
// server has no name that they could be bound to.
var ErrNoCeremony = errors.New("passkeys are not set up: they need the server to be reached by a name over HTTPS, or by localhost")

// ErrNotProven is returned when a passkey's or a provider's answer does not
// prove what it should.
var ErrNotProven = errors.New("the answer does not prove who you are; begin again")

// making is what has to be remembered while a passkey is made.
type making struct {
	Handle []byte          `json:"handle"`
	State  json.RawMessage `json:"state"`
	Link   []byte          `json:"link,omitempty"` // hash of the link that is being redeemed by it
	Email  string          `json:"email,omitempty"`
	Name   string          `json:"name,omitempty"`
	anew   bool            // a device that has a passkey may make another in its place
}

// BeginPasskey starts to make a passkey for whoever is signed in: options are
// for the browser, handshake comes back with its response. It needs a fresh
// session.
func (g *Gate) BeginPasskey(ctx context.Context, s Session) (options []byte, handshake string, err error) {
	if !g.Fresh(s) {
		return nil, "", ErrNotFresh
	}
	return g.beginPasskey(ctx, s.User, making{})
}

// BeginPasskeyByLink is BeginPasskey for whoever redeems a link by a passkey
// in place of a password. The link stays as it is until the passkey is made.
func (g *Gate) BeginPasskeyByLink(ctx context.Context, secret string, c Chosen) (options []byte, handshake string, err error) {
	l, u, err := g.Link(ctx, secret)
	if err != nil {
		return nil, "", err
	}
	m := making{Link: l.Hash, anew: l.Kind == ResetLink}
	if l.Kind == FirstLink {
		if u, err = first(c); err != nil {
			return nil, "", err
		}
		m.Email, m.Name = u.Email, u.Name
	}
	return g.beginPasskey(ctx, u, m)
}

func (g *Gate) beginPasskey(ctx context.Context, u User, m making) (options []byte, handshake string, err error) {
	if g.Ceremony == nil {
		return nil, "", ErrNoCeremony
	}
	var have []Passkey
	if u.ID != 0 {
		if have, err = g.Store.Passkeys(ctx, u.ID); err != nil {
			return nil, "", err
		}
	}
	if len(have) > 0 {
		m.Handle = have[0].Handle
	} else if m.Handle, err = g.random(32); err != nil {
		return nil, "", err
	}
	if m.anew {
		have = nil
	}
	options, m.State, err = g.Ceremony.Create(u, m.Handle, have)
	if err != nil {
		return nil, "", err
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, "", err
	}
	handshake, err = g.link(ctx, Link{Kind: passkeyAdding, User: u.ID, Data: data})
	return options, handshake, err
}

// made checks the browser's response against what was begun.
func (g *Gate) made(ctx context.Context, handshake, name string, response []byte) (p Passkey, u User, m making, err error) {
	if g.Ceremony == nil {
		return p, u, m, ErrNoCeremony
	}
	l, err := g.finish(ctx, handshake, passkeyAdding)
	if err != nil {
		return p, u, m, err
	}
	if err := json.Unmarshal(l.Data, &m); err != nil {
		return p, u, m, err
	}
	u = User{Email: m.Email, Name: m.Name, Roles: founding}
	if l.User != 0 {
		if u, err = g.Store.User(ctx, l.User); err != nil {
			return p, u, m, err
		}
	}
	if p, err = g.Ceremony.Created(u, m.Handle, m.State, response); err != nil {
		return p, u, m, errors.Join(ErrNotProven, err)
	}
	p.Handle, p.Made, p.Name = m.Handle, g.now(), label(name)
	return p, u, m, nil
}

// label keeps what a user calls a passkey short and printable.
func label(name string) string {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name))
	if name == "" {
		name = "Passkey"
	}
	for utf8.RuneCountInString(name) > 100 {
		name = name[:len(name)/2]
	}
	return strings.ToValidUTF8(name, "")
}

// FinishPasskey keeps the passkey that was begun with BeginPasskey.
func (g *Gate) FinishPasskey(ctx context.Context, s Session, handshake, name string, response []byte) error {
	p, u, m, err := g.made(ctx, handshake, name, response)
	if err != nil {
		return err
	}
	if u.ID != s.User.ID || m.Link != nil {
		return ErrNotProven
	}
	return g.Together(ctx, func(ctx context.Context) error { return g.keepPasskey(ctx, u.ID, p) })
}

func (g *Gate) keepPasskey(ctx context.Context, user int64, p Passkey) error {
	p.User = user
	if err := g.Store.AddPasskey(ctx, p); err != nil {
		return err
	}
	return g.Record(ctx, Entry{Who: user, What: "passkey added", Object: object("user", user)})
}

// Response is what a browser answers when a passkey is made.
type Response struct {
	Handshake  string
	Credential []byte // as the browser has it
	KeepTokens bool   // with a reset link: API tokens go on
}

// FinishPasskeyByLink keeps the passkey that was begun with
// BeginPasskeyByLink, uses the link up and signs in.
func (g *Gate) FinishPasskeyByLink(ctx context.Context, secret string, r Response, from Origin) (token string, s Session, err error) {
	p, u, m, err := g.made(ctx, r.Handshake, browser(from.Agent), r.Credential)
	if err != nil {
		return "", s, err
	}
	if !bytes.Equal(m.Link, kept(secret)) {
		return "", s, ErrNotProven
	}
	if _, _, err := g.Link(ctx, secret); err != nil {
		return "", s, err
	}
	return g.redeem(ctx, secret, u, Chosen{KeepTokens: r.KeepTokens}, from, func(ctx context.Context, user int64) error { return g.keepPasskey(ctx, user, p) })
}

// BeginPasskeySignIn asks the browser for any passkey that it has for us.
func (g *Gate) BeginPasskeySignIn(ctx context.Context, from Origin) (options []byte, handshake string, err error) {
	if g.Ceremony == nil {
		return nil, "", ErrNoCeremony
	}
	if err := g.reserve(ctx, []guarded{handshakePace.under(Network(from.Address))}); err != nil {
		return nil, "", err
	}
	options, state, err := g.Ceremony.Ask()
	if err != nil {
		return nil, "", err
	}
	handshake, err = g.link(ctx, Link{Kind: passkeySigning, Data: state})
	return options, handshake, err
}

// FinishPasskeySignIn opens a session for whoever answered. There is nothing
// to guess here, so nothing is slowed.
func (g *Gate) FinishPasskeySignIn(ctx context.Context, handshake string, response []byte, from Origin) (token string, s Session, err error) {
	if g.Ceremony == nil {
		return "", s, ErrNoCeremony
	}
	l, err := g.finish(ctx, handshake, passkeySigning)
	if err != nil {
		return "", s, err
	}
	var u User
	p, err := g.Ceremony.Answered(l.Data, response, func(id []byte) (User, Passkey, error) {
		p, err := g.Store.Passkey(ctx, id)
		if err != nil {
			return User{}, p, err
		}
		u, err = g.Store.User(ctx, p.User)
		return u, p, err
	})
	if err != nil {
		return "", s, errors.Join(ErrNotProven, err)
	}
	if u.Disabled {
		return "", s, ErrNotProven
	}
	p.Used = g.now()
	if err := g.Store.UsePasskey(ctx, p); err != nil {
		return "", s, err
	}
	return g.admit(ctx, u, "passkey", from, nil)
}

// Passkeys lists a user's passkeys, oldest first.
func (g *Gate) Passkeys(ctx context.Context, user int64) ([]Passkey, error) {
	return g.Store.Passkeys(ctx, user)
}

// RemovePasskey takes one of the user's passkeys away. The last way to sign
// in is not taken away.
func (g *Gate) RemovePasskey(ctx context.Context, s Session, id []byte) error {
	return g.Together(ctx, func(ctx context.Context) error {
		have, err := g.Store.Passkeys(ctx, s.User.ID)
		if err != nil {
			return err
		}
		stored, err := g.Store.Password(ctx, s.User.ID)
		if err != nil {
			return err
		}
		if len(have) == 1 && stored == "" && bytes.Equal(have[0].ID, id) {
			return &Refusal{Field: "passkey", What: "this is the only way in that you have", Do: "set a password or make another passkey first"}
		}
		if err := g.Store.RemovePasskey(ctx, s.User.ID, id); err != nil {
			return err
		}
		return g.Record(ctx, Entry{Who: s.User.ID, What: "passkey removed", Object: object("user", s.User.ID)})
	})
}

// HasPassword tells whether a user can sign in by a password.
func (g *Gate) HasPassword(ctx context.Context, user int64) (bool, error) {
	stored, err := g.Store.Password(ctx, user)
	return stored != "", err
}
