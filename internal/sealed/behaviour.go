package sealed

import (
	"encoding/json"
	"errors"
	"math/big"

	"github.com/throughline/throughline/evidence"
)

// What the counts of behaviour count, and what its figures rest on.
const (
	PurchaseDays Unit = "purchase days"
	Watched      Unit = "series"
	Raised       Unit = "alarms"
)

// The figures of behaviour by the last part of their names.
var (
	BehaviourMeasures = []string{"frequency", "spend", "gap", "mix"}
	BehaviourCounts   = []string{"series_watched", "series_refused", "in_period", "standing", "earlier"}
)

// BehaviourBlock is how customers buy.
const BehaviourBlock Block = "behaviour"

// Behaviour is how customers buy, month by month, and the alarms on it.
type Behaviour struct {
	Locked
	Months      []Window // whole months, the last ends with the period
	WatchedFrom string   // the first of the watched months by name
	Follow      int64    // days that the next purchase is waited for
	Year        map[string]evidence.Figure
	Counts      map[string]int64
	ByChance    evidence.Figure
	Years       int64 // of one false alarm in so many years a series
	Series      []BehaviourSeries
}

// BehaviourSeries is one measure of one group of customers.
type BehaviourSeries struct {
	Name     string           `json:"name"`
	Measure  string           `json:"measure"`
	Of       string           `json:"of"` // all, segment or others
	Segment  string           `json:"segment"`
	Season   bool             `json:"season_taken_out"`
	Baseline int64            `json:"months_before"`
	Level    evidence.Figure  `json:"level"`
	Points   []BehaviourPoint `json:"points"`
	Alarms   []BehaviourAlarm `json:"alarms"`
}

// BehaviourPoint is the value of a month.
type BehaviourPoint struct {
	Name  string  `json:"name"`
	Value Decimal `json:"value"`
	N     int64   `json:"n"`
	// Ratio is to the same month a year earlier, where season is taken out.
	Ratio *Decimal `json:"ratio_to_year_earlier"`
}

// Decimal is a number as the document prints it.
type Decimal struct{ *big.Rat }

// UnmarshalJSON reads a number exactly.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	var text json.Number
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	r, ok := new(big.Rat).SetString(text.String())
	if !ok {
		return errors.New(text.String() + " is no number")
	}
	d.Rat = r
	return nil
}

// BehaviourAlarm is an alarm on a series.
type BehaviourAlarm struct {
	Name      string          `json:"name"`
	Method    string          `json:"method"`
	Direction string          `json:"direction"`
	Signalled string          `json:"signalled"`
	Since     string          `json:"since"`
	Until     string          `json:"until"`
	InPeriod  bool            `json:"in_period"`
	Standing  bool            `json:"standing"`
	Before    evidence.Figure `json:"before"`
	After     evidence.Figure `json:"after"`
	Change    evidence.Figure `json:"change"`
}

// UnmarshalJSON reads the figures that have a name here and leaves the others.
func (b *Behaviour) UnmarshalJSON(data []byte) error {
	var blocks map[string]json.RawMessage
	if err := json.Unmarshal(data, &blocks); err != nil {
		return err
	}
	var rest struct {
		Locked
		Months  []Window        `json:"months"`
		Watched string          `json:"watched_from"`
		Follow  int64           `json:"follow_days"`
		Chance  json.RawMessage `json:"alarms_expected_by_chance"`
		False   struct {
			Years int64 `json:"years_per_alarm"`
		} `json:"false_alarms"`
		Series []BehaviourSeries `json:"series"`
	}
	if err := json.Unmarshal(data, &rest); err != nil {
		return err
	}
	*b = Behaviour{Locked: rest.Locked, Months: rest.Months, WatchedFrom: rest.Watched, Follow: rest.Follow, Years: rest.False.Years, Series: rest.Series}
	var errs [3]error
	b.Year, errs[0] = within[evidence.Figure](blocks, "year", BehaviourMeasures)
	b.Counts, errs[1] = within[int64](blocks, "alarms", BehaviourCounts)
	if !absent(rest.Chance) {
		errs[2] = json.Unmarshal(rest.Chance, &b.ByChance)
	}
	return errors.Join(errs[:]...)
}

// Open tells whether there is behaviour with figures.
func (b *Behaviour) Open() bool { return b != nil && b.Refused == "" }

func behaved(key string) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		f, ok := d.Behaviour.Year[key]
		return Value{Figure: f}, ok
	}
}

func raised(key string) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) {
		n, ok := d.Behaviour.Counts[key]
		return Value{Count: n}, ok
	}
}

const control = "Page, Continuous inspection schemes, Biometrika 41 (1954); Hawkins & Olwell, Cumulative Sum Charts and Charting for Quality Improvement (1998)"

// behaviourDefinitions are the figures of behaviour.
var behaviourDefinitions = []Definition{
	{
		Name: "alarms.in_period", Label: "Alarms raised in the period", Unit: Raised, Source: control, value: raised("in_period"),
		Meaning: "How often a series of how customers buy left its course, and this was noticed in the closed period, by either method. An alarm is an observation and says nothing of the cause.",
		Formula: "cumulative sums above their limits, both methods, signalled in P",
	},
	{
		Name: "alarms.standing", Label: "Of these, standing against chance", Unit: Raised, Source: control, value: raised("standing"),
		Meaning: "Alarms of the period that would also have been raised if all series together gave one false alarm in ten years, not each of them.",
		Formula: "sums that a series on course reaches with a chance of at most one in ten years ÷ series watched",
	},
	{
		Name: "alarms_expected_by_chance", Label: "Alarms expected by chance", Unit: Multiple, On: Watched, Source: "Jones, Champ & Rigdon, The run length distribution of the CUSUM with estimated parameters, Journal of Quality Technology 36 (2004); " + ours,
		Meaning: "How many alarms there would be in the period, on the average, if nothing had changed: with many series watched, some always ring.",
		Formula: "Σ over series and months of P of the rate of false alarms, both methods", value: func(d *Document, _ Block) (Value, bool) {
			return Value{Figure: d.Behaviour.ByChance}, d.Behaviour.ByChance != (evidence.Figure{})
		},
	},
	{
		Name: "alarms.earlier", Label: "Alarms raised before the period", Unit: Raised, Source: control, value: raised("earlier"),
		Meaning: "Alarms that were raised in earlier months; they are history.", Formula: "signalled before P",
	},
	{
		Name: "alarms.series_watched", Label: "Series watched", Unit: Watched, Source: ours, value: raised("series_watched"),
		Meaning: "Measures of groups of customers that have a course to be held against.", Formula: "at least twelve months before the watched ones, which vary and do not depend on each other",
	},
	{
		Name: "alarms.series_refused", Label: "Series that have no course", Unit: Watched, Source: ours, value: raised("series_refused"),
		Meaning: "Measures of groups of customers on which no alarm can be raised; each says why.", Formula: "too few months, too few customers in one, no variation, or months that depend on each other",
	},
	{
		Name: "year.frequency", Label: "Purchase days per buying customer and month", Unit: Multiple, Source: ours, value: behaved("frequency"),
		Meaning: "On how many days of a month a customer buys who buys in it at all, over the watched months.", Formula: "Σ purchase days ÷ Σ customers who bought, month by month",
	},
	{
		Name: "year.spend", Label: "Typical spend on a purchase day", Unit: Worth, On: PurchaseDays, Source: ours, value: behaved("spend"),
		Meaning: "What a customer typically buys on a purchase day, over the watched months, before returns. One very large order hardly moves it.", Formula: "exp(Σ ln(bought on the day) ÷ purchase days)",
	},
	{
		Name: "year.gap", Label: "Days until the next purchase", Unit: Multiple, On: PurchaseDays, Source: ours, value: behaved("gap"),
		Meaning: "How many days pass until a customer buys again. Whoever does not within 90 days counts 90, so that neither new customers nor longer books move it.", Formula: "Σ min(days until the next purchase day, 90) ÷ purchase days",
	},
	{
		Name: "year.mix", Label: "Revenue that moved to other products", Unit: Share, On: Lines, Source: ours, value: behaved("mix"),
		Meaning: "How much of the revenue of the watched months lies with other products than in the months before, of the twenty products with most revenue and all others.", Formula: "½ Σ |share − share a year earlier|",
	},
}
