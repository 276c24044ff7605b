package workforce

import (
	"encoding/json"
	"slices"

	"github.com/throughline/throughline/evidence"
)

// object is JSON with its keys in the order in which they were set.
type object struct {
	data []byte
	err  error
}

func (o *object) set(name string, value any) {
	if o.err != nil {
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		o.err = err
		return
	}
	key, err := json.Marshal(name)
	o.err = err
	before := byte(',')
	if len(o.data) == 0 {
		before = '{'
	}
	o.data = append(append(append(append(o.data, before), key...), ':'), text...)
}

func (o *object) close() ([]byte, error) {
	if len(o.data) == 0 {
		o.data = []byte{'{'}
	}
	return append(o.data, '}'), o.err
}

// list is a list that is never null.
func list[T any](x []T) []T {
	if x == nil {
		return []T{}
	}
	return x
}

type rollJSON struct {
	Opening  int64 `json:"opening"`
	Hired    int64 `json:"hired"`
	CameOver int64 `json:"came_over"`
	Left     int64 `json:"left"`
	WentOver int64 `json:"went_over"`
	Closing  int64 `json:"closing"`
}

func (g *Group) roll() any {
	if g.RollRefused != nil {
		return evidence.Refuse(g.RollRefused.Reason, g.RollRefused.Need)
	}
	return rollJSON(g.Roll)
}

// MarshalJSON writes a named figure: {"name": …, "figure": …}.
func (n Named) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name   string          `json:"name"`
		Figure evidence.Figure `json:"figure"`
	}{n.Name, n.Figure})
}

// MarshalJSON writes a group: its name, and unless it is hidden its roll-forward, figures and stages.
func (g Group) MarshalJSON() ([]byte, error) {
	var o object
	o.set("name", g.Name)
	o.set("of", g.Of)
	o.set("hidden", g.Hidden)
	if g.Hidden {
		return o.close()
	}
	o.set("roll_forward", g.roll())
	for i, name := range FigureNames {
		if g.Figures[i].Err() == nil { // contractors have none
			o.set(name, g.Figures[i])
		}
	}
	o.set("trained_by_stage", list(g.Stages))
	return o.close()
}

// MarshalJSON writes {"name": …, "groups": […]}.
func (c Cut) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name   string  `json:"name"`
		Groups []Group `json:"groups"`
	}{c.Name, c.Groups})
}

// MarshalJSON writes how long a group stays; of a hidden one its name.
func (s Stay) MarshalJSON() ([]byte, error) {
	var o object
	o.set("name", s.Name)
	o.set("of", s.Of)
	o.set("hidden", s.Hidden)
	if s.Hidden {
		return o.close()
	}
	for i, name := range []string{"retention_1_year", "retention_2_years", "retention_3_years"} {
		o.set(name, s.Retention[i])
	}
	o.set("expected_stay", s.Expected)
	o.set("hazard_ratio", s.Hazard)
	return o.close()
}

// MarshalJSON writes a comparison.
func (c Comparison) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name      string          `json:"name"`
		Reference string          `json:"reference"`
		P         evidence.Figure `json:"p"`
		Adjusted  evidence.Figure `json:"p_adjusted"`
		Groups    []Stay          `json:"groups"`
	}{c.Name, c.Reference, c.P, c.Adjusted, c.Groups})
}

// MarshalJSON writes the block of a close: every number a figure, or a count of heads, and every element of a list with its name.
func (s Statement) MarshalJSON() ([]byte, error) {
	var o object
	o.set("period", s.Period)
	o.set("begins", s.Begins)
	o.set("currency", s.Currency)
	o.set("minimum_group", s.Minimum)
	o.set("company", s.Company)
	o.set("contractors", s.Contractors)
	o.set("by", list(s.By))
	words := []struct {
		Name string `json:"name"`
	}{}
	for _, w := range s.UnreadExits {
		words = append(words, struct {
			Name string `json:"name"`
		}{w})
	}
	o.set("exits_not_read", words)
	o.set("replacement", map[string]evidence.Figure{"hiring": s.Replacement.Hiring, "training": s.Replacement.Training, "total": s.Replacement.Total})
	x := s.Selection
	var selection object
	selection.set("reading", x.Reading)
	for _, f := range []Named{{"spent", x.Spent}, {"stay_hazard_ratio", x.StayHazard}, {"stay_correlation", x.StayCorrelation},
		{"course_correlation", x.CourseCorrelation}, {"early_leaving", x.EarlyLeaving}, {"cost_per_stayer", x.CostPerStayer}} {
		selection.set(f.Name, f.Figure)
	}
	text, err := selection.close()
	if err != nil {
		return nil, err
	}
	o.set("selection", json.RawMessage(text))
	o.set("staying", struct {
		Horizon     int          `json:"horizon_years"`
		Company     Stay         `json:"company"`
		By          []Comparison `json:"by"`
		Trained     Comparison   `json:"trained_in_first_year"`
		ManagerLeft Comparison   `json:"manager_left"`
	}{s.Staying.Horizon, s.Staying.Company, list(s.Staying.By), s.Staying.Trained, s.Staying.ManagerLeft})
	o.set("offers", map[string]evidence.Figure{"pay": s.Offers.Pay, "training": s.Offers.Training, "training_worth_pay": s.Offers.Worth})
	return o.close()
}

// unread are the words for exits in the period that no table knows, where the minimum of people used one: a rarer one could name somebody.
func (w *world) unread() []string {
	people := map[string]map[int]bool{}
	for i := range w.stays {
		s := &w.stays[i]
		if s.Left < Open && w.p.Contains(s.Left) && s.exit == Unknown && s.Exit != "" {
			word := fold(s.Exit)
			if people[word] == nil {
				people[word] = map[int]bool{}
			}
			people[word][s.person] = true
		}
	}
	out := []string{}
	for word, who := range people {
		if int64(len(who)) >= w.in.minimum() {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return out
}
