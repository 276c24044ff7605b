package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
)

// peopleView is everybody with an account.
type peopleView struct {
	Query     string
	Count     int
	Rows      []personRow
	Turn      turn
	MayManage bool
	MayAudit  bool
	Form      personForm
	Link      handedLink
	Mails     bool // a mail server is set up
}

// personRow is a user in the list.
type personRow struct {
	Path, Email, Name, Roles, Department, Manager string
	State                                         string // empty: may sign in
}

// handedLink is a link that was just made, which is shown this once.
type handedLink struct {
	Address, Email, About string
	Mailed                bool   // to them
	Unsent                string // why not; empty: nobody asked for it
}

// personForm is a user as they are typed.
type personForm struct {
	Email, Name, Department, Manager, Person string
	Disabled                                 bool
	Roles                                    []roleOption
	Managers                                 []string
	Wrong, Do                                map[string]string
}

// roleOption is a role that can be given.
type roleOption struct {
	Role   access.Role
	Text   string
	About  string
	Chosen bool
}

var peoplePage = page[peopleView]("people.html")

// peopleShown is how many stand on a page, and managersShown how many are
// offered as managers before one has to type.
const (
	peopleShown   = 100
	managersShown = 500
)

// duties say in one line what a role is for; docs/rights.md has the rights.
var duties = map[access.Role]string{
	access.Executive:      "reads statements, opens figures to the customers behind them, reviews closes",
	access.ProgramLead:    "runs the program: books, settings, closes, and all that executives do",
	access.Finance:        "closes and reviews, opens figures to the customers behind them",
	access.People:         "sees figures about employees",
	access.DepartmentHead: "sees figures about their own department and those below it",
	access.Employee:       "sees their own part and the statements",
	access.Analyst:        "opens figures to rows under pseudonyms; sees no personal data",
	access.Auditor:        "reads all and changes nothing",
	access.Administrator:  "users, settings, backups, erasures",
}

func (s *Server) people(v *visit) error {
	return s.showPeople(v, http.StatusOK, peopleView{Form: v.emptyForm()})
}

// showPeople answers with the list over the form that was refused.
func (s *Server) showPeople(v *visit, status int, view peopleView) error {
	all, err := s.Gate.Users(v.r.Context())
	if err != nil {
		return err
	}
	view.MayManage, view.MayAudit, view.Mails = v.may(access.ManageUsers), v.may(access.ReadAudit), s.Office.Post != nil
	view.Query = strings.TrimSpace(v.r.URL.Query().Get("q"))
	from, err := strconv.Atoi(v.r.URL.Query().Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	found := slices.DeleteFunc(slices.Clone(all), func(u access.User) bool { return !matches(u, view.Query) })
	view.Count = len(found)
	for i := from; i < len(found) && i < from+peopleShown; i++ {
		view.Rows = append(view.Rows, v.personRow(found[i], all))
	}
	if from > 0 {
		view.Turn.First = peoplePath(view.Query, 0)
	}
	if from+peopleShown < len(found) {
		view.Turn.Next = peoplePath(view.Query, from+peopleShown)
	}
	view.Form.Managers = managers(all)
	return peoplePage.render(v, status, title{Text: v.t("People")}, view)
}

func peoplePath(query string, from int) string {
	q := url.Values{}
	if query != "" {
		q.Set("q", query)
	}
	if from > 0 {
		q.Set("from", strconv.Itoa(from))
	}
	if len(q) == 0 {
		return "/people"
	}
	return "/people?" + q.Encode()
}

// matches tells whether a user has every word somewhere.
func matches(u access.User, query string) bool {
	text := strings.ToLower(u.Email + " " + u.Name + " " + u.Department + " " + named(u.Roles))
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (v *visit) personRow(u access.User, all []access.User) personRow {
	row := personRow{Path: personPath(u.ID), Email: v.address(u), Name: u.Name, Department: u.Department}
	var roles []string
	for _, r := range u.Roles {
		roles = append(roles, v.t(string(r)))
	}
	row.Roles = strings.Join(roles, ", ")
	if i := slices.IndexFunc(all, func(m access.User) bool { return m.ID == u.Manager }); i >= 0 {
		row.Manager = v.address(all[i])
	}
	if u.Disabled {
		row.State = v.t("disabled")
	}
	return row
}

func personPath(id int64) string { return "/people/" + strconv.FormatInt(id, 10) }

// address names a user; somebody who was erased has only their number.
func (v *visit) address(u access.User) string {
	if u.Email == "" {
		return v.t("user %d", u.ID)
	}
	return u.Email
}

func managers(all []access.User) []string {
	var out []string
	for _, u := range all {
		if !u.Disabled && u.Email != "" && len(out) < managersShown {
			out = append(out, u.Email)
		}
	}
	return out
}

func (v *visit) roleOptions(chosen []access.Role) []roleOption {
	var out []roleOption
	for _, r := range access.Roles {
		out = append(out, roleOption{Role: r, Text: v.t(string(r)), About: v.t(duties[r]), Chosen: slices.Contains(chosen, r)})
	}
	return out
}

func (v *visit) emptyForm() personForm { return personForm{Roles: v.roleOptions(nil)} }

// typedPerson reads the form onto a user. The manager is found by mail
// address; one that nobody has is a refusal.
func (s *Server) typedPerson(v *visit, u access.User) (access.User, personForm, error) {
	if err := v.r.ParseForm(); err != nil {
		return u, personForm{}, err
	}
	text := func(name string) string {
		return strings.TrimSpace(strings.ToValidUTF8(v.r.PostFormValue(name), "\uFFFD"))
	}
	u.Email, u.Name, u.Department, u.PersonID, u.Disabled = text("email"), text("name"), text("department"), text("person"), text("disabled") != ""
	u.Roles = nil
	for _, r := range v.r.PostForm["roles"] {
		u.Roles = append(u.Roles, access.Role(r))
	}
	form := personForm{Email: u.Email, Name: u.Name, Department: u.Department, Manager: text("manager"), Person: u.PersonID, Disabled: u.Disabled, Roles: v.roleOptions(u.Roles)}
	u.Manager = 0
	if form.Manager == "" {
		return u, form, nil
	}
	all, err := s.Gate.Users(v.r.Context())
	if err != nil {
		return u, form, err
	}
	i := slices.IndexFunc(all, func(m access.User) bool { return strings.EqualFold(v.address(m), form.Manager) })
	if i < 0 {
		return u, form, &access.Refusal{Field: "manager", What: v.t("Nobody here has this mail address"), Do: v.t("choose one of the users")}
	}
	u.Manager = all[i].ID
	return u, form, nil
}

// refuse puts a refusal beside the field that it is about.
func (f *personForm) refuse(v *visit, err error) bool {
	var refused *access.Refusal
	switch {
	case errors.As(err, &refused):
		f.Wrong, f.Do = map[string]string{refused.Field: refused.What}, map[string]string{refused.Field: refused.Do}
	case errors.Is(err, access.ErrTaken):
		f.Wrong = map[string]string{"email": v.t("Another user has this mail address")}
	default:
		return false
	}
	return true
}

// invited adds a user and shows the link to hand to them.
func (s *Server) invited(v *visit) error {
	u, form, err := s.typedPerson(v, access.User{})
	var secret string
	if err == nil {
		u, secret, err = s.Gate.Invite(v.r.Context(), v.user().ID, u)
	}
	if form.refuse(v, err) {
		return s.showPeople(v, http.StatusUnprocessableEntity, peopleView{Form: form})
	}
	if err != nil {
		return err
	}
	// The form has been taken: sending it again leads to the user and makes no
	// second link.
	if err := v.settle(personPath(u.ID)); err != nil {
		return err
	}
	v.w.Header().Set("Cache-Control", "no-store")
	return s.showPeople(v, http.StatusOK, peopleView{Form: v.emptyForm(), Link: s.handed(v, u, secret, access.InvitationLink)})
}

// handed is a link with what to do with it; when the form asks for it, it has
// been mailed.
func (s *Server) handed(v *visit, u access.User, secret string, kind access.LinkKind) handedLink {
	link := handedLink{Address: s.Public + "/link/" + secret, Email: u.Email, About: v.t("It can be used once, within seven days. Whoever has it comes in as them.")}
	if kind == access.ResetLink {
		link.About = v.t("It can be used once, within a day, and ends their sessions, their earlier password and their passkeys. Whoever has it comes in as them.")
	}
	if v.r.PostFormValue("mail") == "" {
		return link
	}
	err := s.Office.Hand(v.r.Context(), office.Handing{To: u.Email, Link: link.Address, Anew: kind == access.ResetLink, Lasts: access.Lasting(kind)})
	if link.Mailed = err == nil; err != nil {
		link.Unsent = office.Bare(err.Error())
	}
	return link
}
