package web

import (
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/throughline/throughline/internal/access"
)

func encoded(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

func (s *Server) accountPasskeyAsked(v *visit) error {
	return v.options(s.Gate.BeginPasskey(v.r.Context(), v.session))
}

// accountPasskeySent keeps a new passkey.
func (s *Server) accountPasskeySent(v *visit) error {
	err := s.Gate.FinishPasskey(v.r.Context(), v.session, v.finished(), v.r.PostFormValue("name"), []byte(v.r.PostFormValue("credential")))
	if errors.Is(err, access.ErrNotProven) || errors.Is(err, access.ErrNoLink) || errors.Is(err, access.ErrTaken) {
		return s.showAccount(v, http.StatusUnprocessableEntity, ownView{Wrong: map[string]string{"passkey": v.t("The passkey could not be made. Begin again.")}})
	}
	if err != nil {
		return s.wrongly(v, ownView{}, err)
	}
	return v.goTo("/account?done=passkey")
}

// passkeyRemoved takes one away.
func (s *Server) passkeyRemoved(v *visit) error {
	id, err := base64.RawURLEncoding.DecodeString(v.r.PostFormValue("passkey"))
	if err != nil {
		id = nil
	}
	err = s.Gate.RemovePasskey(v.r.Context(), v.session, id)
	if errors.Is(err, access.ErrNoPasskey) {
		return v.goTo("/account") // another tab has removed it
	}
	if err != nil {
		return s.wrongly(v, ownView{}, err)
	}
	return v.goTo("/account?done=removed")
}
