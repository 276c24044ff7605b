// Package access owns who may come in and what they may do: users, their
// roles and rights, passwords, sessions, one-time links, passkeys and
// identities as they are kept, API tokens, the slowing of guesses, and the
// audit log. It does not own how any of it is stored (a store satisfies the
// ports of ports.go), how a passkey or an identity provider is spoken to
// (internal/sign does), nor any page.
//
// The invariant: no secret that this package hands out is kept. Of session,
// link, device and API tokens only SHA-256 is stored, of passwords only an
// argon2id hash, and neither they nor an address or a name ever enters an
// error, a log or the audit log.
package access

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// User is a person with an account. Users are never deleted, so that the
// audit log's ids keep their meaning: they are disabled, and erasing one
// empties Email, Name and PersonID.
type User struct {
	ID         int64
	Email      string // lower case; unique among all users
	Name       string
	Roles      []Role // sorted
	Department string // levels are parted by "/": Care/Phone is below Care
	Manager    int64  // a user; 0: none
	PersonID   string // who this is in the book of people; empty: unknown
	Locale     string // empty: as the browser asks
	Disabled   bool
	Version    int64 // goes up by one with every change
	Created    time.Time
}

// May tells whether one of the user's roles gives a right. The zero User is
// nobody, who has only Anyone.
func (u User) May(r Right) bool {
	if r == Anyone {
		return true
	}
	if u.ID == 0 || u.Disabled {
		return false
	}
	return r == OwnAccount || slices.ContainsFunc(u.Roles, func(role Role) bool { return slices.Contains(grants[role], r) })
}

// Has tells whether the user has a role.
func (u User) Has(role Role) bool { return slices.Contains(u.Roles, role) }

// UserVersion is a user as of one version, with who made it so and when.
type UserVersion struct {
	User
	By int64 // 0: the command line
	At time.Time
}

// Session is one signed-in browser.
type Session struct {
	ID     int64
	Hash   []byte // SHA-256 of the token
	User   User
	At     time.Time // signed in
	Seen   time.Time // last used, to about a minute
	Until  time.Time // ends then, however much it is used
	Method string    // password, passkey, oidc or link
	Agent  string    // which browser, in few words
	Place  string    // network that it was opened from, without the last part of the address
	Device int64     // the known device; 0: none

	// NewDevice is the secret of the cookie by which this browser will be
	// known again. Only signing in sets it, and no store keeps it.
	NewDevice string
}

// Device is a browser that a user has signed in from, so that guesses made
// elsewhere do not slow the user there.
type Device struct {
	ID   int64
	Hash []byte // SHA-256 of the cookie
	User int64
	Made time.Time
	Seen time.Time
}

// LinkKind is what a one-time secret is for.
type LinkKind string

// The kinds of links, and of the handshakes that a browser is in the middle of.
const (
	FirstLink       LinkKind = "first"        // makes the first administrator
	InvitationLink  LinkKind = "invitation"   // a new user chooses a password or a passkey
	ResetLink       LinkKind = "reset"        // the same for a user who has lost theirs; ends all sessions
	SignInLink      LinkKind = "sign-in"      // signs in, once
	passkeyAdding   LinkKind = "passkey"      // a passkey is being made
	passkeySigning  LinkKind = "passkey-sign" // a passkey is being asked for
	providerSigning LinkKind = "oidc"         // away at the identity provider
)

// Link is a one-time secret.
type Link struct {
	Hash  []byte // SHA-256 of the secret
	Kind  LinkKind
	User  int64  // 0: nobody yet
	By    int64  // who made it; 0: the command line, or the user's own browser
	Data  []byte // what a handshake has to remember
	Made  time.Time
	Until time.Time
}

// Passkey is a WebAuthn credential.
type Passkey struct {
	ID     []byte // the credential's id, unique
	User   int64
	Handle []byte // the random handle by which authenticators know the user
	Name   string // given by the user
	Record []byte // JSON: public key, flags, transports; what internal/sign/passkey needs
	Count  uint32 // signatures, as the authenticator counts them
	Made   time.Time
	Used   time.Time // zero: not yet
}

// Identity ties a user to an identity provider's subject.
type Identity struct {
	Issuer, Subject string // unique together
	User            int64
	Made            time.Time
}

// Scopes are the rights that an API token carries. What a token may do is
// what both its scopes and its user allow.
type Scopes []Right

// May tells whether a scope is among them.
func (s Scopes) May(r Right) bool { return r == Anyone || slices.Contains(s, r) }

// Token is an API token as it is kept.
type Token struct {
	ID      int64
	Hash    []byte // SHA-256 of the bearer text
	User    int64
	Name    string // what it is for
	Scopes  Scopes // sorted
	Made    time.Time
	Until   time.Time // zero: no end
	Used    time.Time // last used, to about a minute; zero: not yet
	Revoked time.Time // zero: not revoked
}

// Tally counts wrong tries under one key, in millionths of a try. The zero
// Tally is none.
type Tally struct {
	Count int
	Last  time.Time // to the microsecond
}

// Errors that callers tell apart. Their texts may be shown.
var (
	ErrWrong      = errors.New("the mail address or the password is wrong")
	ErrNoSession  = errors.New("not signed in, or the session has ended")
	ErrNoLink     = errors.New("this link has been used, has been replaced by a newer one, or is too old")
	ErrNoToken    = errors.New("the API token is unknown, revoked or past its end")
	ErrNoUser     = errors.New("there is no such user")
	ErrNoPasskey  = errors.New("there is no such passkey")
	ErrTaken      = errors.New("another user has this mail address")
	ErrNotInvited = errors.New("nobody has invited this mail address")
	ErrNotFirst   = errors.New("there is an administrator already; ask them for an invitation")
	ErrMayNot     = errors.New("your roles do not allow this")
	// ErrStale is returned by a store when something has been changed or
	// added meanwhile, so that nothing was written.
	ErrStale = errors.New("changed meanwhile")
)

// Locked is returned instead of an answer when there were too many wrong tries.
type Locked struct{ Until time.Time }

func (l *Locked) Error() string {
	return "too many wrong tries; try again at " + l.Until.UTC().Format("15:04:05 MST")
}

// Stale is returned when a user was changed since the version that an edit
// started from.
type Stale struct {
	Now     User          // as it is
	Changes []UserVersion // since, oldest first
}

func (s *Stale) Error() string {
	return "this user was changed meanwhile; look at the changes and save again"
}

// Unwrap makes a Stale an ErrStale.
func (s *Stale) Unwrap() error { return ErrStale }

// Refusal is what cannot be accepted, and what to do instead.
type Refusal struct {
	Field string // the form's or the flag's name: email, password, roles …
	What  string
	Do    string
}

func (r *Refusal) Error() string {
	if r.Do == "" {
		return r.What
	}
	return r.What + "\n  → " + r.Do
}

// mail brings a mail address into the form in which it is kept and compared.
func mail(address string) string { return strings.ToLower(strings.TrimSpace(address)) }
