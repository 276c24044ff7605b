package books

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/learning"
	"github.com/throughline/throughline/money"
)

// Training says how the training asset is kept.
type Training struct {
	CoursePolicy `yaml:",inline"`
	Role         *CoursePolicy           `yaml:"role,omitempty"`
	General      *CoursePolicy           `yaml:"general,omitempty"`
	Courses      map[string]CoursePolicy `yaml:"courses,omitempty"`
	Reviews      []LifeReview            `yaml:"reviews,omitempty"`
	RolesAlike   [][]string              `yaml:"roles_alike,omitempty"`
	Effects      []CourseEffect          `yaml:"effects,omitempty"`
}

// Months is a whole number of months above zero.
type Months int

// UnmarshalYAML reads a whole number; a fraction of one, or none, is no life.
func (m *Months) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a whole number of months above zero", text)
	}
	*m = Months(n)
	return nil
}

// CoursePolicy is how courses of a kind, or one course, are treated; what is
// not said is as it is one level up.
type CoursePolicy struct {
	Life        Months `yaml:"life_months,omitempty"`
	Policy      string `yaml:"policy,omitempty"` // individual or group
	Capitalised *bool  `yaml:"capitalised,omitempty"`
	Kind        string `yaml:"kind,omitempty"` // of a course
}

// LifeReview is a life that holds from the beginning of a fiscal year on.
type LifeReview struct {
	From   string `yaml:"from"`
	Kind   string `yaml:"kind,omitempty"`
	Course string `yaml:"course,omitempty"`
	Life   Months `yaml:"life_months"`
}

// CourseEffect is what a course was measured to do.
type CourseEffect struct {
	Course     string `yaml:"course"`
	MeasuredOn string `yaml:"measured_on"`
	Low        string `yaml:"low"`
	High       string `yaml:"high"`
	BreakEven  string `yaml:"break_even"`
	Source     string `yaml:"source,omitempty"`
}

// over is the policy with what p says of it.
func (p *CoursePolicy) over(up learning.Policy) learning.Policy {
	if p == nil {
		return up
	}
	if p.Life != 0 {
		up.Life = int(p.Life)
	}
	if p.Policy != "" {
		up.Method = learning.Method(p.Policy)
	}
	if p.Capitalised != nil {
		up.Capitalise = *p.Capitalised
	}
	if p.Kind != "" {
		up.Kind = p.Kind
	}
	return up
}

// TrainingPolicies are the company's, or the usual ones.
func (c *Config) TrainingPolicies() (learning.Policies, error) {
	s, p := c.Settings, learning.Usual()
	if s.HoursPerYear != nil {
		hours, err := money.Parse(s.HoursPerYear.FloatString(money.Scale))
		if err != nil {
			return p, fmt.Errorf("hours_per_year: %w", err)
		}
		p.Hours = hours
	}
	cal, err := c.NewCalendar()
	if err != nil {
		return p, err
	}
	if t := s.Training; t != nil {
		for _, of := range []*CoursePolicy{&t.CoursePolicy, t.Role, t.General} {
			if of != nil && of.Kind != "" {
				return p, fmt.Errorf("training: kind: %s stands where no course is named; it is said of a course, under courses", of.Kind)
			}
		}
		base := t.over(p.Role)
		p.Role, p.General = t.Role.over(base), t.General.over(base)
		p.Courses = map[string]learning.Policy{}
		for name, own := range t.Courses {
			up := p.General
			if own.Kind == "role" {
				up = p.Role
			}
			if own.Kind != "" && !slices.Contains([]string{"role", "general", "compliance"}, own.Kind) {
				return p, fmt.Errorf("training: %s: %q is not role, general or compliance", name, own.Kind)
			}
			p.Courses[name] = own.over(up)
		}
		p.Alike = t.RolesAlike
		if err := t.dated(&p); err != nil {
			return p, err
		}
	}
	return p, p.Check(int(cal.YearBegins()) - 1)
}

// dated reads the reviews and the effects.
func (t *Training) dated(p *learning.Policies) error {
	for _, r := range t.Reviews {
		from, err := calendar.ParseDay(r.From)
		if err != nil {
			return fmt.Errorf("training: reviews: from: %w", err)
		}
		if calendar.MonthOf(from).First() != from {
			return fmt.Errorf("training: reviews: from: %s is not the first day of a month", from)
		}
		p.Reviews = append(p.Reviews, learning.Review{From: calendar.MonthOf(from), Kind: r.Kind, Course: r.Course, Life: int(r.Life)})
	}
	for _, e := range t.Effects {
		on, err := calendar.ParseDay(e.MeasuredOn)
		if err != nil {
			return fmt.Errorf("training: effects: measured_on of %s: %w", e.Course, err)
		}
		effect := learning.Effect{Course: e.Course, Measured: on, Source: e.Source}
		for _, x := range []struct {
			name, text string
			into       *money.Amount
		}{{"low", e.Low, &effect.Low}, {"high", e.High, &effect.High}, {"break_even", e.BreakEven, &effect.BreakEven}} {
			if *x.into, err = money.Parse(x.text); err != nil {
				return fmt.Errorf("training: effects: %s of %s: %w", x.name, e.Course, err)
			}
		}
		p.Effects = append(p.Effects, effect)
	}
	return nil
}
