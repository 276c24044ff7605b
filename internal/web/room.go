package web

import "net/http"

// home leads to where the visitor's work is: the first run before there are
// books, the room afterwards.
func (s *Server) home(v *visit) error {
	if !v.founded {
		return v.goTo("/start")
	}
	return v.goTo("/room")
}

// roomView is the Customer Room's first wall.
type roomView struct{}

var roomPage = page[roomView]("room.html")

func (s *Server) room(v *visit) error {
	return roomPage.render(v, http.StatusOK, title{Text: v.t("Customer Room"), Pictures: true}, roomView{})
}
