package web

import "net/http"

// passwordSent changes one's password.
func (s *Server) passwordSent(v *visit) error {
	chosen := v.r.PostFormValue("password")
	if chosen != v.r.PostFormValue("again") {
		return s.showAccount(v, http.StatusUnprocessableEntity, ownView{Wrong: map[string]string{"again": v.t("The two are not the same.")}})
	}
	if err := s.Gate.ChangePassword(v.r.Context(), v.session, v.r.PostFormValue("old"), chosen); err != nil {
		return s.wrongly(v, ownView{}, err)
	}
	return v.goTo("/account?done=password")
}
