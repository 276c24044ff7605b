package access_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
)

func TestAStaleEditIsRefusedAndTellsWhatChanged(t *testing.T) {
	h := build(t)
	admin, _, _ := h.with("admin@example.com", access.Administrator)
	u, _, _ := h.with("care@example.com", access.Employee)
	mine, theirs := u, u
	mine.Department, theirs.Roles = "Care/Phone", []access.Role{access.DepartmentHead}
	h.pass(time.Hour)
	changed, err := h.ChangeUser(t.Context(), admin.ID, theirs)
	if err != nil || changed.Version != u.Version+1 {
		t.Fatalf("version %d, %v", changed.Version, err)
	}
	_, err = h.ChangeUser(t.Context(), admin.ID, mine)
	var stale *access.Stale
	if !errors.As(err, &stale) || len(stale.Changes) != 1 {
		t.Fatalf("%v, want what changed", err)
	}
	if c := stale.Changes[0]; c.By != admin.ID || !c.At.Equal(h.now()) || !slices.Equal(c.Differing(u), []string{"roles"}) || stale.Now.Version != changed.Version {
		t.Errorf("changed meanwhile: %+v", c)
	}
	mine.Version, mine.Roles = stale.Now.Version, stale.Now.Roles
	got, err := h.ChangeUser(t.Context(), admin.ID, mine)
	if err != nil || got.Department != "Care/Phone" || !got.Has(access.DepartmentHead) {
		t.Errorf("%+v, %v", got, err)
	}
	same, err := h.ChangeUser(t.Context(), admin.ID, got)
	if err != nil || same.Version != got.Version {
		t.Errorf("saving what is there made version %d of %d, %v", same.Version, got.Version, err)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	h := build(t)
	a, _, _ := h.with("a@example.com", access.Administrator)
	b, _, _ := h.with("b@example.com", access.Administrator, access.Finance)
	a.Disabled = true
	if _, err := h.ChangeUser(t.Context(), b.ID, a); err != nil {
		t.Fatal(err)
	}
	gone := b
	gone.Roles = []access.Role{access.Finance}
	_, err := h.ChangeUser(t.Context(), b.ID, gone)
	refused(t, err, "roles")
	gone = b
	gone.Disabled = true
	_, err = h.ChangeUser(t.Context(), b.ID, gone)
	refused(t, err, "roles")
}

func TestAManagerLineIsNoRing(t *testing.T) {
	h := build(t)
	a, _, _ := h.with("a@example.com", access.Employee)
	b, _, _ := h.with("b@example.com", access.Employee)
	c, _, _ := h.with("c@example.com", access.Employee)
	for _, x := range []*access.User{&b, &c} {
		x.Manager = a.ID
		if x == &c {
			x.Manager = b.ID
		}
		changed, err := h.ChangeUser(t.Context(), 0, *x)
		wants(t, err, nil)
		*x = changed
	}
	for _, manager := range []int64{a.ID, b.ID, c.ID, 99} {
		ring := a
		ring.Manager = manager
		_, err := h.ChangeUser(t.Context(), 0, ring)
		refused(t, err, "manager")
	}
}

func TestFieldsThatCannotBeRightAreRefused(t *testing.T) {
	h := build(t)
	good := access.User{Email: "care@example.com", Roles: []access.Role{access.Employee}}
	for field, spoil := range map[string]func(*access.User){
		"email":      func(u *access.User) { u.Email = "Care <care@example.com>" },
		"name":       func(u *access.User) { u.Name = "line\nbreak" },
		"department": func(u *access.User) { u.Department = strings.Repeat("x", 201) },
		"roles":      func(u *access.User) { u.Roles = nil },
		"manager":    func(u *access.User) { u.Manager = 12 },
	} {
		u := good
		spoil(&u)
		_, _, err := h.Invite(t.Context(), 0, u)
		refused(t, err, field)
	}
	u := good
	u.Roles = []access.Role{"boss"}
	_, _, err := h.Invite(t.Context(), 0, u)
	refused(t, err, "roles")
	u = good
	u.Department, u.Roles = " Care / Phone //", []access.Role{access.Finance, access.Employee, access.Finance}
	added, _, err := h.Invite(t.Context(), 0, u)
	if err != nil || added.Department != "Care/Phone" || !slices.Equal(added.Roles, []access.Role{access.Employee, access.Finance}) {
		t.Errorf("%+v, %v", added, err)
	}
	_, _, err = h.Invite(t.Context(), 0, access.User{Email: "CARE@example.com", Roles: good.Roles})
	wants(t, err, access.ErrTaken)
}

func TestATokenMayWhatItsScopesAndItsUserAllow(t *testing.T) {
	h := build(t)
	u, _, _ := h.with("finance@example.com", access.Finance)
	h.with("admin@example.com", access.Administrator)
	bearer, made, err := h.NewToken(t.Context(), u.ID, access.Token{
		User: u.ID, Name: "monthly close", Scopes: access.Scopes{access.ReadStatements, access.Close}, Until: h.now().Add(48 * time.Hour),
	})
	wants(t, err, nil)
	who, scopes, err := h.Token(t.Context(), bearer)
	if err != nil || who.ID != u.ID || !scopes.May(access.Close) || scopes.May(access.ReadRows) || !strings.HasPrefix(bearer, "tl_") {
		t.Fatalf("%+v may %v, %v", who, scopes, err)
	}
	if list, err := h.Tokens(t.Context(), u.ID); err != nil || len(list) != 1 || !list[0].Used.Equal(h.now()) {
		t.Errorf("%+v, %v", list, err)
	}

	for name, bad := range map[string]access.Token{
		"scopes": {Name: "x", Scopes: access.Scopes{access.ManageUsers}},
		"name":   {Scopes: access.Scopes{access.Close}},
		"until":  {Name: "x", Scopes: access.Scopes{access.Close}, Until: h.now()},
	} {
		bad.User = u.ID
		_, _, err := h.NewToken(t.Context(), u.ID, bad)
		refused(t, err, name)
	}
	for _, never := range []access.Right{access.OwnAccount, access.Anyone} {
		_, _, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "x", Scopes: access.Scopes{never}})
		refused(t, err, "scopes")
	}

	lesser := u
	lesser.Roles = []access.Role{access.Employee}
	_, err = h.ChangeUser(t.Context(), 0, lesser)
	wants(t, err, nil)
	if _, scopes, err := h.Token(t.Context(), bearer); err != nil || scopes.May(access.Close) || !scopes.May(access.ReadStatements) {
		t.Errorf("with a lesser role it may %v, %v", scopes, err)
	}
	wants(t, h.RevokeToken(t.Context(), u.ID, u.ID+1, made.ID), access.ErrNoToken) // another's
	h.pass(48 * time.Hour)
	_, _, err = h.Token(t.Context(), bearer)
	wants(t, err, access.ErrNoToken) // past its end
	second, made, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "x", Scopes: access.Scopes{access.ReadStatements}})
	wants(t, err, nil)
	wants(t, h.RevokeToken(t.Context(), u.ID, u.ID, made.ID), nil)
	_, _, err = h.Token(t.Context(), second)
	wants(t, err, access.ErrNoToken)
	for _, not := range []string{"", "tl_", "tl_made-up", second[3:]} {
		_, _, err = h.Token(t.Context(), not)
		wants(t, err, access.ErrNoToken)
	}
}

func TestWhoComesByAProviderIsWhoWasInvited(t *testing.T) {
	h := build(t)
	u, _, _ := h.with("lead@example.com", access.ProgramLead)
	off, _, _ := h.with("off@example.com", access.Employee)
	off.Disabled = true
	_, err := h.ChangeUser(t.Context(), 0, off)
	wants(t, err, nil)
	claims := access.Claims{Issuer: "https://id.example.com", Subject: "s-1", Email: "Lead@Example.com", Verified: true, Name: "Lead"}
	is := func(change func(*access.Claims), want int64, wantErr error) {
		t.Helper()
		c := claims
		change(&c)
		got, err := h.Recognise(t.Context(), c)
		wants(t, err, wantErr)
		if err == nil && got.ID != want {
			t.Errorf("%+v is user %d, want %d", c, got.ID, want)
		}
	}
	is(func(c *access.Claims) { c.Verified = false }, 0, access.ErrNotInvited)
	is(func(c *access.Claims) { c.Email = "" }, 0, access.ErrNotInvited)
	is(func(c *access.Claims) { c.Email = "stranger@example.com" }, 0, access.ErrNotInvited)
	is(func(c *access.Claims) { c.Email, c.Subject = "off@example.com", "s-2" }, 0, access.ErrNotInvited)
	is(func(*access.Claims) {}, u.ID, nil)
	is(func(c *access.Claims) { c.Email, c.Verified = "married@example.com", false }, u.ID, nil) // the subject counts from now on
	// Another issuer's subject of the same name is not known by it.
	is(func(c *access.Claims) { c.Issuer, c.Email = "https://id.example.org", "stranger@example.com" }, 0, access.ErrNotInvited)

	h.Domains = []string{"Example.com"}
	for email, want := range map[string]error{"new@example.com": nil, "new@sub.example.com": access.ErrNotInvited, "new@example.com.evil.org": access.ErrNotInvited, "off@example.com": access.ErrNotInvited} {
		got, err := h.Recognise(t.Context(), access.Claims{Issuer: "https://id.example.com", Subject: "by domain " + email, Email: email, Verified: true})
		wants(t, err, want)
		if err == nil && !slices.Equal(got.Roles, []access.Role{access.Employee}) {
			t.Errorf("%s came in as %v", email, got.Roles)
		}
	}
}
