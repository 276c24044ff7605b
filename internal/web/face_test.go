package web_test

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/internal/store/sqlite"
	"github.com/throughline/throughline/internal/web"
)

// face is a company's pages over a real store, with seals in it and one person of each role.
type face struct {
	testing.TB
	store   *sqlite.Store
	office  *office.Office
	server  *web.Server
	handler http.Handler
	users   map[access.Role]access.User
	tokens  map[access.Role]string
	now     time.Time
}

// kept is a row of the table of seals, as testdata holds it.
type kept struct {
	ID          int64
	Statement   string
	Label       string
	At          string
	Fingerprint string
	Inputs      string
	Preparer    string
	Restates    *int64
	Document    string
	Reviewer    string
	Note        string
}

// keptIn reads the seals of a file under testdata.
func keptIn(t testing.TB, name string) []kept {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows []kept
	if err := json.NewDecoder(z).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// simulated and ledger are the companies of testdata.
const (
	simulated = "simulated.json.gz"
	ledger    = "ledger.json.gz"
)

// open makes the pages of a company that has sealed these.
func openFace(t testing.TB, company, currency string, rows []kept) *face {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	books := fmt.Sprintf("company: %s\nsettings: {currency: %s, timezone: Europe/Berlin}\nbooks:\n  orders:\n    from: orders.csv\n    columns: {customer_id: c, ordered_at: d, amount: a}\n", quoted(company), currency)
	if err := os.WriteFile(filepath.Join(dir, "books.yaml"), []byte(books), 0o644); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, filepath.Join(dir, "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &face{TB: t, store: store, users: map[access.Role]access.User{}, tokens: map[access.Role]string{}, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	now := func() time.Time { return f.now }
	f.office = &office.Office{Store: store, Config: filepath.Join(dir, "books.yaml"), Dir: dir, Now: now}
	if len(rows) > 0 {
		if _, err := store.Commit(ctx, snapshot.Change{At: f.now}); err != nil {
			t.Fatal(err)
		}
	}
	f.keep(rows)
	gate := &access.Gate{Store: store, Now: now, Chance: rand.Reader, Company: company}
	for _, role := range access.Roles {
		f.users[role] = f.user(role)
	}
	f.server = &web.Server{
		Office: f.office, Gate: gate, Forms: store, Now: now, Chance: rand.Reader, Log: slog.New(slog.NewTextHandler(testLog{t}, nil)), Public: "http://books.example.com", Key: make([]byte, 32),
	}
	if f.handler, err = f.server.Handler(); err != nil {
		t.Fatal(err)
	}
	return f
}

func quoted(text string) string { b, _ := json.Marshal(text); return string(b) }

type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) { l.t.Log(string(b)); return len(b), nil }

// keep seals the rows in their order.
func (f *face) keep(rows []kept) {
	f.Helper()
	ids := map[int64]int64{}
	for _, r := range rows {
		at, err := time.Parse(time.RFC3339Nano, r.At)
		if err != nil {
			f.Fatal(err)
		}
		s := closing.Seal{Statement: r.Statement, Label: r.Label, At: at, Snapshot: 1, Fingerprint: r.Fingerprint, Inputs: []byte(r.Inputs), Preparer: r.Preparer, Document: []byte(r.Document)}
		if r.Restates != nil {
			s.Restates = ids[*r.Restates]
		}
		s, err = f.store.Keep(context.Background(), s)
		if err != nil {
			f.Fatal(err)
		}
		ids[r.ID] = s.ID
		if r.Reviewer != "" {
			if err := f.store.Review(context.Background(), s, closing.Review{Reviewer: r.Reviewer, At: f.now, Note: r.Note}); err != nil {
				f.Fatal(err)
			}
		}
	}
}

// user adds a person of a role.
func (f *face) user(role access.Role) access.User {
	f.Helper()
	email := strings.ReplaceAll(string(role), " ", ".") + "@example.com"
	u, err := f.store.AddUser(context.Background(), access.UserVersion{User: access.User{Email: email, Name: string(role), Roles: []access.Role{role}}, At: f.now})
	if err != nil {
		f.Fatal(err)
	}
	return u
}

// token signs the person of a role in by a link, once.
func (f *face) token(role access.Role) string {
	f.Helper()
	if f.tokens[role] != "" {
		return f.tokens[role]
	}
	ctx := context.Background()
	secret, err := f.server.Gate.NewLink(ctx, 0, f.users[role].ID, access.SignInLink)
	if err != nil {
		f.Fatal(err)
	}
	f.tokens[role], _, err = f.server.Gate.Redeem(ctx, secret, access.Chosen{}, access.Origin{Address: "192.0.2.1", Agent: "test"})
	if err != nil {
		f.Fatal(err)
	}
	return f.tokens[role]
}

// ask sends a request as somebody and gives the answer.
func (f *face) ask(role access.Role, method, path string, form url.Values) *http.Response {
	f.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://books.example.com"+path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if role != "" {
		r.AddCookie(&http.Cookie{Name: "throughline", Value: f.token(role)})
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w.Result()
}

// page is a page that must be there.
func (f *face) page(role access.Role, path string) string {
	f.Helper()
	answer := f.ask(role, http.MethodGet, path, nil)
	body := read(f, answer)
	if answer.StatusCode != http.StatusOK {
		f.Fatalf("%s answered %d: %s", path, answer.StatusCode, visible(f, body))
	}
	return body
}

func read(t testing.TB, answer *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// visible is the text of a page's main part as it is read: a line a block, cells side by side.
func visible(t testing.TB, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(n *html.Node, on bool)
	walk = func(n *html.Node, on bool) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "script", "style", "template", "head":
				return
			case "main":
				on = true
			}
		}
		if n.Type == html.TextNode && on {
			text := strings.Join(strings.Fields(n.Data), " ")
			if text != "" {
				if strings.TrimLeft(n.Data, " \n\t") != n.Data {
					b.WriteByte(' ')
				}
				b.WriteString(text)
				if strings.TrimRight(n.Data, " \n\t") != n.Data {
					b.WriteByte(' ')
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, on)
		}
		if n.Type != html.ElementNode || !on {
			return
		}
		switch n.Data {
		case "td", "th":
			b.WriteString(" | ")
		case "p", "h1", "h2", "h3", "h4", "li", "tr", "dt", "dd", "caption", "div", "section", "header", "summary", "figcaption", "text":
			b.WriteByte('\n')
		}
	}
	walk(root, false)
	var lines []string
	for _, line := range strings.Split(b.String(), "\n") {
		line = strings.Trim(strings.Join(strings.Fields(line), " "), "| ")
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
