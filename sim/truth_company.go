package sim

import "github.com/throughline/throughline/money"

// YearTruth is one calendar year whose comparison the books allow. Stayed is the
// share of those who were customers at its beginning and have not dropped out
// by its end; the others are of the customer statement of the year.
type YearTruth struct {
	Year             int   `json:"year"`
	Opening          int64 `json:"customers_at_beginning"`
	StayedCount      int64 `json:"stayed"`
	Stayed           Ratio `json:"stayed_share"`
	Retention        Ratio `json:"customer_retention"` // retained ÷ opening
	NetRetention     Ratio `json:"net_revenue_retention"`
	EarnedShareOfNew Ratio `json:"earned_share_of_new_revenue"`
	Arrived          int64 `json:"arrived"`
	EarnedArrivals   Ratio `json:"earned_share_of_arrivals"`
}

// HazardTruth is the exposure to dropping out in one state: what happened, what
// would have been expected by the customers' own hazards alone, and what is by
// the planted factor.
type HazardTruth struct {
	State    string `json:"state"`
	Days     Ratio  `json:"days"`
	Dropouts int64  `json:"dropouts"`
	Baseline Ratio  `json:"expected_at_factor_one"`
	Planted  Ratio  `json:"planted_factor"`
	Ratio    Ratio  `json:"dropouts_over_expected"`
}

// TieTruth is one kind of loss along ties. Hazards are of the referred where it
// is who brought them that bears on them, and of all customers otherwise.
type TieTruth struct {
	Name    string        `json:"name"`
	Planted float64       `json:"planted_factor"`
	Hazards []HazardTruth `json:"hazards"`
}

// ReferralTruth is who brings whom and what their leaving does. Ties are there
// where more than contagion is planted.
type ReferralTruth struct {
	Rate      float64       `json:"planted_rate_in_30_days"`
	Realised  Ratio         `json:"realised_rate_in_30_days"` // arrivals by referral ÷ active customers' days × 30
	Contagion float64       `json:"planted_contagion"`
	Backwards float64       `json:"planted_contagion_backwards"`
	Arrived   int64         `json:"arrivals_by_referral"`
	Hazards   []HazardTruth `json:"hazards_of_the_referred"`
	Ties      []TieTruth    `json:"loss_along_ties,omitempty"`
}

// ServiceTruth is what service does and costs.
type ServiceTruth struct {
	FailureEffect float64           `json:"planted_failure_effect"`
	Hazards       []HazardTruth     `json:"hazards_of_all"`
	Touchpoints   []TouchpointTruth `json:"touchpoints"`
	Cost          money.Amount      `json:"cost_to_serve"`
}

// TouchpointTruth is one touchpoint over all months. CostPerSecond is its whole
// cost ÷ handle seconds.
type TouchpointTruth struct {
	Name           string       `json:"name"`
	Contacts       int64        `json:"contacts"`
	Handled        int64        `json:"handled"`
	Contained      int64        `json:"contained"`
	Abandoned      int64        `json:"abandoned"`
	Resolved       int64        `json:"resolved"`
	Complaints     int64        `json:"complaints"`
	HandleSeconds  int64        `json:"handle_seconds"`
	Quality        float64      `json:"planted_quality"`
	ResolvedShare  Ratio        `json:"resolved_share_of_handled"`
	PlantedHour    money.Amount `json:"planted_cost_per_hour"`
	PlantedContact money.Amount `json:"planted_cost_per_contact"`
	Cost           money.Amount `json:"cost_to_serve"`
	CostPerSecond  Ratio        `json:"cost_per_handle_second"`
	CostPerContact Ratio        `json:"cost_per_contact"`
}

// TrainingTruth is what training does: Untrained are contacts handled by people
// with next to nothing left of courses for the role, Trained by the others.
type TrainingTruth struct {
	Effect    float64    `json:"planted_effect"`
	HalfLife  float64    `json:"planted_half_life_days"`
	Courses   int64      `json:"courses"`
	ForRole   int64      `json:"passed_for_the_role"`
	Untrained SkillTruth `json:"handled_by_the_untrained"`
	Trained   SkillTruth `json:"handled_by_the_trained"`
}

// SkillTruth compares what was resolved with what was likely.
type SkillTruth struct {
	Contacts  int64 `json:"contacts"`
	Resolved  int64 `json:"resolved"`
	Share     Ratio `json:"resolved_share"`
	Likely    Ratio `json:"expected_share"`
	MeanStock Ratio `json:"mean_stock"`
}

// VoiceTruth is what was asked, and the score of everyone asked beside that of
// those who answered.
type VoiceTruth struct {
	Questions []QuestionTruth  `json:"questions"`
	Themes    map[string]int64 `json:"themes"` // of remarks and comments; truth-themes.csv has each
}

// QuestionTruth is one question. Net is in points, of NPS alone.
type QuestionTruth struct {
	Question      string `json:"question"`
	Asked         int64  `json:"asked"`
	Answered      int64  `json:"would_answer"` // a few of them after the end
	Mean          Ratio  `json:"mean_of_asked"`
	MeanAnswered  Ratio  `json:"mean_of_answered"`
	Net           Ratio  `json:"net_of_asked,omitempty"`
	NetOfAnswered Ratio  `json:"net_of_answered,omitempty"`
}

// PeopleTruth is who came and went, over the months of the books.
type PeopleTruth struct {
	Hired         int64            `json:"hired"` // of whom some came back
	Rehired       int64            `json:"rehired"`
	Left          int64            `json:"left"` // by their last day, which is in the books
	Candidates    int64            `json:"candidates_not_hired"`
	First         TurnoverTruth    `json:"first_year"`
	Later         TurnoverTruth    `json:"later_years"`
	Hiring        HiringTruth      `json:"hiring"`
	Interview     InterviewTruth   `json:"interview"`
	Keeps         LeavingTruth     `json:"training_keeps"`
	ManagerChange LeavingTruth     `json:"manager_change"`
	Pulse         map[string]Ratio `json:"planted_pulse"` // mean by department, before it is rounded to 0..10
}

// TurnoverTruth is a hazard of leaving, a year. Planted is that of somebody whose
// interview had the middle score and on whom nothing else bears; Likely is how
// many exits all hazards together make likely.
type TurnoverTruth struct {
	Planted  float64 `json:"planted_hazard"`
	Days     int64   `json:"days"`
	Exits    int64   `json:"exits"`
	Likely   Ratio   `json:"expected_exits"`
	Realised Ratio   `json:"realised_hazard"`
}

// HiringTruth counts the offers in the books and how long the vacancies of those
// who were hired had been open.
type HiringTruth struct {
	PlantedDeclined float64 `json:"planted_declined"`
	Accepted        int64   `json:"offers_accepted"`
	Declined        int64   `json:"offers_declined"`
	DaysOpen        int64   `json:"days_to_fill"` // summed over the hired
}

// InterviewTruth is what the score tells: the hazard of the first year is
// multiplied by exp(−validity × (score − middle) ÷ spread). Of those who were
// interviewed and hired in the books a year or more before their end, Upper had
// at least the middle score, Lower less.
type InterviewTruth struct {
	Validity float64   `json:"planted_validity"`
	Middle   int       `json:"middle_score"`
	Spread   int       `json:"score_spread"`
	Upper    HalfTruth `json:"upper_half"`
	Lower    HalfTruth `json:"lower_half"`
}

// HalfTruth is who was there still on the day 365 days after they were hired.
type HalfTruth struct {
	Hired  int64 `json:"hired"`
	Stayed int64 `json:"stayed_a_year"`
	Share  Ratio `json:"share"`
}

// LeavingTruth is a factor on the hazard of leaving, and leaving without and with it.
type LeavingTruth struct {
	Planted Ratio        `json:"planted_factor"`
	Hazards []StateTruth `json:"hazards"`
}

// StateTruth is what leaving was open to in one state: Baseline are the exits that
// would be likely without the factor, Ratio the realised factor.
type StateTruth struct {
	State    string `json:"state"`
	Planted  Ratio  `json:"planted_factor"`
	Days     Ratio  `json:"days"`
	Exits    int64  `json:"exits"`
	Baseline Ratio  `json:"expected_at_factor_one"`
	Likely   Ratio  `json:"expected_exits"`
	Ratio    Ratio  `json:"exits_over_expected"`
}

// SubscriptionTruth counts rows by how they ended.
type SubscriptionTruth struct {
	Rows    int64            `json:"rows"`
	Endings map[string]int64 `json:"endings"`
}

// AlignmentTruth is the cosine between what a department is paid to move and
// what is of value to customers, over its levers, each in a feasible year's
// effort: Baker, Journal of Human Resources 37(4), 2002.
type AlignmentTruth struct {
	Department string `json:"department"`
	Congruity  Ratio  `json:"congruity"`
}

// ProfitTruth is what was earned: revenue of all lines, less what they and the
// company cost. People's pay is not in it.
type ProfitTruth struct {
	Revenue       money.Amount `json:"revenue"`
	Goods         money.Amount `json:"cost_of_goods"`
	Serve         money.Amount `json:"serve"`
	AcquireBought money.Amount `json:"acquire_bought"`
	AcquireEarned money.Amount `json:"acquire_earned"`
	Train         money.Amount `json:"train"`
	Hire          money.Amount `json:"hire"`
	Retain        money.Amount `json:"retain"`
	Other         money.Amount `json:"other"`
	Profit        money.Amount `json:"profit"`
}

func (p *ProfitTruth) add(o ProfitTruth) {
	for _, s := range []struct {
		to   *money.Amount
		from money.Amount
	}{
		{&p.Revenue, o.Revenue}, {&p.Goods, o.Goods}, {&p.Serve, o.Serve}, {&p.AcquireBought, o.AcquireBought}, {&p.AcquireEarned, o.AcquireEarned},
		{&p.Train, o.Train}, {&p.Hire, o.Hire}, {&p.Retain, o.Retain}, {&p.Other, o.Other}, {&p.Profit, o.Profit},
	} {
		*s.to = s.to.Add(s.from)
	}
}

func (p *ProfitTruth) settle() {
	p.Profit = p.Revenue
	for _, cost := range []money.Amount{p.Goods, p.Serve, p.AcquireBought, p.AcquireEarned, p.Train, p.Hire, p.Retain, p.Other} {
		p.Profit = p.Profit.Sub(cost)
	}
}
