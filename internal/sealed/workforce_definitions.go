package sealed

// The units of the people statement, all of figures that may be refused.
const (
	Heads   Unit = "people, or refused"
	Years   Unit = "years, or refused"
	Waiting Unit = "days, or refused"
	Hours   Unit = "hours, or refused"
	// Hirings and Managers are what some of them rest on.
	Hirings  Unit = "hirings"
	Managers Unit = "managers"
)

// ofPeople tells the units above.
func (u Unit) ofPeople() bool { return u == Heads || u == Years || u == Waiting || u == Hours }

const (
	named30414 = "ISO 30414:2018 for the name"
	iso        = "ISO 30414:2018 for the name; Garwood (1936), Wilson (1927) for the interval"
	waiting    = "ISO 30414:2018 for the name; interval of the median by order statistics"
	curve      = "Kaplan & Meier (1958); Brookmeyer & Crowley (1982)"
	hazard     = "Cox (1972); Lin & Wei (1989)"
	sampled    = "Thorndike, Personnel Selection (1949), for what a restricted range hides; Fisher (1921)"
)

func workFigure(of func(*Workforce) WorkFigures, name string) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		w := d.Workforce()
		if !w.Open() {
			return Value{}, false
		}
		f, ok := of(w)[name]
		return Value{Figure: f}, ok && f.Err() == nil
	}
}

func workHeads(of func(*WorkRoll) int64) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		w := d.Workforce()
		if !w.Open() || !w.Company.Roll.Told() {
			return Value{}, false
		}
		return Value{Count: of(w.Company.Roll)}, true
	}
}

func ofCompany(w *Workforce) WorkFigures { return w.Company.Figures }

// ended gives a definition of the company its value and what its n counts.
func ended(prefix string, of func(*Workforce) WorkFigures, table []Definition) []Definition {
	for i := range table {
		d := &table[i]
		d.value = workFigure(of, d.Name)
		d.Name = prefix + d.Name
		if d.On == "" {
			d.On = OnPeople
		}
	}
	return table
}

// workforceRoll are the lines of the roll-forward of the company.
var workforceRoll = []Definition{
	{
		Name: "company.roll_forward.opening", Label: "People when the period opened", Unit: OnPeople, Source: ours,
		Meaning: "Employees when the period began. Contractors’ workers and candidates are not in it.", value: workHeads(func(r *WorkRoll) int64 { return r.Opening }),
	},
	{
		Name: "company.roll_forward.hired", Label: "Hired", Unit: OnPeople, Source: ours,
		Meaning: "Spells of employment that began in the period. Whoever left and came back is hired again.", value: workHeads(func(r *WorkRoll) int64 { return r.Hired }),
	},
	{
		Name: "company.roll_forward.came_over", Label: "Came over from contractors", Unit: OnPeople, Source: ours,
		Meaning: "Contractors’ workers who became employees in the period.", value: workHeads(func(r *WorkRoll) int64 { return r.CameOver }),
	},
	{
		Name: "company.roll_forward.left", Label: "Left", Unit: OnPeople, Source: ours, Taken: true,
		Meaning: "Employees whose last day was in the period.", value: workHeads(func(r *WorkRoll) int64 { return r.Left }),
	},
	{
		Name: "company.roll_forward.went_over", Label: "Went over to contractors", Unit: OnPeople, Source: ours, Taken: true,
		Meaning: "Employees who became a contractor’s workers in the period.", value: workHeads(func(r *WorkRoll) int64 { return r.WentOver }),
	},
	{
		Name: "company.roll_forward.closing", Label: "People at the end", Unit: OnPeople, Source: ours,
		Meaning: "Employees when the period was over.", Formula: "opening + hired + came over − left − went over",
		value: workHeads(func(r *WorkRoll) int64 { return r.Closing }),
		work:  work("{company.roll_forward.opening} + {company.roll_forward.hired} + {company.roll_forward.came_over} − {company.roll_forward.left} − {company.roll_forward.went_over}"),
	},
}

// workforceCompany are the figures of the company; each group has the same.
var workforceCompany = ended("company.", ofCompany, []Definition{
	{Name: "headcount", Label: "Mean headcount", Unit: Heads, Source: named30414, Formula: "days of employment in the period ÷ its days",
		Meaning: "How many people worked here on an average day of the period."},
	{Name: "turnover", Label: "Left, of mean headcount", Unit: Share, Source: iso, Formula: "left ÷ mean headcount",
		Meaning: "Who left in the period, for each hundred who work here. It is of the period as it is, not made a year’s."},
	{Name: "voluntary_turnover", Label: "Left by choice", Unit: Share, Source: "US Bureau of Labor Statistics, JOLTS (quits); Garwood (1936)", Formula: "left by their own choice ÷ mean headcount",
		Meaning: "Who quit in the period, for each hundred who work here. Bounds where it is not known why some left."},
	{Name: "involuntary_turnover", Label: "Left by the company’s choice", Unit: Share, Source: "US Bureau of Labor Statistics, JOLTS (layoffs and discharges); Garwood (1936)", Formula: "dismissed, laid off, or a fixed term over ÷ mean headcount",
		Meaning: "Whom the company let go in the period, for each hundred who work here. Retirement and death are neither this nor by choice."},
	{Name: "first_year_turnover", Label: "Left in the first year", Unit: Share, Source: iso, Formula: "left before a year was over ÷ hired a year before",
		Meaning: "Of those hired from a year before the period’s first day to a year before its end, who left before their first year was over."},
	{Name: "tenure_mean", Label: "Time here, on average", Unit: Years, Source: named30414, Meaning: "Mean years since hiring of those here at the end."},
	{Name: "tenure_median", Label: "Time here, the middle person", Unit: Years, Source: named30414, Meaning: "Half of those here at the end have been here longer."},
	{Name: "expected_stay", Label: "Expected stay, to a horizon", Unit: Years, Source: curve, Formula: "∫ S(t) dt, from 0 to the horizon",
		Meaning: "How long somebody stays from the day of hiring on, counted up to a horizon of five years, or fewer where stays so long were not seen. It is of all together, never of a named person."},
	{Name: "expected_stay_median", Label: "Half have left by", Unit: Years, Source: curve, Formula: "S(t) = ½", Meaning: "Years from the day of hiring by which half have left."},
	{Name: "filled_from_within", Label: "Places filled from within", Unit: Share, Source: iso, Formula: "moves ÷ moves and hirings",
		Meaning: "Of the places that were filled, those taken by somebody who worked here already, in another role or department."},
	{Name: "moves_per_head", Label: "Moves, of mean headcount", Unit: Share, Source: iso, Formula: "moves ÷ mean headcount",
		Meaning: "Changes of role or department, for each hundred who work here. One that only gets another name is none."},
	{Name: "time_to_fill_median", Label: "Days to fill a place, the middle one", Unit: Waiting, Source: waiting, Meaning: "Half of the places whose opening is known took longer to fill, from the day on which they were opened to the day of hiring."},
	{Name: "time_to_fill_mean", Label: "Days to fill a place, on average", Unit: Waiting, Source: waiting, Meaning: "Mean days from the opening of a place to the day of hiring."},
	{Name: "opening_known", Label: "Hirings whose opening is known", Unit: Share, On: Hirings, Source: ours, Meaning: "Hirings of which the books say when the place was opened. The days to fill a place are of these alone."},
	{Name: "candidates_per_hire", Label: "Candidates per hiring", Unit: Multiple, On: Hirings, Source: named30414, Formula: "people seen for a place ÷ hirings", Meaning: "People with a candidate’s row in the period, for each hiring."},
	{Name: "offers_accepted", Label: "Offers accepted", Unit: Share, Source: iso, Formula: "accepted ÷ accepted or declined", Meaning: "Of the offers made in the period that were answered, those that were accepted."},
	{Name: "training_hours_per_head", Label: "Hours of training per head", Unit: Hours, Source: named30414, Formula: "hours of courses completed ÷ mean headcount",
		Meaning: "Hours of the courses that employees completed in the period, for each who works here. Interviews are none, and courses without hours are not counted in."},
	{Name: "training_hours_known", Label: "Courses with their hours", Unit: Share, On: Courses, Source: ours, Meaning: "Of the courses completed in the period, those of which the books say how long they took."},
	{Name: "training_cost_per_head", Label: "Direct cost of training per head", Unit: Worth, Source: named30414, Formula: "direct cost of courses completed ÷ mean headcount",
		Meaning: "What the courses that employees completed in the period cost, for each who works here, without the pay of their hours. Courses without a cost are not counted in."},
	{Name: "training_cost_known", Label: "Courses with their cost", Unit: Share, On: Courses, Source: ours, Meaning: "Of the courses completed in the period, those of which the books say what they cost."},
	{Name: "trained", Label: "Trained in the period", Unit: Share, Source: named30414, Formula: "completed a course ÷ people at the end", Meaning: "Of those here at the end, who completed a course in the period. A failed one is none."},
	{Name: "span_median", Label: "People of a manager, the middle one", Unit: Heads, On: Managers, Source: named30414, Meaning: "Half of the managers lead more people than this at the end."},
	{Name: "span_mean", Label: "People of a manager, on average", Unit: Heads, On: Managers, Source: named30414, Formula: "people with a manager ÷ managers", Meaning: "People who report to each manager at the end."},
	{Name: "span_largest", Label: "Most people of one manager", Unit: Heads, On: Managers, Source: named30414, Meaning: "The most people who report to one manager at the end."},
	{Name: "manager_unknown", Label: "Without a manager in the books", Unit: Share, Source: ours, Meaning: "Of those here at the end, whose manager is not given, is themselves, or does not work here."},
})

const replacing = "Throughline’s own definition, of what the books hold; an empty place, a slower start and others’ help are in no book"

// workforceReplacement is what it costs to replace somebody.
var workforceReplacement = ended("replacement.", func(w *Workforce) WorkFigures { return w.Replacement }, []Definition{
	{Name: "hiring", Label: "Hiring, for each hired", Unit: Expected, Source: replacing, Formula: "costs of hiring in the period ÷ hirings", Meaning: "What was spent on hiring in the period’s months, for each who was hired."},
	{Name: "training", Label: "Training of a first year", Unit: Expected, Source: replacing, Formula: "direct cost of courses in the first year ÷ hirings of the year before", Meaning: "Direct cost of the courses that those hired a year before completed in their first year, for each of them."},
	{Name: "total", Label: "Cost of replacing somebody", Unit: Expected, Source: replacing, Formula: "hiring + training", Meaning: "What it takes to hire somebody and train them for a year. It is less than what leaving costs: an empty place, a slower start and others’ help are not in it.",
		work: work("{replacement.hiring} + {replacement.training}")},
})

// workforceSelection is whether the money spent on hiring returns.
var workforceSelection = ended("selection.", func(w *Workforce) WorkFigures { return w.Selection.Figures }, []Definition{
	{Name: "spent", Label: "Spent on hiring", Unit: Expected, Source: ours, Formula: "Σ costs of kind hire", Meaning: "What the book of costs says was spent on hiring in the period’s months."},
	{Name: "stay_hazard_ratio", Label: "Leaving early, by the score of the interview", Unit: Multiple, Source: hazard,
		Meaning: "How much sooner or later those leave in their first year whose score is one standard deviation higher, at the same length of stay and in one role. Below 1 they stay longer. It need not be because of the score."},
	{Name: "stay_correlation", Label: "Score and staying the first year", Unit: Multiple, Source: sampled,
		Meaning: "Correlation of the score of the interview with having stayed the first year. Only people who were hired are seen, so it is nearer to nothing than among all candidates."},
	{Name: "course_correlation", Label: "Score and the first course", Unit: Multiple, Source: sampled, Meaning: "Correlation of the score of the interview with that of the first course."},
	{Name: "early_leaving", Label: "What leaving in the first year cost", Unit: Expected, Source: replacing, Formula: "left in the period in their first year × cost of replacing somebody", Meaning: "Those who left in the period before their first year was over, each at the cost of replacing somebody."},
	{Name: "cost_per_stayer", Label: "Hiring, for each who stayed a year", Unit: Expected, Source: ours, Formula: "costs of hiring in the year before ÷ hired in it who stayed their first year", Meaning: "What was spent on hiring in the year before, for each hired in it who stayed a year."},
})

// workforceStaying are the shares of the company that stay.
var workforceStaying = ended("staying.company.", func(w *Workforce) WorkFigures { return w.Staying.Company.Figures }, []Definition{
	{Name: "retention_1_year", Label: "Stay a year", Unit: Share, Source: curve, Formula: "S(1)", Meaning: "Share of those hired who are still here a year later, by all that the books know of stays."},
	{Name: "retention_2_years", Label: "Stay two years", Unit: Share, Source: curve, Formula: "S(2)", Meaning: "Share of those hired who are still here two years later."},
	{Name: "retention_3_years", Label: "Stay three years", Unit: Share, Source: curve, Formula: "S(3)", Meaning: "Share of those hired who are still here three years later."},
})

const offering = "Fieller (1954); logit of accepting, within roles, errors clustered by person"

// workforceOffers are what goes with accepting an offer.
var workforceOffers = ended("offers.", func(w *Workforce) WorkFigures { return w.Offers }, []Definition{
	{Name: "pay", Label: "Ten per cent more pay", Unit: Multiple, Source: offering, Meaning: "Odds ratio of accepting for 10% more pay than the mean of the role’s offers. Above 1 more pay goes with accepting."},
	{Name: "training", Label: "Ten more hours of training", Unit: Multiple, Source: offering, Meaning: "Odds ratio of accepting for 10 hours of training in the first year more than the mean of the role’s offers."},
	{Name: "training_worth_pay", Label: "What ten hours of training go with, in pay", Unit: Share, Source: offering, Meaning: "How much more pay, as a share, goes with accepting as much as 10 hours of training in the first year do."},
})
