package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// BenchmarkSealedPages is what a sealed page costs once somebody has opened it: at 200 requests a second on two cores a page may take ten
// milliseconds of one core, all in all.
func BenchmarkSealedPages(b *testing.B) {
	f := openFace(b, "Simulated Example Ltd", "EUR", keptIn(b, simulated))
	for _, path := range []string{"/room", "/statement", "/statement/5", "/closes", "/statement/5/figure/customer_trailing_year.earned_growth_rate", "/statement/5/download.json"} {
		b.Run(path, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "http://books.example.com"+path, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			r.AddCookie(&http.Cookie{Name: "throughline", Value: f.token(access.Finance)})
			size := 0
			for b.Loop() {
				w := httptest.NewRecorder()
				f.handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size)/1000, "kB")
		})
	}
}
