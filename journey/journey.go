// Package journey owns the map of where customers meet the company, and what it promises there: brands with their promise and
// standards, journeys with stages, the touchpoints in them, the departments and contractors that hold these, and the roles
// that reach them. It owns the rules of the map, how touchpoints and departments are renamed, merged, split and retired, what
// the map does not cover, the touchpoint statement with its states against standards, and the JSON and CSV of all of it. It
// does not own rows or SQL (a [Ledger] answers with counts and exact sums), scores (voice), or where the map is kept.
//
// That customers meet a company at touchpoints which hang together as a journey, and that the whole is more than its parts, is
// Rawson, Duncan & Jones, "The Truth About Customer Experience", Harvard Business Review September 2013; that what is seen and
// what is not are drawn in one picture is Shostack, "Designing Services That Deliver", Harvard Business Review January 1984.
//
// The invariant: a key is given once and never changes, and what was true on a day stays readable. A name of the books belongs to
// at most one touchpoint on a day; what is merged, split or retired keeps its owners, its departments and its names up to its
// last day.
package journey

import (
	"github.com/throughline/throughline/calendar"
)

// Map is all of it. Journeys, departments and touchpoints stand in the order that people gave them, the other lists by key.
type Map struct {
	Brands      []Brand      `json:"brands"`
	Standards   []Standard   `json:"standards"`
	Journeys    []Journey    `json:"journeys"`
	Departments []Department `json:"departments"`
	Touchpoints []Touchpoint `json:"touchpoints"`
	Roles       []Role       `json:"roles"`
	// Aside are names in the books that belong to no touchpoint, with why.
	Aside []Aside `json:"aside"`
}

// Brand is what service means under one name. A company may own several that differ in everything.
type Brand struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	// Entities are the entities of customers and orders whose brand it is; none: all that no other brand has.
	Entities []string `json:"entities,omitempty"`
	Promise  string   `json:"promise"` // one of Promises, or Own
	Words    string   `json:"words"`   // the promise as this brand says it
	// Questions that come from the promise, as people have edited them.
	AtTouchpoints []string      `json:"touchpoint_questions,omitempty"`
	AtInterviews  []string      `json:"interview_questions,omitempty"`
	AtPulses      []string      `json:"pulse_questions,omitempty"`
	Retired       *calendar.Day `json:"retired,omitempty"`
}

// Standard is what customers can expect at some touchpoints of a brand.
type Standard struct {
	Key         string        `json:"key"`
	Brand       string        `json:"brand"`
	Notices     string        `json:"notices"` // what a customer would notice
	Measure     Measure       `json:"measure"`
	Target      Target        `json:"target"`
	Touchpoints []string      `json:"touchpoints"`
	From        *calendar.Day `json:"from,omitempty"`  // nil: always
	Until       *calendar.Day `json:"until,omitempty"` // excluded; nil: no end
}

// Journey is a way of customers through stages.
type Journey struct {
	Key     string        `json:"key"`
	Order   int           `json:"order,omitempty"` // among its like: the smaller first, then by key
	Name    string        `json:"name"`
	Brand   string        `json:"brand,omitempty"` // empty: of every brand
	Stages  []Stage       `json:"stages"`
	Retired *calendar.Day `json:"retired,omitempty"`
}

// Stage is one of them.
type Stage struct {
	Key   string `json:"key"` // unique within its journey
	Name  string `json:"name"`
	About string `json:"about,omitempty"`
}

// Department is one of the company, or a contractor.
type Department struct {
	Key        string        `json:"key"`
	Order      int           `json:"order,omitempty"` // among its like: the smaller first, then by key
	Name       string        `json:"name"`
	Contractor bool          `json:"contractor,omitempty"`
	KnownAs    []Known       `json:"known_as,omitempty"` // in people and costs; none: its name
	Nameless   bool          `json:"nameless,omitempty"` // the books do not name it, not even by its own name
	Apart      string        `json:"apart,omitempty"`    // why no customer meets it; empty: one does
	Since      *calendar.Day `json:"since,omitempty"`    // the first day on which it is one; nil: as far back as anybody knows
	Retired    *calendar.Day `json:"retired,omitempty"`
	Into       []string      `json:"into,omitempty"` // what it became
}

// Touchpoint is a place where customers meet the company.
type Touchpoint struct {
	Key     string `json:"key"`
	Order   int    `json:"order,omitempty"` // among its like: the smaller first, then by key
	Name    string `json:"name"`
	About   string `json:"about,omitempty"`
	Journey string `json:"journey"`
	Stage   string `json:"stage"`
	// Departments and Owners are who held it since when, oldest first. An owner is a role in words, not a person.
	Departments []Held `json:"departments,omitempty"`
	Owners      []Held `json:"owners,omitempty"`
	// KnownAs are its names in interactions, answers, remarks, orders, measures and costs; none: its own name. Nameless says that
	// the books do not name it at all. Two that show the same name need one or the other, because a guess would move figures.
	KnownAs  []Known       `json:"known_as,omitempty"`
	Nameless bool          `json:"nameless,omitempty"`
	Steps    []Step        `json:"steps,omitempty"`
	HandsTo  []HandOff     `json:"hands_to,omitempty"`
	Since    *calendar.Day `json:"since,omitempty"`   // the first day on which it is one; nil: as far back as anybody knows
	Retired  *calendar.Day `json:"retired,omitempty"` // the first day on which it is no more
	Why      string        `json:"why,omitempty"`     // it was retired
	Into     []string      `json:"into,omitempty"`    // what it became
}

// Held is who holds something from a day on, until the next.
type Held struct {
	By   string        `json:"by"` // a department's key, or an owner in words
	From *calendar.Day `json:"from,omitempty"`
}

// Known is a name in the books, on the days from From up to and without Until. Names are the same whatever their case and outer
// spaces.
type Known struct {
	Name  string        `json:"name"`
	From  *calendar.Day `json:"from,omitempty"`
	Until *calendar.Day `json:"until,omitempty"`
}

// Step is what happens at a touchpoint, before the customer's eyes or behind.
type Step struct {
	Side       string `json:"side"` // Front or Back
	Text       string `json:"text"`
	Department string `json:"department,omitempty"` // a key; empty: the touchpoint's
}

// The sides of a step, by the line of visibility of Shostack (1984).
const (
	Front = "front"
	Back  = "back"
)

// HandOff is where a customer, or the work for one, goes next.
type HandOff struct {
	To   string `json:"to"` // a touchpoint's key
	What string `json:"what,omitempty"`
}

// Role is a job, whatever it is, with its line to the customer: I Does, so that SoThat, so that the customer Notices.
type Role struct {
	Key         string        `json:"key"`
	Name        string        `json:"name"`
	Department  string        `json:"department,omitempty"`
	Was         []Belonged    `json:"was,omitempty"`      // to which departments it belonged before, oldest first
	KnownAs     []string      `json:"known_as,omitempty"` // in people; none: its name
	Does        string        `json:"does,omitempty"`
	SoThat      string        `json:"so_that,omitempty"`
	Notices     string        `json:"notices,omitempty"`
	Touchpoints []string      `json:"touchpoints,omitempty"` // that it reaches
	May         []Authority   `json:"may,omitempty"`         // do on its own to put things right
	Retired     *calendar.Day `json:"retired,omitempty"`
}

// Belonged is a department to which a role belonged up to and without a day.
type Belonged struct {
	Department string       `json:"department"`
	Until      calendar.Day `json:"until"`
}

// Authority is what a role may do without asking.
type Authority struct {
	Means  string `json:"means"`            // "send it again", "credit the invoice"
	UpTo   string `json:"up_to,omitempty"`  // money as decimal text in the reporting currency; empty: no limit, or no money
	Within string `json:"within,omitempty"` // "on the same day"
}

// Aside is a name in the books that belongs to no touchpoint.
type Aside struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}
