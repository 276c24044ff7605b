package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/throughline/throughline/internal/access"
)

// ownView is one's own account: how one signs in, where one is signed in,
// and which programs act for one.
type ownView struct {
	Email, Name, Department string
	Roles, Rights           []string
	Languages               []option
	Done                    string // what was just done
	Wrong, Do               map[string]string
	HasPassword, Fresh      bool
	Least                   int
	Passkeys                bool // they are possible here
	Keys                    []keyLine
	Sessions                []sessionLine
	Tokens                  []tokenLine
	Scopes                  []scopeOption
	Draft                   tokenDraft
	Bearer                  string // a token that was just made; it is shown this once
}

// keyLine is a passkey in the list.
type keyLine struct{ ID, Name, Made, Used string }

// sessionLine is a browser that is signed in.
type sessionLine struct {
	ID            int64
	Agent, Place  string
	At, Seen, How string
	This          bool
}

// tokenLine is an API token in the list.
type tokenLine struct {
	ID                              int64
	Name, Scopes, Made, Until, Used string
	Over                            string // why it answers nothing any more
}

// scopeOption is a right that a token may carry.
type scopeOption struct {
	Right  access.Right
	Text   string
	Chosen bool
}

// tokenDraft is a token as it was typed.
type tokenDraft struct {
	Name   string
	Days   string
	Scopes access.Scopes
}

var accountPage = page[ownView]("account.html")

// done are the acts after which the account page is shown again, by the code
// that the address carries.
var done = map[string]string{
	"language": "Your language is kept.", "password": "Your password is changed. All your other sessions have ended.", "passkey": "The passkey is kept. You can sign in with it from now on.",
	"removed": "The passkey is removed here. Remove it on your device too.", "ended": "That session has ended.", "revoked": "The token is revoked.",
}

func (s *Server) account(v *visit) error {
	view := ownView{}
	if text, ok := done[v.r.URL.Query().Get("done")]; ok {
		view.Done = v.t(text)
	}
	return s.showAccount(v, http.StatusOK, view)
}

// showAccount answers with the page over what a form was refused for.
func (s *Server) showAccount(v *visit, status int, view ownView) error {
	u := v.user()
	view.Email, view.Name, view.Department = u.Email, u.Name, u.Department
	for _, r := range u.Roles {
		view.Roles = append(view.Roles, v.t(string(r)))
	}
	for _, m := range access.Rights {
		if m.Right != access.Anyone && v.may(m.Right) {
			view.Rights = append(view.Rights, v.t(m.Text))
		}
	}
	view.Languages = append(view.Languages, option{Text: v.t("As the browser asks"), Chosen: u.Locale == ""})
	for _, l := range locales {
		if l.name != "" {
			view.Languages = append(view.Languages, option{Value: l.lang, Text: l.name, Chosen: u.Locale == l.lang})
		}
	}
	view.Least, view.Passkeys, view.Fresh = access.PasswordMin, s.Gate.Ceremony != nil, s.Gate.Fresh(v.session)
	if err := errors.Join(s.accountKeys(v, &view), s.accountSessions(v, &view), s.accountTokens(v, &view)); err != nil {
		return err
	}
	return accountPage.render(v, status, title{Text: v.t("My account")}, view)
}

func (s *Server) accountKeys(v *visit, view *ownView) (err error) {
	if view.HasPassword, err = s.Gate.HasPassword(v.r.Context(), v.user().ID); err != nil {
		return err
	}
	keys, err := s.Gate.Passkeys(v.r.Context(), v.user().ID)
	for _, k := range keys {
		view.Keys = append(view.Keys, keyLine{ID: encoded(k.ID), Name: k.Name, Made: v.moment(k.Made), Used: v.since(k.Used)})
	}
	return err
}

func (s *Server) accountSessions(v *visit, view *ownView) error {
	sessions, err := s.Gate.Sessions(v.r.Context(), v.user().ID)
	for _, x := range sessions {
		line := sessionLine{ID: x.ID, Agent: x.Agent, Place: x.Place, At: v.moment(x.At), Seen: v.moment(x.Seen), How: v.method(x.Method), This: x.ID == v.session.ID}
		if line.Agent == "" {
			line.Agent = v.t("An unknown browser")
		}
		view.Sessions = append(view.Sessions, line)
	}
	return err
}

func (s *Server) accountTokens(v *visit, view *ownView) error {
	tokens, err := s.Gate.Tokens(v.r.Context(), v.user().ID)
	for _, t := range tokens {
		line := tokenLine{ID: t.ID, Name: t.Name, Scopes: named(t.Scopes), Made: v.moment(t.Made), Until: v.t("no end"), Used: v.since(t.Used)}
		if !t.Until.IsZero() {
			line.Until = v.moment(t.Until)
		}
		switch {
		case !t.Revoked.IsZero():
			line.Over = v.t("revoked %s", v.moment(t.Revoked))
		case !t.Until.IsZero() && !s.Now().Before(t.Until):
			line.Over = v.t("past its end")
		}
		view.Tokens = append(view.Tokens, line)
	}
	for _, m := range access.ScopesFor(v.user()) {
		view.Scopes = append(view.Scopes, scopeOption{Right: m.Right, Text: v.t(m.Text), Chosen: slices.Contains(view.Draft.Scopes, m.Right)})
	}
	if view.Draft.Days == "" {
		view.Draft.Days = "90"
	}
	return err
}

// since is a moment, or that there was none.
func (v *visit) since(at time.Time) string {
	if at.IsZero() {
		return v.t("not yet")
	}
	return v.moment(at)
}

// method is how a session was opened.
func (v *visit) method(name string) string {
	switch name {
	case "password":
		return v.t("by password")
	case "passkey":
		return v.t("by passkey")
	case "oidc":
		return v.t("by single sign-on")
	}
	return v.t("by a link")
}

// wrongly shows the account page again with what was refused, or passes on
// what is no refusal.
func (s *Server) wrongly(v *visit, view ownView, err error) error {
	var refused *access.Refusal
	var locked *access.Locked
	switch {
	case errors.As(err, &refused):
		view.Wrong, view.Do = map[string]string{refused.Field: refused.What}, map[string]string{refused.Field: refused.Do}
		return s.showAccount(v, http.StatusUnprocessableEntity, view)
	case errors.As(err, &locked):
		view.Wrong = map[string]string{"old": v.t("There were too many wrong tries. Try again at %s.", v.moment(locked.Until))}
		return s.showAccount(v, http.StatusTooManyRequests, view)
	case errors.Is(err, access.ErrNotFresh):
		return v.again()
	}
	return err
}

// again asks to sign in once more, and keeps what was typed for afterwards.
func (v *visit) again() error {
	kept, err := v.park()
	if err != nil {
		return err
	}
	view := signInView{Email: v.user().Email, To: "/account", Parked: kept, Why: v.t("This asks that you have signed in within the last minutes. What you had typed is kept.")}
	return v.signInPage(http.StatusUnauthorized, view)
}

// languageSent keeps the language of one's pages.
func (s *Server) languageSent(v *visit) error {
	u := v.user()
	u.Locale = ""
	for _, l := range locales {
		if l.name != "" && l.lang == v.r.PostFormValue("language") {
			u.Locale = l.lang
		}
	}
	_, err := s.Gate.ChangeUser(v.r.Context(), u.ID, u)
	if errors.Is(err, access.ErrStale) {
		return v.goTo("/account") // an administrator changed something at this moment; press again
	}
	if err != nil {
		return err
	}
	return v.goTo("/account?done=language")
}
