package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
)

func TestARefusalQuotesNoCustomerToWhoMayNotSeeThem(t *testing.T) {
	s := open(t)
	ring := route{pattern: "GET /ring", right: access.ReadRows, handle: func(*visit) error {
		return &engine.Unanswerable{What: `customer_links: the links of "ann@example.com" lead in a ring`, Do: "take one out"}
	}}
	for role, told := range map[access.Role]bool{access.Analyst: false, access.Finance: true} {
		b := s.signedIn(s.user("reader-"+string(role)[:3]+"@example.com", role))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/ring", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Jar.Cookies(r.URL) {
			r.AddCookie(c)
		}
		got := httptest.NewRecorder()
		s.server.serve(ring).ServeHTTP(got, r)
		if got.Code != http.StatusUnprocessableEntity || strings.Contains(got.Body.String(), "ann@example.com") != told {
			t.Errorf("%s: status %d, told %v", role, got.Code, !told)
		}
	}
}
