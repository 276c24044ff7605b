package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

// What is of the people here stays theirs while a simulated company is in
// view, and pages of the company are its.
func TestSampleAnswersForTheCompanyAlone(t *testing.T) {
	answers := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := io.WriteString(w, text); err != nil {
				t.Error(err)
			}
		})
	}
	var pages http.Handler
	var fault error
	ended := 0
	h := Beside(answers("own"), func(context.Context) (http.Handler, func(), error) { return pages, func() { ended++ }, fault }, slog.New(slog.DiscardHandler))
	ask := func(path string) string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Body.String()
	}
	if got := ask("/room"); got != "own" {
		t.Errorf("without a sample /room is %s", got)
	}
	pages = answers("sample")
	for path, want := range map[string]string{
		"/room": "sample", "/": "sample", "/books": "sample", "/closes/3": "sample", "/settings": "sample", "/startle": "sample",
		"/start": "own", "/start/books/orders": "own", "/uploads/4": "own", "/sample/remove": "own", "/sign-in": "own", "/account": "own", "/people/2": "own", "/audit": "own", "/assets/x/look.css": "own", "/link/abc": "own",
	} {
		if got := ask(path); got != want {
			t.Errorf("%s is answered by %s, want %s", path, got, want)
		}
	}
	pages, fault = nil, errors.New("torn")
	if got := ask("/room"); got != "own" {
		t.Errorf("with a torn sample /room is %s", got)
	}
	if ended != 8 {
		t.Errorf("%d looks ended, want 8", ended)
	}
}
