package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/throughline/throughline/internal/access"
)

// signInView asks who comes in.
type signInView struct {
	Email    string
	To       string // where to go then
	Parked   string // the form that was sent when the session had ended, sealed
	Why      string // what went before; empty: nothing
	Passkeys bool
	Provider string // the identity provider's name; empty: there is none
	Away     string // the address that leads to it
}

var signInTemplate = page[signInView]("sign-in.html")

func (v *visit) signInPage(status int, view signInView) error {
	gate := v.server.Gate
	view.Passkeys = gate.Ceremony != nil
	if gate.Provider != nil {
		view.Provider, view.Away = gate.Provider.Name(), "/oidc?to="+url.QueryEscape(view.To)
	}
	return signInTemplate.render(v, status, title{Text: v.t("Sign in")}, view)
}

func (s *Server) signIn(v *visit) error {
	return v.signInPage(http.StatusOK, signInView{To: inside(v.r.URL.Query().Get("to"))})
}

// signInFields are what a form to sign in carries beside the proof.
func (v *visit) signInFields() signInView {
	return signInView{Email: v.r.PostFormValue("email"), To: inside(v.r.PostFormValue("to")), Parked: v.r.PostFormValue("parked")}
}

func (s *Server) signInSent(v *visit) error {
	view := v.signInFields()
	token, session, err := s.Gate.SignIn(v.r.Context(), view.Email, v.r.PostFormValue("password"), v.origin())
	return v.arrived(token, session, view, err)
}

// arrived signs the visit in and leads on, or asks again with why.
func (v *visit) arrived(token string, session access.Session, view signInView, err error) error {
	if err != nil {
		status, why := v.unproven(err)
		if status == 0 {
			return err
		}
		view.Why = why
		return v.signInPage(status, view)
	}
	v.come(token, session)
	if view.Parked != "" {
		return v.resume(view.Parked)
	}
	return v.goTo(view.To)
}

// unproven says why somebody could not be signed in; status 0: by a defect.
func (v *visit) unproven(err error) (status int, why string) {
	var locked *access.Locked
	switch {
	case errors.As(err, &locked):
		return http.StatusTooManyRequests, v.t("There were too many wrong tries from here. Try again at %s.", v.moment(locked.Until))
	case errors.Is(err, access.ErrWrong):
		return http.StatusUnauthorized, v.t("The mail address or the password is wrong.")
	case errors.Is(err, access.ErrBusy):
		return http.StatusServiceUnavailable, v.t("Many people are signing in at this moment. Try again in a few seconds.")
	case errors.Is(err, access.ErrNotInvited):
		return http.StatusForbidden, v.t("Nobody has invited you here yet, or your account is disabled. Ask an administrator.")
	case errors.Is(err, access.ErrNoLink):
		return http.StatusUnauthorized, v.t("This took too long, or was begun in another browser. Begin again.")
	case errors.Is(err, access.ErrNotProven):
		return http.StatusUnauthorized, v.t("This did not prove who you are. Try again, or sign in another way.")
	}
	return 0, ""
}

// come signs the visit in.
func (v *visit) come(token string, session access.Session) {
	v.session, v.signedIn = session, true
	v.setCookie(sessionCookie, token, session.Until)
	if session.NewDevice != "" {
		v.setCookie(deviceCookie, session.NewDevice, v.server.Now().Add(access.DeviceLimit))
	}
}

const (
	// deviceCookie is by what a browser is known again, so that wrong tries
	// from elsewhere do not slow it.
	deviceCookie = "throughline-device"
	// handshakeCookie ties the two halves of a passkey's ceremony, or the way to
	// an identity provider and back, to one browser.
	handshakeCookie = "throughline-handshake"
	handshakeAge    = 10 * time.Minute
)

// begun keeps a handshake in the browser, and finished takes it back.
func (v *visit) begun(handshake string) {
	v.setCookie(handshakeCookie, handshake, v.server.Now().Add(handshakeAge))
}

func (v *visit) finished() string {
	handshake := v.cookie(handshakeCookie)
	v.setCookie(handshakeCookie, "", time.Time{})
	return handshake
}
