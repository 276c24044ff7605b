package web

import (
	"net/http"
	"strings"

	"github.com/throughline/throughline/journey"
)

// roleView is one role with its line to the customer.
type roleView struct {
	pieceView
	Name, Department      string
	DepartmentPath        string
	Does, SoThat, Notices string
	Line                  bool // it is whole
	Reaches               []reachLine
	May                   []journey.Authority
	State                 string
	Currency              string
}

// reachLine is a touchpoint that a role reaches, with what is promised there.
type reachLine struct {
	Path, Name, Stage string
	Promised          []door
}

var rolePage = page[roleView]("role.html")

var rolePiece = piece[journey.Role]{
	kind: journey.KindRole,
	find: (*journey.Map).Role,
	path: func(r journey.Role) string { return roleAddress(r.Key) },
	facets: func(e *editor, _ journey.Role) []mapField {
		return append(e.roleBody(), mapField{Name: "retired", Label: e.v.t("No more from"), Kind: "day"})
	},
	says: func(e *editor, r journey.Role) map[string]string {
		out := roleTexts(e, r)
		out["retired"] = dayText(r.Retired)
		return out
	},
	show: showRole,
	lost: func(v *visit) error {
		return v.refuse(http.StatusNotFound, v.t("There is no such role"), v.t("All of them stand in the list of roles."), door{Path: "/roles", Text: v.t("Roles")})
	},
	acts: []act[journey.Role]{
		{
			heading: "Its line to the customer", about: "What somebody in it does, what that is for, and what a customer notices of it: also in the kitchen, at the ledger and on the night shift.", button: "Save", noted: "role changed",
			fields: func(e *editor, _ journey.Role) []mapField { return e.roleBody() },
			texts: func(e *editor, r journey.Role) map[string]string {
				r.Touchpoints, _ = e.tickable(r.Touchpoints)
				return roleTexts(e, r)
			},
			apply: func(e *editor, key string, typed map[string]string) error {
				r, _ := e.m.Role(key)
				return e.putRole(r, typed)
			},
		},
		{
			name: "retire", heading: "Retire it", about: "From that day on nobody has it. What it was stays in the history.", button: "Retire", noted: "role retired",
			fits:   func(_ *editor, r journey.Role) bool { return r.Retired == nil },
			fields: func(e *editor, _ journey.Role) []mapField { return []mapField{e.fromField()} },
			texts:  func(e *editor, _ journey.Role) map[string]string { return map[string]string{"from": e.today.String()} },
			apply: func(e *editor, key string, typed map[string]string) error {
				var wrong mistyped
				from := e.beginsOn(&wrong, "from", typed["from"])
				r, _ := e.m.Role(key)
				r.Retired = &from
				return wrong.err()
			},
		},
	},
}

func (e *editor) roleBody() []mapField {
	return []mapField{
		e.nameField(), {Name: "department", Label: e.v.t("Department or contractor"), Kind: "choice", Options: e.holders(e.v.t("none"))},
		{Name: "known", Label: e.v.t("Names in the book of people"), Help: e.v.t("One a line. None: its own name."), Kind: "long"},
		{Name: "does", Label: e.v.t("I …"), Help: e.v.t("What somebody in this role does, such as: close the ledger by the second day."), Kind: "text"},
		{Name: "sothat", Label: e.v.t("so that …"), Help: e.v.t("What that is for inside, such as: invoices go out right the first time."), Kind: "text"},
		{Name: "notices", Label: e.v.t("so that the customer notices …"), Help: e.v.t("Such as: that nobody has to ask twice about a bill."), Kind: "text"},
		{Name: "touchpoints", Label: e.v.t("Touchpoints it reaches"), Kind: "ticks", Groups: e.reached()},
		{Name: "may", Label: e.v.t("What it may do on its own to put things right"), Help: e.v.t("Without asking anybody. An amount is in the reporting currency; empty: no limit, or no money."), Kind: "rows", Spare: 2, Columns: []formColumn{
			{Name: "means", Label: e.v.t("What"), Kind: "text"}, {Name: "upto", Label: e.v.t("Up to"), Kind: "number", Short: true}, {Name: "within", Label: e.v.t("Within"), Kind: "text"},
		}},
	}
}

func roleTexts(_ *editor, r journey.Role) map[string]string {
	var may [][]string
	for _, a := range r.May {
		may = append(may, []string{oneLine(a.Means), a.UpTo, oneLine(a.Within)})
	}
	return map[string]string{
		"name": r.Name, "department": r.Department, "known": strings.Join(r.KnownAs, "\n"), "does": r.Does, "sothat": r.SoThat, "notices": r.Notices,
		"touchpoints": tickText(r.Touchpoints), "may": rowsText(may),
	}
}

func (e *editor) putRole(r *journey.Role, typed map[string]string) error {
	if err := e.named(typed); err != nil {
		return err
	}
	var wrong mistyped
	r.Name, r.Department, r.KnownAs, r.May = typed["name"], typed["department"], lines(typed["known"]), nil
	_, kept := e.tickable(r.Touchpoints)
	r.Does, r.SoThat, r.Notices, r.Touchpoints = typed["does"], typed["sothat"], typed["notices"], append(linesOf(typed["touchpoints"]), kept...)
	for _, row := range rowsOf(typed["may"], 3) {
		if row[0] == "" {
			wrong.add(e.v, "may", "A row does not say what may be done")
		}
		r.May = append(r.May, journey.Authority{Means: row[0], UpTo: row[1], Within: row[2]})
	}
	return wrong.err()
}

func showRole(v *visit, status int, e *editor, r journey.Role, p pieceView) error {
	of := r.In(e.today)
	view := roleView{pieceView: p, Name: r.Name, Department: e.department(of), Does: r.Does, SoThat: r.SoThat, Notices: r.Notices, Line: r.Does != "" && r.SoThat != "" && r.Notices != "", May: r.May, Currency: v.company.Currency}
	if of != "" {
		view.DepartmentPath = departmentAddress(of)
	}
	if n := len(r.Was); n > 0 && e.today < r.Was[n-1].Until {
		view.State = v.t("It belongs to %s from %s on.", e.department(r.Department), v.locale.day(r.Was[n-1].Until))
	}
	if r.Retired != nil {
		view.State = v.t("It is no more from %s on.", v.locale.day(*r.Retired))
	}
	for _, key := range r.Touchpoints {
		t, ok := e.m.Touchpoint(key)
		if !ok {
			continue
		}
		line := reachLine{Path: touchpointAddress(key), Name: t.Name, Stage: e.stageName(*t)}
		for _, x := range e.m.Standards {
			if x.Binds(key, e.today) {
				line.Promised = append(line.Promised, door{Path: standardAddress(x.Brand, x.Key), Text: x.Notices})
			}
		}
		view.Reaches = append(view.Reaches, line)
	}
	return rolePage.render(v, status, title{Text: r.Name}, view)
}

func (s *Server) role(v *visit) error { return rolePiece.get(s, v) }

// roleSent takes one of the forms of the role's page.
func (s *Server) roleSent(name string) func(*visit) error {
	return func(v *visit) error { return rolePiece.post(s, v, name) }
}

var newRole = maker{
	path: "/roles/new", heading: "A new role", about: "A job, whatever it is, with its line to the customer.", button: "Add it", kind: journey.KindRole, noted: "role added",
	back:   door{Path: "/roles", Text: "Roles"},
	fields: func(e *editor) []mapField { return e.roleBody() },
	texts: func(e *editor) map[string]string {
		q := e.v.r.URL.Query()
		return map[string]string{"name": oneLine(q.Get("name")), "department": q.Get("department"), "known": oneLine(q.Get("known"))}
	},
	make: func(e *editor, typed map[string]string) (string, error) {
		r := journey.Role{Key: fresh(typed["name"], func(k string) bool { _, ok := e.m.Role(k); return ok })}
		if err := e.putRole(&r, typed); err != nil {
			return "", err
		}
		e.m.Roles = append(e.m.Roles, r)
		return r.Key, nil
	},
	made: func(key string) string { return roleAddress(key) + "?done=saved" },
}

func (s *Server) roleNew(v *visit) error { return newRole.get(s, v) }

func (s *Server) roleMade(v *visit) error { return newRole.post(s, v) }
