package web

import (
	"net/http"
	"time"
)

// signOutView asks whether to go.
type signOutView struct{ Email string }

var signOutPage = page[signOutView]("sign-out.html")

func (s *Server) signOut(v *visit) error {
	if !v.signedIn {
		return v.goTo("/sign-in")
	}
	return signOutPage.render(v, http.StatusOK, title{Text: v.t("Sign out")}, signOutView{Email: v.user().Email})
}

func (s *Server) signOutSent(v *visit) error {
	if token := v.cookie(sessionCookie); token != "" {
		if err := s.Gate.SignOut(v.r.Context(), token); err != nil {
			return err
		}
	}
	v.leave()
	return v.goTo("/sign-in")
}

// leave takes the session out of the browser. That the browser is known stays.
func (v *visit) leave() {
	v.setCookie(sessionCookie, "", time.Time{})
	v.signedIn = false
}
