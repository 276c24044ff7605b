package access

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Gate is where everybody comes in. It is safe for use by several goroutines,
// and several processes may each have one over the same store.
type Gate struct {
	Store    Store
	Ceremony Ceremony // passkeys; nil: there are none
	Provider Provider // single sign-on; nil: there is none
	Domains  []string // mail domains whose people the provider may bring in as employees
	Company  string   // its name is no password
	Now      func() time.Time
	Chance   io.Reader // cryptographic randomness

	hashing hasher
	writing sync.Mutex
}

// now is the clock as stores keep it.
func (g *Gate) now() time.Time { return g.Now().UTC().Truncate(time.Microsecond) }

// Origin is where a try to sign in comes from.
type Origin struct {
	Address string // network address, without port
	Device  string // the secret of the known-device cookie; empty: none
	Agent   string // the browser's own words
	Session string // the token of a session that the browser has already; signing in ends it
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
	Away(ctx context.Context, h Handshake) (string, error)
	// Claims redeems a code.
	Claims(ctx context.Context, code string, h Handshake) (Claims, error)
}

// Handshake is what ties a browser's way to an identity provider to its way
// back: state against forged returns, nonce against replayed tokens, verifier
// against stolen codes (PKCE, RFC 7636).
type Handshake struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Next     string `json:"next"` // the page that was asked for
}

// Claims is what a provider says about somebody.
type Claims struct {
	Issuer, Subject string
	Email           string
	Verified        bool
	Name            string
}

type togetherKey struct{}

// Together runs do as one transaction, which is tried again when another
// process came between. Within do, Together is the same transaction, and an
// entry that do records stands or falls with what do writes.
func (g *Gate) Together(ctx context.Context, do func(context.Context) error) error {
	if ctx.Value(togetherKey{}) != nil {
		return do(ctx)
	}
	g.writing.Lock()
	defer g.writing.Unlock()
	inside := context.WithValue(ctx, togetherKey{}, true)
	var stale *Stale
	for range 100 {
		err := g.Store.Together(inside, do)
		if !errors.Is(err, ErrStale) || errors.As(err, &stale) || ctx.Err() != nil {
			return err
		}
	}
	return fmt.Errorf("write to the program's store: %w", ErrBusy)
}
