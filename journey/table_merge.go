package journey

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
)

// merging is a table on its way into a map.
type merging struct {
	m          *Map
	on         calendar.Day
	columns    []string
	contractor map[string]int  // the line that said whether a department is a contractor
	there      map[string]bool // touchpoints that were there before
}

func (t *merging) has(column string) bool { return slices.Contains(t.columns, column) }

// touchpoints are read in two passes, because a row may hand to one that stands below it.
func (t *merging) touchpoints(rows []row) error {
	t.there = map[string]bool{}
	for _, at := range t.m.Touchpoints {
		t.there[at.Key] = true
	}
	keys := make([]string, len(rows))
	for i, x := range rows {
		key, err := t.key(x, keys[:i], func(key string) bool { _, ok := t.m.Touchpoint(key); return ok })
		if err != nil {
			return err
		}
		keys[i] = key
		if err := t.touchpoint(x, key); err != nil {
			return err
		}
	}
	for i, x := range rows {
		at, _ := t.m.Touchpoint(keys[i])
		if err := t.handsTo(x, at); err != nil {
			return err
		}
		if err := t.ends(x, at); err != nil {
			return err
		}
	}
	return nil
}

// key is that of a row: its own, or one that is made of its name.
func (t *merging) key(x row, before []string, taken func(string) bool) (string, error) {
	key := x.cells["key"]
	if key == "" {
		if x.cells["name"] == "" {
			return "", x.refuse("name", "a row has a key or a name")
		}
		return KeyFor(x.cells["name"], func(k string) bool { return taken(k) || slices.Contains(before, k) }), nil
	}
	if i := slices.Index(before, key); i >= 0 {
		return "", x.refuse("key", "it stands in two rows")
	}
	return key, nil
}

// touchpoint makes or changes the one of a row, but for where it hands to and how it ends.
func (t *merging) touchpoint(x row, key string) error {
	at, there := t.m.Touchpoint(key)
	if !there {
		order := 0
		for _, o := range t.m.Touchpoints {
			order = max(order, o.Order)
		}
		if x.cells["name"] == "" {
			return x.refuse("name", "there is no touchpoint %s yet, and a new one has a name", key)
		}
		t.m.Touchpoints = append(t.m.Touchpoints, Touchpoint{Key: key, Name: x.cells["name"], Order: order + 1})
		at = &t.m.Touchpoints[len(t.m.Touchpoints)-1]
	}
	was := *at
	if t.has("name") {
		if at.Name = x.cells["name"]; at.Name == "" {
			return x.refuse("name", "a touchpoint has a name")
		}
	}
	if t.has("about") {
		at.About = x.cells["about"]
	}
	if err := t.place(x, at, there); err != nil {
		return err
	}
	if err := t.known(x, at, was, there); err != nil {
		return err
	}
	if err := t.held(x, at); err != nil {
		return err
	}
	return t.steps(x, at)
}

// place reads journey and stage, and makes those that are not there.
func (t *merging) place(x row, at *Touchpoint, there bool) error {
	if !there && (x.cells["journey"] == "" || x.cells["stage"] == "") {
		column := map[bool]string{true: "journey", false: "stage"}[x.cells["journey"] == ""]
		return x.refuse(column, "there is no touchpoint %s yet, and a new one has a journey and a stage", at.Key)
	}
	if name := x.cells["journey"]; t.has("journey") && name == "" {
		return x.refuse("journey", "a touchpoint has a journey")
	} else if name != "" {
		key, several := resolve(t.m.Journeys, journeyName, name)
		if several {
			return x.refuse("journey", "several journeys have this name; write the key")
		}
		if key == "" {
			key = KeyFor(name, func(k string) bool { _, ok := t.m.Journey(k); return ok })
			order := 0
			for _, j := range t.m.Journeys {
				order = max(order, j.Order)
			}
			t.m.Journeys = append(t.m.Journeys, Journey{Key: key, Name: name, Order: order + 1})
		}
		at.Journey = key
	}
	j, ok := t.m.Journey(at.Journey)
	if !ok {
		return nil // Check says so
	}
	if name := x.cells["stage"]; t.has("stage") && name == "" {
		return x.refuse("stage", "a touchpoint has a stage")
	} else if name != "" {
		key, several := resolve(j.Stages, stageName, name)
		if several {
			return x.refuse("stage", "several stages of the journey have this name; write the key")
		}
		if key == "" {
			key = KeyFor(name, func(k string) bool { _, ok := j.Stage(k); return ok })
			j.Stages = append(j.Stages, Stage{Key: key, Name: name})
		}
		at.Stage = key
	}
	if _, ok := j.Stage(at.Stage); !ok {
		return x.refuse("journey", "the journey has no stage %s; name the stage too", at.Stage)
	}
	return nil
}

// known reads the names in the books. A name that was edited is a renaming, so that what was counted does not move.
func (t *merging) known(x row, at *Touchpoint, was Touchpoint, there bool) error {
	if t.has("known_as") {
		known, nameless, err := x.known()
		if err != nil {
			return err
		}
		at.KnownAs, at.Nameless = known, nameless
	}
	if there && len(at.KnownAs) == 0 && !at.Nameless && at.Name != was.Name {
		at.KnownAs = slices.Clone(was.names())
	}
	return nil
}

// held reads department and owner.
func (t *merging) held(x row, at *Touchpoint) error {
	if t.has("department") {
		key, err := t.department(x)
		if err != nil {
			return err
		}
		if at.Departments, err = t.holder(x, at.Departments, key, "department_since"); err != nil {
			return err
		}
	}
	if !t.has("owner") {
		return nil
	}
	owners, err := t.holder(x, at.Owners, x.cells["owner"], "owner_since")
	at.Owners = owners
	return err
}

// department is the key of the one that a row names, which is made where it is not there; what the row says of contractors is its.
func (t *merging) department(x row) (string, error) {
	name := x.cells["department"]
	if name == "" {
		return "", nil
	}
	key, several := resolve(t.m.Departments, departmentName, name)
	switch {
	case several:
		return "", x.refuse("department", "several departments have this name; write the key")
	case key == "":
		key = t.newDepartment(name)
	}
	d, _ := t.m.Department(key)
	var contractor bool
	switch Fold(x.cells["contractor"]) {
	case "":
		return key, nil
	case "yes", "true", "1", "x":
		contractor = true
	case "no", "false", "0":
	default:
		return "", x.refuse("contractor", "it is yes or no")
	}
	if line, said := t.contractor[key]; said && d.Contractor != contractor {
		return "", x.refuse("contractor", "line %d says otherwise of %s", line, d.Name)
	}
	d.Contractor, t.contractor[key] = contractor, x.line
	return key, nil
}

func (t *merging) newDepartment(name string) string {
	order := 0
	for _, d := range t.m.Departments {
		order = max(order, d.Order)
	}
	key := KeyFor(name, func(k string) bool { _, ok := t.m.Department(k); return ok })
	t.m.Departments = append(t.m.Departments, Department{Key: key, Name: name, Order: order + 1})
	return key
}

// holder is the trail after a row. Who is there already stays since when it was; the day may be mended. Another one holds from the day that
// the row says, where it is not the old one's, or from the table's.
func (t *merging) holder(x row, trail []Held, by, column string) ([]Held, error) {
	from, err := x.day(column)
	if err != nil {
		return nil, err
	}
	if len(trail) == 0 {
		if by == "" {
			return nil, nil
		}
		return []Held{{By: by, From: from}}, nil
	}
	since := sinceWhen(trail, t.on)
	same := reflect.DeepEqual(from, since)
	if at(trail, t.on) != by {
		if from == nil || same {
			from = &t.on
		}
		return hand(trail, by, *from), nil
	}
	if !t.has(column) || same {
		return trail, nil
	}
	out := slices.Clone(trail)
	for i := len(out) - 1; i >= 0; i-- {
		if reflect.DeepEqual(out[i].From, since) {
			if i > 0 && (from == nil || out[i-1].From != nil && *from <= *out[i-1].From) || i+1 < len(out) && from != nil && *from >= *out[i+1].From {
				return nil, x.refuse(column, "%s held it before or after; this day lies outside", by)
			}
			out[i].From = from
			break
		}
	}
	return out, nil
}

// steps reads both sides. Where neither changed, the order among both stays.
func (t *merging) steps(x row, at *Touchpoint) error {
	if !t.has("front") && !t.has("back") {
		return nil
	}
	var out []Step
	changed := false
	for _, side := range []string{Front, Back} {
		was := slices.DeleteFunc(slices.Clone(at.Steps), func(s Step) bool { return s.Side != side })
		now := was
		if t.has(side) {
			now = nil
			for _, text := range splitList(x.cells[side]) {
				s := Step{Side: side, Text: text}
				if name, rest, ok := strings.Cut(strings.TrimPrefix(text, "["), "]"); ok && strings.HasPrefix(text, "[") {
					s.Text = strings.TrimSpace(rest)
					if name != "" {
						key, several := resolve(t.m.Departments, departmentName, name)
						if several || s.Text == "" {
							return x.refuse(side, "a step of another department is [department] and what it does, and only one department has that name")
						}
						if key == "" {
							key = t.newDepartment(name)
						}
						s.Department = key
					}
				}
				now = append(now, s)
			}
		}
		changed = changed || !slices.Equal(was, now)
		out = append(out, now...)
	}
	if changed {
		at.Steps = out
	}
	return nil
}

func (t *merging) handsTo(x row, at *Touchpoint) error {
	if !t.has("hands_to") {
		return nil
	}
	at.HandsTo = nil
	for _, parts := range splitCell(x.cells["hands_to"], true) {
		if parts[0] == "" {
			continue
		}
		to, several := resolve(t.m.Touchpoints, touchpointName, parts[0])
		switch {
		case several:
			return x.refuse("hands_to", "several touchpoints are named %s; write the key", parts[0])
		case to == "":
			return x.refuse("hands_to", "there is no touchpoint %s", parts[0])
		case len(parts) > 2:
			return x.refuse("hands_to", `a hand-off is a touchpoint : and what is handed over; a colon that is meant is written \:`)
		}
		h := HandOff{To: to}
		if len(parts) > 1 {
			h.What = parts[1]
		}
		at.HandsTo = append(at.HandsTo, h)
	}
	return nil
}

// ends reads how a touchpoint ends. What has ended is not opened again here, and what it became is not rewritten.
func (t *merging) ends(x row, at *Touchpoint) error {
	if !t.has("retired") {
		return nil
	}
	day, err := x.day("retired")
	if err != nil {
		return err
	}
	became := splitList(x.cells["became"])
	switch {
	case at.Retired != nil && (day == nil || *day != *at.Retired):
		return x.refuse("retired", "%s ended on %s, and a table does not change that", at.Name, *at.Retired)
	case at.Retired != nil && t.has("became") && !slices.Equal(became, at.Into):
		return x.refuse("became", "%s became %s, and a table does not change that", at.Name, fmt.Sprint(at.Into))
	case day == nil && len(became) > 0:
		return x.refuse("became", "it became another without the day on which it did (retired)")
	case day == nil:
		return nil
	case at.Retired == nil && t.there[at.Key] && len(became) > 0:
		return x.refuse("became", "a table does not merge or split what is there")
	case at.Retired == nil && t.there[at.Key]:
		if err := t.m.touchpointLives().ends(at.Key, *day); err != nil {
			return x.refuse("retired", "%s", err)
		}
	}
	if t.has("why") {
		at.Why = x.cells["why"]
	}
	if at.Retired == nil {
		known := at.KnownAs
		at.end(*day, at.Why, became...)
		if len(known) == 0 && !at.Nameless {
			at.KnownAs = nil // its own name, up to its end
		}
	}
	return nil
}

// roles makes or changes those of the rows.
func (t *merging) roles(rows []row) error {
	var keys []string
	for _, x := range rows {
		key, err := t.key(x, keys, func(key string) bool { _, ok := t.m.Role(key); return ok })
		if err != nil {
			return err
		}
		keys = append(keys, key)
		if err := t.role(x, key); err != nil {
			return err
		}
	}
	return nil
}

func (t *merging) role(x row, key string) error {
	r, there := t.m.Role(key)
	if !there {
		t.m.Roles = append(t.m.Roles, Role{Key: key})
		r = &t.m.Roles[len(t.m.Roles)-1]
	}
	if t.has("name") || !there {
		if r.Name = x.cells["name"]; r.Name == "" {
			return x.refuse("name", "a role has a name")
		}
	}
	for column, into := range map[string]*string{"does": &r.Does, "so_that": &r.SoThat, "notices": &r.Notices} {
		if t.has(column) {
			*into = x.cells[column]
		}
	}
	if t.has("known_as") {
		r.KnownAs = splitList(x.cells["known_as"])
	}
	if t.has("department") {
		department, err := t.department(x)
		if err != nil {
			return err
		}
		r.Department = department
	}
	if t.has("retired") {
		day, err := x.day("retired")
		if err != nil {
			return err
		}
		r.Retired = day
	}
	return t.line(x, r)
}

// line reads what a role reaches and what it may do.
func (t *merging) line(x row, r *Role) error {
	if t.has("touchpoints") {
		r.Touchpoints = nil
		for _, name := range splitList(x.cells["touchpoints"]) {
			key, several := resolve(t.m.Touchpoints, touchpointName, name)
			if several || key == "" {
				return x.refuse("touchpoints", "%s is the name of %s; write the key", name, map[bool]string{true: "several touchpoints", false: "no touchpoint"}[several])
			}
			r.Touchpoints = append(r.Touchpoints, key)
		}
	}
	if !t.has("may") {
		return nil
	}
	r.May = nil
	for _, parts := range splitCell(x.cells["may"], true) {
		if len(parts) > 3 {
			return x.refuse("may", `what a role may do is the means : up to how much : within what time; a colon that is meant is written \:`)
		}
		if a := append(parts, "", ""); a[0] != "" || a[1] != "" || a[2] != "" {
			r.May = append(r.May, Authority{Means: a[0], UpTo: a[1], Within: a[2]})
		}
	}
	return nil
}
