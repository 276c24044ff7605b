package sealed

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
)

// Workforce is who works here, who stays, and whether hiring returns. It is of groups of people.
type Workforce struct {
	Locked
	Period      *calendar.Period `json:"period"`
	Begins      string           `json:"begins"` // first day of the book of people
	Minimum     int64            `json:"minimum_group"`
	Company     WorkGroup        `json:"company"`
	Contractors WorkGroup        `json:"contractors"`
	By          []WorkCut        `json:"by"`
	NotRead     []WorkWord       `json:"exits_not_read"`
	Replacement WorkFigures      `json:"replacement"`
	Selection   WorkSelection    `json:"selection"`
	Staying     WorkStaying      `json:"staying"`
	Offers      WorkFigures      `json:"offers"`
}

// WorkFigures are figures by their names.
type WorkFigures map[string]evidence.Figure

// WorkWord is a word of the books.
type WorkWord struct {
	Name string `json:"name"`
}

// WorkCut are the groups of one dimension.
type WorkCut struct {
	Name   string      `json:"name"`
	Groups []WorkGroup `json:"groups"`
}

// WorkRoll is a roll-forward of heads, or why there is none.
type WorkRoll struct {
	Opening  int64 `json:"opening"`
	Hired    int64 `json:"hired"`
	CameOver int64 `json:"came_over"`
	Left     int64 `json:"left"`
	WentOver int64 `json:"went_over"`
	Closing  int64 `json:"closing"`
	Reason   string
	Need     string
}

// WorkNames are the figures of the company and of each group, in their order.
var WorkNames = []string{
	"headcount", "turnover", "voluntary_turnover", "involuntary_turnover", "first_year_turnover", "tenure_mean", "tenure_median", "expected_stay", "expected_stay_median",
	"filled_from_within", "moves_per_head", "time_to_fill_median", "time_to_fill_mean", "opening_known", "candidates_per_hire", "offers_accepted", "training_hours_per_head",
	"training_hours_known", "training_cost_per_head", "training_cost_known", "trained", "span_median", "span_mean", "span_largest", "manager_unknown",
}

// WorkGroup is one group: Of is group, not_known or rest. Of a hidden one nothing but its name is told.
type WorkGroup struct {
	Name    string
	Of      string
	Hidden  bool
	Roll    *WorkRoll
	Figures WorkFigures
	Stages  []WorkStage
}

// WorkStage is the share of people who completed a course of a stage.
type WorkStage struct {
	Name   string          `json:"name"`
	Figure evidence.Figure `json:"figure"`
}

// WorkSelection is whether the money spent on hiring returns. Reading says where the interval of the hazard ratio lies.
type WorkSelection struct {
	Reading string
	Figures WorkFigures
}

// WorkSelectionNames are its figures, in their order.
var WorkSelectionNames = []string{"spent", "stay_hazard_ratio", "stay_correlation", "course_correlation", "early_leaving", "cost_per_stayer"}

// WorkStaying is how long people stay, and what goes with it. What goes with staying need not be why.
type WorkStaying struct {
	Horizon     int          `json:"horizon_years"`
	Company     WorkStay     `json:"company"`
	By          []WorkSpread `json:"by"`
	Trained     WorkSpread   `json:"trained_in_first_year"`
	ManagerLeft WorkSpread   `json:"manager_left"`
}

// WorkStayNames are the figures of a group's staying, in their order.
var WorkStayNames = []string{"retention_1_year", "retention_2_years", "retention_3_years", "expected_stay", "hazard_ratio"}

// WorkStay is how long the people of one group stay; of a hidden one nothing but its name is told.
type WorkStay struct {
	Name, Of string
	Hidden   bool
	Figures  WorkFigures
}

// WorkSpread sets the groups of a dimension beside each other: P is the log-rank test of whether all shown are alike, and Adjusted the same
// for having looked at all comparisons.
type WorkSpread struct {
	Name      string          `json:"name"`
	Reference string          `json:"reference"`
	P         evidence.Figure `json:"p"`
	Adjusted  evidence.Figure `json:"p_adjusted"`
	Groups    []WorkStay      `json:"groups"`
}

// Held tells whether a group is the one that the others are held to.
func (c WorkSpread) Held(g WorkStay) bool { return g.Of == "group" && g.Name == c.Reference }

// UnmarshalJSON reads counts or a refusal.
func (r *WorkRoll) UnmarshalJSON(data []byte) error {
	type plain WorkRoll
	var x struct {
		plain
		Refused string `json:"refused"`
		Needs   string `json:"need"`
	}
	err := json.Unmarshal(data, &x)
	*r = WorkRoll(x.plain)
	r.Reason, r.Need = x.Refused, x.Needs
	return err
}

// named reads the head of a group, and its members for the figures.
func (g *WorkGroup) named(data []byte, into any) (map[string]json.RawMessage, error) {
	var head struct {
		Name   string `json:"name"`
		Of     string `json:"of"`
		Hidden bool   `json:"hidden"`
	}
	var members map[string]json.RawMessage
	for _, x := range []any{&head, &members, into} {
		if x == nil {
			continue
		}
		if err := json.Unmarshal(data, x); err != nil {
			return nil, err
		}
	}
	g.Name, g.Of, g.Hidden = head.Name, head.Of, head.Hidden
	return members, nil
}

// UnmarshalJSON reads a group with the figures that have a name here.
func (g *WorkGroup) UnmarshalJSON(data []byte) error {
	var rest struct {
		Roll   *WorkRoll   `json:"roll_forward"`
		Stages []WorkStage `json:"trained_by_stage"`
	}
	*g = WorkGroup{}
	members, err := g.named(data, &rest)
	if err != nil {
		return err
	}
	if g.Figures, err = named[evidence.Figure](members, WorkNames); err != nil {
		return fmt.Errorf("%s: %w", g.Name, err)
	}
	g.Roll, g.Stages = rest.Roll, rest.Stages
	return nil
}

// UnmarshalJSON reads how long a group stays.
func (s *WorkStay) UnmarshalJSON(data []byte) error {
	var g WorkGroup
	members, err := g.named(data, nil)
	if err != nil {
		return err
	}
	*s = WorkStay{Name: g.Name, Of: g.Of, Hidden: g.Hidden}
	s.Figures, err = named[evidence.Figure](members, WorkStayNames)
	return err
}

// UnmarshalJSON reads the reading and the figures that have a name here.
func (s *WorkSelection) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&members); err != nil {
		return err
	}
	*s = WorkSelection{}
	if raw := members["reading"]; !absent(raw) {
		if err := json.Unmarshal(raw, &s.Reading); err != nil {
			return fmt.Errorf("reading: %w", err)
		}
	}
	var err error
	s.Figures, err = named[evidence.Figure](members, WorkSelectionNames)
	return err
}

// Told tells whether there are counts.
func (r *WorkRoll) Told() bool { return r != nil && r.Reason == "" }

// Lines are the counts in the order in which they add up; what is taken off is negative.
func (r *WorkRoll) Lines() [6]int64 {
	return [6]int64{r.Opening, r.Hired, r.CameOver, -r.Left, -r.WentOver, r.Closing}
}

// Empty tells whether nobody was ever in it.
func (r *WorkRoll) Empty() bool { return r.Told() && r.Lines() == [6]int64{} }

// WorkforceBlock is the statement of who works here.
const WorkforceBlock Block = "people.workforce"

// Open tells whether there is a statement of people with figures.
func (w *Workforce) Open() bool { return w != nil && w.Refused == "" }

// Workforce is the statement of who works here, which may be locked; nil in documents of earlier releases.
func (d *Document) Workforce() *Workforce {
	switch {
	case d.People == nil:
		return nil
	case d.People.Refused != "":
		return &Workforce{Locked: d.People.Locked}
	}
	return d.People.Workforce
}
