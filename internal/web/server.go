// Package web is the product's face: pages rendered on the server, each complete without script. A page is one route file
// with one typed struct and one template of the same name under pages/; a handler parses, asks the office, and refuses or
// renders. The package owns addresses, markup, words and the safety of the browser's side (who may call what, what a page
// may load, what a form may send); it computes no figure and stores nothing.
//
// How to add a page: a struct and `var xPage = page[xView]("x.html")` beside its handler in x.go, a template pages/x.html
// that defines "main" over that struct, and a line in routes.go with the right that it needs. Words go through {{t "…"}}.
// Tests then hold the template to the struct, try the route as every role, and open it in a browser.
//
// The invariant: no route answers before its right is checked against the one table of package access, and nothing that
// a person typed is lost by a refusal.
package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// Server answers the pages of one company.
type Server struct {
	Office *office.Office
	Gate   *access.Gate
	Forms  program.Once   // forms that were sent
	Sample *office.Sample // a simulated company beside; nil: none is offered
	Now    func() time.Time
	Chance io.Reader // for what nobody may guess
	Log    *slog.Logger
	// Public is how people reach the server, such as https://books.example.com.
	// Cookies are marked secure, and passkeys and OIDC work, by it.
	Public string
	// Proxied tells that a proxy of ours stands before the server and says in
	// X-Forwarded-For whom it answers.
	Proxied bool
	// Key is the server's own secret of 32 bytes: it seals what a page hands
	// out to be handed back.
	Key []byte

	// Print prints a page as PDF; nil: nothing here can.
	Print func(ctx context.Context, page []byte) ([]byte, error)

	printing  sync.Mutex
	pages     *pageSet
	assets    *assets
	bodies    bodies // rendered parts of what is sealed
	freshness freshness
}

// Handler checks that every page is whole and answers requests.
func (s *Server) Handler() (http.Handler, error) {
	var err error
	if s.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if s.pages, err = parsePages(s.assets, s.Chance); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.serve(r))
	}
	mux.Handle("GET /assets/", s.assets)
	mux.Handle("/", s.serve(route{pattern: "/", right: access.Anyone, handle: s.nowhere}))
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.serve(route{pattern: "foreign form", right: access.Anyone, handle: s.foreign}))
	pages, err := compressed(mux)
	if err != nil {
		return nil, err
	}
	return s.recovered(safe(guard.Handler(pages))), nil
}

// Listen timeouts: a page is small, an upload is not, and nobody may hold a
// connection for nothing.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	// A form has this long to arrive, and a page to be taken. Whoever has the
	// right to upload or to download may take longer (visit.unhurried).
	formTimeout = time.Minute
	pageTimeout = 2 * time.Minute
)

// HTTP is the server that handler is served by.
func HTTP(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: formTimeout, WriteTimeout: pageTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
