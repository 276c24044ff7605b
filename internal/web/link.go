package web

import (
	"errors"
	"net/http"

	"github.com/throughline/throughline/internal/access"
)

// linkView is what a one-time link asks of whoever opens it.
type linkView struct {
	Path     string
	Kind     access.LinkKind
	Email    string
	Name     string
	Passkeys bool
	Least    int               // characters of a password
	Wrong    map[string]string // by field
	Do       map[string]string
	Why      string
	Tokens   int64 // in force, of an account that is reset
	Keep     bool
}

// First tells whether the first administrator comes in.
func (l linkView) First() bool { return l.Kind == access.FirstLink }

// SignsIn tells whether the link only signs in.
func (l linkView) SignsIn() bool { return l.Kind == access.SignInLink }

// Resets tells whether a new password is chosen for a lost one.
func (l linkView) Resets() bool { return l.Kind == access.ResetLink }

var linkPage = page[linkView]("link.html")

func (v *visit) linkView() (linkView, error) {
	secret := v.r.PathValue("secret")
	l, u, err := v.server.Gate.Link(v.r.Context(), secret)
	if err != nil {
		return linkView{}, err
	}
	view := linkView{Path: "/link/" + secret, Kind: l.Kind, Email: u.Email, Name: u.Name, Passkeys: v.server.Gate.Ceremony != nil, Least: access.PasswordMin}
	if l.Kind == access.ResetLink {
		if view.Tokens, err = v.server.Gate.TokensInForce(v.r.Context(), u.ID); err != nil {
			return view, err
		}
		view.Keep = v.r.PostFormValue("tokens") == "keep"
	}
	if l.Kind == access.FirstLink {
		view.Email, view.Name = v.r.PostFormValue("email"), v.r.PostFormValue("name")
	}
	return view, nil
}

func (v *visit) showLink(status int, view linkView) error {
	text := v.t("Choose how you sign in")
	if view.SignsIn() {
		text = v.t("Sign in")
	}
	v.w.Header().Set("Cache-Control", "no-store")
	return linkPage.render(v, status, title{Text: text}, view)
}

// link shows what a link is for. Looking uses nothing up.
func (s *Server) link(v *visit) error {
	view, err := v.linkView()
	if err != nil {
		return v.deadLink(err)
	}
	return v.showLink(http.StatusOK, view)
}

func (v *visit) deadLink(err error) error {
	switch {
	case errors.Is(err, access.ErrNotFirst):
		return v.refuse(http.StatusGone, v.t("There is an administrator already"), v.t("Ask them for an invitation."), door{Path: "/sign-in", Text: v.t("Sign in")})
	case errors.Is(err, access.ErrNoLink):
		return v.refuse(http.StatusGone, v.t("This link has been used, or it is too old"), v.t("Each link works once. Ask whoever gave it to you for a new one."), door{Path: "/sign-in", Text: v.t("Sign in")})
	}
	return err
}

func (v *visit) chosen() access.Chosen {
	return access.Chosen{Email: v.r.PostFormValue("email"), Name: v.r.PostFormValue("name"), Password: v.r.PostFormValue("password")}
}

// linkSent uses the link, by a password or by nothing but pressing the button.
func (s *Server) linkSent(v *visit) error {
	view, err := v.linkView()
	if err != nil {
		return v.deadLink(err)
	}
	chosen := v.chosen()
	chosen.KeepTokens = view.Keep
	if view.SignsIn() {
		chosen = access.Chosen{}
	} else if chosen.Password != v.r.PostFormValue("again") {
		view.Wrong = map[string]string{"again": v.t("The two are not the same.")}
		return v.showLink(http.StatusUnprocessableEntity, view)
	}
	token, session, err := s.Gate.Redeem(v.r.Context(), v.r.PathValue("secret"), chosen, v.origin())
	return v.redeemed(token, session, view, err)
}

// redeemed signs in, or shows the link again with what was refused.
func (v *visit) redeemed(token string, session access.Session, view linkView, err error) error {
	var refused *access.Refusal
	switch {
	case errors.As(err, &refused):
		view.Wrong, view.Do = map[string]string{refused.Field: refused.What}, map[string]string{refused.Field: refused.Do}
		return v.showLink(http.StatusUnprocessableEntity, view)
	case errors.Is(err, access.ErrTaken):
		view.Wrong = map[string]string{"email": v.t("Somebody has this mail address already.")}
		return v.showLink(http.StatusUnprocessableEntity, view)
	case errors.Is(err, access.ErrNotProven):
		view.Why = v.t("The passkey could not be made. Try again, or choose a password.")
		return v.showLink(http.StatusUnprocessableEntity, view)
	case err != nil:
		return v.deadLink(err)
	}
	v.come(token, session)
	return v.goTo("/")
}

func (s *Server) linkPasskeyAsked(v *visit) error {
	return v.options(s.Gate.BeginPasskeyByLink(v.r.Context(), v.r.PathValue("secret"), v.chosen()))
}

func (s *Server) linkPasskeySent(v *visit) error {
	view, err := v.linkView()
	if err != nil {
		return v.deadLink(err)
	}
	answer := access.Response{Handshake: v.finished(), Credential: []byte(v.r.PostFormValue("credential")), KeepTokens: view.Keep}
	token, session, err := s.Gate.FinishPasskeyByLink(v.r.Context(), v.r.PathValue("secret"), answer, v.origin())
	return v.redeemed(token, session, view, err)
}
