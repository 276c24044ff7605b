package web

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestUnreadableSettingsKeepNobodyFromSigningInAndTellStrangersNothing: a slip in books.yaml must not lock out who mends it,
// and what the file says is not for everybody.
func TestUnreadableSettingsKeepNobodyFromSigningInAndTellStrangersNothing(t *testing.T) {
	s := open(t)
	if err := os.WriteFile(s.server.Office.Config, []byte("company: Secret Plans Ltd\nsettings: {currency: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/sign-in": http.StatusOK, "/room": http.StatusOK} { // the second leads to the first
		r, err := s.browser().Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		body := new(strings.Builder)
		if err := r.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := r.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if r.StatusCode != want || strings.Contains(body.String(), "Secret") || strings.Contains(body.String(), "books.yaml") {
			t.Errorf("%s answers %d:\n%s", path, r.StatusCode, body)
		}
	}
}
