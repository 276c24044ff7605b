package learning

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/workforce"
)

// MostNames is how many departments, courses, cohorts or entities are named; the rest stand together.
const MostNames = 200

// pathMonths is how many months are told one by one, the period's own among them.
const pathMonths = 36

// Rest is the name of all groups that are not named.
const Rest = "all others"

// Roll is a roll-forward of the asset: opening + restated + additions + came over − went over − amortised − written off − impaired = closing.
// Restated is what came to light in the period of months before it, so that every period opens with what the one before closed with.
type Roll struct {
	Opening, Restated, Additions, CameOver, WentOver, Amortised, WrittenOff, Impaired, Closing money.Amount
}

// NamedRoll is that of one group; an empty name is not given.
type NamedRoll struct {
	Name string
	Roll
}

// Section is the asset carried by those employed here, or by those employed by contractors.
type Section struct {
	Roll
	Departments, Courses, Cohorts, Entities []NamedRoll // a cohort is the year in which a course was completed
}

// MonthOf is one month of the path.
type MonthOf struct {
	Month            calendar.Month
	Own, Contractors Roll
	Spent            money.Amount // on all training, what is known of it
	Expensed         money.Amount // of that, what is not carried
}

// NotCarried is training of the period that is an expense, and why.
type NotCarried struct {
	Reason  Reason
	Records int64
	Cost    money.Amount // what is known of it
}

// Cover says how far the costs of the period's training are known.
type Cover struct {
	Records         int64 // completed in the period
	NoDirectCost    int64
	HoursWithoutPay int64
	Direct, Pay     money.Amount // of all records
}

// Expected is what is expected to be written off of what is carried at the period's end, by employed people; it is disclosed and not booked.
type Expected struct {
	Year, Life evidence.Figure // within twelve months; while the lives last
	// Was is what was expected when the period opened for as long as it is, of what was carried then, and WrittenOff what came of that.
	Was        evidence.Figure
	WrittenOff money.Amount
}

// Statement is the statement of the training asset.
type Statement struct {
	From, To         calendar.Month
	Currency         money.Currency
	Policies         Policies
	Own, Contractors Section
	Months           []MonthOf
	NotCarried       []NotCarried
	Cover            Cover
	Expected         Expected
	Since            calendar.Month // of the first record that the books have
	Filling          bool           // skills taught before the books would still be carried
	GroupStraight    bool           // a group is spread evenly: too few had left to draw a curve
	LeftBy           []LeftBy
	Direct, Hours    money.Amount // of the additions, what is direct cost and what is the pay of hours
	Journal          Lines
	GoesOn           GoesOn // not in the JSON: what it means for a budget is told elsewhere
}

// State makes the statement of the books.
func (in Input) State(b workforce.Books) (Statement, error) {
	s := Statement{From: in.From, To: in.To, Currency: in.Currency}
	if err := in.prepare(b); err != nil {
		return s, err
	}
	s.Policies = in.Policies
	pathFrom := min(in.From, in.To-pathMonths)
	t, err := in.tally(pathFrom)
	if err != nil {
		return s, err
	}
	known, err := in.knownBefore(b)
	if err != nil {
		return s, err
	}
	t.restate(&in, known)
	t.together(in.small(t.people))
	s.LeftBy = in.leftBy(t)
	for i, at := range []*Section{&s.Own, &s.Contractors} {
		if *at, err = in.section(t, i == 1); err != nil {
			return s, err
		}
	}
	in.spent(&s, t, pathFrom)
	s.Expected = in.expected()
	s.Journal = in.lines(t)
	s.Direct, s.Hours = in.scale.amount(t.direct), in.scale.amount(t.pay)
	s.GoesOn = in.goesOn()
	s.Since, s.Filling = in.since()
	s.GroupStraight = in.even
	return s, nil
}

// knownBefore is what the month before the period closed with, by what was known then, of those of whom the period told something: of all
// others the same is known.
func (in *Input) knownBefore(b workforce.Books) (*tally, error) {
	before := Input{From: in.From - 1, To: in.From, YearBegins: in.YearBegins, Currency: in.Currency, Policies: in.Policies, MinimumGroup: in.MinimumGroup}
	b.People = slices.DeleteFunc(slices.Clone(b.People), func(r workforce.Row) bool { return !in.told(r.Person) })
	b.Records = slices.DeleteFunc(slices.Clone(b.Records), func(r workforce.Record) bool { return !in.told(r.Person) })
	if err := before.prepare(b); err != nil {
		return nil, err
	}
	return before.tally(before.From)
}

func (in *Input) roll(r roll) Roll {
	a := in.scale.amount
	return Roll{a(r.opening), a(r.restated), a(r.added), a(r.came), a(r.went), a(r.amortised), a(r.written), a(r.impaired), a(r.closing)}
}

func (in *Input) section(t *tally, contractor bool) (Section, error) {
	var s Section
	all, err := t.by(contractor, func(cell) string { return "" })
	if err != nil {
		return s, err
	}
	if len(all) > 0 {
		s.Roll = in.roll(all[0].roll)
	}
	for _, d := range []struct {
		of   *[]NamedRoll
		name func(cell) string
	}{
		{&s.Departments, func(c cell) string { return c.department }}, {&s.Courses, func(c cell) string { return c.course }},
		{&s.Cohorts, func(c cell) string { return calendar.DayOf(c.cohort, 1, 1).String()[:4] }}, {&s.Entities, func(c cell) string { return c.entity }},
	} {
		groups, err := t.by(contractor, d.name)
		if err != nil {
			return s, err
		}
		*d.of = in.fold(groups)
	}
	slices.SortFunc(s.Cohorts, func(a, b NamedRoll) int { return cmp.Compare(a.Name, b.Name) })
	return s, nil
}

// fold names the largest groups and puts the others together.
func (in *Input) fold(groups []named) []NamedRoll {
	var out []NamedRoll
	var rest roll
	failed := false
	for i, g := range groups {
		if i < MostNames {
			out = append(out, NamedRoll{g.name, in.roll(g.roll)})
		} else {
			rest.add(g.roll, &failed)
		}
	}
	if len(groups) > MostNames {
		out = append(out, NamedRoll{Rest, in.roll(rest)})
	}
	return out
}

// spent adds what was spent in each month, and what of it is not carried.
func (in *Input) spent(s *Statement, t *tally, pathFrom calendar.Month) {
	type sums struct{ spent, expensed money.Amount }
	by := map[calendar.Month]*sums{}
	not := map[Reason]*NotCarried{}
	for i := range in.items {
		x := &in.items[i]
		cost := in.scale.amount(x.cost)
		m := by[x.month]
		if m == nil {
			m = &sums{}
			by[x.month] = m
		}
		m.spent = m.spent.Add(cost)
		if x.reason != "" {
			m.expensed = m.expensed.Add(cost)
		}
		if x.month < in.From || x.month >= in.To {
			continue
		}
		s.Cover.Records++
		s.Cover.Direct, s.Cover.Pay = s.Cover.Direct.Add(in.scale.amount(x.direct)), s.Cover.Pay.Add(in.scale.amount(x.pay))
		if x.noDirect {
			s.Cover.NoDirectCost++
		}
		if x.hoursWithoutPay {
			s.Cover.HoursWithoutPay++
		}
		if x.reason == "" {
			continue
		}
		if not[x.reason] == nil {
			not[x.reason] = &NotCarried{Reason: x.reason}
		}
		n := not[x.reason]
		n.Records, n.Cost = n.Records+1, n.Cost.Add(cost)
	}
	for _, r := range Reasons {
		if not[r] != nil {
			s.NotCarried = append(s.NotCarried, *not[r])
		}
	}
	for m := pathFrom; m < in.To; m++ {
		row := MonthOf{Month: m, Own: in.roll(t.months[m][0]), Contractors: in.roll(t.months[m][1])}
		if b := by[m]; b != nil {
			row.Spent, row.Expensed = b.spent, b.expensed
		}
		s.Months = append(s.Months, row)
	}
}

// since is the month of the first record, and whether what was taught before it would still be carried at the period's end.
func (in *Input) since() (first calendar.Month, filling bool) {
	first = in.To
	for i := range in.items {
		first = min(first, calendar.MonthOf(in.items[i].record.Completed))
	}
	return first, int(in.To-first) < in.longest
}
