package workforce

import (
	"math/big"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// The figures of the company and of each group.
const (
	headcount = iota
	turnover
	voluntaryTurnover
	involuntaryTurnover
	firstYearTurnover
	tenureMean
	tenureMedian
	expectedStay
	expectedStayMedian
	filledFromWithin
	movesPerHead
	timeToFillMedian
	timeToFillMean
	openingKnown
	candidatesPerHire
	offersAccepted
	trainingHours
	hoursKnown
	trainingCost
	costKnown
	trained
	spanMedian
	spanMean
	spanLargest
	managerUnknown
	figures
)

// FigureNames are the names of the figures, in their order.
var FigureNames = [figures]string{"headcount", "turnover", "voluntary_turnover", "involuntary_turnover", "first_year_turnover",
	"tenure_mean", "tenure_median", "expected_stay", "expected_stay_median", "filled_from_within", "moves_per_head",
	"time_to_fill_median", "time_to_fill_mean", "opening_known", "candidates_per_hire", "offers_accepted",
	"training_hours_per_head", "training_hours_known", "training_cost_per_head", "training_cost_known", "trained",
	"span_median", "span_mean", "span_largest", "manager_unknown"}

// Refusals of what the books do not say.
var (
	lateBooks    = evidence.Refusal{Reason: "the book of people begins after the period does, or does not say since when those have been here with whom it begins", Need: "people with rows from before the period, or with hired_on"}
	noHiring     = evidence.Refusal{Reason: "of some people the day of hiring is not known", Need: "hired_on in people"}
	noLeft       = evidence.Refusal{Reason: "no row of people has a last day", Need: "left_on in people"}
	noExit       = evidence.Refusal{Reason: "no row of people says why somebody left", Need: "exit_kind in people"}
	noManager    = evidence.Refusal{Reason: "no row of people says who manages whom", Need: "manager_id in people"}
	noOpened     = evidence.Refusal{Reason: "no row of people says when a place was opened", Need: "opened_on in people"}
	noSought     = evidence.Refusal{Reason: "the book of people has no candidates", Need: "rows of kind candidate in people"}
	noOffer      = evidence.Refusal{Reason: "no row of people says what became of an offer", Need: "offer in people"}
	noRecords    = evidence.Refusal{Reason: "no course was completed before the period's end, as far as the books know", Need: "trainings"}
	lateRecords  = evidence.Refusal{Reason: "the book of trainings begins more than a month after the period does", Need: "trainings from the beginning of the period"}
	nobodyHere   = evidence.Refusal{Reason: "nobody was employed here", Need: "a period with employees"}
	nobodyHired  = evidence.Refusal{Reason: "nobody was hired", Need: "a period with hirings"}
	nobodyManage = evidence.Refusal{Reason: "nobody here has a manager who works here", Need: "manager_id in people"}
)

func refuse(r evidence.Refusal) evidence.Figure { return evidence.Refuse(r.Reason, r.Need) }

// group is what is told at a place.
func (w *world) group(at int) Group {
	g := Group{Of: "group"}
	for k := range dimensions {
		if i := at - w.base[k]; at != whole && i >= 0 && i < len(w.names[k]) {
			g.Name = w.names[k][i]
			switch {
			case i == w.rest[k]:
				g.Of = "rest"
			case g.Name == "":
				g.Of = "not_known"
			}
		}
	}
	if w.hidden[present][at] {
		g.Hidden = true
		return g
	}
	g.Roll = w.tallies[at].roll
	if !w.covers(w.p.Start) {
		g.RollRefused = &lateBooks
	}
	w.measure(&g, at)
	return g
}

// contractorGroup is the roll-forward of those who work here and are employed elsewhere.
func (w *world) contractorGroup() Group {
	g := Group{Name: ContractorWorker, Of: "group"}
	people := map[int]bool{}
	at := func(x *piece, d int64) bool { return int64(x.from) < d && d <= int64(x.to) }
	for i := range w.stays {
		s := &w.stays[i]
		for j := range s.pieces {
			x := &s.pieces[j]
			next := j+1 < len(s.pieces)
			if j > 0 && w.p.Contains(x.from) && s.pieces[j-1].employee != x.employee {
				if x.employee {
					g.Roll.WentOver++
				} else {
					g.Roll.CameOver++
				}
			}
			if x.employee {
				continue
			}
			if overlap(x, w.p) > 0 {
				people[s.person] = true
			}
			if at(x, int64(w.p.Start)) && s.Left >= w.p.Start {
				g.Roll.Opening++
			}
			if at(x, int64(w.p.End)) && s.Left >= w.p.End {
				g.Roll.Closing++
			}
			if j == 0 && w.p.Contains(s.Hired) {
				g.Roll.Hired++
			}
			if !next && s.Left < Open && w.p.Contains(s.Left) {
				g.Roll.Left++
			}
		}
	}
	if n := int64(len(people)); n > 0 && n < w.in.minimum() {
		g.Hidden, g.Roll = true, Roll{}
	} else if !w.covers(w.p.Start) {
		g.RollRefused = &lateBooks
	}
	return g
}

// measure fills in the figures of a place that is shown.
func (w *world) measure(g *Group, at int) {
	t, f := &w.tallies[at], &g.Figures
	heads := new(big.Rat).Quo(rat(t.days), rat(int64(w.p.Days()))) // mean headcount, by days
	flow := func(pop int, ask evidence.Refusal, have bool, figure func() evidence.Figure) evidence.Figure {
		return w.tell(pop, at, func() evidence.Figure {
			switch {
			case !have:
				return refuse(ask)
			case !w.covers(w.p.Start):
				return refuse(lateBooks)
			case t.days == 0:
				return refuse(nobodyHere)
			}
			return figure()
		})
	}
	n := w.size[present][at]
	f[headcount] = flow(present, nobodyHere, true, func() evidence.Figure {
		return evidence.Exact(heads, n, "days of employment in the period ÷ its days")
	})
	left := t.exits[Voluntary] + t.exits[Involuntary] + t.exits[OtherExit] + t.exits[Unknown]
	f[turnover] = flow(present, noLeft, w.has.left, func() evidence.Figure {
		return rate(left, heads, n, "who left in the period ÷ mean headcount by days")
	})
	for kind, i := range map[Exit]int{Voluntary: voluntaryTurnover, Involuntary: involuntaryTurnover} {
		f[i] = flow(leavers, noExit, w.has.exit, func() evidence.Figure { return w.exitRate(t, kind, heads, n) })
	}
	f[firstYearTurnover] = w.tell(earlier, at, func() evidence.Figure { return w.firstYear(t) })
	f[tenureMean], f[tenureMedian] = w.tenure(at)
	f[expectedStay], f[expectedStayMedian] = w.curves[at].expected(w), w.curves[at].median(w)
	hires := t.roll.Hired
	f[filledFromWithin] = flow(placed, evidence.Refusal{Reason: "no place was filled", Need: "a period with hirings or moves"}, hires+t.moves > 0, func() evidence.Figure {
		return share(t.moves, t.moves+hires, "moves to another role or department ÷ moves and hirings")
	})
	f[movesPerHead] = flow(present, nobodyHere, true, func() evidence.Figure {
		return rate(t.moves, heads, n, "moves to another role or department ÷ mean headcount by days")
	})
	w.measureHiring(f, at, flow)
	w.measureTraining(g, at, heads, flow)
	w.measureSpan(f, at)
}

// exitRate is turnover by one kind of exits. Those of an unknown kind may be of it or not, which makes ends of it.
func (w *world) exitRate(t *tally, kind Exit, heads *big.Rat, n int64) evidence.Figure {
	k, unknown := t.exits[kind], t.exits[Unknown]
	how := kind.String() + " exits ÷ mean headcount by days"
	if unknown == 0 {
		return rate(k, heads, n, how)
	}
	return evidence.Bounds(new(big.Rat).Quo(rat(k), heads), new(big.Rat).Quo(rat(k+unknown), heads), n, how+"; exits of an unknown kind are none of it, or all")
}

// firstYear is the share of those hired in the year before who left before their first year was over.
func (w *world) firstYear(t *tally) evidence.Figure {
	switch {
	case !w.has.left:
		return refuse(noLeft)
	case !w.covers(w.cohort.Start):
		return evidence.Refuse("the book of people begins less than a year before the period does", "people with rows from a year before the period")
	case t.cohort == 0:
		return evidence.Refuse("nobody was hired in the year before", "a year with hirings")
	}
	return share(t.gone, t.cohort, "of those hired from a year before the period’s first day to a year before its end, who left before their first year was over")
}

func (w *world) tenure(at int) (mean, median evidence.Figure) {
	t := &w.tallies[at]
	of := func(value func() *big.Rat, how string) evidence.Figure {
		return w.tell(here, at, func() evidence.Figure {
			switch {
			case len(t.stays) == 0:
				return refuse(nobodyHere)
			case t.unknownHiring:
				return refuse(noHiring)
			}
			return evidence.Exact(new(big.Rat).Quo(value(), evidence.Float(year)), int64(len(t.stays)), how)
		})
	}
	slices.Sort(t.stays)
	return of(func() *big.Rat { return big.NewRat(sum(t.stays), int64(len(t.stays))) }, "mean years since hiring of those here at the period’s end"),
		of(func() *big.Rat { return middle(t.stays) }, "median years since hiring of those here at the period’s end")
}

// flowed gives a figure of the period unless it is hidden, the books lack it, or they begin too late.
type flowed func(pop int, ask evidence.Refusal, have bool, figure func() evidence.Figure) evidence.Figure

func (w *world) measureHiring(f *[figures]evidence.Figure, at int, flow flowed) {
	t := &w.tallies[at]
	fill := func(figure func() evidence.Figure) evidence.Figure {
		return flow(filled, noOpened, w.has.opened, func() evidence.Figure {
			switch {
			case len(t.fills) == 0:
				return evidence.Refuse("of nobody hired is it known when the place was opened", "opened_on of who is hired")
			case len(t.fills) < mostOfSamples:
				return evidence.Refuse("too few places were filled whose opening is known", "six places that were filled, with opened_on")
			}
			return figure()
		})
	}
	f[timeToFillMedian] = fill(func() evidence.Figure { return medianOf(t.fills, "median days from opened_on to hiring") })
	f[timeToFillMean] = fill(func() evidence.Figure { return meanOf(t.fills, 1, "mean days from opened_on to hiring") })
	hires := t.roll.Hired
	f[openingKnown] = flow(hired, noOpened, w.has.opened, func() evidence.Figure {
		if hires == 0 {
			return refuse(nobodyHired)
		}
		return evidence.Exact(big.NewRat(int64(len(t.fills)), hires), hires, "hirings with the day on which the place was opened ÷ hirings")
	})
	f[candidatesPerHire] = flow(sought, noSought, w.has.sought, func() evidence.Figure {
		if hires == 0 {
			return refuse(nobodyHired)
		}
		return w.tell(hired, at, func() evidence.Figure {
			return evidence.Exact(big.NewRat(t.candidates, hires), hires, "people with a candidate’s row in the period ÷ hirings in it")
		})
	})
	f[offersAccepted] = w.tell(answered, at, func() evidence.Figure {
		switch {
		case !w.has.offer:
			return refuse(noOffer)
		case t.accepted+t.declined == 0:
			return evidence.Refuse("no offer of the period was answered", "a period with offers")
		}
		return share(t.accepted, t.accepted+t.declined, "offers accepted ÷ offers accepted or declined")
	})
}

func (w *world) measureTraining(g *Group, at int, heads *big.Rat, flow flowed) {
	t, f := &w.tallies[at], &g.Figures
	courses := func(pop int, figure func() evidence.Figure) evidence.Figure {
		return flow(pop, noRecords, w.has.records, func() evidence.Figure {
			if w.courses > w.p.Start+31 {
				return refuse(lateRecords)
			}
			return figure()
		})
	}
	n := w.size[present][at]
	perHead := func(total money.Amount, known int64, column, what string) evidence.Figure {
		return courses(present, func() evidence.Figure {
			if known == 0 && t.records > 0 {
				return evidence.Refuse("no course of the period has "+column, column+" in trainings")
			}
			return evidence.Exact(new(big.Rat).Quo(total.Rat(), heads), n, what+" ÷ mean headcount by days; courses without it are not counted in")
		})
	}
	known := func(k int64, column string) evidence.Figure {
		return courses(present, func() evidence.Figure {
			if t.records == 0 {
				return evidence.Refuse("no course was completed in the period", "a period with courses")
			}
			return evidence.Exact(big.NewRat(k, t.records), t.records, "courses with "+column+" ÷ courses completed in the period")
		})
	}
	f[trainingHours] = perHead(t.hours, t.hoursKnown, "hours", "hours of courses completed in the period by employees")
	f[hoursKnown] = known(t.hoursKnown, "hours")
	f[trainingCost] = perHead(t.direct, t.directKnown, "direct_cost", "direct cost of courses completed in the period by employees")
	f[costKnown] = known(t.directKnown, "direct_cost")
	of := func(k int64, what string) evidence.Figure {
		return courses(here, func() evidence.Figure {
			if t.roll.Closing == 0 {
				return refuse(nobodyHere)
			}
			return evidence.Exact(big.NewRat(k, t.roll.Closing), t.roll.Closing, "of those here at the period’s end, who completed "+what+" in it")
		})
	}
	f[trained] = of(t.trained, "a course")
	for i, stage := range w.stages {
		g.Stages = append(g.Stages, Named{stage, of(t.stages[i], "a course of this stage")})
	}
}

func (w *world) measureSpan(f *[figures]evidence.Figure, at int) {
	t := &w.tallies[at]
	spans := make([]int64, 0, len(t.spans))
	for _, n := range t.spans {
		spans = append(spans, n)
	}
	slices.Sort(spans)
	of := func(pop int, figure func() evidence.Figure) evidence.Figure {
		return w.tell(pop, at, func() evidence.Figure {
			switch {
			case !w.has.manager:
				return refuse(noManager)
			case t.roll.Closing == 0:
				return refuse(nobodyHere)
			case pop == managers && len(spans) == 0:
				return refuse(nobodyManage)
			}
			return figure()
		})
	}
	n := int64(len(spans))
	f[spanMedian] = of(managers, func() evidence.Figure {
		return evidence.Exact(middle(spans), n, "median of the people of each manager at the period’s end")
	})
	f[spanMean] = of(managers, func() evidence.Figure {
		return evidence.Exact(big.NewRat(sum(spans), n), n, "people with a manager ÷ managers, at the period’s end")
	})
	f[spanLargest] = of(managers, func() evidence.Figure {
		return evidence.Exact(rat(spans[n-1]), n, "the most people of one manager at the period’s end")
	})
	f[managerUnknown] = of(here, func() evidence.Figure {
		return evidence.Exact(big.NewRat(t.unmanaged, t.roll.Closing), t.roll.Closing, "of those here at the period’s end, whose manager is not known or does not work here")
	})
}
