package web

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// policy is what a page may load and where its forms may go: nothing but ours,
// and no script or style that stands in the page.
var policy = strings.Join([]string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "font-src 'none'", "object-src 'none'",
	"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}, "; ")

// safe tells the browser what it may do with a page.
func safe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		next.ServeHTTP(w, r)
	})
}

// compressed sends text as gzip to whoever takes it. Some pages show what was
// typed beside what is not everybody's; a little chance in each answer's length
// keeps the length from telling (BREACH).
func compressed(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		return nil, err
	}
	return wrap(next), nil
}

// recovered answers a defect with a page instead of a cut connection.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch defect := recover(); defect {
			case nil:
			case http.ErrAbortHandler:
				panic(defect)
			default:
				s.Log.Error("page", slog.Any("defect", defect), slog.String("stack", string(debug.Stack())))
				http.Error(w, "This page met a defect of ours; nothing was changed by it.", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
