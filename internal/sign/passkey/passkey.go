// Package passkey owns how WebAuthn (W3C, Level 3) is spoken: what a browser
// is asked, and whether its answer proves what it should. It keeps nothing:
// what has to be remembered between the halves of a ceremony goes out and
// comes back as state, and package access says whose a passkey is. It does not
// own pages, nor the script that a browser needs.
//
// The invariant: a passkey alone signs somebody in, so every ceremony demands
// that the authenticator has verified the person, by finger, face or PIN.
package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/throughline/throughline/internal/access"
)

// Party is the site that passkeys are bound to. It satisfies access.Ceremony.
type Party struct{ web *webauthn.WebAuthn }

var _ access.Ceremony = (*Party)(nil)

// ErrNoName is returned when browsers would refuse passkeys for an address.
var ErrNoName = errors.New("passkeys need an address by name over https, such as https://books.example.com, or http://localhost")

// New is the party that is reached by an address such as
// https://books.example.com. Passkeys are bound to its host name: under
// another name they are not found.
func New(address, name string) (*Party, error) {
	at, err := url.Parse(address)
	if err != nil || at.Hostname() == "" || net.ParseIP(at.Hostname()) != nil || at.Scheme != "https" && at.Hostname() != "localhost" {
		return nil, ErrNoName
	}
	required := true
	web, err := webauthn.New(&webauthn.Config{
		RPID: at.Hostname(), RPDisplayName: name, RPOrigins: []string{at.Scheme + "://" + at.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &required, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("set up passkeys for %s: %w", at.Host, err)
	}
	return &Party{web}, nil
}

// person is a user as the library asks for one.
type person struct {
	user   access.User
	handle []byte
	have   []webauthn.Credential
}

func (p person) WebAuthnID() []byte                         { return p.handle }
func (p person) WebAuthnName() string                       { return p.user.Email }
func (p person) WebAuthnDisplayName() string                { return p.user.Name }
func (p person) WebAuthnCredentials() []webauthn.Credential { return p.have }

// Create asks a browser to make a passkey, on an authenticator that has none
// of those that the user has.
func (p *Party) Create(u access.User, handle []byte, have []access.Passkey) (options, state []byte, err error) {
	who := person{user: u, handle: handle}
	var exclude []protocol.CredentialDescriptor
	for _, k := range have {
		c, err := credential(k)
		if err != nil {
			return nil, nil, err
		}
		who.have = append(who.have, c)
		exclude = append(exclude, c.Descriptor())
	}
	creation, session, err := p.web.BeginRegistration(who, webauthn.WithExclusions(exclude))
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a new passkey: %w", plain(err))
	}
	return both(creation.Response, session)
}

// Created checks the passkey that a browser has made.
func (p *Party) Created(u access.User, handle, state, response []byte) (access.Passkey, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return access.Passkey{}, fmt.Errorf("read what was asked of a browser: %w", err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return access.Passkey{}, fmt.Errorf("read a new passkey: %w", plain(err))
	}
	c, err := p.web.CreateCredential(person{user: u, handle: handle}, session, parsed)
	if err != nil {
		return access.Passkey{}, fmt.Errorf("check a new passkey: %w", plain(err))
	}
	k := access.Passkey{ID: c.ID, User: u.ID, Handle: handle}
	return k, keep(&k, c)
}

// Ask asks a browser for any passkey that it has for this site.
func (p *Party) Ask() (options, state []byte, err error) {
	assertion, session, err := p.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a passkey: %w", plain(err))
	}
	return both(assertion.Response, session)
}

// Answered checks a browser's answer, and finds the passkey by its id.
func (p *Party) Answered(state, response []byte, find func(id []byte) (access.User, access.Passkey, error)) (access.Passkey, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return access.Passkey{}, fmt.Errorf("read what was asked of a browser: %w", err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return access.Passkey{}, fmt.Errorf("read a passkey's answer: %w", plain(err))
	}
	var k access.Passkey
	// The library compares the handle that the authenticator names with the
	// one of the person that is found here.
	_, c, err := p.web.ValidatePasskeyLogin(func(id, _ []byte) (webauthn.User, error) {
		u, found, err := find(id)
		if err != nil {
			return nil, err
		}
		k = found
		kept, err := credential(k)
		return person{user: u, handle: k.Handle, have: []webauthn.Credential{kept}}, err
	}, session, parsed)
	if err != nil {
		return access.Passkey{}, fmt.Errorf("check a passkey's answer: %w", plain(err))
	}
	if c.Authenticator.CloneWarning {
		return access.Passkey{}, errors.New("check a passkey's answer: it has counted fewer signatures than before, so it may be a copy; remove it and make a new one")
	}
	return k, keep(&k, c)
}

// credential is a kept passkey as the library knows it.
func credential(k access.Passkey) (webauthn.Credential, error) {
	var c webauthn.Credential
	if err := json.Unmarshal(k.Record, &c); err != nil {
		return c, fmt.Errorf("read a kept passkey: %w", err)
	}
	c.Authenticator.SignCount = k.Count
	return c, nil
}

// keep writes what the library knows of a credential into the passkey.
func keep(k *access.Passkey, c *webauthn.Credential) (err error) {
	k.Count = c.Authenticator.SignCount
	if k.Record, err = json.Marshal(c); err != nil {
		return fmt.Errorf("keep a passkey: %w", err)
	}
	return nil
}

func both(options, session any) (o, s []byte, err error) {
	if o, err = json.Marshal(options); err != nil {
		return nil, nil, fmt.Errorf("write what a browser is asked: %w", err)
	}
	if s, err = json.Marshal(session); err != nil {
		return nil, nil, fmt.Errorf("remember what a browser is asked: %w", err)
	}
	return o, s, nil
}

// plain leaves of the library's errors what they say in general: their
// details quote the answer, which names whose passkey it is.
func plain(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) {
		return errors.New(e.Details)
	}
	return err
}
