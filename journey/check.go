package journey

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/calendar"
)

// The most of each that a map holds; more is a list of something else.
const (
	MostTouchpoints = 2000
	MostRoles       = 20000
	MostOthers      = 1000
	MostText        = 2000 // characters of one text
	MostName        = 200  // characters of a name, of an owner, or of a name in the books
)

var keys = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Problem is what a map may not hold, with where.
type Problem struct {
	Where string // "touchpoint invoice"
	What  string
}

func (p Problem) Error() string { return p.Where + ": " + p.What }

// KeyFor makes a key of a name: lower letters, digits and hyphens. It is unlike all that are taken.
func KeyFor(name string, taken func(string) bool) string {
	key := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "-"), "-")
	if len(key) > 60 {
		key = strings.Trim(key[:60], "-")
	}
	if key == "" {
		key = "x"
	}
	first := key
	for n := 2; taken(key); n++ {
		key = fmt.Sprintf("%s-%d", first, n)
	}
	return key
}

// checker gathers problems.
type checker struct {
	m        *Map
	problems []Problem
}

func (c *checker) add(where, what string, args ...any) {
	c.problems = append(c.problems, Problem{where, fmt.Sprintf(what, args...)})
}

// Check lists what is wrong with the map, in the order of its lists; none: it holds.
func (m *Map) Check() []Problem {
	c := &checker{m: m}
	c.counts()
	for _, b := range m.Brands {
		c.brand(b)
	}
	for _, d := range m.Departments {
		c.department(d)
	}
	for _, j := range m.Journeys {
		c.journey(j)
	}
	for _, t := range m.Touchpoints {
		c.touchpoint(t)
	}
	for _, s := range m.Standards {
		c.standard(s)
	}
	for _, r := range m.Roles {
		c.role(r)
	}
	c.names()
	return c.problems
}

func (c *checker) counts() {
	for _, x := range []struct {
		what    string
		n, most int
	}{
		{"touchpoints", len(c.m.Touchpoints), MostTouchpoints}, {"roles", len(c.m.Roles), MostRoles}, {"brands", len(c.m.Brands), MostOthers},
		{"standards", len(c.m.Standards), MostTouchpoints}, {"journeys", len(c.m.Journeys), MostOthers}, {"departments", len(c.m.Departments), MostOthers},
	} {
		if x.n > x.most {
			c.add("the map", "it has %d %s, more than %d", x.n, x.what, x.most)
		}
	}
	c.unique("brand", len(c.m.Brands), func(i int) string { return c.m.Brands[i].Key })
	c.unique("department", len(c.m.Departments), func(i int) string { return c.m.Departments[i].Key })
	c.unique("journey", len(c.m.Journeys), func(i int) string { return c.m.Journeys[i].Key })
	c.unique("touchpoint", len(c.m.Touchpoints), func(i int) string { return c.m.Touchpoints[i].Key })
	c.unique("standard", len(c.m.Standards), func(i int) string { return c.m.Standards[i].Key })
	c.unique("role", len(c.m.Roles), func(i int) string { return c.m.Roles[i].Key })
}

func (c *checker) unique(kind string, n int, key func(int) string) {
	seen := map[string]bool{}
	for i := range n {
		k := key(i)
		if !keys.MatchString(k) || len(k) > 80 {
			c.add(kind+" "+k, "a key has lower letters, digits and single hyphens, at most 80")
		}
		if seen[k] {
			c.add(kind+" "+k, "the key stands twice")
		}
		seen[k] = true
	}
}

// named wants a name that fits a line, and no text longer than a person would read.
func (c *checker) named(where, name string, texts ...string) {
	if len([]rune(name)) > MostName {
		c.add(where, "its name %q has more than %d characters", clipped(name), MostName)
	}
	c.line(where, "name", name)
	c.texts(where, texts...)
}

// worded wants a sentence on one line.
func (c *checker) worded(where, text string, texts ...string) {
	c.line(where, "text", text)
	c.texts(where, append(texts, text)...)
}

func (c *checker) line(where, what, text string) {
	if strings.TrimSpace(text) == "" {
		c.add(where, "it has no %s", what)
	}
	if strings.ContainsFunc(text, unprinted) {
		c.add(where, "its %s %q has a line break or a sign that does not print", what, clipped(text))
	}
}

// unprinted tells a sign that a name cannot have: controls, line ends, and what turns the direction of a text.
func unprinted(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func (c *checker) texts(where string, texts ...string) {
	for _, text := range texts {
		if len([]rune(text)) > MostText {
			c.add(where, "a text has more than %d characters", MostText)
		}
	}
}

func (c *checker) brand(b Brand) {
	where := "brand " + b.Key
	c.named(where, b.Name, b.Words)
	c.texts(where, slices.Concat(b.AtTouchpoints, b.AtInterviews, b.AtPulses)...)
	if !knownPromise(b.Promise) {
		c.add(where, "promise %q is unknown; it is one of %s", b.Promise, joined(PromiseNames()))
	}
	if b.Promise == Own && strings.TrimSpace(b.Words) == "" {
		c.add(where, "a promise in its own words has words")
	}
	for _, e := range b.Entities {
		for _, other := range c.m.Brands {
			if other.Key != b.Key && other.Key > b.Key && hasName(other.Entities, e) {
				c.add(where, "entity %q belongs to brand %s too", e, other.Key)
			}
		}
	}
}

func hasName(list []string, name string) bool {
	for _, x := range list {
		if Same(x, name) {
			return true
		}
	}
	return false
}

func (c *checker) department(d Department) {
	where := "department " + d.Key
	c.named(where, d.Name, d.Apart)
	if !starts(d.Since, d.Retired) {
		c.add(where, "it ends (retired) before it begins (since)")
	}
	c.spans(where, d.KnownAs, d.Nameless, d.Retired)
	c.became(where, "department", d.Key, d.Into, d.Retired, func(key string) (bool, *calendar.Day) {
		into, ok := c.m.Department(key)
		if !ok {
			return false, nil
		}
		return true, into.Retired
	})
}

func (c *checker) journey(j Journey) {
	where := "journey " + j.Key
	c.named(where, j.Name)
	if j.Brand != "" {
		if _, ok := c.m.Brand(j.Brand); !ok {
			c.add(where, "brand %q is not there", j.Brand)
		}
	}
	if len(j.Stages) == 0 {
		c.add(where, "it has no stage")
	}
	c.unique("stage of "+where+":", len(j.Stages), func(i int) string { return j.Stages[i].Key })
	for _, s := range j.Stages {
		c.named("stage "+j.Key+"/"+s.Key, s.Name, s.About)
	}
}

func (c *checker) touchpoint(t Touchpoint) {
	where := "touchpoint " + t.Key
	c.named(where, t.Name, t.About, t.Why)
	if j, ok := c.m.Journey(t.Journey); !ok {
		c.add(where, "journey %q is not there", t.Journey)
	} else if _, ok := j.Stage(t.Stage); !ok {
		c.add(where, "journey %s has no stage %q", t.Journey, t.Stage)
	}
	c.trail(where, "department", t.Departments, func(by string) bool { _, ok := c.m.Department(by); return ok })
	c.trail(where, "owner", t.Owners, func(by string) bool { return true })
	for _, h := range t.Owners {
		if h.By != strings.TrimSpace(h.By) || len([]rune(h.By)) > MostName {
			c.add(where, "owner %q has outer spaces, or more than %d characters", clipped(h.By), MostName)
		}
	}
	if !starts(t.Since, t.Retired) {
		c.add(where, "it ends (retired) before it begins (since)")
	}
	c.holders(where, t)
	c.spans(where, t.KnownAs, t.Nameless, t.Retired)
	c.became(where, "touchpoint", t.Key, t.Into, t.Retired, func(key string) (bool, *calendar.Day) {
		into, ok := c.m.Touchpoint(key)
		if !ok {
			return false, nil
		}
		return true, into.Retired
	})
	for _, s := range t.Steps {
		if s.Side != Front && s.Side != Back {
			c.add(where, "side %q of a step is neither %s nor %s", s.Side, Front, Back)
		}
		c.worded(where+", a step", s.Text)
		if _, ok := c.m.Department(s.Department); s.Department != "" && !ok {
			c.add(where, "department %q of a step is not there", s.Department)
		}
	}
	for _, h := range t.HandsTo {
		c.texts(where, h.What)
		if _, ok := c.m.Touchpoint(h.To); !ok || h.To == t.Key {
			c.add(where, "it hands to %q, which is no other touchpoint", h.To)
		}
	}
}

// became wants what something became to be there and to go on for longer, so that no way through the map is a circle.
func (c *checker) became(where, kind, key string, list []string, retired *calendar.Day, find func(string) (bool, *calendar.Day)) {
	for _, into := range list {
		there, until := find(into)
		switch {
		case !there || into == key:
			c.add(where, "it became %q, which is no other %s", into, kind)
		case retired != nil && until != nil && *until <= *retired:
			c.add(where, "it became %s on %s, which had ended on %s", into, *retired, *until)
		}
	}
	if len(list) > 0 && retired == nil {
		c.add(where, "it became another without the day on which it did (retired)")
	}
}

// holders wants every department to be one for as long as it holds the touchpoint.
func (c *checker) holders(where string, t Touchpoint) {
	for i, h := range t.Departments {
		d, ok := c.m.Department(h.By)
		if !ok || d.Retired == nil {
			continue
		}
		until := t.Retired
		if i+1 < len(t.Departments) && (until == nil || t.Departments[i+1].From != nil && *t.Departments[i+1].From < *until) {
			until = t.Departments[i+1].From
		}
		if until == nil || *until > *d.Retired {
			c.add(where, "department %s holds it after %s, when it had ended", h.By, *d.Retired)
		}
	}
}

// trail wants the days in order.
func (c *checker) trail(where, what string, trail []Held, there func(string) bool) {
	for i, h := range trail {
		if h.By != "" && !there(h.By) {
			c.add(where, "%s %q is not there", what, h.By)
		}
		if i > 0 && (h.From == nil || trail[i-1].From != nil && *h.From <= *trail[i-1].From) {
			c.add(where, "the %ss are not in the order of their days", what)
		}
	}
}

func (c *checker) spans(where string, known []Known, nameless bool, retired *calendar.Day) {
	if nameless && len(known) > 0 {
		c.add(where, "it is nameless in the books and has names in them (known_as)")
	}
	for _, k := range known {
		c.named(where+", a name in the books", k.Name)
		if k.Name != strings.TrimSpace(k.Name) {
			c.add(where, "its name %q in the books has outer spaces", clipped(k.Name))
		}
		if !starts(k.From, k.Until) {
			c.add(where, "its name %q ends before it begins", k.Name)
		}
		if retired != nil && (k.Until == nil || *k.Until > *retired) {
			c.add(where, "its name %q stands for it after %s, when it had ended", k.Name, *retired)
		}
	}
}

// clipped is a text as a message can hold it.
func clipped(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return text
}

func (c *checker) standard(s Standard) {
	where := "standard " + s.Key
	c.worded(where, s.Notices)
	if _, ok := c.m.Brand(s.Brand); !ok {
		c.add(where, "brand %q is not there", s.Brand)
	}
	if err := s.Measure.check(); err != nil {
		c.add(where, "%s", err)
	} else if err := s.Target.check(s.Measure); err != nil {
		c.add(where, "%s", err)
	}
	if !starts(s.From, s.Until) {
		c.add(where, "it ends before it begins")
	}
	if b, ok := c.m.Brand(s.Brand); ok && b.Retired != nil && (s.Until == nil || *s.Until > *b.Retired) {
		c.add(where, "it goes on after the end of its brand %s; end it too (until), on %s or before", b.Key, *b.Retired)
	}
	for _, key := range s.Touchpoints {
		if _, ok := c.m.Touchpoint(key); !ok {
			c.add(where, "touchpoint %q is not there", key)
		}
	}
}

func (c *checker) role(r Role) {
	where := "role " + r.Key
	c.named(where, r.Name, r.Does, r.SoThat, r.Notices)
	if _, ok := c.m.Department(r.Department); r.Department != "" && !ok {
		c.add(where, "department %q is not there", r.Department)
	}
	for i, b := range r.Was {
		if _, ok := c.m.Department(b.Department); b.Department != "" && !ok {
			c.add(where, "department %q, to which it belonged, is not there", b.Department)
		}
		if i > 0 && b.Until <= r.Was[i-1].Until {
			c.add(where, "the departments to which it belonged are not in the order of their days")
		}
	}
	for _, key := range r.Touchpoints {
		if _, ok := c.m.Touchpoint(key); !ok {
			c.add(where, "touchpoint %q is not there", key)
		}
	}
	for _, a := range r.May {
		c.worded(where+", what it may do", a.Means, a.Within)
		if a.UpTo == "" {
			continue
		}
		if x, err := decimal(a.UpTo); err != nil || x.Cmp(new(big.Rat)) < 0 {
			c.add(where, "up_to %q is no amount of money", a.UpTo)
		}
	}
}

// names refuses a name that leads to two places on one day.
func (c *checker) names() {
	var touchpoints, departments []claim
	for i := range c.m.Touchpoints {
		for _, k := range c.m.Touchpoints[i].names() {
			touchpoints = append(touchpoints, claim{c.m.Touchpoints[i].Key, k})
		}
	}
	for i := range c.m.Departments {
		for _, k := range c.m.Departments[i].names() {
			departments = append(departments, claim{c.m.Departments[i].Key, k})
		}
	}
	c.claims("touchpoint", touchpoints)
	c.claims("department", departments)
	c.jobs()
	aside := map[string]bool{}
	for _, a := range c.m.Aside {
		c.texts("a name set aside", a.Name, a.Why) // as the books have it, whatever its signs
		if strings.TrimSpace(a.Name) == "" {
			c.add("a name set aside", "it has no name")
		}
		if aside[Fold(a.Name)] {
			c.add("a name set aside", "%q stands twice", a.Name)
		}
		aside[Fold(a.Name)] = true
	}
}

// jobs refuses two roles of one department that the book people calls the same: nobody would know which is whose.
func (c *checker) jobs() {
	by := map[string]string{}
	for _, r := range c.m.Roles {
		if r.Retired != nil {
			continue
		}
		names := r.KnownAs
		if len(names) == 0 {
			names = []string{r.Name}
		}
		for _, name := range names {
			job := r.Department + "\x00" + Fold(name)
			if other := by[job]; other != "" && other != r.Key {
				c.add("role "+r.Key, "people's role %q of this department is role %s too; give one of them its own names in the books (known_as)", name, other)
			}
			by[job] = r.Key
		}
	}
}

// claim is a name of the books with whose it is said to be.
type claim struct {
	key string
	Known
}

func (c *checker) claims(kind string, list []claim) {
	by := map[string][]claim{}
	for _, x := range list {
		name := Fold(x.Name)
		for _, other := range by[name] {
			switch {
			case !x.overlaps(other.Known):
			case other.key == x.key:
				c.add(kind+" "+x.key, "the books' name %q stands twice on the same days", x.Name)
			default:
				c.add(kind+" "+x.key, "the books' name %q leads to %s %s on the same days; give one of them its own names in the books (known_as), or end one", x.Name, kind, other.key)
			}
		}
		by[name] = append(by[name], x)
	}
}

// names are those of the books: its own while none is given.
func (d *Department) names() []Known { return names(d.KnownAs, d.Nameless, d.Name, d.Retired) }
