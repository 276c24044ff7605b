package web

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
)

// ofPeople are the addresses that are of the people here and of setting up
// their own books, whatever company is in view.
var ofPeople = []string{"/start", "/sample", "/uploads", "/assets", "/sign-in", "/sign-out", "/oidc", "/link", "/account", "/people", "/audit"}

// Beside answers with a sample company's pages while it is in view, and with
// one's own otherwise. The sample must not end before done is called.
func Beside(own http.Handler, sample func(context.Context) (pages http.Handler, done func(), err error), log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.ContainsFunc(ofPeople, func(p string) bool { return r.URL.Path == p || strings.HasPrefix(r.URL.Path, p+"/") }) {
			own.ServeHTTP(w, r)
			return
		}
		pages, done, err := sample(r.Context())
		if err != nil {
			log.Error("sample company", slog.String("error", err.Error()))
			pages = nil
		}
		defer done()
		if pages == nil {
			pages = own
		}
		pages.ServeHTTP(w, r)
	})
}
