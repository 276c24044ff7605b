package access

import (
	"context"
	"io"
	"sync"
	"time"
)

// Gate is where everybody comes in.
type Gate struct {
	Store    Store
	Ceremony Ceremony // passkeys; nil: there are none
	Provider Provider // single sign-on; nil: there is none
	Domains  []string // mail domains whose people the provider may bring in as employees
	Company  string   // its name is no password
	Now      func() time.Time
	Chance   io.Reader // cryptographic randomness

	appending sync.Mutex
}

// Origin is where a try to sign in comes from.
type Origin struct {
	Address string // network address, without port
	Device  string // the secret of the known-device cookie; empty: none
	Agent   string // the browser's own words
}

// Ceremony speaks WebAuthn. State is what has to be remembered between the
// two halves of a ceremony; options and response are the JSON that the
// browser is given and gives back.
type Ceremony interface {
	Create(u User, handle []byte, have []Passkey) (options, state []byte, err error)
	Created(u User, handle, state, response []byte) (Passkey, error)
	Ask() (options, state []byte, err error)
	// Answered finds the passkey that answers, by id, and returns it with what
	// changed in it.
	Answered(state, response []byte, find func(id []byte) (User, Passkey, error)) (Passkey, error)
}

// Provider speaks OpenID Connect.
type Provider interface {
	// Name is what the sign-in button says.
	Name() string
	// Away is the address to send the browser to.
	Away(state, nonce, verifier string) string
	// Claims redeems a code.
	Claims(ctx context.Context, code, nonce, verifier string) (Claims, error)
}

// Claims is what a provider says about somebody.
type Claims struct {
	Issuer, Subject string
	Email           string
	Verified        bool
	Name            string
}
