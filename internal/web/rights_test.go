package web

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

var updateDocs = flag.Bool("update-docs", false, "write the table of docs/routes.md")

func docs(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documented reads docs/rights.md: which role has which right. The test of the
// routes expects what the page says, so that neither the page nor the code can
// change alone.
func documented(t *testing.T) map[access.Role][]access.Right {
	t.Helper()
	out := map[access.Role][]access.Right{}
	var roles []access.Role
	for _, line := range strings.Split(docs(t, "rights.md"), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case cells[0] == "right":
			for _, c := range cells[2:] {
				roles = append(roles, access.Role(c))
			}
		case strings.HasPrefix(cells[0], "`") && len(roles) > 0:
			// The last cells may be trimmed away when they are empty.
			for i, c := range strings.Split(line, "|")[3:] {
				if strings.TrimSpace(c) == "●" && i < len(roles) {
					out[roles[i]] = append(out[roles[i]], access.Right(strings.Trim(cells[0], "`")))
				}
			}
		}
	}
	if len(roles) != len(access.Roles) || len(out) != len(access.Roles) {
		t.Fatalf("docs/rights.md names the roles %q, want %q", roles, access.Roles)
	}
	return out
}

var pathValue = regexp.MustCompile(`\{[^}]*\}`)

// outcome is what became of a request, as far as rights go.
type outcome string

const (
	answered outcome = "answered"
	toSignIn outcome = "sent to sign in"
	denied   outcome = "denied"
)

// try sends a request to a route and tells whether its right let it through.
func (b *guest) try(r Route, header http.Header) outcome {
	b.site.t.Helper()
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var body *strings.Reader = strings.NewReader("")
	request, err := http.NewRequestWithContext(b.site.t.Context(), r.Method, b.site.url+pathValue.ReplaceAllString(r.Path, "1"), body)
	if err != nil {
		b.site.t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if r.Method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a := b.read(b.Do(request))
	switch {
	case a.status == http.StatusForbidden && strings.Contains(a.body, "This page is not for your role"):
		return denied
	case r.Method == http.MethodGet && a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/sign-in") && r.Path != "/sign-out":
		return toSignIn
	case a.status == http.StatusUnauthorized && strings.Contains(a.body, "Your session has ended. Sign in, and what you had typed is still here."):
		return toSignIn
	case strings.HasPrefix(r.Path, "/uploads") && a.status == http.StatusUnauthorized: // said to a script
		return toSignIn
	case r.Method == http.MethodHead && a.status == http.StatusForbidden: // in no words
		return denied
	}
	return answered
}

func TestEveryRouteAsEveryRoleAndAsNobody(t *testing.T) {
	s := open(t)
	grants := documented(t)
	users := map[access.Role]access.User{}
	for i, role := range access.Roles {
		u, _, err := s.gate.Invite(t.Context(), 0, access.User{Email: fmt.Sprintf("user%d@example.com", i), Roles: []access.Role{role}})
		if err != nil {
			t.Fatal(err)
		}
		users[role] = u
	}
	for _, r := range Routes() {
		name := r.Method + " " + r.Path
		want := toSignIn
		if r.Right == access.Anyone {
			want = answered
		}
		if got := s.browser().try(r, nil); got != want && r.Path != "/" {
			t.Errorf("%s as nobody: %s, want %s", name, got, want)
		}
		for _, role := range access.Roles {
			want := denied
			if slices.Contains(grants[role], r.Right) {
				want = answered
			}
			// Each with a session of their own: what a route does to the one
			// before it, such as ending it, is not asked here.
			if got := s.signedIn(users[role]).try(r, nil); got != want {
				t.Errorf("%s as %s: %s, want %s", name, role, got, want)
			}
		}
	}
}

func TestADisabledUserIsNobodyOnEveryRoute(t *testing.T) {
	s := open(t)
	s.user("admin@example.com", access.Administrator)
	u := s.user("gone@example.com", access.Roles...)
	b := s.signedIn(u)
	u.Disabled = true
	if _, err := s.gate.ChangeUser(t.Context(), 0, u); err != nil {
		t.Fatal(err)
	}
	for _, r := range Routes() {
		if got := b.try(r, nil); r.Right != access.Anyone && got != toSignIn {
			t.Errorf("%s %s: %s", r.Method, r.Path, got)
		}
	}
}

func TestATokenOpensItsScopesAlone(t *testing.T) {
	s := open(t)
	u := s.user("all@example.com", access.Roles...)
	bearer, _, err := s.gate.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "x", Scopes: access.Scopes{access.ReadAudit, access.ReadUsers}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Routes() {
		want := denied
		if r.Right == access.Anyone || r.Right == access.ReadAudit || r.Right == access.ReadUsers {
			want = answered
		}
		if got := s.browser().try(r, http.Header{"Authorization": {"Bearer " + bearer}}); got != want {
			t.Errorf("%s %s: %s, want %s", r.Method, r.Path, got, want)
		}
	}
	a := s.browser()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/audit", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer tl_made-up")
	a.read(a.Do(request)).has(t, http.StatusUnauthorized, "unknown, revoked or past its end")
}

// A form that another site's page sends with the visitor's cookies is refused
// before anything else.
func TestAForeignFormIsRefusedOnEveryRoute(t *testing.T) {
	s := open(t)
	u := s.user("all@example.com", access.Roles...)
	for _, r := range Routes() {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			continue
		}
		for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}}} {
			b := s.signedIn(u)
			request, err := http.NewRequestWithContext(t.Context(), r.Method, s.url+pathValue.ReplaceAllString(r.Path, "1"), strings.NewReader(url.Values{"x": {"y"}}.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			request.Header = header.Clone()
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			b.read(b.Do(request)).has(t, http.StatusForbidden, "sent from another site")
		}
	}
}

// routesTable is docs/routes.md's table.
func routesTable() string {
	var b strings.Builder
	b.WriteString("| address | right |\n| --- | --- |\n")
	for _, r := range Routes() {
		fmt.Fprintf(&b, "| `%s %s` | `%s` |\n", r.Method, r.Path, r.Right)
	}
	return b.String()
}

func TestEveryRouteIsDocumentedWithItsRight(t *testing.T) {
	const begin, end = "<!-- routes: made by go test ./internal/web -run Documented -update-docs -->\n", "<!-- end -->"
	page := docs(t, "routes.md")
	before, rest, found := strings.Cut(page, begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("docs/routes.md has no table between %q and %q", begin, end)
	}
	if old == routesTable() {
		return
	}
	if !*updateDocs {
		t.Fatal("docs/routes.md differs from routes.go; run go test ./internal/web -run Documented -update-docs")
	}
	if err := os.WriteFile(filepath.Join("..", "..", "docs", "routes.md"), []byte(before+begin+routesTable()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
