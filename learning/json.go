package learning

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// printer writes money as exact decimal text with the currency's own places.
type printer struct{ places int }

func (p printer) text(a money.Amount) string { return a.Text(p.places) }

type rollJSON struct {
	Opening    string `json:"opening"`
	Restated   string `json:"restated"`
	Additions  string `json:"additions"`
	CameOver   string `json:"came_over"`
	WentOver   string `json:"went_over"`
	Amortised  string `json:"amortised"`
	WrittenOff string `json:"written_off"`
	Impaired   string `json:"impaired"`
	Closing    string `json:"closing"`
}

func (p printer) roll(r Roll) rollJSON {
	return rollJSON{p.text(r.Opening), p.text(r.Restated), p.text(r.Additions), p.text(r.CameOver), p.text(r.WentOver), p.text(r.Amortised), p.text(r.WrittenOff), p.text(r.Impaired), p.text(r.Closing)}
}

type namedJSON struct {
	Name string `json:"name"`
	Of   string `json:"of"` // what the table is of, not_given, or rest: all others together
	rollJSON
}

func (p printer) named(groups []NamedRoll, of string) []namedJSON {
	out := []namedJSON{}
	for i, g := range groups {
		j := namedJSON{g.Name, of, p.roll(g.Roll)}
		switch {
		case g.Name == "":
			j.Name, j.Of = "not given", "not_given"
		case g.Name == Rest && i == MostNames:
			j.Of = "rest"
		}
		out = append(out, j)
	}
	return out
}

type sectionJSON struct {
	Roll        rollJSON    `json:"roll_forward"`
	Departments []namedJSON `json:"by_department"`
	Courses     []namedJSON `json:"by_course"`
	Cohorts     []namedJSON `json:"by_cohort"`
	Entities    []namedJSON `json:"by_entity"`
}

func (p printer) section(s Section) sectionJSON {
	return sectionJSON{p.roll(s.Roll), p.named(s.Departments, "department"), p.named(s.Courses, "course"), p.named(s.Cohorts, "cohort"), p.named(s.Entities, "entity")}
}

type policyJSON struct {
	Name       string `json:"name"`
	Life       int    `json:"life_months"`
	Method     Method `json:"policy"`
	Capitalise bool   `json:"capitalised"`
	Kind       string `json:"kind,omitempty"`
}

type reviewJSON struct {
	Name string `json:"name"` // the course or the kind
	Of   string `json:"of"`   // course or kind
	From string `json:"from"`
	Life int    `json:"life_months"`
}

type effectJSON struct {
	Name      string `json:"name"`
	Measured  string `json:"measured_on"`
	Low       string `json:"low"`
	High      string `json:"high"`
	BreakEven string `json:"break_even"`
	Source    string `json:"source"`
}

type policiesJSON struct {
	Kinds   []policyJSON `json:"kinds"`
	Courses []policyJSON `json:"courses"`
	Reviews []reviewJSON `json:"reviews"`
	Effects []effectJSON `json:"effects"`
	Alike   [][]string   `json:"roles_alike"`
	Hours   *string      `json:"hours_per_year"`
}

func (p Policies) json() policiesJSON {
	of := func(name string, x Policy) policyJSON {
		return policyJSON{name, x.Life, x.Method, x.Capitalise, x.Kind}
	}
	j := policiesJSON{Kinds: []policyJSON{of("role", p.Role), of("general", p.General)}, Courses: []policyJSON{}, Reviews: []reviewJSON{}, Effects: []effectJSON{}, Alike: p.Alike}
	if j.Alike == nil {
		j.Alike = [][]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Courses)) {
		j.Courses = append(j.Courses, of(name, p.Courses[name]))
	}
	for _, r := range p.Reviews {
		x := reviewJSON{r.Kind, "kind", r.From.First().String(), r.Life}
		if r.Course != "" {
			x.Name, x.Of = r.Course, "course"
		}
		j.Reviews = append(j.Reviews, x)
	}
	for _, e := range p.Effects {
		j.Effects = append(j.Effects, effectJSON{e.Course, e.Measured.String(), e.Low.String(), e.High.String(), e.BreakEven.String(), e.Source})
	}
	if p.Hours.Sign() > 0 {
		text := p.Hours.String()
		j.Hours = &text
	}
	return j
}

// String tells the policies whole, so that a changed one can be seen.
func (p Policies) String() string {
	text, err := json.Marshal(p.json())
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return string(text)
}

type monthJSON struct {
	Name        string   `json:"name"`
	Own         rollJSON `json:"own"`
	Contractors rollJSON `json:"contractors"`
	Spent       string   `json:"spent"`
	Expensed    string   `json:"expensed"`
}

type notJSON struct {
	Name    Reason `json:"name"`
	Records int64  `json:"records"`
	Cost    string `json:"cost"`
}

type coverJSON struct {
	Records         int64  `json:"records"`
	NoDirectCost    int64  `json:"records_without_direct_cost"`
	HoursWithoutPay int64  `json:"records_with_hours_without_pay"`
	Direct          string `json:"direct_cost"`
	Pay             string `json:"paid_hours"`
	Begin           string `json:"books_begin"`
	Filling         bool   `json:"earlier_training_unknown"`
}

type expectedJSON struct {
	Year       evidence.Figure `json:"within_a_year"`
	Life       evidence.Figure `json:"while_lives_last"`
	Was        evidence.Figure `json:"expected_for_the_period"`
	WrittenOff string          `json:"written_off_of_the_opening"`
}

type openingJSON struct {
	Name       string `json:"name"`
	Contractor bool   `json:"contractors"`
	Department string `json:"department"`
	Course     string `json:"course"`
	Amount     string `json:"amount"`
}

type lineJSON struct {
	Name         string   `json:"name"`
	Month        string   `json:"month"`
	Movement     Movement `json:"movement"`
	Contractor   bool     `json:"contractors"`
	Department   string   `json:"department"`
	Course       string   `json:"course"`
	ToContractor bool     `json:"to_contractors,omitempty"`
	ToDepartment *string  `json:"to_department,omitempty"`
	Why          string   `json:"why,omitempty"`
	Pay          bool     `json:"paid_hours,omitempty"`
	Amount       string   `json:"amount"`
}

type journalJSON struct {
	Opening []openingJSON `json:"opening"`
	Lines   []lineJSON    `json:"lines"`
}

func (p printer) journal(l Lines) journalJSON {
	j := journalJSON{[]openingJSON{}, []lineJSON{}}
	for _, o := range l.Opening {
		j.Opening = append(j.Opening, openingJSON{o.Department + ": " + o.Course, o.Contractor, o.Department, o.Course, p.text(o.Amount)})
	}
	for _, x := range l.Lines {
		line := lineJSON{Name: x.Month.String() + " " + string(x.Movement) + ", " + x.Department + ": " + x.Course, Month: x.Month.String(), Movement: x.Movement, Contractor: x.Contractor,
			Department: x.Department, Course: x.Course, Why: x.Why, Pay: x.Pay, Amount: p.text(x.Amount)}
		if x.Movement == Moved {
			line.ToContractor, line.ToDepartment = x.ToContractor, &x.ToDepartment
		}
		j.Lines = append(j.Lines, line)
	}
	return j
}

// MarshalJSON writes the block as docs/training.md describes it.
func (s Statement) MarshalJSON() ([]byte, error) {
	p := printer{s.Currency.Places()}
	months := []monthJSON{}
	for _, m := range s.Months {
		months = append(months, monthJSON{m.Month.String(), p.roll(m.Own), p.roll(m.Contractors), p.text(m.Spent), p.text(m.Expensed)})
	}
	not := []notJSON{}
	for _, n := range s.NotCarried {
		not = append(not, notJSON{n.Reason, n.Records, p.text(n.Cost)})
	}
	return json.Marshal(struct {
		First    string       `json:"first_month"`
		Last     string       `json:"last_month"`
		Policies policiesJSON `json:"policies"`
		sectionJSON
		Contractors sectionJSON  `json:"contractors"`
		Months      []monthJSON  `json:"months"`
		Not         []notJSON    `json:"not_capitalised"`
		Cover       coverJSON    `json:"coverage"`
		Expected    expectedJSON `json:"expected_write_offs"`
		Even        bool         `json:"group_even"`
		Journal     journalJSON  `json:"journal"`
	}{
		s.From.String(), (s.To - 1).String(), s.Policies.json(), p.section(s.Own), p.section(s.Contractors), months, not,
		coverJSON{s.Cover.Records, s.Cover.NoDirectCost, s.Cover.HoursWithoutPay, p.text(s.Cover.Direct), p.text(s.Cover.Pay), s.Since.String(), s.Filling},
		expectedJSON{s.Expected.Year, s.Expected.Life, s.Expected.Was, p.text(s.Expected.WrittenOff)}, s.GroupStraight, p.journal(s.Journal),
	})
}
