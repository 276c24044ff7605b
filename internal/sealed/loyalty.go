package sealed

import (
	"encoding/json"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// LoyaltyFigures are the figures of loyalty by satisfaction by name, in the order in which reports have them.
var LoyaltyFigures = []string{
	"stays_of_satisfied", "stays_of_unsatisfied", "stays_difference", "stays_difference_before", "still_active_difference",
	"captive_of_loyal", "captive_of_loyal_bounds", "answered_share", "stays_of_answered", "stays_of_unanswered", "answered_difference",
}

// What customers did, what they said, and the groups that the two make, by the names of the document: each with how it is
// called where it stands alone.
var (
	Behaviours = []Word{{"stays", "Stay"}, {"falls_away", "Fall away"}, {"gone", "Gone"}, {"new_or_returning", "New or returning"}}
	Grades     = []Word{{"satisfied", "satisfied"}, {"neither", "neither"}, {"unsatisfied", "unsatisfied"}, {"not_known", "not known"}}
	Attitudes  = []Word{{"devoted", "Devoted"}, {"captive", "Captive"}, {"fickle", "Fickle"}, {"leaving", "Leaving"}, {"neither", "Neither"}}
	Holds      = []Word{{"segment", "Segment"}, {"entity", "Brand or legal entity"}, {"acquisition", "How they came"}, {"plan", "Plan"}, {"billing", "Billed"}, {"touchpoint", "Last answered about"}}
)

// Word is a name of the document and its label.
type Word struct{ Name, Label string }

// Loyalty is who stays by who is satisfied.
type Loyalty struct {
	Locked
	Period, Compared, Answered *calendar.Period
	Question                   string
	Asked                      []LoyaltyAsked
	Answers                    map[string]int64 // given, not_read, without_customer
	Table                      []LoyaltyRow
	Groups                     []LoyaltyGroup
	By                         []LoyaltySplit
	Figures                    map[string]evidence.Figure
}

// LoyaltyAsked is how many customers answered a question.
type LoyaltyAsked struct {
	Name      string `json:"name"`
	Customers int64  `json:"customers"`
}

// LoyaltySums are customers with what they spent in the period and in the one before.
type LoyaltySums struct {
	Name      string       `json:"name"`
	Customers int64        `json:"customers"`
	Revenue   money.Amount `json:"revenue"`
	Prior     money.Amount `json:"prior_revenue"`
}

// LoyaltyRow is everybody who did the same, by what they said.
type LoyaltyRow struct {
	LoyaltySums
	Cells []LoyaltySums `json:"cells"`
}

// LoyaltyGroup is one of the groups.
type LoyaltyGroup struct {
	LoyaltySums
	Share        evidence.Figure `json:"share"`
	RevenueShare evidence.Figure `json:"revenue_share"`
	Value        evidence.Figure `json:"value"`
}

// LoyaltySplit are the loyal who answered, by something that the books know of them.
type LoyaltySplit struct {
	Name   string         `json:"name"`
	Levels []LoyaltyLevel `json:"levels"`
}

// LoyaltyLevel is a part of them: of "level", "rest" or "not_known".
type LoyaltyLevel struct {
	Name    string          `json:"name"`
	Of      string          `json:"of"`
	Loyal   int64           `json:"loyal"`
	Captive int64           `json:"captive"`
	Share   evidence.Figure `json:"share"`
}

// Labels are how the levels are called, our own words unlike the company's.
func (s LoyaltySplit) Labels(rest, notKnown string) []string {
	var names, out []string
	for _, l := range s.Levels {
		if l.Of != "rest" && l.Of != "not_known" {
			names = append(names, l.Name)
		}
	}
	shown, said := Labels(names, []string{rest, notKnown})
	for _, l := range s.Levels {
		switch l.Of {
		case "rest":
			out = append(out, said[0])
		case "not_known":
			out = append(out, said[1])
		default:
			out, shown = append(out, shown[0]), shown[1:]
		}
	}
	return out
}

// UnmarshalJSON reads the figures that have a name here and leaves the others.
func (l *Loyalty) UnmarshalJSON(data []byte) error {
	var blocks map[string]json.RawMessage
	if err := json.Unmarshal(data, &blocks); err != nil {
		return err
	}
	var lists struct {
		Locked
		Period   *calendar.Period `json:"period"`
		Compared *calendar.Period `json:"compared_with"`
		Answered *calendar.Period `json:"answered"`
		Question string           `json:"question"`
		Asked    []LoyaltyAsked   `json:"questions"`
		Answers  map[string]int64 `json:"answers"`
		Table    []LoyaltyRow     `json:"table"`
		Groups   []LoyaltyGroup   `json:"groups"`
		By       []LoyaltySplit   `json:"captives_by"`
	}
	if err := json.Unmarshal(data, &lists); err != nil {
		return err
	}
	*l = Loyalty{lists.Locked, lists.Period, lists.Compared, lists.Answered, lists.Question, lists.Asked, lists.Answers, lists.Table, lists.Groups, lists.By, nil}
	var err error
	l.Figures, err = named[evidence.Figure](blocks, LoyaltyFigures)
	return err
}

// Open tells whether there is a table with figures.
func (l *Loyalty) Open() bool { return l != nil && l.Refused == "" }

// Row is who did the same; nil where the document does not say.
func (l *Loyalty) Row(name string) *LoyaltyRow {
	for i := range l.Table {
		if l.Table[i].Name == name {
			return &l.Table[i]
		}
	}
	return nil
}

// Cell is who did the same and said the same; nil where the document does not say.
func (l *Loyalty) Cell(row, grade string) *LoyaltySums {
	if r := l.Row(row); r != nil {
		for i := range r.Cells {
			if r.Cells[i].Name == grade {
				return &r.Cells[i]
			}
		}
	}
	return nil
}

// Group is one of the groups; nil where the document does not have it.
func (l *Loyalty) Group(name string) *LoyaltyGroup {
	for i := range l.Groups {
		if l.Groups[i].Name == name {
			return &l.Groups[i]
		}
	}
	return nil
}

const (
	jones = "Jones & Sasser, Why Satisfied Customers Defect, Harvard Business Review, November–December 1995; Dick & Basu, Customer Loyalty: Toward an Integrated Conceptual Framework, Journal of the Academy of Marketing Science 22 (1994)"
	hands = "Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998)"
)

func attitude(key string) func(*Document, Block) (Value, bool) {
	return func(d *Document, _ Block) (Value, bool) { f, ok := d.Loyalty.Figures[key]; return Value{Figure: f}, ok }
}

// in puts the counts of cells in the place of their short names: stays/satisfied is that cell's customers.
func in(formula string) func(*Document, Block) []Term {
	pieces := strings.Fields(formula)
	for i, p := range pieces {
		if row, grade, ok := strings.Cut(p, "/"); ok {
			pieces[i] = "{table." + row + ".cells." + grade + ".customers}"
		}
	}
	return work(strings.Join(pieces, " "))
}

// loyaltyDefinitions are the figures of loyalty by satisfaction.
var loyaltyDefinitions = append(append([]Definition{
	{
		Name: "stays_of_satisfied", Label: "Satisfied who stay", Unit: Share, Source: jones, Formula: "stay ÷ all, of the satisfied active in Q", value: attitude("stays_of_satisfied"),
		Meaning: "Of the customers who were active in the comparison period and whose last answer is a satisfied one, how many stay: are active in the period with at least half of the revenue.",
		work:    in("stays/satisfied ÷ ( stays/satisfied + falls_away/satisfied + gone/satisfied )"),
	},
	{
		Name: "stays_of_unsatisfied", Label: "Unsatisfied who stay", Unit: Share, Source: jones, Formula: "stay ÷ all, of the unsatisfied active in Q", value: attitude("stays_of_unsatisfied"),
		Meaning: "Of the customers who were active in the comparison period and whose last answer is an unsatisfied one, how many stay all the same.",
		work:    in("stays/unsatisfied ÷ ( stays/unsatisfied + falls_away/unsatisfied + gone/unsatisfied )"),
	},
	{
		Name: "stays_difference", Label: "Difference in staying", Unit: Share, Source: hands, Formula: "share that stays of the satisfied − of the unsatisfied", value: attitude("stays_difference"),
		Meaning: "How much more often satisfied customers stay than unsatisfied ones. It is an association: who is satisfied may stay for another reason, and who has gone may not have been asked.",
		work:    work("{stays_of_satisfied} − {stays_of_unsatisfied}"),
	},
	{
		Name: "stays_difference_before", Label: "Difference in staying, asked before", Unit: Share, Source: hands, Formula: "the same, by the last answer before P begins", value: attitude("stays_difference_before"),
		Meaning: "The same difference by what customers said before the period began, so that what they did cannot have led to what they said.",
	},
	{
		Name: "still_active_difference", Label: "Difference in being active at all", Unit: Share, Source: hands, Formula: "share active in P of the satisfied − of the unsatisfied", value: attitude("still_active_difference"),
		Meaning: "The same difference where everybody stays who is active in the period at all. Where it is far from the first one, the half of the revenue decides.",
		work:    in("( stays/satisfied + falls_away/satisfied ) ÷ ( stays/satisfied + falls_away/satisfied + gone/satisfied ) − ( stays/unsatisfied + falls_away/unsatisfied ) ÷ ( stays/unsatisfied + falls_away/unsatisfied + gone/unsatisfied )"),
	},
	{
		Name: "captive_of_loyal", Label: "Captive, of the loyal", Unit: Share, Source: jones, Formula: "unsatisfied ÷ all who answered, of who stays", value: attitude("captive_of_loyal"),
		Meaning: "Of the customers who stay and answered, how many are unsatisfied: they stay for another reason, and leave when it is gone.",
		work:    in("stays/unsatisfied ÷ ( stays/satisfied + stays/neither + stays/unsatisfied )"),
	},
	{
		Name: "captive_of_loyal_bounds", Label: "Captive, of the loyal: bounds", Unit: Share, Source: ours, Formula: "nobody of who did not answer is unsatisfied, to all of them", value: attitude("captive_of_loyal_bounds"),
		Meaning: "Where the share of captives among all who stay must lie, whatever those would say who did not answer.",
		work:    in("stays/unsatisfied ÷ ( stays/satisfied + stays/neither + stays/unsatisfied + stays/not_known ) to ( stays/unsatisfied + stays/not_known ) ÷ ( stays/satisfied + stays/neither + stays/unsatisfied + stays/not_known )"),
	},
	{
		Name: "answered_share", Label: "Answered", Unit: Share, Source: ours, Formula: "customers active in Q who answered ÷ all of them", value: attitude("answered_share"),
		Meaning: "How many of the customers who were active in the comparison period answered the question. Of the others nobody knows whether they are satisfied.",
	},
	{
		Name: "stays_of_answered", Label: "Who answered and stays", Unit: Share, Source: ours, Formula: "stay ÷ all, of who was active in Q and answered", value: attitude("stays_of_answered"),
		Meaning: "Of the customers who were active in the comparison period and answered, how many stay.",
	},
	{
		Name: "stays_of_unanswered", Label: "Who did not answer and stays", Unit: Share, Source: ours, Formula: "stay ÷ all, of who was active in Q and did not answer", value: attitude("stays_of_unanswered"),
		Meaning: "Of the customers who were active in the comparison period and did not answer, how many stay.",
		work:    in("stays/not_known ÷ ( stays/not_known + falls_away/not_known + gone/not_known )"),
	},
	{
		Name: "answered_difference", Label: "Staying, answered or not", Unit: Share, Source: hands, Formula: "share that stays of who answered − of who did not", value: attitude("answered_difference"),
		Meaning: "How much more often customers stay who answered than those who did not. Far from 0, those who answered are not like the others, and what they say is not what the others would say.",
		work:    work("{stays_of_answered} − {stays_of_unanswered}"),
	},
}, attitudeDefinitions()...), tableDefinitions()...)

// attitudeDefinitions are the shares of the groups.
func attitudeDefinitions() []Definition {
	of := map[string]string{
		"devoted": "stay and are satisfied", "captive": "stay and are unsatisfied", "fickle": "are satisfied, and fall away or are gone", "leaving": "are unsatisfied, and fall away or are gone", "neither": "are neither satisfied nor unsatisfied",
	}
	cells := map[string]string{
		"devoted": "stays/satisfied", "captive": "stays/unsatisfied", "fickle": "( falls_away/satisfied + gone/satisfied )", "leaving": "( falls_away/unsatisfied + gone/unsatisfied )",
		"neither": "( stays/neither + falls_away/neither + gone/neither )",
	}
	const all = "( stays/satisfied + stays/neither + stays/unsatisfied + falls_away/satisfied + falls_away/neither + falls_away/unsatisfied + gone/satisfied + gone/neither + gone/unsatisfied )"
	var out []Definition
	for _, w := range Attitudes {
		share := func(of func(*LoyaltyGroup) evidence.Figure) func(*Document, Block) (Value, bool) {
			return func(d *Document, _ Block) (Value, bool) {
				g := d.Loyalty.Group(w.Name)
				if g == nil {
					return Value{}, false
				}
				return Value{Figure: of(g)}, true
			}
		}
		out = append(out, Definition{
			Name: "groups." + w.Name + ".share", Label: w.Label, Unit: Share, Source: jones, Formula: w.Name + " ÷ all who were active in Q and answered",
			Meaning: "Of the customers who were active in the comparison period and answered, how many " + of[w.Name] + ".", value: share(func(g *LoyaltyGroup) evidence.Figure { return g.Share }),
			work: in(cells[w.Name] + " ÷ " + all),
		}, Definition{
			Name: "groups." + w.Name + ".revenue_share", Label: w.Label + ", by revenue", Unit: Share, Source: ours, Formula: "Σ r(c, Q) over them ÷ over all who were active in Q and answered",
			Meaning: "What those spent in the comparison period who " + of[w.Name] + ", as a share of what all spent who were active then and answered.", value: share(func(g *LoyaltyGroup) evidence.Figure { return g.RevenueShare }),
		}, Definition{
			Name: "groups." + w.Name + ".value", Label: w.Label + ": worth from here on", Unit: Expected, Source: dert, Formula: "Σ margin × returns × E[spend] × discounted expected purchases, over them",
			Meaning: "What all purchases of orders are worth today that are still to come from those who " + of[w.Name] + ", by the models and terms of customer equity. The interval is as wide in proportion as that of the whole base.",
			value:   share(func(g *LoyaltyGroup) evidence.Figure { return g.Value }),
		})
	}
	return out
}

// tableDefinitions are the counts of the table.
func tableDefinitions() []Definition {
	did := map[string]string{
		"stays": "are active in the period with at least half of the revenue", "falls_away": "are active in the period with less than half of the revenue", "gone": "are not active in the period",
	}
	said := map[string]string{
		"satisfied": "whose last answer is a satisfied one", "neither": "whose last answer is neither satisfied nor unsatisfied", "unsatisfied": "whose last answer is an unsatisfied one", "not_known": "who did not answer the question, or not so that it can be read",
	}
	var out []Definition
	for _, b := range Behaviours {
		if did[b.Name] == "" {
			continue
		}
		for _, g := range Grades {
			out = append(out, Definition{
				Name: "table." + b.Name + ".cells." + g.Name + ".customers", Label: b.Label + ", " + g.Label, Unit: Customers, Source: ours,
				Meaning: "Customers who were active in the comparison period and " + did[b.Name] + ", " + said[g.Name] + ".",
				value: func(d *Document, _ Block) (Value, bool) {
					c := d.Loyalty.Cell(b.Name, g.Name)
					if c == nil {
						return Value{}, false
					}
					return Value{Count: c.Customers}, true
				},
			})
		}
	}
	return out
}
