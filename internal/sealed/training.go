package sealed

import (
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// People are the statements of those who work at the company.
type People struct {
	Locked
	Training  *Training  `json:"training_asset"`
	Workforce *Workforce `json:"workforce"`
}

// Training is the asset that training made: what is carried of it by those employed here, by itself by those employed by contractors, and
// what is not carried.
type Training struct {
	Locked
	First    string           `json:"first_month"`
	Last     string           `json:"last_month"`
	Policies TrainingPolicies `json:"policies"`
	TrainingSection
	Contractors TrainingSection  `json:"contractors"`
	Months      []TrainingMonth  `json:"months"`
	Not         []TrainingNot    `json:"not_capitalised"`
	Cover       TrainingCover    `json:"coverage"`
	Expected    TrainingExpected `json:"expected_write_offs"`
	Even        bool             `json:"group_even"`
	Added       TrainingAdded    `json:"additions"`
	Left        []TrainingLeft   `json:"written_off_by"`
	Journal     TrainingJournal  `json:"journal"`
}

// TrainingRoll is a roll-forward.
type TrainingRoll struct {
	Opening    money.Amount `json:"opening"`
	Restated   money.Amount `json:"restated"`
	Additions  money.Amount `json:"additions"`
	CameOver   money.Amount `json:"came_over"`
	WentOver   money.Amount `json:"went_over"`
	Amortised  money.Amount `json:"amortised"`
	WrittenOff money.Amount `json:"written_off"`
	Impaired   money.Amount `json:"impaired"`
	Closing    money.Amount `json:"closing"`
}

// TrainingGroup is the roll-forward of one department, course, cohort or entity. Of is what it is, not_given or rest.
type TrainingGroup struct {
	Name string `json:"name"`
	Of   string `json:"of"`
	TrainingRoll
}

// TrainingSection is what is carried of one kind of people.
type TrainingSection struct {
	Roll        TrainingRoll    `json:"roll_forward"`
	Departments []TrainingGroup `json:"by_department"`
	Courses     []TrainingGroup `json:"by_course"`
	Cohorts     []TrainingGroup `json:"by_cohort"`
	Entities    []TrainingGroup `json:"by_entity"`
}

// Empty tells whether nothing was ever carried.
func (s TrainingSection) Empty() bool { return len(s.Departments) == 0 }

// TrainingMonth is one month: what was carried, what was spent, and what of that was not carried.
type TrainingMonth struct {
	Name        string       `json:"name"`
	Own         TrainingRoll `json:"own"`
	Contractors TrainingRoll `json:"contractors"`
	Spent       money.Amount `json:"spent"`
	Expensed    money.Amount `json:"expensed"`
}

// Charged is what the month costs with training as an investment: what was used up, left, was impaired, and what is not carried.
func (m TrainingMonth) Charged() money.Amount {
	out := m.Expensed
	for _, r := range []TrainingRoll{m.Own, m.Contractors} {
		out = money.Sum(out, r.Amortised, r.WrittenOff, r.Impaired)
	}
	return out
}

// TrainingNot is training of the period that is not carried.
type TrainingNot struct {
	Name    string       `json:"name"`
	Records int64        `json:"records"`
	Cost    money.Amount `json:"cost"`
}

// TrainingCover says how far the costs of the period's training are known.
type TrainingCover struct {
	Records         int64        `json:"records"`
	NoDirectCost    int64        `json:"records_without_direct_cost"`
	HoursWithoutPay int64        `json:"records_with_hours_without_pay"`
	Direct          money.Amount `json:"direct_cost"`
	Pay             money.Amount `json:"paid_hours"`
	Begin           string       `json:"books_begin"`
	Filling         bool         `json:"earlier_training_unknown"`
}

// TrainingExpected is what is expected to leave with people.
type TrainingExpected struct {
	Year       evidence.Figure `json:"within_a_year"`
	Life       evidence.Figure `json:"while_lives_last"`
	Was        evidence.Figure `json:"expected_for_the_period"`
	WrittenOff money.Amount    `json:"written_off_of_the_opening"`
}

// TrainingAdded is what was added, by what it is.
type TrainingAdded struct {
	Direct money.Amount `json:"direct_cost"`
	Pay    money.Amount `json:"paid_hours"`
}

// TrainingLeft is what was written off by kind of exit; not_told is of kinds of too few people.
type TrainingLeft struct {
	Name   string       `json:"name"`
	Amount money.Amount `json:"amount"`
}

// TrainingPolicies are the company's.
type TrainingPolicies struct {
	Kinds   []TrainingPolicy `json:"kinds"`
	Courses []TrainingPolicy `json:"courses"`
	Reviews []TrainingReview `json:"reviews"`
	Effects []TrainingEffect `json:"effects"`
	Hours   *string          `json:"hours_per_year"`
}

// TrainingPolicy is how courses of a kind, or one course, are treated.
type TrainingPolicy struct {
	Name       string `json:"name"`
	Life       int    `json:"life_months"`
	Method     string `json:"policy"`
	Capitalise bool   `json:"capitalised"`
	Kind       string `json:"kind"`
}

// TrainingReview is a life that was set anew.
type TrainingReview struct {
	Name string `json:"name"`
	Of   string `json:"of"`
	From string `json:"from"`
	Life int    `json:"life_months"`
}

// TrainingEffect is a measured effect that lies below break-even.
type TrainingEffect struct {
	Name      string `json:"name"`
	Measured  string `json:"measured_on"`
	Low       string `json:"low"`
	High      string `json:"high"`
	BreakEven string `json:"break_even"`
	Source    string `json:"source"`
}

// TrainingJournal is the journal of the period, as sums by month, movement, department and course.
type TrainingJournal struct {
	Opening []TrainingBalance `json:"opening"`
	Lines   []TrainingLine    `json:"lines"`
}

// TrainingBalance is what the period opens with.
type TrainingBalance struct {
	Contractor bool         `json:"contractors"`
	Department string       `json:"department"`
	Course     string       `json:"course"`
	Amount     money.Amount `json:"amount"`
}

// TrainingLine is one sum of the journal.
type TrainingLine struct {
	Month        string       `json:"month"`
	Movement     string       `json:"movement"`
	Contractor   bool         `json:"contractors"`
	Department   string       `json:"department"`
	Course       string       `json:"course"`
	ToContractor bool         `json:"to_contractors"`
	ToDepartment string       `json:"to_department"`
	Why          string       `json:"why"`
	Amount       money.Amount `json:"amount"`
}

// Together tells whether two lines are of one transaction: of a month, a movement and a department.
func (l TrainingLine) Together(other TrainingLine) bool {
	return l.Month == other.Month && l.Movement == other.Movement && l.Contractor == other.Contractor && l.Department == other.Department
}

// TrainingBlock is the statement of the training asset.
const TrainingBlock Block = "people.training_asset"

// Open tells whether there is a statement of the training asset with figures.
func (t *Training) Open() bool { return t != nil && t.Refused == "" }

// TrainingAsset is the statement of the training asset, which may be locked; nil in documents of earlier releases.
func (d *Document) TrainingAsset() *Training {
	switch {
	case d.People == nil:
		return nil
	case d.People.Refused != "":
		return &Training{Locked: d.People.Locked}
	}
	return d.People.Training
}

func trainingMoney(of func(*Training) money.Amount) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		t := d.TrainingAsset()
		if !t.Open() {
			return Value{}, false
		}
		return Value{Amount: of(t)}, true
	}
}

func trainingFigure(of func(*Training) evidence.Figure) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		t := d.TrainingAsset()
		if !t.Open() {
			return Value{}, false
		}
		f := of(t)
		return Value{Figure: f}, f.Err() == nil
	}
}

const carrying = "Flamholtz, Human Resource Accounting (1974; 3rd edition 1999). A management account: IAS 38.15 and ASC 350 do not normally allow it"

// trainingDefinitions are the figures of the training asset.
var trainingDefinitions = []Definition{
	{
		Name: "roll_forward.opening", Label: "Carried when the period opened", Unit: Money, Source: carrying,
		Meaning: "What training of those employed here was still carried for when the period began.", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.Opening }),
	},
	{
		Name: "roll_forward.restated", Label: "Restated", Unit: Money, Source: carrying,
		Meaning: "What came to light in the period of the months before it, such as a leaving that was told late. So each period opens with what the one before closed with.", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.Restated }),
	},
	{
		Name: "roll_forward.additions", Label: "Added", Unit: Money, Source: carrying,
		Meaning: "Direct cost and the pay of the hours of courses that were completed in the period. What the law asks for, what was failed, and candidates who were not hired are not in it.",
		Formula: "Σ direct cost + hours × annual cost ÷ hours per year", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.Additions }),
	},
	{
		Name: "roll_forward.came_over", Label: "Came over from contractors", Unit: Money, Source: carrying,
		Meaning: "What was carried of contractors’ workers who are employed here now.", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.CameOver }),
	},
	{
		Name: "roll_forward.went_over", Label: "Went over to contractors", Unit: Money, Source: carrying, Taken: true,
		Meaning: "What was carried of employed people who are a contractor’s workers now.", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.WentOver }),
	},
	{
		Name: "roll_forward.amortised", Label: "Amortised", Unit: Money, Source: carrying, Taken: true,
		Meaning: "What was used up of it in the period. The month in which a course is completed and the one in which a person leaves count in full.",
		Formula: "individual: cost ÷ life a month; group: cost × S(month) ÷ Σ S over the life", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.Amortised }),
	},
	{
		Name: "roll_forward.written_off", Label: "Left with people", Unit: Money, Source: carrying, Taken: true,
		Meaning: "What was still carried of those who left, after their last month was amortised. Under the policy for groups nothing is written off.", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.WrittenOff }),
	},
	{
		Name: "roll_forward.impaired", Label: "Impaired", Unit: Money, Source: carrying, Taken: true,
		Meaning: "What was still carried of courses for a role that its holder left for another, and of courses that were measured to bring less than they cost.", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.Impaired }),
	},
	{
		Name: "roll_forward.closing", Label: "Training asset", Unit: Money, Source: carrying,
		Meaning: "What was spent on the skill of those employed here, less what has been used up, what left with people, and what was impaired. It is not an asset under IAS 38: it is a management account.",
		Formula: "opening + restated + added + came over − went over − amortised − left − impaired", value: trainingMoney(func(t *Training) money.Amount { return t.Roll.Closing }),
		work: work("{roll_forward.opening} + {roll_forward.restated} + {roll_forward.additions} + {roll_forward.came_over} − {roll_forward.went_over} − {roll_forward.amortised} − {roll_forward.written_off} − {roll_forward.impaired}"),
	},
	{
		Name: "contractors.roll_forward.closing", Label: "Carried of contractors’ workers", Unit: Money, Source: carrying,
		Meaning: "The same for those who work here and are employed by a contractor. It is kept apart: the contractor can take them elsewhere.", value: trainingMoney(func(t *Training) money.Amount { return t.Contractors.Roll.Closing }),
	},
	{
		Name: "expected_write_offs.within_a_year", Label: "Expected to leave with people within a year", Unit: Expected, On: OnPeople, Source: carrying,
		Meaning: "What of the closing is expected to be written off in the next twelve months, by how long those who were taught have stayed so far. It is disclosed and booked nowhere: to shorten lives by it too would charge leaving twice.",
		Formula: "Σ carried × (S(u + k − 1) − S(u + k)) ÷ S(u)", value: trainingFigure(func(t *Training) evidence.Figure { return t.Expected.Year }),
	},
	{
		Name: "expected_write_offs.while_lives_last", Label: "Expected to leave with people while the skills last", Unit: Expected, On: OnPeople, Source: carrying,
		Meaning: "What of the closing is expected to be written off before it is used up.", value: trainingFigure(func(t *Training) evidence.Figure { return t.Expected.Life }),
	},
	{
		Name: "expected_write_offs.expected_for_the_period", Label: "Had been expected to leave in this period", Unit: Expected, On: OnPeople, Source: carrying,
		Meaning: "What of the opening was expected to be written off in the period, by the curve of staying as it was known when the period opened. Beside it stands what came.", value: trainingFigure(func(t *Training) evidence.Figure { return t.Expected.Was }),
	},
	{
		Name: "expected_write_offs.written_off_of_the_opening", Label: "Left of what the period opened with", Unit: Money, Source: carrying,
		Meaning: "What of the opening was written off in the period because people left.", value: trainingMoney(func(t *Training) money.Amount { return t.Expected.WrittenOff }),
	},
}
