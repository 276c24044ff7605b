package web

import (
	"errors"
	"net/http"

	"github.com/throughline/throughline/internal/access"
)

// oidcAway sends the browser to the identity provider. It is a link and no
// form: a page's policy lets forms go nowhere but here.
func (s *Server) oidcAway(v *visit) error {
	to := inside(v.r.URL.Query().Get("to"))
	address, handshake, err := s.Gate.Leave(v.r.Context(), to, v.origin())
	var locked *access.Locked
	switch {
	case errors.Is(err, access.ErrNoProvider):
		return s.nowhere(v)
	case errors.As(err, &locked):
		status, why := v.unproven(err)
		return v.signInPage(status, signInView{To: to, Why: why})
	case err != nil:
		v.log(route{pattern: "GET /oidc"}, err)
		return v.signInPage(http.StatusBadGateway, signInView{To: to, Why: v.t("%s does not answer. Try again, or sign in another way.", s.Gate.Provider.Name())})
	}
	v.begun(handshake)
	http.Redirect(v.w, v.r, address, http.StatusSeeOther)
	return nil
}

// oidcBack is where the provider sends the browser back to.
func (s *Server) oidcBack(v *visit) error {
	if s.Gate.Provider == nil {
		return s.nowhere(v)
	}
	q := v.r.URL.Query()
	r := access.Return{Handshake: v.finished(), State: q.Get("state"), Code: q.Get("code")}
	if q.Get("error") != "" {
		return v.signInPage(http.StatusUnauthorized, signInView{To: "/", Why: v.t("%s did not sign you in. Try again, or sign in another way.", s.Gate.Provider.Name())})
	}
	token, session, next, err := s.Gate.Arrive(v.r.Context(), r, v.origin())
	if errors.Is(err, access.ErrNotProven) {
		v.log(route{pattern: "GET /oidc/back"}, err)
	}
	return v.arrived(token, session, signInView{To: inside(next)}, err)
}
