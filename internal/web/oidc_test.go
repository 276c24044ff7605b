package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/sign/oidc"
	"github.com/throughline/throughline/internal/sign/oidc/oidctest"
)

// withProvider lets people of a site in by a real provider.
func (s *site) withProvider() {
	s.t.Helper()
	back := s.url + "/oidc/back"
	s.gate.Provider = &oidc.Provider{
		Settings: oidc.Settings{Label: "the tests' provider", Issuer: oidctest.Start(s.t, back, false), Client: oidctest.Client, Secret: oidctest.Secret, Redirect: back},
		HTTP:     &http.Client{Timeout: 20 * time.Second}, Now: time.Now,
	}
}

// away is where the sign-in page's link leads.
func (b *guest) away(to string) string {
	b.site.t.Helper()
	follow := b.CheckRedirect
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a := b.get("/oidc?to=" + url.QueryEscape(to))
	b.CheckRedirect = follow
	return a.header.Get("Location")
}

func TestWhoWasInvitedComesInBySingleSignOn(t *testing.T) {
	s := open(t)
	s.withProvider()
	s.user("lead@example.com", access.ProgramLead)
	b := s.browser()
	b.get("/sign-in?to=/account").has(t, http.StatusOK, "Sign in with the tests&#39; provider", `href="/oidc?to=%2Faccount"`)
	back := oidctest.SignIn(t, b.Client, b.away("/account"), s.url+"/oidc/back", "lead@example.com")
	a := b.get(back.RequestURI())
	a.has(t, http.StatusOK, "lead@example.com", "by single sign-on")
	if a.path != "/account" {
		t.Errorf("it leads to %s", a.path)
	}
	// The same way back a second time, as from a history, lets nobody in.
	s.browser().get(back.RequestURI()).has(t, http.StatusUnauthorized, "begun in another browser")
	b.get(back.RequestURI()).has(t, http.StatusUnauthorized)
}

func TestWhoWasNotInvitedStaysOutside(t *testing.T) {
	s := open(t)
	s.withProvider()
	s.user("unverified@example.com", access.Employee)
	for who, why := range map[string]string{"stranger@example.com": "Nobody has invited you", "unverified@example.com": "Nobody has invited you", "nameless": "Nobody has invited you"} {
		b := s.browser()
		back := oidctest.SignIn(t, b.Client, b.away("/"), s.url+"/oidc/back", who)
		b.get(back.RequestURI()).has(t, http.StatusForbidden, why)
		if a := b.get("/account"); !strings.HasPrefix(a.path, "/sign-in") {
			t.Errorf("%s is signed in", who)
		}
	}
	s.gate.Domains = []string{"example.com"}
	b := s.browser()
	back := oidctest.SignIn(t, b.Client, b.away("/account"), s.url+"/oidc/back", "stranger@example.com")
	b.get(back.RequestURI()).has(t, http.StatusOK, "stranger@example.com", "employee")
	if strings.Contains(s.log.String(), "@example.com") {
		t.Errorf("the log names somebody:\n%s", s.log.String())
	}
}

// A victim whose browser is led to an attacker's way back must not end up in
// the attacker's account.
func TestAForeignWayBackSignsNobodyIn(t *testing.T) {
	s := open(t)
	s.withProvider()
	s.user("attacker@example.com", access.Employee)
	attacker, victim := s.browser(), s.browser()
	back := oidctest.SignIn(t, attacker.Client, attacker.away("/"), s.url+"/oidc/back", "attacker@example.com")
	victim.get(back.RequestURI()).has(t, http.StatusUnauthorized)
	victim.away("/") // even when the victim is on their own way at that moment
	victim.get(back.RequestURI()).has(t, http.StatusUnauthorized)
	if a := victim.get("/account"); !strings.HasPrefix(a.path, "/sign-in") {
		t.Error("the victim is signed in")
	}
	victim.away("/")
	victim.get("/oidc/back?error=access_denied&state=x").has(t, http.StatusUnauthorized, "did not sign you in")
}

func TestAProviderThatIsDownIsSaid(t *testing.T) {
	s := open(t)
	s.browser().get("/oidc").has(t, http.StatusNotFound)
	s.gate.Provider = &oidc.Provider{Settings: oidc.Settings{Label: "the tests' provider", Issuer: "http://127.0.0.1:9"}, HTTP: &http.Client{Timeout: time.Second}, Now: time.Now}
	s.browser().get("/oidc").has(t, http.StatusBadGateway, "does not answer")
}
