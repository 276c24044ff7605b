package access_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
)

func TestTheFirstLinkMakesTheFirstAdministratorAlone(t *testing.T) {
	h := build(t)
	a, err := h.FirstLink(t.Context())
	wants(t, err, nil)
	b, err := h.FirstLink(t.Context())
	wants(t, err, nil)
	chosen := access.Chosen{Email: "Lead@example.com ", Name: "Lead", Password: phrase}
	token, s, err := h.Redeem(t.Context(), a, chosen, home)
	wants(t, err, nil)
	if !s.User.Has(access.Administrator) || !s.User.Has(access.ProgramLead) || s.User.Email != "lead@example.com" {
		t.Errorf("came in as %+v", s.User)
	}
	_, err = h.Session(t.Context(), token)
	wants(t, err, nil)
	chosen.Email = "second@example.com"
	_, _, err = h.Redeem(t.Context(), b, chosen, home)
	wants(t, err, access.ErrNotFirst)
	_, err = h.FirstLink(t.Context())
	wants(t, err, access.ErrNotFirst)
	h.signIn("lead@example.com", phrase, home)
}

func TestALinkWorksOnceWhoeverIsQuickest(t *testing.T) {
	h := build(t)
	_, link, err := h.Invite(t.Context(), 0, access.User{Email: "finance@example.com", Roles: []access.Role{access.Finance}})
	wants(t, err, nil)
	for range 3 { // looking at it, as a mail program does, uses nothing up
		_, u, err := h.Link(t.Context(), link)
		if err != nil || u.Email != "finance@example.com" {
			t.Fatalf("%+v, %v", u, err)
		}
	}
	gates := []*access.Gate{h.Gate, h.gate(), h.gate()}
	var came, late sync.Map
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			_, s, err := gates[i%3].Redeem(t.Context(), link, access.Chosen{Password: phrase}, home)
			switch {
			case err == nil:
				came.Store(s.ID, true)
			case errors.Is(err, access.ErrNoLink):
				late.Store(i, true)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if size(&came) != 1 || size(&late) != 11 {
		t.Errorf("%d came in and %d were late, want 1 and 11", size(&came), size(&late))
	}
}

func TestWhatIsRefusedLeavesTheLink(t *testing.T) {
	h := build(t)
	_, link, err := h.Invite(t.Context(), 0, access.User{Email: "finance@example.com", Roles: []access.Role{access.Finance}})
	wants(t, err, nil)
	for _, bad := range []string{"", "too short", "password1234", "finance@example.com"} {
		_, _, err := h.Redeem(t.Context(), link, access.Chosen{Password: bad}, home)
		refused(t, err, "password")
	}
	_, _, err = h.Redeem(t.Context(), link, access.Chosen{Password: phrase}, home)
	wants(t, err, nil)
	first, err := h.FirstLink(t.Context())
	wants(t, err, nil)
	_, _, err = h.Redeem(t.Context(), first, access.Chosen{Email: "no address", Password: phrase}, home)
	refused(t, err, "email")
	_, _, err = h.Redeem(t.Context(), first, access.Chosen{Email: "finance@example.com", Password: phrase}, home)
	wants(t, err, access.ErrTaken)
	_, _, err = h.Redeem(t.Context(), first, access.Chosen{Email: "lead@example.com", Password: phrase}, home)
	wants(t, err, nil)
}

func TestLinksEnd(t *testing.T) {
	h := build(t)
	u, _, _ := h.with("lead@example.com", access.ProgramLead)
	fresh := func(kind access.LinkKind) string {
		t.Helper()
		link, err := h.NewLink(t.Context(), 0, u.ID, kind)
		wants(t, err, nil)
		return link
	}
	for kind, lasts := range map[access.LinkKind]time.Duration{access.InvitationLink: 7 * 24 * time.Hour, access.ResetLink: 24 * time.Hour, access.SignInLink: time.Hour} {
		old := fresh(kind)
		link := fresh(kind)
		_, _, err := h.Link(t.Context(), old)
		wants(t, err, access.ErrNoLink) // a newer one replaces it
		h.pass(lasts - time.Second)
		_, _, err = h.Link(t.Context(), link)
		wants(t, err, nil)
		h.pass(time.Second)
		_, _, err = h.Link(t.Context(), link)
		wants(t, err, access.ErrNoLink)
		_, _, err = h.Redeem(t.Context(), link, access.Chosen{Password: phrase}, home)
		wants(t, err, access.ErrNoLink)
	}
	if _, _, err := h.Link(t.Context(), "made-up"); !errors.Is(err, access.ErrNoLink) {
		t.Error(err)
	}
}

func TestASignInLinkSignsInAndChangesNothing(t *testing.T) {
	h := build(t)
	u, _, token := h.with("lead@example.com", access.ProgramLead)
	link, err := h.NewLink(t.Context(), 0, u.ID, access.SignInLink)
	wants(t, err, nil)
	_, s, err := h.Redeem(t.Context(), link, access.Chosen{}, home)
	wants(t, err, nil)
	if s.Method != "link" || s.User.ID != u.ID {
		t.Errorf("opened %+v", s)
	}
	_, err = h.Session(t.Context(), token)
	wants(t, err, nil)
	h.signIn("lead@example.com", phrase, home)
}

func TestAResetEndsAllSessionsAndTheOldPassword(t *testing.T) {
	h := build(t)
	u, s, token := h.with("lead@example.com", access.ProgramLead)
	link, err := h.NewLink(t.Context(), 0, u.ID, access.ResetLink)
	wants(t, err, nil)
	_, _, err = h.Redeem(t.Context(), link, access.Chosen{Password: "another four plain words"}, home)
	wants(t, err, nil)
	_, err = h.Session(t.Context(), token)
	wants(t, err, access.ErrNoSession)
	known := home
	known.Device = s.NewDevice
	_, _, err = h.SignIn(t.Context(), "lead@example.com", phrase, known)
	wants(t, err, access.ErrWrong)
	if _, again := h.signIn("lead@example.com", "another four plain words", known); again.NewDevice == "" {
		t.Error("the browser was still known")
	}
}

// Whoever has had somebody's account may have left a passkey or a token there.
func TestAResetEndsEveryEarlierWayIn(t *testing.T) {
	for _, keep := range []bool{false, true} {
		h := build(t)
		u, _, _ := h.with("lead@example.com", access.ProgramLead)
		wants(t, h.Store.AddPasskey(t.Context(), access.Passkey{ID: []byte("left behind"), User: u.ID, Handle: []byte("handle"), Name: "Passkey", Record: []byte("{}"), Made: h.now()}), nil)
		bearer, _, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "nightly", Scopes: access.Scopes{access.ReadStatements}})
		wants(t, err, nil)
		link, err := h.NewLink(t.Context(), 0, u.ID, access.ResetLink)
		wants(t, err, nil)
		_, _, err = h.Redeem(t.Context(), link, access.Chosen{Password: "another four plain words", KeepTokens: keep}, home)
		wants(t, err, nil)
		if left, err := h.Passkeys(t.Context(), u.ID); err != nil || len(left) != 0 {
			t.Errorf("%d passkeys are left (%v)", len(left), err)
		}
		_, _, err = h.Token(t.Context(), bearer)
		if keep {
			wants(t, err, nil)
		} else {
			wants(t, err, access.ErrNoToken)
		}
	}
}

// An invitation that is made again for somebody who has a way in ends none.
func TestAnInvitationLeavesPasskeysAndTokens(t *testing.T) {
	h := build(t)
	u, _, _ := h.with("lead@example.com", access.ProgramLead)
	bearer, _, err := h.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "nightly", Scopes: access.Scopes{access.ReadStatements}})
	wants(t, err, nil)
	link, err := h.NewLink(t.Context(), 0, u.ID, access.InvitationLink)
	wants(t, err, nil)
	_, _, err = h.Redeem(t.Context(), link, access.Chosen{Password: "another four plain words"}, home)
	wants(t, err, nil)
	_, _, err = h.Token(t.Context(), bearer)
	wants(t, err, nil)
}

func TestAChangedPasswordAsksForTheOldOneAndEndsOtherSessions(t *testing.T) {
	h := build(t)
	_, s, token := h.with("lead@example.com", access.ProgramLead)
	other, _ := h.signIn("lead@example.com", phrase, home)
	refused(t, h.ChangePassword(t.Context(), s, "not the old one", "another four plain words"), "old")
	refused(t, h.ChangePassword(t.Context(), s, phrase, "short"), "password")
	wants(t, h.ChangePassword(t.Context(), s, phrase, "another four plain words"), nil)
	_, err := h.Session(t.Context(), token)
	wants(t, err, nil)
	_, err = h.Session(t.Context(), other)
	wants(t, err, access.ErrNoSession)
	h.signIn("lead@example.com", "another four plain words", home)
	var locked *access.Locked
	for range 30 {
		if err := h.ChangePassword(t.Context(), s, "not the old one", phrase); errors.As(err, &locked) {
			return
		}
	}
	t.Error("a session can be used to guess the password for ever")
}
