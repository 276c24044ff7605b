package web

import (
	"net/http"
	"strings"
	"time"
)

// sessionCookie holds a session's token; the store knows only its hash.
const sessionCookie = "throughline"

// secure tells whether people reach the server over TLS. On the own machine
// they may not.
func (s *Server) secure() bool { return strings.HasPrefix(s.Public, "https://") }

// cookieName binds a cookie to this host where the browser can.
func (s *Server) cookieName(name string) string {
	if s.secure() {
		return "__Host-" + name
	}
	return name
}

func (v *visit) cookie(name string) string {
	c, err := v.r.Cookie(v.server.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie keeps a value in the browser until then; an empty one takes it
// away.
func (v *visit) setCookie(name, value string, until time.Time) {
	c := &http.Cookie{
		Name: v.server.cookieName(name), Value: value, Path: "/", Expires: until, HttpOnly: true, Secure: v.server.secure(), SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(v.w, c)
}
