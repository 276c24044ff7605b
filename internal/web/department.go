package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/journey"
)

// departmentView is a department or contractor with everything that can be done with it, and what it holds.
type departmentView struct {
	pieceView
	Name, State string
	Contractor  bool
	Became      []door
	Holds       []heldTouchpoint
	Roles       int
	RolesPath   string
}

// heldTouchpoint is what a department holds.
type heldTouchpoint struct{ Path, Name, Stage, Owner string }

var departmentPage = page[departmentView]("department.html")

func departmentAddress(key string) string { return "/journey/departments/" + url.PathEscape(key) }

func openDepartment(_ *editor, d journey.Department) bool { return d.Retired == nil }

// departmentPiece is how departments are edited.
var departmentPiece = piece[journey.Department]{
	kind:   journey.KindDepartment,
	find:   (*journey.Map).Department,
	path:   func(d journey.Department) string { return departmentAddress(d.Key) },
	facets: departmentFacets,
	says:   departmentSays,
	show:   showDepartment,
	lost: func(v *visit) error {
		return v.refuse(http.StatusNotFound, v.t("There is no such department"), v.t("All of them stand on the page by which the map is edited, also those that are no more."), door{Path: "/journey/edit", Text: v.t("Edit the map")})
	},
	acts: []act[journey.Department]{
		{
			heading: "What it is", about: "How the books name it, and whether customers meet it at all.", button: "Save", noted: "department changed",
			fields: func(e *editor, d journey.Department) []mapField { return e.departmentBody(d.Key) },
			texts:  departmentTexts,
			apply: func(e *editor, key string, typed map[string]string) error {
				d, _ := e.m.Department(key)
				return e.putDepartment(d, typed)
			},
		},
		{
			name: "rename", heading: "Rename it", about: "It has the new name from now on. The names by which the books know it stay, so nothing that was counted moves.", button: "Rename", noted: "department renamed", fits: openDepartment,
			fields: func(e *editor, _ journey.Department) []mapField { return []mapField{e.nameField()} },
			texts:  func(_ *editor, d journey.Department) map[string]string { return map[string]string{"name": d.Name} },
			apply: func(e *editor, key string, typed map[string]string) error {
				if err := e.named(typed); err != nil {
					return err
				}
				return e.m.RenameDepartment(key, typed["name"])
			},
		},
		{
			name: "merge", heading: "Merge it into another", about: "From that day on it is no more: the other one holds its touchpoints, does its steps and has its roles and its names in the books. What was before that day stays with it.", button: "Merge", noted: "department merged", fits: openDepartment,
			fields: func(e *editor, d journey.Department) []mapField {
				return []mapField{{Name: "into", Label: e.v.t("Into the department"), Kind: "choice", Options: slices.DeleteFunc(e.holders(e.v.t("choose one")), func(o mapOption) bool { return o.Value == d.Key })}, e.fromField()}
			},
			texts: func(e *editor, _ journey.Department) map[string]string {
				return map[string]string{"from": e.today.String()}
			},
			apply: func(e *editor, key string, typed map[string]string) error {
				var wrong mistyped
				from := e.beginsOn(&wrong, "from", typed["from"])
				if typed["into"] == "" {
					wrong.add(e.v, "into", "This is needed")
				}
				if err := wrong.err(); err != nil {
					return err
				}
				return e.m.MergeDepartments([]string{key}, typed["into"], from)
			},
		},
		splitDepartmentAct,
		{
			name: "retire", heading: "Retire it", about: "From that day on it is no more, and its names in the books lead nowhere. It must hold no touchpoint then; what it held before stays.", button: "Retire", noted: "department retired", fits: openDepartment,
			fields: func(e *editor, _ journey.Department) []mapField { return []mapField{e.fromField()} },
			texts: func(e *editor, _ journey.Department) map[string]string {
				return map[string]string{"from": e.today.String()}
			},
			apply: func(e *editor, key string, typed map[string]string) error {
				var wrong mistyped
				from := e.beginsOn(&wrong, "from", typed["from"])
				if err := wrong.err(); err != nil {
					return err
				}
				return e.m.RetireDepartment(key, from)
			},
		},
	},
}

// partsMost is into how many a page splits a department.
const partsMost = 4

var splitDepartmentAct = act[journey.Department]{
	name: "split", heading: "Split it", about: "From that day on there are several in its place. Each touchpoint goes to one of them; the roles go to the first, and can be moved on their pages. What was before that day stays with it.", button: "Split", noted: "department split", fits: openDepartment,
	fields: func(e *editor, d journey.Department) []mapField {
		out := []mapField{{Name: "parts", Label: e.v.t("Into"), Help: e.v.t("Two to four. Without a name in the books, each is known by its own."), Kind: "rows", Spare: partsMost, Columns: []formColumn{
			{Name: "name", Label: e.v.t("Name"), Kind: "text"}, {Name: "known", Label: e.v.t("Its name in the books"), Kind: "text"},
		}}, e.fromField()}
		which := []mapOption{{Value: "0", Text: e.v.t("the first")}, {Value: "1", Text: e.v.t("the second")}, {Value: "2", Text: e.v.t("the third")}, {Value: "3", Text: e.v.t("the fourth")}}
		for _, t := range e.heldBy(d.Key) {
			out = append(out, mapField{Name: "to." + t.Key, Label: e.v.t("%s goes to", t.Name), Kind: "choice", Options: which})
		}
		return out
	},
	texts: func(e *editor, d journey.Department) map[string]string {
		out := map[string]string{"from": e.today.String()}
		for _, t := range e.heldBy(d.Key) {
			out["to."+t.Key] = "0"
		}
		return out
	},
	apply: func(e *editor, key string, typed map[string]string) error {
		var wrong mistyped
		from := e.beginsOn(&wrong, "from", typed["from"])
		var parts []journey.DepartmentPart
		for _, row := range rowsOf(typed["parts"], 2) {
			part := journey.DepartmentPart{Department: journey.Department{Name: row[0]}}
			if row[0] == "" {
				wrong.add(e.v, "parts", "A row has no name")
			}
			if row[1] != "" {
				part.KnownAs = []journey.Known{{Name: row[1]}}
			}
			parts = append(parts, part)
		}
		if len(parts) < 2 {
			wrong.add(e.v, "parts", "A split makes two or more")
		}
		for name, to := range typed {
			t, is := strings.CutPrefix(name, "to.")
			n, err := strconv.Atoi(to)
			switch {
			case !is || to == "":
			case err != nil || n < 0 || n >= len(parts):
				wrong.add(e.v, name, "There is none with this number among those it is split into")
			default:
				parts[n].Touchpoints = append(parts[n].Touchpoints, t)
			}
		}
		if err := wrong.err(); err != nil {
			return err
		}
		return e.m.SplitDepartment(key, parts, from)
	},
}

// heldBy are the touchpoints that a department holds today.
func (e *editor) heldBy(key string) []journey.Touchpoint {
	var out []journey.Touchpoint
	for _, t := range e.m.Touchpoints {
		if t.Open(e.today) && t.Department(e.today) == key {
			out = append(out, t)
		}
	}
	return out
}

// departmentBody is what is said of a department whenever it is.
func (e *editor) departmentBody(key string) []mapField {
	before := []mapOption{{Text: e.v.t("last")}}
	for _, d := range e.m.Departments {
		if d.Open(e.today) && d.Key != key {
			before = append(before, mapOption{Value: d.Key, Text: e.v.t("before %s", d.Name)})
		}
	}
	return []mapField{
		{Name: "contractor", Label: e.v.t("A contractor"), Help: e.v.t("Not of the company, and yet customers meet it."), Kind: "check"},
		e.knownField(e.v.t("In people and costs. None: its own name. With days, a name leads here on these days alone.")), e.namelessField(),
		{Name: "apart", Label: e.v.t("Why no customer meets it"), Help: e.v.t("Only where none does; the check of what the map covers then leaves it out. Empty: customers meet it."), Kind: "text"},
		{Name: "before", Label: e.v.t("Where it stands on the map"), Kind: "choice", Options: before},
	}
}

func departmentTexts(e *editor, d journey.Department) map[string]string {
	next, found := "", false
	for _, o := range e.m.Departments {
		if found && o.Open(e.today) {
			next = o.Key
			break
		}
		found = found || o.Key == d.Key
	}
	return map[string]string{"contractor": ticking(d.Contractor), "known": knownText(d.KnownAs), "nameless": ticking(d.Nameless), "apart": d.Apart, "before": next}
}

func (e *editor) putDepartment(d *journey.Department, typed map[string]string) error {
	var wrong mistyped
	d.Contractor, d.KnownAs, d.Nameless, d.Apart = typed["contractor"] != "", e.knownOf(&wrong, "known", typed["known"]), typed["nameless"] != "", typed["apart"]
	if typed["before"] != departmentTexts(e, *d)["before"] {
		e.m.PlaceDepartment(d.Key, typed["before"])
	}
	return wrong.err()
}

func departmentFacets(e *editor, _ journey.Department) []mapField {
	out := append([]mapField{e.nameField()}, e.departmentBody("")...)
	out = slices.DeleteFunc(out, func(f mapField) bool { return f.Name == "before" })
	return append(out, mapField{Name: "retired", Label: e.v.t("No more from"), Kind: "day"}, mapField{Name: "into", Label: e.v.t("It became"), Kind: "text"})
}

func departmentSays(e *editor, d journey.Department) map[string]string {
	out := departmentTexts(e, d)
	out["name"], out["retired"] = d.Name, dayText(d.Retired)
	var into []string
	for _, k := range d.Into {
		into = append(into, e.department(k))
	}
	out["into"] = strings.Join(into, ", ")
	return out
}

// touchpointDoor leads to a touchpoint: to where it is changed for who may.
func (v *visit) touchpointDoor(key string) string {
	if v.may(access.ChangeJourney) {
		return touchpointEditPath(key)
	}
	return touchpointAddress(key)
}

func showDepartment(v *visit, status int, e *editor, d journey.Department, p pieceView) error {
	view := departmentView{pieceView: p, Name: d.Name, Contractor: d.Contractor, RolesPath: "/roles?" + url.Values{"department": {d.Key}}.Encode()}
	for _, t := range e.heldBy(d.Key) {
		view.Holds = append(view.Holds, heldTouchpoint{Path: v.touchpointDoor(t.Key), Name: t.Name, Stage: e.stageName(t), Owner: t.Owner(e.today)})
	}
	for _, r := range e.m.Roles {
		if r.In(e.today) == d.Key && r.Retired == nil {
			view.Roles++
		}
	}
	if d.Since != nil {
		view.State = v.t("It is a department since %s.", v.locale.day(*d.Since))
	}
	if d.Retired != nil {
		view.State = strings.TrimSpace(view.State + " " + v.t("It is no more from %s on.", v.locale.day(*d.Retired)))
		for _, key := range d.Into {
			view.Became = append(view.Became, door{Path: departmentAddress(key), Text: e.department(key)})
		}
	}
	return departmentPage.render(v, status, title{Text: d.Name}, view)
}

// stageName is where a touchpoint stands, in words.
func (e *editor) stageName(t journey.Touchpoint) string {
	if j, ok := e.m.Journey(t.Journey); ok {
		if s, ok := j.Stage(t.Stage); ok {
			return e.v.t("%s: %s", j.Name, s.Name)
		}
	}
	return ""
}

func (s *Server) department(v *visit) error { return departmentPiece.get(s, v) }

// departmentSent takes one of the forms of the department's page.
func (s *Server) departmentSent(name string) func(*visit) error {
	return func(v *visit) error { return departmentPiece.post(s, v, name) }
}

var newDepartment = maker{
	path: "/journey/departments/new", heading: "A new department or contractor", about: "Whoever holds touchpoints: a part of the company, or somebody who works for it.", button: "Add it", kind: journey.KindDepartment, noted: "department added",
	back:   door{Path: "/journey/edit", Text: "Edit the map"},
	fields: func(e *editor) []mapField { return append([]mapField{e.nameField()}, e.departmentBody("")...) },
	texts: func(e *editor) map[string]string {
		return map[string]string{"name": oneLine(e.v.r.URL.Query().Get("name"))}
	},
	make: func(e *editor, typed map[string]string) (string, error) {
		if err := e.named(typed); err != nil {
			return "", err
		}
		d := journey.Department{Name: typed["name"], Key: fresh(typed["name"], func(k string) bool { _, ok := e.m.Department(k); return ok })}
		before := typed["before"]
		typed["before"] = ""
		err := e.putDepartment(&d, typed)
		typed["before"] = before
		e.m.Departments = append(e.m.Departments, d)
		e.m.PlaceDepartment(d.Key, before)
		return d.Key, err
	},
	made: func(key string) string { return departmentAddress(key) + "?done=saved" },
}

func (s *Server) departmentNew(v *visit) error { return newDepartment.get(s, v) }

func (s *Server) departmentMade(v *visit) error { return newDepartment.post(s, v) }
