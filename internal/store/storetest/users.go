package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
)

var userClaims = claims{
	"UserHasEveryVersion":              users,
	"OneOfManyUserEditsWins":           staleUser,
	"AddressBelongsToOneUser":          addresses,
	"OneOfManyInvitationsOfOneAddress": racingAddresses,
	"CredentialsAreKept":               credentials,
	"PasskeyBelongsToOneUser":          passkeys,
	"ForgottenUserIsNobody":            forgetting,
}

// lead is a user with every field set.
func lead() access.User {
	return access.User{
		Email: "lead@example.com", Name: "Somebody <b>", Roles: []access.Role{access.Administrator, access.ProgramLead}, Department: "Care/Phone",
		Manager: 3, PersonID: "p-17", Locale: "en-GB", Created: noon,
	}
}

// joined adds a user.
func joined(t *testing.T, s Store, u access.User) access.User {
	t.Helper()
	return must(s.AddUser(t.Context(), access.UserVersion{User: u, By: 0, At: noon}))(t)
}

func users(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one := joined(t, s, lead())
	want := lead()
	want.ID, want.Version = one.ID, 1
	same(t, "an added user", one, want)
	same(t, "the user", must(again(t, p).User(ctx, one.ID))(t), want)
	same(t, "the user by address", must(s.UserByEmail(ctx, "lead@example.com"))(t), want)
	edit := one
	edit.Roles, edit.Disabled = []access.Role{access.Auditor}, true
	two := must(s.ChangeUser(ctx, access.UserVersion{User: edit, By: one.ID, At: zoned}))(t)
	edit.Version = 2
	same(t, "a changed user", two, edit)
	other := joined(t, s, access.User{Email: "analyst@example.com"})
	same(t, "all users", must(s.Users(ctx))(t), []access.User{two, other})
	same(t, "the versions", must(s.UserVersions(ctx, one.ID, 0))(t), []access.UserVersion{{User: one, At: noon}, {User: two, By: one.ID, At: noon}})
	same(t, "the versions since the first", must(s.UserVersions(ctx, one.ID, 1))(t), []access.UserVersion{{User: two, By: one.ID, At: noon}})
	if changes := must(s.Changes(ctx, program.Entity{Kind: program.KindUser, ID: one.ID}, 0))(t); len(changes) != 2 {
		t.Errorf("history %+v", changes)
	}
}

func staleUser(t *testing.T, p Place) {
	one := joined(t, p.Store, lead())
	won := race(t, p, 6, func(ctx context.Context, i int, s Store) error {
		edit := one
		edit.Name = fmt.Sprint("name ", i)
		return second(s.ChangeUser(ctx, access.UserVersion{User: edit, At: noon}))
	}, is(access.ErrStale))
	now := must(p.Store.User(t.Context(), one.ID))(t)
	if won != 1 || now.Version != 2 {
		t.Errorf("%d edits of one version won, now %+v", won, now)
	}
}

func addresses(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	joined(t, s, lead())
	refused(t, "the same address", second(s.AddUser(ctx, access.UserVersion{User: lead(), At: noon})), access.ErrTaken)
	other := joined(t, s, access.User{Email: "analyst@example.com"})
	other.Email = "lead@example.com"
	refused(t, "changing to it", second(s.ChangeUser(ctx, access.UserVersion{User: other, At: noon})), access.ErrTaken)
	same(t, "the user who was not changed", must(s.User(ctx, other.ID))(t).Version, int64(1))
	if versions := must(s.UserVersions(ctx, other.ID, 0))(t); len(versions) != 1 {
		t.Errorf("versions %+v", versions)
	}
}

func racingAddresses(t *testing.T, p Place) {
	won := race(t, p, 6, func(ctx context.Context, _ int, s Store) error {
		return second(s.AddUser(ctx, access.UserVersion{User: lead(), At: noon}))
	}, is(access.ErrTaken))
	if won != 1 {
		t.Errorf("%d users with one address", won)
	}
}

func credentials(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u := joined(t, s, lead()).ID
	same(t, "no password", must(s.Password(ctx, u))(t), "")
	ok(t, s.SetPassword(ctx, u, "$argon2id$1", noon))
	ok(t, s.SetPassword(ctx, u, "$argon2id$2", noon))
	same(t, "the password", must(s.Password(ctx, u))(t), "$argon2id$2")
	ok(t, s.SetPassword(ctx, u, "", noon))
	same(t, "a password taken away", must(s.Password(ctx, u))(t), "")
	i := access.Identity{Issuer: "https://id.example.com", Subject: "s", User: u, Made: noon}
	ok(t, s.AddIdentity(ctx, i))
	refused(t, "the same subject", s.AddIdentity(ctx, i), access.ErrTaken)
	same(t, "the identity", must(s.Identity(ctx, i.Issuer, i.Subject))(t), i)
}

func passkeys(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	one, two := joined(t, s, lead()).ID, joined(t, s, access.User{Email: "analyst@example.com"}).ID
	first := access.Passkey{ID: []byte{0, 255}, User: one, Handle: []byte{1}, Name: "laptop", Record: []byte(`{"b":1, "a":2}`), Count: 1<<32 - 1, Made: noon}
	later := access.Passkey{ID: []byte{0, 1}, User: one, Handle: []byte{1}, Name: "phone", Record: []byte(`{}`), Made: noon.Add(time.Second)}
	ok(t, s.AddPasskey(ctx, later))
	ok(t, s.AddPasskey(ctx, first))
	refused(t, "the same credential", s.AddPasskey(ctx, access.Passkey{ID: first.ID, User: two}), access.ErrTaken)
	same(t, "a user's passkeys", must(s.Passkeys(ctx, one))(t), []access.Passkey{first, later})
	used := first
	used.Record, used.Count, used.Used = []byte(`{"c":3}`), 7, noon
	ok(t, s.UsePasskey(ctx, used))
	same(t, "a used passkey", must(s.Passkey(ctx, first.ID))(t), used)
	refused(t, "removing another user's", s.RemovePasskey(ctx, two, first.ID), access.ErrNoPasskey)
	ok(t, s.RemovePasskey(ctx, one, first.ID))
	same(t, "what is left", must(s.Passkeys(ctx, one))(t), []access.Passkey{later})
}

func forgetting(t *testing.T, p Place) {
	ctx, s := t.Context(), p.Store
	u := joined(t, s, lead())
	edit := u
	edit.Name = "Former name of the lead"
	u = must(s.ChangeUser(ctx, access.UserVersion{User: edit, At: noon}))(t)
	other := joined(t, s, access.User{Email: "analyst@example.com", Manager: u.ID})
	ok(t, s.SetPassword(ctx, u.ID, "$argon2id$marker", noon))
	ok(t, s.AddPasskey(ctx, access.Passkey{ID: []byte{1}, User: u.ID, Name: "lead@example.com's laptop", Made: noon}))
	ok(t, s.AddIdentity(ctx, access.Identity{Issuer: "i", Subject: "lead@example.com", User: u.ID, Made: noon}))
	ok(t, second(s.AddSession(ctx, access.Session{Hash: []byte{1}, User: u, At: noon, Until: noon, Agent: "lead's browser"})))
	ok(t, second(s.AddDevice(ctx, access.Device{Hash: []byte{1}, User: u.ID, Made: noon})))
	ok(t, s.AddLink(ctx, access.Link{Hash: []byte{1}, Kind: access.ResetLink, User: u.ID, Data: []byte("lead@example.com")}))
	ok(t, second(s.AddToken(ctx, access.Token{Hash: []byte{1}, User: u.ID, Name: "lead's token", Scopes: access.Scopes{access.ReadStatements}, Made: noon})))
	counts := must(s.ForgetUser(ctx, u.ID, other.ID, noon.Add(time.Hour)))(t)
	same(t, "what was changed", counts, map[string]int64{
		"users": 1, "change": 2, "password": 1, "passkey": 1, "identity": 1, "session": 1, "device": 1, "link": 1, "token": 1,
	})
	now := must(s.User(ctx, u.ID))(t)
	same(t, "the forgotten user", now, access.User{ID: u.ID, Roles: u.Roles, Department: u.Department, Manager: u.Manager, Disabled: true, Version: 3, Created: noon})
	for _, marker := range []string{"lead@example", "Somebody", "Former name", "p-17", "argon2id$marker", "lead's"} {
		if found := must(s.Mentions(ctx, marker))(t); len(found) != 0 {
			t.Errorf("%q is still in %+v", marker, found)
		}
	}
	versions := must(s.UserVersions(ctx, u.ID, 0))(t)
	if len(versions) != 3 || versions[2].By != other.ID || !versions[2].Disabled || versions[0].Department != "Care/Phone" {
		t.Errorf("versions %+v", versions)
	}
	if token := must(s.Tokens(ctx, u.ID))(t)[0]; !token.Revoked.Equal(noon.Add(time.Hour)) || token.Name != "" {
		t.Errorf("token %+v", token)
	}
	// Several are forgotten, and the address is free for somebody else.
	ok(t, second(s.ForgetUser(ctx, other.ID, 0, noon)))
	joined(t, s, lead())
	if all := must(s.Users(ctx))(t); len(all) != 3 || strings.Contains(all[1].Email, "@") {
		t.Errorf("users %+v", all)
	}
}
