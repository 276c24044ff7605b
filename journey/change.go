package journey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
)

// Refused is a change that the map does not allow.
type Refused struct{ Why string }

func (r *Refused) Error() string { return r.Why }

func refuse(format string, args ...any) error { return &Refused{fmt.Sprintf(format, args...)} }

// Rename gives a touchpoint another name from now on. The names by which the books know it stay, so nothing that was counted
// moves.
func (m *Map) Rename(key, name string) error {
	t, ok := m.Touchpoint(key)
	if !ok {
		return refuse("there is no touchpoint %s", key)
	}
	t.KnownAs, t.Name = slices.Clone(t.names()), name
	return nil
}

// Hand gives a touchpoint to an owner and a department from a day on, until the next day on which somebody else is known to hold
// it. What was before that day stays, and so does what is known of later days.
func (t *Touchpoint) Hand(owner, department string, from calendar.Day) {
	t.Owners = hand(t.Owners, strings.TrimSpace(owner), from)
	t.Departments = hand(t.Departments, department, from)
}

func hand(trail []Held, by string, from calendar.Day) []Held {
	if len(trail) == 0 {
		if by == "" {
			return nil
		}
		return []Held{{By: by}} // the first that anybody says is as far back as anybody knows
	}
	if at(trail, from) == by {
		return trail
	}
	var out []Held
	add := func(h Held) {
		if len(out) == 0 || out[len(out)-1].By != h.By {
			out = append(out, h)
		}
	}
	i := 0
	for ; i < len(trail) && (trail[i].From == nil || *trail[i].From < from); i++ {
		add(trail[i])
	}
	add(Held{By: by, From: &from})
	for ; i < len(trail); i++ {
		if *trail[i].From > from {
			add(trail[i])
		}
	}
	return out
}

// Retire ends a touchpoint: from a day on it is no more. Its names lead nowhere from then on.
func (m *Map) Retire(key string, from calendar.Day, why string) error {
	if err := m.touchpointLives().ends(key, from); err != nil {
		return err
	}
	t, _ := m.Touchpoint(key)
	t.end(from, why)
	return nil
}

// end is what Retire, Merge and Split have in common.
func (t *Touchpoint) end(from calendar.Day, why string, into ...string) {
	t.KnownAs = ended(t.names(), from)
	t.Nameless = len(t.KnownAs) == 0
	t.Retired, t.Why, t.Into = &from, why, into
}

// ended are names that stand for nothing from a day on.
func ended(known []Known, from calendar.Day) []Known {
	var out []Known
	for _, k := range known {
		if k.From != nil && *k.From >= from {
			continue // it would never have stood for anything
		}
		if k.covers(from) {
			k.Until = &from
		}
		out = append(out, k)
	}
	return out
}

// gained are names with those of another that stand for something on a day or later, from that day on.
func gained(known, others []Known, from calendar.Day) []Known {
	out := slices.Clone(known)
	for _, k := range others {
		if k.Until != nil && *k.Until <= from {
			continue
		}
		if k.From == nil || *k.From < from {
			k.From = &from
		}
		out = append(out, k)
	}
	return out
}

// Merge makes one touchpoint of several from a day on: what the books name as any of them is the one's from then on. Standards that
// bound one of them go on for the one only where it had them already; roles that reached one reach the one, what handed to one
// hands to the one, and it hands to where they did. Nothing is changed when it is refused.
func (m *Map) Merge(keys []string, into string, from calendar.Day) error {
	gone, err := m.touchpointLives().merges(keys, into, from)
	if err != nil {
		return err
	}
	target, _ := m.Touchpoint(into)
	for _, key := range gone {
		t, _ := m.Touchpoint(key)
		target.KnownAs = gained(target.names(), t.names(), from)
		target.Nameless = target.Nameless && len(target.KnownAs) == 0
		t.end(from, "", into)
		for _, h := range t.HandsTo {
			if h.To != into && !slices.Contains(gone, h.To) && !target.handsTo(h.To) {
				target.HandsTo = append(slices.Clip(target.HandsTo), h)
			}
		}
		m.lead(key, from, into)
	}
	return nil
}

func (t *Touchpoint) handsTo(key string) bool {
	return slices.ContainsFunc(t.HandsTo, func(h HandOff) bool { return h.To == key })
}

// lead makes what points to one touchpoint point to others too: roles reach them, hand-offs go to them. The one stays named, because it
// goes on until its last day; what is read on a day leaves out what is none on it. What has ended itself stays as it was.
func (m *Map) lead(key string, from calendar.Day, into ...string) {
	both := append([]string{key}, into...)
	for i := range m.Roles {
		if r := &m.Roles[i]; before(from, r.Retired) && slices.Contains(r.Touchpoints, key) {
			r.Touchpoints = replaced(r.Touchpoints, key, both)
		}
	}
	for i := range m.Touchpoints {
		t := &m.Touchpoints[i]
		if t.Key == key || !before(from, t.Retired) || !t.handsTo(key) {
			continue
		}
		old := *t
		t.HandsTo = nil
		for _, h := range old.HandsTo {
			for _, to := range replaced([]string{h.To}, key, both) {
				if to != t.Key && !t.handsTo(to) && (to == h.To || !old.handsTo(to)) {
					t.HandsTo = append(t.HandsTo, HandOff{To: to, What: h.What})
				}
			}
		}
	}
}

// replaced is a list with others in the place of one, each once.
func replaced(list []string, key string, by []string) []string {
	var out []string
	for _, x := range list {
		for _, y := range map[bool][]string{true: by, false: {x}}[x == key] {
			if !slices.Contains(out, y) {
				out = append(out, y)
			}
		}
	}
	return out
}

// Split makes several touchpoints of one from a day on. The new ones are given whole, with the names by which the books know them
// from then on; owner, department, journey and stage that they leave empty are those of the one that ends. Standards that bound it
// bind them, because a promise does not end with a reorganisation; roles that reached it reach all of them.
func (m *Map) Split(key string, parts []Touchpoint, from calendar.Day) error {
	if err := m.touchpointLives().ends(key, from); err != nil {
		return err
	}
	t, _ := m.Touchpoint(key)
	if len(parts) < 2 {
		return refuse("%s is split into %d; a split makes two or more", t.Name, len(parts))
	}
	old := *t
	var into []string
	for _, p := range parts {
		p.Key = KeyFor(p.Name, func(k string) bool { _, ok := m.Touchpoint(k); return ok })
		m.Touchpoints = append(m.Touchpoints, part(old, p, from))
		into = append(into, p.Key)
	}
	t, _ = m.Touchpoint(key) // the list may lie elsewhere now
	t.end(from, "", into...)
	m.lead(key, from, into...)
	for i := range m.Standards {
		if s := &m.Standards[i]; slices.Contains(s.Touchpoints, key) && before(from, s.Until) {
			s.Touchpoints = append(slices.Clip(s.Touchpoints), into...)
		}
	}
	m.order()
	return nil
}

// part is one of those that a touchpoint is split into, with what it leaves empty.
func part(old, p Touchpoint, from calendar.Day) Touchpoint {
	if p.Journey == "" || p.Journey == old.Journey && p.Stage == "" {
		p.Journey, p.Stage = old.Journey, cmp.Or(p.Stage, old.Stage)
	}
	if p.Order == 0 {
		p.Order = old.Order
	}
	if p.Since == nil {
		p.Since = &from
	}
	p.KnownAs = begun(p.KnownAs, p.Nameless, p.Name, from)
	if len(p.Owners) == 0 {
		p.Owners = since(old.Owners, from)
	}
	if len(p.Departments) == 0 {
		p.Departments = since(old.Departments, from)
	}
	return p
}

// begun are names that stand for something from a day on.
func begun(known []Known, nameless bool, own string, from calendar.Day) []Known {
	if nameless {
		return known
	}
	return gained(nil, names(known, false, own, nil), from)
}

// since is who holds something from a day on, now and as foreseen.
func since(trail []Held, from calendar.Day) []Held {
	out := []Held{{By: at(trail, from), From: &from}}
	if out[0].By == "" {
		out = nil
	}
	for _, h := range trail {
		if h.From != nil && *h.From > from {
			out = append(out, h)
		}
	}
	return out
}

// Before lists the touchpoints that became one, by key.
func (m *Map) Before(key string) []string {
	var out []string
	for _, t := range m.Touchpoints {
		if slices.Contains(t.Into, key) {
			out = append(out, t.Key)
		}
	}
	slices.Sort(out)
	return out
}
