package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/program"
)

// hurried serves the site's pages with the bounds of a server, the one of
// forms shortened.
func hurried(t *testing.T, s *site, form time.Duration) (address string) {
	t.Helper()
	handler, err := s.server.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := HTTP(handler, s.server.Log)
	if server.ReadTimeout == 0 || server.WriteTimeout == 0 {
		t.Error("a stranger may hold a connection for as long as they like")
	}
	server.ReadTimeout = form
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return l.Addr().String()
}

// slowly sends a request's body in two halves, and the second after a while.
func slowly(t *testing.T, address, head, body string, after time.Duration) (status int, err error) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // the other side may have closed it
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	half := len(body) / 2
	if _, err := fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", head, len(body), body[:half]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if _, err := io.WriteString(c, body[half:]); err != nil {
		return 0, err
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err
	}
	return r.StatusCode, r.Body.Close()
}

func TestAStrangerHoldsNoConnectionAndAnUploadTakesItsTime(t *testing.T) {
	s := open(t)
	lead := s.user("lead@example.com", access.ProgramLead)
	s.signedIn(lead)
	token, _, err := s.gate.NewToken(t.Context(), lead.ID, access.Token{User: lead.ID, Name: "files", Scopes: access.Scopes{access.ChangeBooks}})
	if err != nil {
		t.Fatal(err)
	}
	upload, err := s.server.Office.NewUpload(t.Context(), lead.ID, "orders.csv", 8)
	if err != nil {
		t.Fatal(err)
	}
	address := hurried(t, s, 300*time.Millisecond)
	form := "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	if status, err := slowly(t, address, form, "email=a@example.com&password=b", time.Second); err == nil && status == http.StatusUnauthorized {
		t.Error("a form of a stranger was waited for")
	}
	piece := fmt.Sprintf("PATCH /uploads/%d HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n", upload.ID, token)
	if status, err := slowly(t, address, piece, "a,b\n1,2\n", time.Second); err != nil || status != http.StatusNoContent {
		t.Errorf("an upload that takes longer than a form: %d, %v", status, err)
	}
	if u, err := s.server.Office.Upload(t.Context(), lead.ID, upload.ID); err != nil || u.State != program.Complete {
		t.Errorf("the upload is %s, %v", u.State, err)
	}
}

func TestAFormHoldsTextAndItsKeyIsOneOfOurs(t *testing.T) {
	s := open(t)
	b := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	for range 2 { // with the key of a page it would be done once alone
		a := b.post("/account/language", url.Values{"locale": {"e\x00n\xff"}, "once": {strings.Repeat("k\x00", 10_000)}})
		if a.status >= http.StatusInternalServerError {
			t.Errorf("status %d", a.status)
		}
	}
	if logged := s.log.String(); logged != "" {
		t.Error(logged)
	}
}
