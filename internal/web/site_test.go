package web

import (
	"bytes"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// site is a server of a company whose first run has not been, over a real
// store, with a clock that tests move on.
type site struct {
	t      *testing.T
	server *Server
	gate   *access.Gate
	url    string
	log    *lockedBuffer

	mu sync.Mutex
	at time.Time
}

// lockedBuffer is what was logged.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

// open serves the pages on a loopback port, whose name is localhost, so that
// passkeys work.
func open(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, at: time.Now().UTC().Truncate(time.Second), log: &lockedBuffer{}}
	listening := httptest.NewUnstartedServer(nil)
	s.url = "http://localhost:" + strings.Split(listening.Listener.Addr().String(), ":")[1]
	s.gate = &access.Gate{Store: store, Now: s.now, Chance: rand.Reader}
	s.server = &Server{
		Office: &office.Office{Store: store, Config: filepath.Join(dir, "books.yaml"), Dir: dir, Now: s.now, Things: store, Intake: office.Intake{Uploads: store, Documents: store}}, Gate: s.gate, Forms: store,
		Now: s.now, Chance: rand.Reader, Log: slog.New(slog.NewTextHandler(s.log, nil)), Public: s.url, Key: bytes.Repeat([]byte{7}, 32),
	}
	handler, err := s.server.Handler()
	if err != nil {
		t.Fatal(err)
	}
	listening.Config.Handler = handler
	listening.Start()
	t.Cleanup(func() {
		listening.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// guest is somebody at a browser, with cookies of their own.
type guest struct {
	*http.Client
	site *site
}

func (s *site) browser() *guest {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &guest{&http.Client{Jar: jar, Timeout: 30 * time.Second}, s}
}

// answer is a page as it came, with where it came from at last.
type answer struct {
	status int
	path   string
	body   string
	header http.Header
}

func (b *guest) read(r *http.Response, err error) answer {
	b.site.t.Helper()
	if err != nil {
		b.site.t.Fatal(err)
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.site.t.Fatal(err)
	}
	if err := r.Body.Close(); err != nil {
		b.site.t.Fatal(err)
	}
	return answer{r.StatusCode, r.Request.URL.RequestURI(), string(text), r.Header}
}

func (b *guest) get(path string) answer { return b.read(b.Get(b.site.url + path)) }

func (b *guest) post(path string, fields url.Values) answer {
	return b.read(b.PostForm(b.site.url+path, fields))
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(once|version|parked|to)" value="([^"]*)"`)

// form are the hidden fields of a form of the page, with what is typed.
func (a answer) form(action string, typed url.Values) url.Values {
	out := url.Values{}
	_, after, found := strings.Cut(a.body, `method="post" action="`+action+`"`)
	form, _, _ := strings.Cut(after, "</form>")
	if found {
		for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
			out.Set(m[1], m[2])
		}
	}
	for name, values := range typed {
		out[name] = values
	}
	return out
}

// has fails unless the page says all of it.
func (a answer) has(t *testing.T, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s answers %d, want %d", a.path, a.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s does not say %q:\n%s", a.path, text, main(a.body))
		}
	}
}

func main(body string) string {
	_, after, _ := strings.Cut(body, "<main")
	before, _, _ := strings.Cut(after, "</main>")
	return before
}

const phrase = "tram lemon orbit quilt"

// user adds somebody who has a password, and nothing else yet.
func (s *site) user(email string, roles ...access.Role) access.User {
	s.t.Helper()
	u, link, err := s.gate.Invite(s.t.Context(), 0, access.User{Email: email, Roles: roles})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, _, err := s.gate.Redeem(s.t.Context(), link, access.Chosen{Password: phrase}, access.Origin{Address: "192.0.2.1"}); err != nil {
		s.t.Fatal(err)
	}
	return u
}

// signedIn is the browser of a user who has just signed in, by a link, which
// is quicker than a password.
func (s *site) signedIn(u access.User) *guest {
	s.t.Helper()
	link, err := s.gate.NewLink(s.t.Context(), 0, u.ID, access.SignInLink)
	if err != nil {
		s.t.Fatal(err)
	}
	token, _, err := s.gate.Redeem(s.t.Context(), link, access.Chosen{}, access.Origin{Address: "127.0.0.1"})
	if err != nil {
		s.t.Fatal(err)
	}
	b := s.browser()
	at, err := url.Parse(s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	b.Jar.SetCookies(at, []*http.Cookie{{Name: sessionCookie, Value: token, Path: "/"}})
	return b
}
