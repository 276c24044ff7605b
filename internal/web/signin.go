package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/throughline/throughline/internal/access"
)

// signInView asks who comes in.
type signInView struct {
	Email  string
	To     string // where to go then
	Parked string // the form that was sent when the session had ended, sealed
	Why    string // what went before; empty: nothing
}

var signInTemplate = page[signInView]("sign-in.html")

func (v *visit) signInPage(status int, view signInView) error {
	return signInTemplate.render(v, status, title{Text: v.t("Sign in")}, view)
}

func (s *Server) signIn(v *visit) error {
	return v.signInPage(http.StatusOK, signInView{To: inside(v.r.URL.Query().Get("to"))})
}

func (s *Server) signInSent(v *visit) error {
	ctx := v.r.Context()
	view := signInView{Email: v.r.PostFormValue("email"), To: inside(v.r.PostFormValue("to")), Parked: v.r.PostFormValue("parked")}
	token, session, err := s.Gate.SignIn(ctx, view.Email, v.r.PostFormValue("password"), v.origin())
	var locked *access.Locked
	switch {
	case errors.Is(err, access.ErrWrong):
		view.Why = v.t("The mail address or the password is wrong.")
		return v.signInPage(http.StatusUnauthorized, view)
	case errors.As(err, &locked):
		view.Why = v.t("There were too many wrong tries from here. Try again at %s.", v.moment(locked.Until))
		return v.signInPage(http.StatusTooManyRequests, view)
	case err != nil:
		return err
	}
	v.come(token, session)
	if view.Parked != "" {
		return v.resume(view.Parked)
	}
	return v.goTo(view.To)
}

// come signs the visit in.
func (v *visit) come(token string, session access.Session) {
	v.session, v.signedIn = session, true
	v.setCookie(sessionCookie, token, session.Until)
	if session.NewDevice != "" {
		v.setCookie(deviceCookie, session.NewDevice, v.server.Now().Add(deviceAge))
	}
}

// deviceCookie is by what a browser is known again, so that wrong tries from
// elsewhere do not slow it.
const (
	deviceCookie = "throughline-device"
	deviceAge    = 180 * 24 * time.Hour
)
