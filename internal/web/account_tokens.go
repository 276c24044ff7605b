package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/access"
)

// tokenSent makes an API token and shows it, this once.
func (s *Server) tokenSent(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	view := ownView{Draft: tokenDraft{Name: v.r.PostFormValue("name"), Days: strings.TrimSpace(v.r.PostFormValue("days"))}}
	for _, scope := range v.r.PostForm["scope"] {
		view.Draft.Scopes = append(view.Draft.Scopes, access.Right(scope))
	}
	if !s.Gate.Fresh(v.session) {
		return v.again()
	}
	days, err := strconv.Atoi(view.Draft.Days)
	if err != nil || days < 1 || days > access.TokenDays {
		view.Wrong, view.Do = map[string]string{"until": v.t("This is no number of days from 1 to %d", access.TokenDays)}, map[string]string{"until": v.t("say after how many days it ends")}
		return s.showAccount(v, http.StatusUnprocessableEntity, view)
	}
	t := access.Token{User: v.user().ID, Name: view.Draft.Name, Scopes: view.Draft.Scopes, Until: s.Now().UTC().AddDate(0, 0, days)}
	bearer, _, err := s.Gate.NewToken(v.r.Context(), v.user().ID, t)
	if err != nil {
		return s.wrongly(v, view, err)
	}
	// The form has been taken: sending it again leads back and makes no second one.
	if err := v.settle("/account"); err != nil {
		return err
	}
	v.w.Header().Set("Cache-Control", "no-store")
	return s.showAccount(v, http.StatusOK, ownView{Bearer: bearer})
}

// tokenRevoked ends one of one's tokens.
func (s *Server) tokenRevoked(v *visit) error {
	id, err := strconv.ParseInt(v.r.PostFormValue("token"), 10, 64)
	if err != nil {
		return v.goTo("/account")
	}
	if err := s.Gate.RevokeToken(v.r.Context(), v.user().ID, v.user().ID, id); err != nil && !errors.Is(err, access.ErrNoToken) {
		return err
	}
	return v.goTo("/account?done=revoked")
}

// named lists rights as a page says them.
func named[T ~string](names []T) string {
	text := make([]string, len(names))
	for i, n := range names {
		text[i] = string(n)
	}
	return strings.Join(text, ", ")
}
