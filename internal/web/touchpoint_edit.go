package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/throughline/throughline/journey"
)

// touchpointEditView is a touchpoint with everything that can be done with it.
type touchpointEditView struct {
	pieceView
	Name, Key, Stage string
	Owner, Holder    string // today; empty: nobody
	Owners, Holders  []heldLine
	State            string // that it is no more, and what it became
	Became           []door
}

// heldLine is who held something from when.
type heldLine struct{ By, From string }

var touchpointEditPage = page[touchpointEditView]("touchpoint-edit.html")

func touchpointAddress(key string) string { return "/journey/touchpoints/" + url.PathEscape(key) }

func touchpointEditPath(key string) string { return touchpointAddress(key) + "/edit" }

func touchpointNewPath(in, stage string) string {
	return "/journey/touchpoints/new?" + url.Values{"journey": {in}, "stage": {stage}}.Encode()
}

// touchpointPiece is how touchpoints are edited.
var touchpointPiece = piece[journey.Touchpoint]{
	kind:   journey.KindTouchpoint,
	find:   (*journey.Map).Touchpoint,
	path:   func(t journey.Touchpoint) string { return touchpointEditPath(t.Key) },
	facets: touchpointFacets,
	says:   touchpointSays,
	show:   showTouchpoint,
	lost: func(v *visit) error {
		return v.refuse(http.StatusNotFound, v.t("There is no such touchpoint"), v.t("All of them stand on the page by which the map is edited, also those that were retired."), door{Path: "/journey/edit", Text: v.t("Edit the map")})
	},
	acts: []act[journey.Touchpoint]{
		{
			heading: "What happens there", about: "What customers meet, by which names the books know it, what is done before their eyes and behind, and where they go next.", button: "Save", noted: "touchpoint changed",
			fields: func(e *editor, _ journey.Touchpoint) []mapField { return e.touchpointBody() },
			texts:  func(e *editor, t journey.Touchpoint) map[string]string { return touchpointBodyTexts(e, t) },
			apply: func(e *editor, key string, typed map[string]string) error {
				t, _ := e.m.Touchpoint(key)
				return e.putTouchpointBody(t, typed)
			},
		},
		{
			name: "move", heading: "Where it stands", about: "Its stage, and its place among the others there. Figures of before move with it: the stage is how the map is read, not what was counted.", button: "Move", noted: "touchpoint moved", leads: onMap,
			fields: func(e *editor, t journey.Touchpoint) []mapField {
				return []mapField{
					{Name: "place", Label: e.v.t("Stage"), Kind: "choice", Options: e.stages()},
					{Name: "before", Label: e.v.t("Before the touchpoint"), Kind: "pick", Help: e.v.t("One of that stage. Empty: it stands last.")},
					{Name: "department", Label: e.v.t("Department"), Kind: "choice", Mute: true},
				}
			},
			texts: func(_ *editor, t journey.Touchpoint) map[string]string {
				return map[string]string{"place": t.Journey + "/" + t.Stage, "before": "", "department": ""}
			},
			apply: moveTouchpoint,
		},
		{
			name: "rename", heading: "Rename it", about: "It has the new name from now on. The names by which the books know it stay, so nothing that was counted moves.", button: "Rename", noted: "touchpoint renamed", fits: openTouchpoint,
			fields: func(e *editor, _ journey.Touchpoint) []mapField { return []mapField{e.nameField()} },
			texts:  func(_ *editor, t journey.Touchpoint) map[string]string { return map[string]string{"name": t.Name} },
			apply: func(e *editor, key string, typed map[string]string) error {
				if err := e.named(typed); err != nil {
					return err
				}
				return e.m.Rename(key, typed["name"])
			},
		},
		{
			name: "hand", heading: "Hand it over", about: "To another owner or department from a day on. What was counted before that day stays with who held it then.", button: "Hand over", noted: "touchpoint handed over", fits: openTouchpoint,
			fields: func(e *editor, _ journey.Touchpoint) []mapField {
				return []mapField{e.ownerField(), {Name: "department", Label: e.v.t("Department or contractor"), Kind: "choice", Options: e.holders(e.v.t("none"))}, e.fromField()}
			},
			texts: func(e *editor, t journey.Touchpoint) map[string]string {
				return map[string]string{"owner": t.Owner(e.today), "department": t.Department(e.today), "from": e.today.String()}
			},
			apply: func(e *editor, key string, typed map[string]string) error {
				var wrong mistyped
				from := e.beginsOn(&wrong, "from", typed["from"])
				if err := wrong.err(); err != nil {
					return err
				}
				t, _ := e.m.Touchpoint(key)
				t.Hand(typed["owner"], typed["department"], from)
				return nil
			},
		},
		mergeTouchpointAct, splitTouchpointAct, retireTouchpointAct,
	},
}

// onMap leads to where a moved touchpoint stands on the map now.
func onMap(v *visit, t journey.Touchpoint) string {
	in, _, _ := strings.Cut(v.r.PostForm.Get("place"), "/")
	return "/journey?" + url.Values{"journey": {orElse(in, t.Journey)}}.Encode() + "#moved-" + t.Key
}

var mergeTouchpointAct = act[journey.Touchpoint]{
	name: "merge", heading: "Merge it into another", about: "From that day on it is no more, and its names in the books lead to the other one, as do roles and hand-offs. What was counted before stays here, with its owners.", button: "Merge", noted: "touchpoint merged", fits: openTouchpoint,
	fields: func(e *editor, _ journey.Touchpoint) []mapField {
		return []mapField{{Name: "into", Label: e.v.t("Into the touchpoint"), Kind: "pick", Required: true}, e.fromField()}
	},
	texts: func(e *editor, _ journey.Touchpoint) map[string]string {
		return map[string]string{"into": "", "from": e.today.String()}
	},
	apply: func(e *editor, key string, typed map[string]string) error {
		var wrong mistyped
		from := e.beginsOn(&wrong, "from", typed["from"])
		into, ok := e.picked(typed["into"])
		if !ok || into == key {
			wrong.add(e.v, "into", "This is no other touchpoint; take one of the list")
		}
		if err := wrong.err(); err != nil {
			return err
		}
		return e.m.Merge([]string{key}, into, from)
	},
}

var splitTouchpointAct = act[journey.Touchpoint]{
	name: "split", heading: "Split it", about: "From that day on there are several in its place, with its owner, department and stage. The books have to name them apart from then on. What was counted before stays here.", button: "Split", noted: "touchpoint split", fits: openTouchpoint,
	fields: func(e *editor, _ journey.Touchpoint) []mapField {
		return []mapField{{Name: "parts", Label: e.v.t("Into"), Help: e.v.t("Two or more. Without a name in the books, each is known by its own."), Kind: "rows", Spare: 2, Columns: []formColumn{
			{Name: "name", Label: e.v.t("Name"), Kind: "text"}, {Name: "known", Label: e.v.t("Its name in the books"), Kind: "text"},
		}}, e.fromField()}
	},
	texts: func(e *editor, _ journey.Touchpoint) map[string]string {
		return map[string]string{"parts": "\n", "from": e.today.String()}
	},
	apply: func(e *editor, key string, typed map[string]string) error {
		var wrong mistyped
		from := e.beginsOn(&wrong, "from", typed["from"])
		var parts []journey.Touchpoint
		for _, row := range rowsOf(typed["parts"], 2) {
			part := journey.Touchpoint{Name: row[0]}
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
		if err := wrong.err(); err != nil {
			return err
		}
		return e.m.Split(key, parts, from)
	},
}

var retireTouchpointAct = act[journey.Touchpoint]{
	name: "retire", heading: "Retire it", about: "From that day on it is no more, and its names in the books lead nowhere. All that was known of it stays readable.", button: "Retire", noted: "touchpoint retired", fits: openTouchpoint,
	fields: func(e *editor, _ journey.Touchpoint) []mapField {
		return []mapField{{Name: "why", Label: e.v.t("Why"), Kind: "text"}, e.fromField()}
	},
	texts: func(e *editor, _ journey.Touchpoint) map[string]string {
		return map[string]string{"why": "", "from": e.today.String()}
	},
	apply: func(e *editor, key string, typed map[string]string) error {
		var wrong mistyped
		from := e.beginsOn(&wrong, "from", typed["from"])
		if err := wrong.err(); err != nil {
			return err
		}
		return e.m.Retire(key, from, typed["why"])
	},
}

func openTouchpoint(e *editor, t journey.Touchpoint) bool { return t.Open(e.today) }

func (e *editor) nameField() mapField {
	return mapField{Name: "name", Label: e.v.t("Name"), Kind: "text", Required: true}
}

func (e *editor) fromField() mapField {
	return mapField{Name: "from", Label: e.v.t("From"), Help: e.v.t("The first day on which it holds. A day that has passed moves what was counted since then at the next close; what is sealed stays as it was sealed."), Kind: "day", Required: true}
}

func (e *editor) ownerField() mapField {
	return mapField{Name: "owner", Label: e.v.t("Owner"), Help: e.v.t("A role in words, not a person: people change, the duty stays. Empty: nobody owns it."), Kind: "text"}
}

// named wants a name.
func (e *editor) named(typed map[string]string) error {
	if typed["name"] == "" {
		return mistyped{{"name", e.v.t("This is needed")}}
	}
	return nil
}

// touchpointBody is what is said of a touchpoint whenever it is.
func (e *editor) touchpointBody() []mapField {
	sides := []mapOption{{Value: journey.Front, Text: e.v.t("before the customer's eyes")}, {Value: journey.Back, Text: e.v.t("behind")}}
	return []mapField{
		{Name: "about", Label: e.v.t("What customers meet there"), Kind: "long"},
		e.knownField(e.v.t("In interactions, answers, remarks, orders, measures and costs. None: its own name. With days, a name leads here on these days alone.")), e.namelessField(),
		{Name: "steps", Label: e.v.t("What is done there"), Help: e.v.t("In its order. What a customer sees, and what has to happen behind for it."), Kind: "rows", Spare: 2, Columns: []formColumn{
			{Name: "side", Label: e.v.t("Side"), Kind: "choice", Options: sides, Short: true}, {Name: "text", Label: e.v.t("Step"), Kind: "text"},
			{Name: "department", Label: e.v.t("By"), Kind: "choice", Options: e.holders(e.v.t("its own department"))},
		}},
		{Name: "hands", Label: e.v.t("Where it hands on"), Help: e.v.t("To which touchpoint the customer, or the work for one, goes next."), Kind: "rows", Spare: 1, Columns: []formColumn{
			{Name: "to", Label: e.v.t("To the touchpoint"), Kind: "pick"}, {Name: "what", Label: e.v.t("What is handed on"), Kind: "text"},
		}},
	}
}

func touchpointBodyTexts(e *editor, t journey.Touchpoint) map[string]string {
	var steps, hands [][]string
	for _, s := range t.Steps {
		steps = append(steps, []string{s.Side, oneLine(s.Text), s.Department})
	}
	for _, h := range t.HandsTo {
		hands = append(hands, []string{e.called(h.To), oneLine(h.What)})
	}
	return map[string]string{"about": t.About, "known": knownText(t.KnownAs), "nameless": ticking(t.Nameless), "steps": rowsText(steps), "hands": rowsText(hands)}
}

func (e *editor) putTouchpointBody(t *journey.Touchpoint, typed map[string]string) error {
	var wrong mistyped
	t.About, t.KnownAs, t.Steps, t.HandsTo = typed["about"], e.knownOf(&wrong, "known", typed["known"]), nil, nil
	t.Nameless = typed["nameless"] != ""
	for _, row := range rowsOf(typed["steps"], 3) {
		t.Steps = append(t.Steps, journey.Step{Side: row[0], Text: row[1], Department: row[2]})
	}
	for _, row := range rowsOf(typed["hands"], 2) {
		to, ok := e.picked(row[0])
		if !ok || to == t.Key {
			wrong.add(e.v, "hands", "%q is no other touchpoint; take one of the list", shown(row[0]))
			continue
		}
		t.HandsTo = append(t.HandsTo, journey.HandOff{To: to, What: row[1]})
	}
	return wrong.err()
}

// moveTouchpoint changes stage and order, and the department from today.
func moveTouchpoint(e *editor, key string, typed map[string]string) error {
	var wrong mistyped
	before := ""
	if typed["before"] != "" {
		var ok bool
		if before, ok = e.picked(typed["before"]); !ok {
			wrong.add(e.v, "before", "%q is no touchpoint; take one of the list", shown(typed["before"]))
		}
	}
	in, stage, _ := strings.Cut(typed["place"], "/")
	if err := wrong.err(); err != nil {
		return err
	}
	if err := e.m.Place(key, in, stage, before); err != nil {
		return err
	}
	t, _ := e.m.Touchpoint(key)
	if to := typed["department"]; to != "" && to != t.Department(e.today) {
		if d, ok := e.m.Department(to); !ok || !d.Open(e.today) {
			return &journey.Refused{Why: e.v.t("There is no such department today; choose another one.")}
		}
		t.Hand(t.Owner(e.today), to, e.today)
	}
	return nil
}

// touchpointFacets are what the history tells of a touchpoint.
func touchpointFacets(e *editor, _ journey.Touchpoint) []mapField {
	all := make([]mapOption, 0, len(e.m.Departments))
	for _, d := range e.m.Departments {
		all = append(all, mapOption{Value: d.Key, Text: d.Name, Data: true})
	}
	trail := func(name, label string, options []mapOption) mapField {
		return mapField{Name: name, Label: label, Kind: "rows", Columns: []formColumn{{Name: "by", Options: options}, {Name: "from"}}}
	}
	out := []mapField{e.nameField(), {Name: "place", Label: e.v.t("Stage"), Kind: "choice", Options: e.stages()}}
	out = append(out, e.touchpointBody()...)
	return append(out, trail("owners", e.v.t("Owner"), nil), trail("departments", e.v.t("Department"), all),
		mapField{Name: "retired", Label: e.v.t("No more from"), Kind: "day"}, mapField{Name: "why", Label: e.v.t("Why"), Kind: "text"}, mapField{Name: "into", Label: e.v.t("It became"), Kind: "text"})
}

func touchpointSays(e *editor, t journey.Touchpoint) map[string]string {
	out := touchpointBodyTexts(e, t)
	out["name"], out["retired"], out["why"] = t.Name, dayText(t.Retired), t.Why
	if t.Journey != "" {
		out["place"] = t.Journey + "/" + t.Stage
	}
	out["owners"], out["departments"] = trailText(t.Owners), trailText(t.Departments)
	var into []string
	for _, k := range t.Into {
		into = append(into, e.called(k))
	}
	out["into"] = strings.Join(into, ", ")
	return out
}

func trailText(trail []journey.Held) string {
	var rows [][]string
	for _, h := range trail {
		rows = append(rows, []string{h.By, dayText(h.From)})
	}
	return rowsText(rows)
}

func showTouchpoint(v *visit, status int, e *editor, t journey.Touchpoint, p pieceView) error {
	view := touchpointEditView{pieceView: p, Name: t.Name, Key: t.Key, Owner: t.Owner(e.today), Holder: e.department(t.Department(e.today))}
	if j, ok := e.m.Journey(t.Journey); ok {
		if s, ok := j.Stage(t.Stage); ok {
			view.Stage = v.t("%s: %s", j.Name, s.Name)
		}
	}
	view.Owners, view.Holders = v.heldLines(t.Owners, func(by string) string { return by }), v.heldLines(t.Departments, e.department)
	if t.Retired != nil {
		view.State = v.t("It is no more from %s on.", v.locale.day(*t.Retired))
		if t.Why != "" {
			view.State += " " + t.Why
		}
		for _, key := range t.Into {
			view.Became = append(view.Became, door{Path: touchpointEditPath(key), Text: e.called(key)})
		}
	}
	return touchpointEditPage.render(v, status, title{Text: v.t("Edit %s", t.Name)}, view)
}

// department is what a department is called; empty: none.
func (e *editor) department(key string) string {
	if d, ok := e.m.Department(key); ok {
		return d.Name
	}
	return key
}

// heldLines are a trail in words, newest first; none where it says no more than who holds it today.
func (v *visit) heldLines(trail []journey.Held, called func(string) string) []heldLine {
	if len(trail) < 2 {
		return nil
	}
	var out []heldLine
	for i := len(trail) - 1; i >= 0; i-- {
		h := heldLine{By: orElse(called(trail[i].By), v.t("nobody")), From: v.t("before")}
		if trail[i].From != nil {
			h.From = v.t("from %s", v.locale.day(*trail[i].From))
		}
		out = append(out, h)
	}
	return out
}

func (s *Server) touchpointEdit(v *visit) error { return touchpointPiece.get(s, v) }

// touchpointSent takes one of the forms of the touchpoint's page.
func (s *Server) touchpointSent(name string) func(*visit) error {
	return func(v *visit) error { return touchpointPiece.post(s, v, name) }
}

// newTouchpoint is how a touchpoint is made.
var newTouchpoint = maker{
	path: "/journey/touchpoints/new", heading: "A new touchpoint", about: "A place where customers meet the company, or a contractor of it.", button: "Add it", kind: journey.KindTouchpoint, noted: "touchpoint added",
	back: door{Path: "/journey/edit", Text: "Edit the map"},
	fields: func(e *editor) []mapField {
		out := []mapField{
			e.nameField(), {Name: "place", Label: e.v.t("Stage"), Kind: "choice", Options: e.stages()}, e.ownerField(),
			{Name: "department", Label: e.v.t("Department or contractor"), Kind: "choice", Options: e.holders(e.v.t("none"))},
		}
		return append(out, e.touchpointBody()...)
	},
	texts: func(e *editor) map[string]string {
		q := e.v.r.URL.Query()
		values := map[string]string{"department": q.Get("department"), "name": oneLine(q.Get("name"))}
		if q.Get("journey") != "" {
			values["place"] = q.Get("journey") + "/" + q.Get("stage")
		}
		return values
	},
	make: func(e *editor, typed map[string]string) (string, error) {
		if err := e.named(typed); err != nil {
			return "", err
		}
		t := journey.Touchpoint{Name: typed["name"], Key: fresh(typed["name"], func(k string) bool { _, ok := e.m.Touchpoint(k); return ok })}
		if err := e.putTouchpointBody(&t, typed); err != nil {
			return "", err
		}
		t.Hand(typed["owner"], typed["department"], e.today)
		e.m.Touchpoints = append(e.m.Touchpoints, t)
		in, stage, _ := strings.Cut(typed["place"], "/")
		return t.Key, e.m.Place(t.Key, in, stage, "")
	},
	made: func(key string) string { return touchpointEditPath(key) + "?done=saved" },
}

func (s *Server) touchpointNew(v *visit) error { return newTouchpoint.get(s, v) }

func (s *Server) touchpointMade(v *visit) error { return newTouchpoint.post(s, v) }
