package office

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// Touched answers what pages ask of touchpoints, in milliseconds, of the books as they are now. It returns engine.ErrUnready for what must
// be prepared first.
type Touched interface {
	// TouchpointDays is what the books say of names on each day of a period.
	TouchpointDays(ctx context.Context, v engine.View, names []string, p calendar.Period) ([]engine.TouchpointDay, error)
	// Words are the newest words about names.
	Words(ctx context.Context, v engine.View, ask engine.TouchpointWords) ([]engine.Said, error)
}

// Live are the books as they are now, for what a page asks of touchpoints: one snapshot for all of it, which is looked up once.
type Live struct {
	customers Customers
	view      engine.View
}

// Live opens the newest snapshot. It returns ErrNoCompany before there are books.
func (o *Office) Live(ctx context.Context) (Live, error) {
	view, err := o.view(ctx)
	return Live{o.Customers, view}, err
}

// Course is what the books say of a touchpoint in each of some periods, which follow each other and are in order. A name counts on the days
// on which it leads there.
func (l Live) Course(ctx context.Context, t *journey.Touchpoint, periods []calendar.Period) ([]journey.Lately, error) {
	courses, err := l.Courses(ctx, []*journey.Touchpoint{t}, periods)
	if err != nil {
		return nil, err
	}
	return courses[0], nil
}

// Courses are the courses of several touchpoints, in their order, with one question to the books: a question costs more than its answer.
func (l Live) Courses(ctx context.Context, touchpoints []*journey.Touchpoint, periods []calendar.Period) ([][]journey.Lately, error) {
	out := make([][]journey.Lately, len(touchpoints))
	of, names := map[string][]int{}, []string{} // folded
	for i, t := range touchpoints {
		out[i] = make([]journey.Lately, len(periods))
		for _, name := range t.BookNames() {
			of[name], names = append(of[name], i), append(names, name)
		}
	}
	if len(periods) == 0 || len(names) == 0 || l.customers == nil {
		return out, nil
	}
	days, err := l.customers.TouchpointDays(ctx, l.view, names, calendar.Period{Start: periods[0].Start, End: periods[len(periods)-1].End})
	if err != nil {
		return nil, err
	}
	for _, d := range days {
		for _, i := range of[d.Name] {
			if !touchpoints[i].Knows(d.Name, d.Day) {
				continue
			}
			for k, p := range periods {
				if p.Contains(d.Day) {
					out[i][k].Add(ofDay(d))
				}
			}
		}
	}
	return out, nil
}

// ofDay is a day of the engine in the domain's words.
func ofDay(d engine.TouchpointDay) journey.Lately {
	l := journey.Lately{
		Contacts: d.Contacts, Wait: journey.Total(d.Wait), WithinOf: d.WithinOf, Within: d.Within, Handled: journey.Total(d.Handled), Transfers: journey.Total(d.Transfers),
		Abandoned: journey.Of(d.Abandoned), Contained: journey.Of(d.Contained), Resolved: journey.Of(d.Resolved), Reopened: journey.Of(d.Reopened),
		Remarks: d.Remarks, Comments: d.Comments,
	}
	for _, a := range d.Answers {
		l.Answers = append(l.Answers, journey.Tally{Question: a.Question, Scale: a.Scale, Low: a.Low, Middle: a.Middle, High: a.High, Sum: a.Sum, Squares: a.Squares})
	}
	return l
}

// Said are the newest words about names of the books.
func (l Live) Said(ctx context.Context, ask engine.TouchpointWords) ([]engine.Said, error) {
	if l.customers == nil || len(ask.Names) == 0 {
		return nil, nil
	}
	return l.customers.Words(ctx, l.view, ask)
}

// Reach is the last day that the books of what happens and is said at touchpoints hold; ok is false where they hold none.
func (l Live) Reach() (last calendar.Day, ok bool) {
	for _, book := range []string{"interactions", "answers", "remarks"} {
		for _, p := range l.view.Books[book] {
			if !ok || p.Last > last {
				last, ok = p.Last, true
			}
		}
	}
	return last, ok
}
