package web

import (
	"errors"
	"net/http"

	"github.com/throughline/throughline/internal/access"
)

// options answers a script with what it is to ask of the browser, and keeps
// the handshake in a cookie.
func (v *visit) options(options []byte, handshake string, err error) error {
	var locked *access.Locked
	var refused *access.Refusal
	switch {
	case errors.As(err, &locked):
		return v.say(http.StatusTooManyRequests, v.t("This was begun too often from here. Try again at %s.", v.moment(locked.Until)))
	case errors.Is(err, access.ErrNotFresh):
		return v.say(http.StatusForbidden, v.t("Sign in again first: making a passkey asks that you have signed in within the last minutes."))
	case errors.Is(err, access.ErrNoLink):
		return v.say(http.StatusGone, v.t("This link has been used or is too old."))
	case errors.Is(err, access.ErrNoCeremony):
		return v.say(http.StatusNotFound, v.t("Passkeys need the pages to be reached by a name over HTTPS."))
	case errors.As(err, &refused):
		return v.say(http.StatusUnprocessableEntity, refused.What)
	case err != nil:
		return err
	}
	v.begun(handshake)
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	if _, err := v.w.Write(options); err != nil {
		return errAnswered // the visitor went away
	}
	return nil
}

// say answers a script with one sentence.
func (v *visit) say(status int, text string) error {
	http.Error(v.w, text, status)
	return nil
}

func (s *Server) passkeyAsked(v *visit) error {
	return v.options(s.Gate.BeginPasskeySignIn(v.r.Context(), v.origin()))
}

func (s *Server) passkeyAnswered(v *visit) error {
	view := v.signInFields()
	token, session, err := s.Gate.FinishPasskeySignIn(v.r.Context(), v.finished(), []byte(v.r.PostFormValue("credential")), v.origin())
	return v.arrived(token, session, view, err)
}
