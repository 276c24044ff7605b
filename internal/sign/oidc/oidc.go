// Package oidc owns how OpenID Connect Core 1.0 is spoken to one identity
// provider: the authorization code flow with PKCE (RFC 7636), state and nonce.
// It does not own who may come in by it, which package access decides, nor
// pages.
//
// The invariant: nothing that a browser brings back is believed; claims come
// from an ID token whose signature, issuer, audience, age and nonce were
// checked.
package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/throughline/throughline/internal/access"
)

// Settings is what has to be agreed with a provider.
type Settings struct {
	Label    string // what the sign-in button says
	Issuer   string // https://id.example.com
	Client   string // the client's id
	Secret   string // empty for a public client
	Redirect string // https://books.example.com/oidc
}

// Provider speaks to an identity provider. It satisfies access.Provider and
// is safe for several goroutines.
type Provider struct {
	Settings
	HTTP *http.Client // with a time limit: nobody who signs in should wait for longer
	Now  func() time.Time

	mu   sync.Mutex
	seen *oidc.Provider
}

var _ access.Provider = (*Provider)(nil)

// Name is what the sign-in button says.
func (p *Provider) Name() string { return p.Label }

// with makes the library use our client.
func (p *Provider) with(ctx context.Context) context.Context { return oidc.ClientContext(ctx, p.HTTP) }

// discovered asks the provider for its endpoints, until it has answered once.
// A provider that is down when the server starts is asked again by the next
// person who signs in.
func (p *Provider) discovered(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen != nil {
		return p.seen, nil
	}
	// The provider keeps the context for fetching keys later, so it must not
	// end with this request.
	found, err := oidc.NewProvider(context.WithoutCancel(p.with(ctx)), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask the identity provider for its endpoints: %w", silent(err))
	}
	p.seen = found
	return found, nil
}

func (p *Provider) client(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.Client, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: p.Redirect, Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}
}

// Away is where to send the browser.
func (p *Provider) Away(ctx context.Context, h access.Handshake) (string, error) {
	found, err := p.discovered(ctx)
	if err != nil {
		return "", err
	}
	return p.client(found).AuthCodeURL(h.State, oidc.Nonce(h.Nonce), oauth2.S256ChallengeOption(h.Verifier)), nil
}

// Claims redeems a code and checks the ID token that it gives.
func (p *Provider) Claims(ctx context.Context, code string, h access.Handshake) (access.Claims, error) {
	ctx = p.with(ctx)
	found, err := p.discovered(ctx)
	if err != nil {
		return access.Claims{}, err
	}
	token, err := p.client(found).Exchange(ctx, code, oauth2.VerifierOption(h.Verifier))
	if err != nil {
		return access.Claims{}, fmt.Errorf("redeem a code at the identity provider: %w", silent(err))
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return access.Claims{}, errors.New("redeem a code at the identity provider: it gave no ID token")
	}
	id, err := found.Verifier(&oidc.Config{ClientID: p.Client, Now: p.Now}).Verify(ctx, raw)
	if err != nil {
		return access.Claims{}, fmt.Errorf("check an ID token: %w", silent(err))
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(h.Nonce)) != 1 {
		return access.Claims{}, errors.New("check an ID token: it answers another question (its nonce differs)")
	}
	return p.complete(ctx, found, token, id)
}

// flag is a truth that some providers write as text.
type flag bool

func (f *flag) UnmarshalJSON(text []byte) error {
	*f = string(text) == "true" || string(text) == `"true"`
	return nil
}

// said are the claims that we read. A provider may give them in the ID token
// or, as Core 1.0 section 5.4 has it for the code flow, only when asked.
type said struct {
	Subject  string `json:"sub"`
	Email    string `json:"email"`
	Verified flag   `json:"email_verified"`
	Name     string `json:"name"`
}

func (p *Provider) complete(ctx context.Context, found *oidc.Provider, token *oauth2.Token, id *oidc.IDToken) (access.Claims, error) {
	var s said
	if err := id.Claims(&s); err != nil {
		return access.Claims{}, fmt.Errorf("read an ID token: %w", silent(err))
	}
	if s.Email == "" && found.UserInfoEndpoint() != "" {
		more, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			// The library's error quotes the answer, which is about a person.
			return access.Claims{}, errors.New("ask the identity provider who it is: it refused, or its answer cannot be read")
		}
		if more.Subject != id.Subject {
			return access.Claims{}, errors.New("ask the identity provider who it is: it speaks of somebody else than its ID token does")
		}
		if err := more.Claims(&s); err != nil {
			return access.Claims{}, fmt.Errorf("read what the identity provider says: %w", silent(err))
		}
	}
	return access.Claims{Issuer: id.Issuer, Subject: id.Subject, Email: s.Email, Verified: bool(s.Verified), Name: s.Name}, nil
}

// silent takes out of an error what could be a secret or name a person: a
// provider's answer may quote the code, and a token its claims.
func silent(err error) error {
	var refused *oauth2.RetrieveError
	var late *oidc.TokenExpiredError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("it answered %s %q", refused.Response.Status, refused.ErrorCode)
	case errors.As(err, &late):
		return errors.New("it is past its end")
	}
	return err
}
