package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/journey"
)

// rolesView is a page of the jobs, whatever they are.
type rolesView struct {
	Query, Department string
	Departments       []mapOption
	Lineless          bool // only those without a line to the customer
	Count, All        int
	Without           int // of all, those without a line
	WithoutPath       string
	Rows              []roleRow
	Turn              turn
	MayChange         bool
}

// roleRow is a role in the list.
type roleRow struct {
	Path, Name, Department string
	Line                   string // so that the customer …; empty: none
	Touchpoints            int
	Over                   bool
}

var rolesPage = page[rolesView]("roles.html")

// rolesShown is how many stand on a page.
const rolesShown = 100

func (s *Server) roles(v *visit) error {
	e, err := s.editor(v)
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	view := rolesView{Query: strings.TrimSpace(q.Get("q")), Department: q.Get("department"), Lineless: q.Get("line") == "none", MayChange: v.may(access.ChangeJourney), All: len(e.m.Roles)}
	view.Departments = choosing(e.holders(v.t("every department")), view.Department)
	view.WithoutPath = rolesPath(rolesView{Lineless: true}, 0)
	from, err := strconv.Atoi(q.Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	words := strings.Fields(strings.ToLower(view.Query))
	for _, r := range e.m.Roles {
		if r.Retired == nil && lineless(r) {
			view.Without++
		}
		if !view.takes(e, r, words) {
			continue
		}
		if view.Count >= from && view.Count < from+rolesShown {
			view.Rows = append(view.Rows, roleRow{
				Path: roleAddress(r.Key), Name: r.Name, Department: e.department(r.In(e.today)), Line: r.Notices, Touchpoints: len(r.Touchpoints), Over: r.Retired != nil && *r.Retired <= e.today,
			})
		}
		view.Count++
	}
	if from > 0 {
		view.Turn.First = rolesPath(view, 0)
	}
	if from+rolesShown < view.Count {
		view.Turn.Next = rolesPath(view, from+rolesShown)
	}
	return rolesPage.render(v, http.StatusOK, title{Text: v.t("Roles")}, view)
}

// takes tells whether a role is one of those that are looked for.
func (l rolesView) takes(e *editor, r journey.Role, words []string) bool {
	if l.Department != "" && r.In(e.today) != l.Department || l.Lineless && (!lineless(r) || r.Retired != nil) {
		return false
	}
	text := strings.ToLower(strings.Join([]string{r.Name, e.department(r.In(e.today)), r.Does, r.SoThat, r.Notices}, " "))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// lineless tells whether a role has no whole line to the customer.
func lineless(r journey.Role) bool {
	return r.Does == "" || r.SoThat == "" || r.Notices == "" || len(r.Touchpoints) == 0
}

func rolesPath(l rolesView, from int) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": l.Query, "department": l.Department} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if l.Lineless {
		q.Set("line", "none")
	}
	if from > 0 {
		q.Set("from", strconv.Itoa(from))
	}
	if len(q) == 0 {
		return "/roles"
	}
	return "/roles?" + q.Encode()
}

func roleAddress(key string) string { return "/roles/" + url.PathEscape(key) }
