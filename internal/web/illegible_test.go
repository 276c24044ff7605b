package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// sends posts a body as it is and tells what came back.
func (b *guest) sends(path, kind, body string) answer {
	b.site.t.Helper()
	return b.read(b.Post(b.site.url+path, kind, strings.NewReader(body)))
}

// parts is a form of one field, sent in parts.
func parts(t *testing.T, name, value string) (kind, body string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	if err := w.WriteField(name, value); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), out.String()
}

const urlencoded = "application/x-www-form-urlencoded"

// A handler that asks a form for one field would take a form that cannot be
// read for an empty one.
func TestAFormThatCannotBeReadWholeReachesNoHandler(t *testing.T) {
	s := open(t)
	u := s.user("all@example.com", access.Roles...)
	large := strings.Repeat("x", formSize+200_000)
	kind, sent := parts(t, "note", large)
	for _, r := range s.server.routes() {
		method, path := split(r.pattern)
		if method != http.MethodPost {
			continue
		}
		path = pathValue.ReplaceAllString(path, "1")
		b := s.signedIn(u)
		b.sends(path, urlencoded, "note="+large).has(t, http.StatusRequestEntityTooLarge, "larger than this page takes", "Nothing was changed")
		b.sends(path, urlencoded, "note=%zz").has(t, http.StatusBadRequest, "This form could not be read")
		if r.body != 0 { // what comes in parts is read as it comes there
			continue
		}
		b.sends(path, kind, sent).has(t, http.StatusRequestEntityTooLarge, "larger than this page takes")
		b.sends(path, kind, sent[:len(sent)/8]).has(t, http.StatusBadRequest, "This form could not be read")
	}
}

func TestALanguageInAFormThatIsTooLargeIsNotTaken(t *testing.T) {
	s := open(t)
	u := s.user("lead@example.com", access.ProgramLead)
	b := s.signedIn(u)
	b.post("/account/language", url.Values{"language": {"en"}})
	before, err := s.gate.User(t.Context(), u.ID)
	if err != nil || before.Locale != "en" {
		t.Fatalf("%+v, %v", before, err)
	}
	b.sends("/account/language", urlencoded, "language=&more="+strings.Repeat("x", formSize)).has(t, http.StatusRequestEntityTooLarge)
	if now, err := s.gate.User(t.Context(), u.ID); err != nil || now.Locale != "en" || now.Version != before.Version {
		t.Errorf("%+v, %v", now, err)
	}
}

func TestAFormThatIsTooLargeIsRefusedWithoutASession(t *testing.T) {
	s := open(t)
	s.browser().sends("/closes/2/review", urlencoded, "note="+strings.Repeat("x", formSize)).has(t, http.StatusRequestEntityTooLarge)
	s.browser().sends("/closes/2/review", urlencoded, "note=%zz").has(t, http.StatusBadRequest)
}
