package sealed

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// Touchpoints are the lines of the touchpoint statement, or why there are none.
type Touchpoints struct {
	Locked
	Lines []Touchpoint
}

// Touchpoint is one line: a touchpoint as it was on the period's last day, or on its own last one.
type Touchpoint struct {
	Name       string           `json:"name"` // its key
	Title      string           `json:"title"`
	Journey    string           `json:"journey"`
	Stage      string           `json:"stage"`
	Department string           `json:"department"`
	Owner      string           `json:"owner"`
	Ended      *TouchpointEnded `json:"ended"` // nil: it goes on
	TouchpointVerdict
	Brand string `json:"brand"` // whose standard the verdict is by
	TouchpointVolume
	Brands   []TouchpointBrand  `json:"brands"`
	Rows     []TouchpointCount  `json:"rows"`     // of each book that names it
	Measures []TouchpointFigure `json:"measures"` // by another system
	Next     *TouchpointNext    `json:"next"`     // nil: not asked, or nobody passed
	Cost     *evidence.Figure   `json:"cost_to_serve"`
	Each     *evidence.Figure   `json:"cost_per_contact"`
}

// TouchpointEnded says that a touchpoint was one no more from a day of the period on, and what it became.
type TouchpointEnded struct {
	On   calendar.Day `json:"on"`
	Into []string     `json:"into"`
	Why  string       `json:"why"`
}

// TouchpointVerdict is a state with the standard and the figure that it was judged by.
type TouchpointVerdict struct {
	State    string           `json:"state"`    // one of TouchpointStates
	Standard string           `json:"standard"` // a key; empty: none
	Headline string           `json:"headline"` // the figure's name; empty: nothing is measured
	Value    *evidence.Figure `json:"-"`        // of the headline; nil: nothing is measured
}

// TouchpointVolume is how much there was to do, and who was not reached.
type TouchpointVolume struct {
	Contacts   int64            `json:"contacts"`
	Before     int64            `json:"contacts_before"`
	Identified int64            `json:"identified"`
	Known      int64            `json:"identified_before"`
	Customers  int64            `json:"customers"`
	Unreached  []TouchpointLost `json:"unreached"`
}

// TouchpointLost are those who were not reached, by one of Unreached.
type TouchpointLost struct {
	Name   string `json:"name"`
	N      int64  `json:"n"`
	Of     int64  `json:"of"`
	Open   int64  `json:"open"` // not known yet
	Before *int64 `json:"before"`
}

// TouchpointBrand is what the customers of one brand met.
type TouchpointBrand struct {
	Name string `json:"name"` // a key; empty: of no brand
	TouchpointVerdict
	TouchpointVolume
	Standards []TouchpointStandard `json:"standards"`
	Figures   []TouchpointFigure   `json:"figures"`
	Scores    []TouchpointScore    `json:"scores"`
	PutRight  *TouchpointPutRight  `json:"put_right"`
}

// TouchpointStandard is a standard with how it is kept.
type TouchpointStandard struct {
	Name    string `json:"name"`
	Figure  string `json:"figure"`
	AtLeast string `json:"at_least"`
	AtMost  string `json:"at_most"`
	State   string `json:"state"`
}

// TouchpointFigure is a figure beside what it was in the comparison period.
type TouchpointFigure struct {
	Name   string           `json:"name"`
	Figure evidence.Figure  `json:"figure"`
	Bounds *evidence.Figure `json:"bounds"`
	Before *Decimal         `json:"before"`
	Change *evidence.Figure `json:"-"` // figure − before, with its interval; nil: there is none
}

// TouchpointScore is the answers to one question.
type TouchpointScore struct {
	Name      string `json:"name"`     // of its figure
	Question  string `json:"question"` // empty: its name
	Scale     string `json:"scale"`
	N         int64  `json:"n"`
	Unread    int64  `json:"unread"`
	Customers int64  `json:"customers"`
	Comments  int64  `json:"comments"`
	Low       int64  `json:"low"`
	Middle    int64  `json:"middle"`
	High      int64  `json:"high"`
}

// TouchpointPutRight is how fast things were put right.
type TouchpointPutRight struct {
	Customers int64            `json:"customers"`
	Median    evidence.Figure  `json:"median_days"`
	Within    []TouchpointDays `json:"within"`
}

// TouchpointDays is the share put right within so many days.
type TouchpointDays struct {
	Name  string          `json:"name"`
	Share evidence.Figure `json:"share"`
}

// TouchpointCount is a number with a name.
type TouchpointCount struct {
	Name string `json:"name"`
	N    int64  `json:"n"`
}

// TouchpointItem is a thing of the map with its name.
type TouchpointItem struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// TouchpointCoverage is what the map covers, what it does not, and what its things are called.
type TouchpointCoverage struct {
	Locked
	Period    *calendar.Period    `json:"period"`
	Compared  *calendar.Period    `json:"compared_with"`
	Mapped    bool                `json:"mapped"`
	States    []TouchpointCount   `json:"states"`
	Unreached []TouchpointLost    `json:"unreached"`
	Unknown   []TouchpointUnknown `json:"unknown"`

	WithoutTouchpoint []TouchpointItem `json:"departments_without_touchpoint"`
	WithoutDepartment []TouchpointItem `json:"without_department"`
	WithoutOwner      []TouchpointItem `json:"without_owner"`
	WithoutStandard   []TouchpointItem `json:"without_standard"`
	WithoutMeasure    []TouchpointItem `json:"without_measure"`
	WithoutVoice      []TouchpointItem `json:"without_voice"`
	FewAnswers        []TouchpointItem `json:"few_answers"`
	Unbound           []TouchpointItem `json:"standards_without_touchpoint"`
	EmptyStages       []TouchpointItem `json:"stages_without_touchpoint"`
	RolesWithoutLine  []TouchpointItem `json:"roles_without_line"`
	// JobsWithoutRole are of the book people; nil in documents of earlier releases.
	JobsWithoutRole []TouchpointJob `json:"jobs_without_role"`

	Books       []TouchpointBook       `json:"books"`
	Next        *TouchpointComparisons `json:"next"`
	Brands      []TouchpointItem       `json:"brands"`
	Departments []TouchpointItem       `json:"departments"`
	Journeys    []TouchpointJourney    `json:"journeys"`
}

// TouchpointJourney is a journey with its stages.
type TouchpointJourney struct {
	TouchpointItem
	Stages []TouchpointItem `json:"stages"`
}

// TouchpointUnknown is a figure that nothing in the books tells.
type TouchpointUnknown struct {
	Name    string `json:"name"`
	Refused string `json:"refused"`
	Need    string `json:"need"`
}

// TouchpointBook is where the names of a book lead.
type TouchpointBook struct {
	Name    string           `json:"name"`
	Rows    int64            `json:"rows"`
	Leading int64            `json:"leading"`
	Unnamed int64            `json:"unnamed"`
	Aside   int64            `json:"aside"`
	Nowhere int64            `json:"nowhere"`
	Share   evidence.Figure  `json:"leading_share"`
	Names   []TouchpointLead `json:"names"`
	Asides  []TouchpointLead `json:"names_aside"`
}

// TouchpointLead is a name of a book; Others are further names that it stands for.
type TouchpointLead struct {
	Name      string `json:"name"`
	Rows      int64  `json:"rows"`
	Customers int64  `json:"customers"`
	Others    int64  `json:"others"`
}

// TouchpointStates are the states with their words, worst first; the last three are no judgement.
var TouchpointStates = []Word{
	{"well_below", "Well below its standard"}, {"below", "Below its standard"}, {"at", "At its standard"}, {"above", "Above its standard"}, {"well_above", "Well above its standard"},
	{"few", "Too few to judge"}, {"unmeasured", "Nothing measures it"}, {"unjudged", "No standard"},
}

// Unreached are the ways in which somebody was not reached.
var Unreached = []Word{
	{"lost_customers", "Customers who gave up and did not come through within seven days"}, {"lost_nameless", "Contacts given up that name nobody"},
	{"came_again", "Contacts kept from a person whose customer came again"},
}

// UnmarshalJSON reads a list of lines, or a refusal.
func (t *Touchpoints) UnmarshalJSON(data []byte) error {
	*t = Touchpoints{}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		err := json.Unmarshal(data, &t.Lines)
		for i := range t.Lines {
			t.Lines[i].read()
		}
		return err
	}
	return json.Unmarshal(data, &t.Locked)
}

// read looks the headlines up among the figures.
func (t *Touchpoint) read() {
	for i := range t.Brands {
		b := &t.Brands[i]
		f, ok := b.Figure(b.Headline)
		if !ok {
			f, ok = t.Measure(b.Headline)
		}
		if ok {
			b.Value = &f.Figure
		}
		if b.Name == t.Brand {
			t.Value = b.Value
		}
	}
}

// UnmarshalJSON makes a change of its interval.
func (f *TouchpointFigure) UnmarshalJSON(data []byte) error {
	type plain TouchpointFigure
	var read struct {
		plain
		Interval *struct {
			Low  Decimal `json:"low"`
			High Decimal `json:"high"`
		} `json:"change"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*f = TouchpointFigure(read.plain)
	if e, ok := f.Figure.Estimate(); ok && read.Interval != nil && f.Before != nil && e.Value != nil {
		c := evidence.Confidence(new(big.Rat).Sub(e.Value, f.Before.Rat), read.Interval.Low.Rat, read.Interval.High.Rat, e.Level, e.N, "figure − before, by their two intervals (Zou & Donner 2008)")
		f.Change = &c
	}
	return nil
}

// Open tells whether there are lines.
func (t *Touchpoints) Open() bool { return t != nil && t.Refused == "" }

// Line is a touchpoint by its key; nil where the document does not have it.
func (t *Touchpoints) Line(key string) *Touchpoint {
	if !t.Open() {
		return nil
	}
	i := slices.IndexFunc(t.Lines, func(l Touchpoint) bool { return l.Name == key })
	if i < 0 {
		return nil
	}
	return &t.Lines[i]
}

// Part is what one brand's customers met; nil where the document does not have it.
func (t *Touchpoint) Part(brand string) *TouchpointBrand {
	i := slices.IndexFunc(t.Brands, func(b TouchpointBrand) bool { return b.Name == brand })
	if i < 0 {
		return nil
	}
	return &t.Brands[i]
}

// Figure is a figure of a brand by its name.
func (b *TouchpointBrand) Figure(name string) (TouchpointFigure, bool) {
	return figureOf(b.Figures, name)
}

// Measure is a figure that another system measured, by its name.
func (t *Touchpoint) Measure(name string) (TouchpointFigure, bool) { return figureOf(t.Measures, name) }

func figureOf(list []TouchpointFigure, name string) (TouchpointFigure, bool) {
	i := slices.IndexFunc(list, func(f TouchpointFigure) bool { return f.Name == name })
	if i < 0 {
		return TouchpointFigure{}, false
	}
	return list[i], true
}

// Lost are those who were not reached, by the name of how.
func (v TouchpointVolume) Lost(name string) (TouchpointLost, bool) {
	i := slices.IndexFunc(v.Unreached, func(l TouchpointLost) bool { return l.Name == name })
	if i < 0 {
		return TouchpointLost{}, false
	}
	return v.Unreached[i], true
}

// Open tells whether the coverage is known.
func (c *TouchpointCoverage) Open() bool { return c != nil && c.Refused == "" }

// Count is how many touchpoints are in a state.
func (c *TouchpointCoverage) Count(state string) int64 {
	for _, s := range c.States {
		if s.Name == state {
			return s.N
		}
	}
	return 0
}

// Called is what a thing of a list is called; its key where it is not there.
func Called(list []TouchpointItem, key string) string {
	for _, x := range list {
		if x.Name == key {
			return x.Title
		}
	}
	return key
}

// Stage is what a stage and its journey are called; their keys where the document does not say.
func (c *TouchpointCoverage) Stage(journey, stage string) (of, name string) {
	for _, j := range c.Journeys {
		if j.Name == journey {
			return j.Title, Called(j.Stages, stage)
		}
	}
	return journey, stage
}
