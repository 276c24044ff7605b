package web

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// visit is one request: who asks, in which language, of which company.
type visit struct {
	server   *Server
	w        http.ResponseWriter
	r        *http.Request
	session  access.Session // zero: nobody is signed in
	signedIn bool
	locale   *locale
	company  office.Company
	founded  bool                // there are books
	unread   error               // why the settings cannot be read
	claim    *program.Submission // the form that is being worked on
	scopes   access.Scopes       // of an API token; nil: a browser's session, with all of the user's rights
}

// formSize is how much a form may send: long mappings and texts, no files.
const formSize = 1 << 20

// serve finds who asks, checks the right, and answers; what a handler refuses
// becomes a page of the same rank as any other.
func (s *Server) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := &visit{server: s, w: w, r: req, locale: s.pages.of(req)}
		limit, streams := r.body, r.body != 0 && !v.plainForm()
		if !streams {
			limit = formSize
		}
		req.Body = http.MaxBytesReader(w, req.Body, limit)
		err := v.enter()
		if err == nil {
			err = v.allowed(r)
		}
		if err == nil {
			err = v.readable(r)
		}
		if err == nil {
			err = v.unhurried(r)
		}
		if err == nil && !streams {
			err = v.legible()
		}
		if err == nil {
			err = v.claimed(r.handle)
		}
		if err != nil && !errors.Is(err, errAnswered) {
			v.fail(r, err)
		}
	})
}

// unhurried gives who has shown who they are all the time that a large answer
// takes, and, where files are given, that a large question takes. Strangers
// keep to the server's bounds.
func (v *visit) unhurried(r route) error {
	if r.right == access.Anyone {
		return nil
	}
	control := http.NewResponseController(v.w)
	err := control.SetWriteDeadline(time.Time{})
	if r.body != 0 && err == nil {
		err = control.SetReadDeadline(time.Time{})
	}
	if errors.Is(err, http.ErrNotSupported) { // no connection, as in a test
		return nil
	}
	return err
}

// errAnswered says that the visit has its answer already.
var errAnswered = errors.New("answered")

// enter finds the session and the company.
func (v *visit) enter() error {
	s := v.server
	var err error
	v.company, err = s.Office.Company(v.r.Context())
	switch {
	case errors.Is(err, office.ErrNoCompany):
		if v.company.TimeZone, err = s.Office.ComingZone(v.r.Context()); err != nil {
			return err
		}
	case err != nil:
		v.unread = err // said to whoever may know, once it is known who asks
	default:
		v.founded = true
	}
	if bearer, ok := strings.CutPrefix(v.r.Header.Get("Authorization"), "Bearer "); ok {
		return v.enterByToken(bearer)
	}
	token := v.cookie(sessionCookie)
	if token == "" {
		return nil
	}
	session, err := s.Gate.Session(v.r.Context(), token)
	if errors.Is(err, access.ErrNoSession) {
		return nil
	}
	if err != nil {
		return err
	}
	v.session, v.signedIn = session, true
	if session.User.Locale != "" && v.r.URL.Query().Get("lang") == "" {
		v.locale = s.pages.named(session.User.Locale, v.locale)
	}
	return nil
}

// readable refuses pages of a company whose settings cannot be read. Signing in
// and one's own account need none; what is wrong with them, which may quote
// them, is for whoever may see the books.
func (v *visit) readable(r route) error {
	if v.unread == nil || r.right == access.Anyone || r.right == access.OwnAccount {
		return nil
	}
	if v.may(access.ReadBooks) {
		return v.unread
	}
	return errors.Join(v.refuse(http.StatusServiceUnavailable, v.t("The company's settings cannot be read"), v.t("Whoever keeps the books has to mend books.yaml; nothing else is lost.")), errAnswered)
}

// enterByToken finds whose API token it is, and what it may be used for.
func (v *visit) enterByToken(bearer string) error {
	user, scopes, err := v.server.Gate.Token(v.r.Context(), bearer)
	if errors.Is(err, access.ErrNoToken) {
		http.Error(v.w, "the API token is unknown, revoked or past its end; make another one on the account page", http.StatusUnauthorized)
		return errAnswered
	}
	if err != nil {
		return err
	}
	v.session.User, v.signedIn, v.scopes = user, true, append(access.Scopes{}, scopes...)
	return nil
}

// allowed checks the route's right. Who is nobody is sent to sign in, and what
// they had typed is kept for afterwards.
func (v *visit) allowed(r route) error {
	switch {
	case r.right == access.Anyone:
		return nil
	case !v.signedIn:
		return v.signInFirst()
	case !v.may(r.right):
		if err := v.refuse(http.StatusForbidden, v.t("This page is not for your role"), v.t("An administrator can give you the right; your roles stand on your account page.")); err != nil {
			return err
		}
		return errAnswered
	}
	return nil
}

// user is who asks; zero when nobody is signed in.
func (v *visit) user() access.User { return v.session.User }

// may tells whether who asks has a right; of an API token, whether it carries
// it too.
func (v *visit) may(right access.Right) bool {
	return v.signedIn && v.user().May(right) && (v.scopes == nil || v.scopes.May(right))
}

// t is a sentence in the visitor's language.
func (v *visit) t(text string, args ...any) string { return v.locale.t(text, args...) }

// goTo sends the visitor on: after a form has been taken, reloading the page it
// leads to sends nothing twice.
func (v *visit) goTo(path string) error {
	if err := v.settle(path); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// log keeps what happened without whom it happened to: the route's pattern, no
// path, no query and no name.
func (v *visit) log(r route, err error) {
	v.server.Log.Error("page", slog.String("route", r.pattern), slog.String("error", err.Error()))
}

func split(pattern string) (method, path string) {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		return "", method
	}
	return method, strings.TrimSuffix(path, "{$}")
}

// origin is where a try to sign in comes from.
func (v *visit) origin() access.Origin {
	host, _, err := net.SplitHostPort(v.r.RemoteAddr)
	if err != nil {
		host = v.r.RemoteAddr
	}
	// Only the last word of the header is the proxy's own; the others are the
	// visitor's to invent.
	if all := v.r.Header.Values("X-Forwarded-For"); v.server.Proxied && len(all) > 0 {
		last := all[len(all)-1]
		if i := strings.LastIndexByte(last, ','); i >= 0 {
			last = last[i+1:]
		}
		if ip, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil {
			host = ip.String()
		}
	}
	return access.Origin{Address: host, Device: v.cookie(deviceCookie), Agent: v.r.UserAgent(), Session: v.cookie(sessionCookie)}
}
