package access_test

import (
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
)

func TestSessionsEnd(t *testing.T) {
	h := build(t)
	open := func() (string, access.Session) { return h.signIn("lead@example.com", phrase, home) }
	u, first, firstToken := h.with("lead@example.com", access.ProgramLead)
	is := func(token string, want error) {
		t.Helper()
		_, err := h.Session(t.Context(), token)
		wants(t, err, want)
	}

	t.Run("when they are not used", func(t *testing.T) {
		token, _ := open()
		h.pass(access.SessionIdle - time.Second)
		is(token, nil)
		h.pass(access.SessionIdle)
		is(token, access.ErrNoSession)
	})
	t.Run("after the longest time, however much they are used", func(t *testing.T) {
		token, s := open()
		for h.now().Before(s.Until) {
			is(token, nil)
			h.pass(time.Hour)
		}
		is(token, access.ErrNoSession)
	})
	t.Run("on signing out", func(t *testing.T) {
		token, _ := open()
		wants(t, h.SignOut(t.Context(), token), nil)
		is(token, access.ErrNoSession)
		wants(t, h.SignOut(t.Context(), token), nil)
	})
	t.Run("one by one, one's own alone", func(t *testing.T) {
		token, s := open()
		other, _, _ := h.with("finance@example.com", access.Finance)
		wants(t, h.EndSession(t.Context(), other.ID, s.ID), nil)
		is(token, nil)
		wants(t, h.EndSession(t.Context(), u.ID, s.ID), nil)
		is(token, access.ErrNoSession)
	})
	t.Run("everywhere, and no browser is known any more", func(t *testing.T) {
		a, s := open()
		b, _ := open()
		if list, err := h.Sessions(t.Context(), u.ID); err != nil || len(list) != 2 {
			t.Fatalf("%d sessions, %v; want 2", len(list), err)
		}
		wants(t, h.SignOutEverywhere(t.Context(), u.ID, u.ID), nil)
		is(a, access.ErrNoSession)
		is(b, access.ErrNoSession)
		known := home
		known.Device = s.NewDevice
		if _, again := h.signIn("lead@example.com", phrase, known); again.NewDevice == "" {
			t.Error("the browser was still known")
		}
	})
	t.Run("when the browser signs in anew", func(t *testing.T) {
		token, _ := open()
		again := home
		again.Session = token
		next, _ := h.signIn("lead@example.com", phrase, again)
		is(token, access.ErrNoSession)
		is(next, nil)
		if next == token {
			t.Error("the token stayed the same")
		}
	})
	t.Run("when the user is disabled, and links and tokens with them", func(t *testing.T) {
		h.with("boss@example.com", access.Administrator)
		token, s := open()
		link, err := h.NewLink(t.Context(), 0, u.ID, access.SignInLink)
		wants(t, err, nil)
		bearer, _, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "export", Scopes: access.Scopes{access.ReadStatements}})
		wants(t, err, nil)
		gone := s.User
		gone.Disabled = true
		gone, err = h.ChangeUser(t.Context(), 0, gone)
		wants(t, err, nil)
		is(token, access.ErrNoSession)
		_, _, err = h.Redeem(t.Context(), link, access.Chosen{}, home)
		wants(t, err, access.ErrNoLink)
		_, _, err = h.Token(t.Context(), bearer)
		wants(t, err, access.ErrNoToken)
		_, _, err = h.SignIn(t.Context(), "lead@example.com", phrase, home)
		wants(t, err, access.ErrWrong)
		gone.Disabled = false
		_, err = h.ChangeUser(t.Context(), 0, gone)
		wants(t, err, nil)
		is(token, access.ErrNoSession) // and none comes back
	})
	is(firstToken, access.ErrNoSession)
	_ = first
}

func TestARoleThatIsTakenAwayIsGoneAtOnce(t *testing.T) {
	h := build(t)
	u, _, token := h.with("lead@example.com", access.ProgramLead)
	u.Roles = []access.Role{access.Employee}
	if _, err := h.ChangeUser(t.Context(), 0, u); err != nil {
		t.Fatal(err)
	}
	s, err := h.Session(t.Context(), token)
	if err != nil || s.User.May(access.Close) {
		t.Errorf("may still close: %v, %v", s.User.Roles, err)
	}
}

// A backup holds sessions that were ended and tokens that were revoked after it
// was taken.
func TestARestoreOpensNoDoorThatWasShut(t *testing.T) {
	h := build(t)
	u, _, _ := h.with("lead@example.com", access.ProgramLead)
	token, s := h.signIn("lead@example.com", phrase, home)
	link, err := h.NewLink(t.Context(), u.ID, u.ID, access.SignInLink)
	wants(t, err, nil)
	bearer, _, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "nightly", Scopes: access.Scopes{access.ReadBooks}})
	wants(t, err, nil)

	revoked, err := h.EndEverything(t.Context())
	wants(t, err, nil)
	if revoked != 1 {
		t.Errorf("%d tokens were revoked, not 1", revoked)
	}
	_, err = h.Session(t.Context(), token)
	wants(t, err, access.ErrNoSession)
	_, _, err = h.Link(t.Context(), link)
	wants(t, err, access.ErrNoLink)
	_, _, err = h.Token(t.Context(), bearer)
	wants(t, err, access.ErrNoToken)
	known := home
	known.Device = s.NewDevice
	if _, again := h.signIn("lead@example.com", phrase, known); again.NewDevice == "" {
		t.Error("a browser of before is known still")
	}
}
