package access

import (
	"context"
	"time"
)

// The ports, by noun. A store satisfies all of them. What they share:
//
//   - times are kept in UTC to the microsecond and come back equal; the zero
//     time comes back zero;
//   - byte slices and texts come back as they were given (an entry's Detail is
//     text, not a database's JSON, which would reorder it);
//   - who is looked for and not there is the named error, nothing else is.

// Store is every port together.
type Store interface {
	Together
	Users
	UserHistory
	Passwords
	Passkeys
	Identities
	Sessions
	Devices
	Links
	Tokens
	Attempts
	Audit
	Expiry
}

// Together makes several writes one.
type Together interface {
	// Together runs do, whose calls with the context that it is given are one
	// transaction: all of them stand, or, when do returns an error, none. A
	// conflict with another process is ErrStale, and may be tried again.
	Together(ctx context.Context, do func(ctx context.Context) error) error
}

// Users keeps users with every version they ever had.
type Users interface {
	Users(ctx context.Context) ([]User, error)                   // by id, the disabled too
	User(ctx context.Context, id int64) (User, error)            // ErrNoUser
	UserByEmail(ctx context.Context, email string) (User, error) // in lower case; ErrNoUser
	// AddUser gives a new user the next id and version 1. ErrTaken.
	AddUser(ctx context.Context, v UserVersion) (User, error)
	// ChangeUser replaces the user whose version is v's and returns it with
	// the next version. ErrStale when it has another one, ErrTaken, ErrNoUser.
	ChangeUser(ctx context.Context, v UserVersion) (User, error)
}

// UserHistory is what Users kept.
type UserHistory interface {
	// UserVersions lists the versions after one, oldest first.
	UserVersions(ctx context.Context, id, after int64) ([]UserVersion, error)
}

// Passwords keeps each user's password as a PHC string.
type Passwords interface {
	Password(ctx context.Context, user int64) (string, error)                    // empty: none
	SetPassword(ctx context.Context, user int64, phc string, at time.Time) error // empty: takes it away
}

// Passkeys keeps WebAuthn credentials.
type Passkeys interface {
	Passkeys(ctx context.Context, user int64) ([]Passkey, error) // oldest first
	Passkey(ctx context.Context, id []byte) (Passkey, error)     // ErrNoPasskey
	AddPasskey(ctx context.Context, p Passkey) error             // ErrTaken when the id is there
	// UsePasskey replaces Record, Count and Used of the passkey with p's id. ErrNoPasskey.
	UsePasskey(ctx context.Context, p Passkey) error
	RemovePasskey(ctx context.Context, user int64, id []byte) error // ErrNoPasskey
}

// Identities keeps whom an identity provider's subjects are.
type Identities interface {
	Identity(ctx context.Context, issuer, subject string) (Identity, error) // ErrNoUser
	AddIdentity(ctx context.Context, i Identity) error                      // ErrTaken when issuer and subject are there
}

// Sessions keeps signed-in browsers.
type Sessions interface {
	AddSession(ctx context.Context, s Session) (int64, error)
	// Session finds one by its hash, with its whole User. ErrNoSession.
	Session(ctx context.Context, hash []byte) (Session, error)
	SeeSession(ctx context.Context, id int64, at time.Time) error
	Sessions(ctx context.Context, user int64) ([]Session, error) // newest first, User.ID alone of the User
	// EndSessions ends those of a user's sessions that are named, or all when
	// none is. A session that is not the user's or not there is passed over.
	EndSessions(ctx context.Context, user int64, ids ...int64) error
}

// Devices keeps the browsers that users have signed in from.
type Devices interface {
	AddDevice(ctx context.Context, d Device) (int64, error)
	Device(ctx context.Context, hash []byte) (Device, bool, error)
	SeeDevice(ctx context.Context, id int64, at time.Time) error
	ForgetDevices(ctx context.Context, user int64) error
}

// Links keeps one-time secrets.
type Links interface {
	AddLink(ctx context.Context, l Link) error
	Link(ctx context.Context, hash []byte) (Link, error) // looks without using; ErrNoLink
	// UseLink takes a link away and returns it: of several that use the same
	// one at once, one gets it and the others ErrNoLink.
	UseLink(ctx context.Context, hash []byte) (Link, error)
	EndLinks(ctx context.Context, user int64, kinds ...LinkKind) error // a user's links of some kinds
}

// Tokens keeps API tokens; revoked ones stay in the list.
type Tokens interface {
	AddToken(ctx context.Context, t Token) (int64, error)
	Token(ctx context.Context, hash []byte) (Token, error)   // ErrNoToken
	Tokens(ctx context.Context, user int64) ([]Token, error) // newest first; user 0: everybody's
	UseToken(ctx context.Context, id int64, at time.Time) error
	RevokeToken(ctx context.Context, id int64, at time.Time) error // ErrNoToken; one that is revoked keeps its time
}

// Attempts counts wrong tries under keys of up to 64 characters.
type Attempts interface {
	Tally(ctx context.Context, key string) (Tally, error) // zero when there is none
	// SwapTally puts next where was is (the zero Tally: nothing is there, or,
	// as next, nothing stays) and tells whether it did. When something else is
	// there, it does nothing.
	SwapTally(ctx context.Context, key string, was, next Tally) (bool, error)
}

// Audit keeps the entries of the audit log, numbered from 1 without gaps.
type Audit interface {
	AuditHead(ctx context.Context) (Entry, error) // the last one; the zero Entry when there is none
	// AppendAudit adds an entry as it is given. ErrStale when the number is
	// there already, or is not the next.
	AppendAudit(ctx context.Context, e Entry) error
	AuditEntries(ctx context.Context, after int64, limit int) ([]Entry, error) // oldest first
	AuditTrail(ctx context.Context, f Trail) ([]Entry, error)                  // newest first
}

// Expiry clears away what is over.
type Expiry interface {
	// Expire removes sessions and links whose Until is before now, devices not
	// seen since devices, tallies not added to since tallies.
	Expire(ctx context.Context, now, devices, tallies time.Time) error
}
