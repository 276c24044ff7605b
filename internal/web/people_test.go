package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
)

func TestTheFirstAdministratorComesInByTheLink(t *testing.T) {
	s := open(t)
	secret, err := s.gate.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path, b := "/link/"+secret, s.browser()
	for range 2 { // a mail program has been there before
		b.get(path).has(t, http.StatusOK, "You are the first here")
	}
	typed := url.Values{"email": {"lead@example.com"}, "name": {"Lead"}, "password": {phrase}, "again": {phrase + "x"}}
	a := b.post(path, b.get(path).form(path, typed))
	a.has(t, http.StatusUnprocessableEntity, "The two are not the same", `value="lead@example.com"`, `value="Lead"`)
	typed["password"], typed["again"] = []string{"password1234"}, []string{"password1234"}
	b.post(path, a.form(path, typed)).has(t, http.StatusUnprocessableEntity, "first that are tried", `value="lead@example.com"`)
	typed["password"], typed["again"] = []string{phrase}, []string{phrase}
	if a = b.post(path, a.form(path, typed)); a.path == path || a.status == http.StatusUnauthorized {
		t.Fatalf("coming in leads to %s with %d", a.path, a.status)
	}
	b.get("/account").has(t, http.StatusOK, "lead@example.com", "administrator", "program lead", "by a link")
	s.browser().get(path).has(t, http.StatusGone, "This link has been used, or it is too old")
}

func TestSigningInLeadsBackAndAWrongPasswordKeepsTheAddress(t *testing.T) {
	s := open(t)
	s.user("lead@example.com", access.ProgramLead)
	b := s.browser()
	a := b.get("/account")
	if a.path != "/sign-in?to=%2Faccount" {
		t.Fatalf("nobody is led to %s", a.path)
	}
	typed := url.Values{"email": {"lead@example.com"}, "password": {"not this one at all"}}
	a = b.post("/sign-in", a.form("/sign-in", typed))
	a.has(t, http.StatusUnauthorized, "The mail address or the password is wrong", `value="lead@example.com"`)
	typed.Set("password", phrase)
	if a = b.post("/sign-in", a.form("/sign-in", typed)); a.path != "/account" || a.status != http.StatusOK {
		t.Errorf("signing in leads to %s with %d", a.path, a.status)
	}
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		other := s.browser()
		typed.Set("to", elsewhere)
		other.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		if a := other.post("/sign-in", typed); a.header.Get("Location") != "/" {
			t.Errorf("to %s leads to %q", elsewhere, a.header.Get("Location"))
		}
	}
}

func TestTooManyWrongTriesSayWhenToTryAgain(t *testing.T) {
	s := open(t)
	s.user("lead@example.com", access.ProgramLead)
	b := s.browser()
	for range 5 {
		b.post("/sign-in", url.Values{"email": {"lead@example.com"}, "password": {"not this one at all"}}).has(t, http.StatusUnauthorized)
	}
	b.post("/sign-in", url.Values{"email": {"lead@example.com"}, "password": {phrase}}).has(t, http.StatusTooManyRequests, "too many wrong tries")
	s.pass(2 * time.Second)
	if a := b.post("/sign-in", url.Values{"email": {"lead@example.com"}, "password": {phrase}}); a.status != http.StatusOK && a.status != http.StatusNotFound {
		t.Errorf("after the pause: %d\n%s", a.status, main(a.body))
	}
}

func TestWhatWasTypedWhenTheSessionEndedIsKept(t *testing.T) {
	s := open(t)
	admin := s.user("admin@example.com", access.Administrator)
	b := s.signedIn(admin)
	form := b.get("/people").form("/people", url.Values{"email": {"care@example.com"}, "roles": {"employee", "finance"}, "department": {"Care <Phone>"}})
	s.pass(access.SessionIdle)
	a := b.post("/people", form)
	a.has(t, http.StatusUnauthorized, "what you had typed is still here")
	a = b.post("/sign-in", a.form("/sign-in", url.Values{"email": {"admin@example.com"}, "password": {phrase}}))
	a.has(t, http.StatusOK, "What you had typed is kept", "care@example.com", "Care &lt;Phone&gt;")
	again := a.form("/people", url.Values{"email": {"care@example.com"}, "roles": {"employee", "finance"}, "department": {"Care <Phone>"}})
	b.post("/people", again).has(t, http.StatusOK, "A link for")
	if strings.Contains(s.log.String(), "care@") {
		t.Error("the log names somebody")
	}
}

// Two people who share a browser do not see what the other had typed.
func TestWhatSomebodyElseHadTypedIsNotShown(t *testing.T) {
	s := open(t)
	s.user("admin@example.com", access.Administrator)
	s.user("other@example.com", access.Administrator)
	b := s.browser()
	b.post("/sign-in", b.get("/sign-in").form("/sign-in", url.Values{"email": {"admin@example.com"}, "password": {phrase}}))
	form := b.get("/people").form("/people", url.Values{"email": {"care@example.com"}, "roles": {"employee"}})
	s.pass(access.SessionIdle)
	a := b.post("/people", form)
	a.has(t, http.StatusUnauthorized, "what you had typed is still here")
	theirs := b.post("/sign-in", a.form("/sign-in", url.Values{"email": {"other@example.com"}, "password": {phrase}}))
	if strings.Contains(theirs.body, "care@example.com") || strings.Contains(theirs.body, "What you had typed is kept") {
		t.Errorf("somebody else is shown it:\n%s", main(theirs.body))
	}
}

// posted keeps letters, or refuses them.
type posted struct {
	letters []office.Letter
	err     error
}

func (p *posted) Send(_ context.Context, l office.Letter) error {
	p.letters = append(p.letters, l)
	return p.err
}

func TestALinkIsMailedWhenItIsAskedFor(t *testing.T) {
	s := open(t)
	b := s.signedIn(s.user("admin@example.com", access.Administrator))
	if a := b.get("/people"); strings.Contains(a.body, "Mail them the link") {
		t.Error("it is offered to mail links where there is no mail server")
	}
	post := &posted{}
	s.server.Office.Post = post
	invite := func(email string, mail ...string) answer {
		return b.post("/people", b.get("/people").form("/people", url.Values{"email": {email}, "roles": {"employee"}, "mail": mail}))
	}
	invite("by-hand@example.com").has(t, http.StatusOK, "Hand it to them yourself")
	if len(post.letters) != 0 {
		t.Error("a link was mailed that nobody asked to be")
	}
	a := invite("care@example.com", "yes")
	a.has(t, http.StatusOK, "It has been mailed to them", "A link for")
	link := regexp.MustCompile(`http://localhost:\d+/link/[A-Za-z0-9_-]{43}`).FindString(a.body)
	if len(post.letters) != 1 || post.letters[0].To != "care@example.com" || post.letters[0].Link != link || link == "" {
		t.Fatalf("mailed %+v, shown %s", post.letters, link)
	}
	post.err = errors.New("send the letter: the mail server does not answer")
	a = invite("late@example.com", "yes")
	a.has(t, http.StatusOK, "It could not be mailed, so hand it over yourself", "the mail server does not answer")
	if !regexp.MustCompile(`/link/[A-Za-z0-9_-]{43}`).MatchString(a.body) {
		t.Error("the link that could not be mailed is not shown")
	}
	person := b.get("/people/2")
	b.post("/people/2/link", person.form("/people/2/link", url.Values{"kind": {"reset"}, "mail": {"yes"}})).has(t, http.StatusOK, "their earlier password and their passkeys")
	if last := post.letters[len(post.letters)-1]; !strings.Contains(strings.Join(last.Paragraphs, " "), "Your earlier ones end") {
		t.Errorf("the letter of a reset says %q", last.Paragraphs)
	}
}

func TestAResetAsksWhatBecomesOfTokens(t *testing.T) {
	s := open(t)
	u := s.user("lead@example.com", access.ProgramLead)
	bearer, _, err := s.gate.NewToken(t.Context(), u.ID, access.Token{User: u.ID, Name: "nightly", Scopes: access.Scopes{access.ReadStatements}})
	if err != nil {
		t.Fatal(err)
	}
	for _, keep := range []bool{true, false} {
		link, err := s.gate.NewLink(t.Context(), 0, u.ID, access.ResetLink)
		if err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		a := b.get("/link/" + link)
		a.has(t, http.StatusOK, "Let my API token go on")
		typed := url.Values{"password": {"other four plain words"}, "again": {"other four plain words"}}
		if keep {
			typed.Set("tokens", "keep")
		}
		b.post("/link/"+link, a.form("/link/"+link, typed))
		if _, _, err := s.gate.Token(t.Context(), bearer); (err == nil) != keep {
			t.Errorf("kept by choice: %v; the token answers %v", keep, err)
		}
	}
}

func TestAnInvitationIsMadeOnceAndItsLinkShownOnce(t *testing.T) {
	s := open(t)
	b := s.signedIn(s.user("admin@example.com", access.Administrator))
	form := b.get("/people").form("/people", url.Values{"email": {"care@example.com"}, "name": {"Care"}, "roles": {"employee"}, "manager": {"admin@example.com"}})
	a := b.post("/people", form)
	link := regexp.MustCompile(`http://localhost:\d+(/link/[A-Za-z0-9_-]{43})`).FindStringSubmatch(a.body)
	if link == nil {
		t.Fatalf("no link:\n%s", main(a.body))
	}
	if a.header.Get("Cache-Control") == "" || !strings.Contains(a.header.Get("Cache-Control"), "no-") {
		t.Errorf("the page with the link may be kept: %q", a.header.Get("Cache-Control"))
	}
	again := b.post("/people", form) // a double press, a reload
	if strings.Contains(again.body, "/link/") || !strings.HasPrefix(again.path, "/people/") {
		t.Errorf("sent again it leads to %s with a link: %v", again.path, strings.Contains(again.body, "/link/"))
	}
	if a := b.get("/people"); strings.Contains(a.body, "/link/") || strings.Count(a.body, "care@example.com</bdi>") != 1 {
		t.Errorf("the list:\n%s", main(a.body))
	}
	theirs := s.browser()
	a = theirs.post(link[1], theirs.get(link[1]).form(link[1], url.Values{"password": {"other four plain words"}, "again": {"other four plain words"}}))
	theirs.get("/account").has(t, http.StatusOK, "care@example.com", "employee")
	if a := theirs.get("/people"); a.status != http.StatusForbidden {
		t.Errorf("an employee sees people: %d", a.status)
	}
	_ = a
}

func TestARefusedInvitationKeepsWhatWasTyped(t *testing.T) {
	s := open(t)
	b := s.signedIn(s.user("admin@example.com", access.Administrator))
	for field, typed := range map[string]url.Values{
		"is not a mail address": {"email": {"no address"}, "name": {"Typed name"}, "roles": {"analyst"}},
		"needs a role":          {"email": {"x@example.com"}, "name": {"Typed name"}},
		"Nobody here has this":  {"email": {"x@example.com"}, "name": {"Typed name"}, "roles": {"analyst"}, "manager": {"nobody@example.com"}},
		"Another user has this": {"email": {"admin@example.com"}, "name": {"Typed name"}, "roles": {"analyst"}},
	} {
		a := b.post("/people", b.get("/people").form("/people", typed))
		a.has(t, http.StatusUnprocessableEntity, field, `value="Typed name"`)
		if typed.Get("roles") != "" {
			a.has(t, http.StatusUnprocessableEntity, `value="analyst" checked`)
		}
	}
}

func TestTwoWhoChangeAUserAtOnceAreToldOfEachOther(t *testing.T) {
	s := open(t)
	one, two := s.signedIn(s.user("one@example.com", access.Administrator)), s.signedIn(s.user("two@example.com", access.Administrator))
	u := s.user("care@example.com", access.Employee)
	path := personPath(u.ID)
	fields := func(department string, roles ...string) url.Values {
		return url.Values{"email": {"care@example.com"}, "name": {""}, "department": {department}, "roles": roles, "manager": {""}, "person": {""}}
	}
	mine := one.get(path).form(path, fields("Care/Phone", "employee"))
	theirs := two.get(path).form(path, fields("", "employee", "department head"))
	two.post(path, theirs).has(t, http.StatusOK, "Saved")
	a := one.post(path, mine)
	a.has(t, http.StatusConflict, "This was changed meanwhile", "two@example.com", "department head", `value="Care/Phone"`, `value="department head" checked`)
	// Saving again puts the two together.
	if a = one.post(path, a.form(path, fields("Care/Phone", "employee", "department head"))); a.status != http.StatusOK {
		t.Fatalf("saving again: %d\n%s", a.status, main(a.body))
	}
	now, err := s.gate.User(t.Context(), u.ID)
	if err != nil || now.Department != "Care/Phone" || !now.Has(access.DepartmentHead) {
		t.Errorf("%+v, %v", now, err)
	}
	a.has(t, http.StatusOK, "What was changed, and by whom", "two@example.com", "one@example.com")
}

func TestTheLastAdministratorCannotBeDisabledOnThePage(t *testing.T) {
	s := open(t)
	u := s.user("admin@example.com", access.Administrator)
	b, path := s.signedIn(u), personPath(u.ID)
	typed := url.Values{"email": {u.Email}, "roles": {"administrator"}, "disabled": {"yes"}}
	last := b.post(path, b.get(path).form(path, typed))
	last.has(t, http.StatusUnprocessableEntity, "nobody would be left to administer")
	if strings.Contains(main(last.body), "<dd>disabled</dd>") {
		t.Error("the page calls an account disabled that is not")
	}
}

func TestAnAuditorLooksAtPeopleAndChangesNothing(t *testing.T) {
	s := open(t)
	u := s.user("care@example.com", access.Employee)
	b := s.signedIn(s.user("auditor@example.com", access.Auditor))
	b.get("/people").has(t, http.StatusOK, "care@example.com")
	for _, path := range []string{"/people", personPath(u.ID)} {
		if a := b.get(path); strings.Contains(main(a.body), `method="post"`) {
			t.Errorf("%s offers an auditor a form:\n%s", path, main(a.body))
		}
	}
	b.get("/audit?verify=yes").has(t, http.StatusOK, "are as they were written", "user added", "auditor@example.com")
	b.get("/audit?who=care@example.com&what=signed+in").has(t, http.StatusOK, "session")
	b.get("/audit?who=nobody@example.com").has(t, http.StatusOK, "Nobody here has this number")
}

func TestPeopleAreFoundPageByPage(t *testing.T) {
	s := open(t)
	b := s.signedIn(s.user("admin@example.com", access.Administrator))
	for i := range 120 {
		_, _, err := s.gate.Invite(t.Context(), 0, access.User{Email: "u" + strings.Repeat("x", i) + "@example.com", Department: "Care", Roles: []access.Role{access.Employee}})
		if err != nil {
			t.Fatal(err)
		}
	}
	a := b.get("/people?q=care")
	a.has(t, http.StatusOK, "120 people", `rel="next"`)
	next := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(a.body)
	if a = b.get(strings.ReplaceAll(next[1], "&amp;", "&")); strings.Count(a.body, `<th scope="row">`) != 20 {
		t.Errorf("the second page holds %d", strings.Count(a.body, `<th scope="row">`))
	}
}

func TestOneSignsOutHereAndEverywhere(t *testing.T) {
	s := open(t)
	u := s.user("lead@example.com", access.ProgramLead)
	a, b, c := s.signedIn(u), s.signedIn(u), s.signedIn(u)
	in := func(x *guest, want bool) {
		t.Helper()
		if got := strings.HasPrefix(x.get("/account").path, "/account"); got != want {
			t.Errorf("signed in: %v, want %v", got, want)
		}
	}
	a.get("/sign-out").has(t, http.StatusOK, "lead@example.com")
	in(a, true) // looking signs nobody out
	a.post("/sign-out", url.Values{})
	in(a, false)
	in(b, true)
	one := regexp.MustCompile(`this browser[\s\S]*?name="session" value="(\d+)"`).FindStringSubmatch(b.get("/account").body)
	c.post("/account/sessions/end", url.Values{"session": {one[1]}})
	in(b, false)
	in(c, true)
	d := s.signedIn(u)
	c.post("/account/sessions/everywhere", url.Values{})
	in(c, false)
	in(d, false)
}

func TestAPasswordIsChangedOnThePage(t *testing.T) {
	s := open(t)
	u := s.user("lead@example.com", access.ProgramLead)
	b, other := s.signedIn(u), s.signedIn(u)
	typed := url.Values{"old": {"not this"}, "password": {"other four plain words"}, "again": {"other four plain words"}}
	b.post("/account/password", typed).has(t, http.StatusUnprocessableEntity, "this is not your password")
	typed.Set("old", phrase)
	b.post("/account/password", typed).has(t, http.StatusOK, "Your password is changed")
	if a := other.get("/account"); strings.HasPrefix(a.path, "/account") {
		t.Error("the other session goes on")
	}
}

func TestATokenIsShownOnceAndMadeOnce(t *testing.T) {
	s := open(t)
	b := s.signedIn(s.user("admin@example.com", access.Administrator))
	form := b.get("/account").form("/account/tokens", url.Values{"name": {"audit export"}, "days": {"30"}, "scope": {"read-audit"}})
	a := b.post("/account/tokens", form)
	bearer := regexp.MustCompile(`tl_[A-Za-z0-9_-]{43}`).FindString(a.body)
	if bearer == "" {
		t.Fatalf("no token:\n%s", main(a.body))
	}
	if a = b.post("/account/tokens", form); strings.Contains(a.body, "tl_") || a.path != "/account" {
		t.Errorf("sent again: %s", a.path)
	}
	if a = b.get("/account"); strings.Contains(a.body, "tl_") || strings.Count(a.body, "audit export") != 1 {
		t.Errorf("the list:\n%s", main(a.body))
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/audit", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	program := s.browser()
	program.read(program.Do(request)).has(t, http.StatusOK, "token made")
	for _, bad := range []url.Values{{"name": {"x"}, "days": {"0"}, "scope": {"read-audit"}}, {"name": {"x"}, "days": {"30"}}, {"name": {"x"}, "days": {"30"}, "scope": {"close"}}} {
		b.post("/account/tokens", bad).has(t, http.StatusUnprocessableEntity, `value="x"`)
	}
	s.pass(access.FreshFor)
	a = b.post("/account/tokens", b.get("/account").form("/account/tokens", url.Values{"name": {"late one"}, "days": {"30"}, "scope": {"read-audit"}}))
	a.has(t, http.StatusUnauthorized, "What you had typed is kept")
	a = b.post("/sign-in", a.form("/sign-in", url.Values{"email": {"admin@example.com"}, "password": {phrase}}))
	a.has(t, http.StatusOK, "What you had typed is kept", "late one")
}

// The secrets that a page hands out are in no log, whatever happens.
func TestTheLogHoldsNoSecretAndNoPerson(t *testing.T) {
	s := open(t)
	secret, err := s.gate.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.get("/link/" + secret)
	b.post("/sign-in", url.Values{"email": {"lead@example.com"}, "password": {"some password typed"}})
	b.get("/oidc/back?code=a-code&state=a-state")
	b.get("/people/77")
	for _, text := range []string{secret, "lead@", "some password", "a-code"} {
		if strings.Contains(s.log.String(), text) {
			t.Errorf("the log says %q:\n%s", text, s.log.String())
		}
	}
}

// What people type about themselves and others is text on every page.
func TestHostileNamesStayText(t *testing.T) {
	const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}'`
	s := open(t)
	admin := s.user("admin@example.com", access.Administrator)
	u := s.user("care@example.com", access.Employee)
	u.Name, u.Department, u.PersonID, u.Manager = hostile, hostile, hostile, admin.ID
	if _, err := s.gate.ChangeUser(t.Context(), admin.ID, u); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.gate.NewToken(t.Context(), admin.ID, access.Token{User: admin.ID, Name: hostile, Scopes: access.Scopes{access.ReadUsers}})
	if err != nil {
		t.Fatal(err)
	}
	b := s.signedIn(admin)
	for _, path := range []string{"/account", "/people", "/people?q=" + url.QueryEscape(hostile), personPath(u.ID), "/audit", "/audit?who=" + url.QueryEscape(hostile) + "&what=" + url.QueryEscape(hostile), "/sign-in?to=" + url.QueryEscape(hostile)} {
		a := b.get(path)
		if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img src=x") {
			t.Errorf("%s holds markup that was typed", path)
		}
		if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
	form := url.Values{"email": {hostile}, "name": {hostile}, "department": {hostile}, "manager": {hostile}, "person": {hostile}, "roles": {hostile}}
	for _, path := range []string{"/people", personPath(u.ID)} {
		a := b.post(path, b.get(path).form(path, form))
		if a.has(t, http.StatusUnprocessableEntity); strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img src=x") {
			t.Errorf("%s gives back markup that was typed", path)
		}
	}
}
