package web

import "strconv"

// sessionEnded ends one of one's sessions.
func (s *Server) sessionEnded(v *visit) error {
	id, err := strconv.ParseInt(v.r.PostFormValue("session"), 10, 64)
	if err != nil {
		return v.goTo("/account")
	}
	if err := s.Gate.EndSession(v.r.Context(), v.user().ID, id); err != nil {
		return err
	}
	if id == v.session.ID {
		v.leave()
		return v.goTo("/sign-in")
	}
	return v.goTo("/account?done=ended")
}

// signedOutEverywhere ends all of them, this one too.
func (s *Server) signedOutEverywhere(v *visit) error {
	if err := s.Gate.SignOutEverywhere(v.r.Context(), v.user().ID, v.user().ID); err != nil {
		return err
	}
	v.leave()
	return v.goTo("/sign-in")
}
