package loyalty

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// LeastAnswered is how many customers who were active before the period must have answered one question: with fewer, Wilson's
// interval of a share near a half is more than 34 points wide and tells next to nothing.
const LeastAnswered = 30

// Input is what a statement is made from.
type Input struct {
	Windows
	Currency money.Currency
	// Worths say what customers are worth; nil: NoWorths says why that is not known.
	Worths   Worths
	NoWorths *evidence.Refusal
}

// Statement is what is stated of loyalty by satisfaction.
type Statement struct {
	Input
	Question                                   // by which satisfaction is told, the whole table by one
	Table    [behaviours][grades]Sums          // everybody who was active in one of the windows
	Heard    Heard                             // answers to the question
	Asked    []Asked                           // how many customers answered each question
	Groups   []Group                           // the opening customers who answered, each in one
	By       []Split                           // the loyal who answered, by what the books know of them
	Figures  [len(FigureNames)]evidence.Figure // in the order of FigureNames
}

// FigureNames are the names of the figures, in the order in which they are stated.
var FigureNames = [...]string{
	"stays_of_satisfied", "stays_of_unsatisfied", "stays_difference", "stays_difference_before", "still_active_difference",
	"captive_of_loyal", "captive_of_loyal_bounds", "answered_share", "stays_of_answered", "stays_of_unanswered", "answered_difference",
}

// Asked is how many customers who were active before the period answered a question.
type Asked struct {
	Question
	Customers int64
}

// Group is one of the four groups, or those who are neither satisfied nor unsatisfied. Share is of the opening customers who
// answered, RevenueShare of what these spent in the comparison period.
type Group struct {
	Name string
	Sums
	Share, RevenueShare, Value evidence.Figure
}

// cellsOf name the cells that make a group.
type cellsOf struct {
	name  string
	grade Grade
	of    []Behaviour
}

var groups = []cellsOf{
	{"devoted", Satisfied, []Behaviour{Stays}},
	{"captive", Unsatisfied, []Behaviour{Stays}},
	{"fickle", Satisfied, []Behaviour{Falls, Gone}},
	{"leaving", Unsatisfied, []Behaviour{Falls, Gone}},
	{"neither", Neither, []Behaviour{Stays, Falls, Gone}},
}

// Split are the levels of a dimension, those with the largest share of captives first, then the rest and what is not known.
type Split struct {
	Dimension
	Levels []Part
}

// Part is a level with its share of captives.
type Part struct {
	Level
	Share evidence.Figure
}

// State asks a ledger and makes the statement. The error is an [evidence.Refusal] where too few customers answered; any other
// says that the ledger failed or that its counts contradict each other, which no ledger may bring about.
func (in Input) State(ctx context.Context, ledger Ledger) (Statement, error) {
	t, err := ledger.Loyalty(ctx, in.Windows)
	if err != nil {
		return Statement{}, err
	}
	s := Statement{Input: in}
	if err := s.choose(t); err != nil {
		return s, err
	}
	if err := s.tabulate(t); err != nil {
		return s, err
	}
	s.group()
	s.figures(t)
	if err := s.value(ctx, ledger); err != nil {
		return s, err
	}
	levels, err := ledger.Held(ctx, in.Windows, s.Question)
	if err != nil {
		return s, err
	}
	return s, s.split(levels)
}

// choose takes the question that most opening customers answered; of equal ones the first of [Questions].
func (s *Statement) choose(t Tally) error {
	most := int64(-1)
	for _, q := range Questions {
		a := Asked{Question: q}
		for _, c := range t.Cells {
			if c.Question == q && c.Behaviour != Apart {
				a.Customers += c.Customers
			}
		}
		if s.Asked = append(s.Asked, a); a.Customers > most {
			s.Question, most = q, a.Customers
		}
	}
	for _, h := range t.Heard {
		if h.Question == s.Question {
			s.Heard = h
		}
	}
	if most < LeastAnswered {
		span := s.Answers()
		return evidence.Refusal{
			Reason: fmt.Sprintf("of the customers who were active in %s, %d answered one question from %s to %s, need %d", s.Compared, most, span.Start, span.End-1, LeastAnswered),
			Need:   "answers of more customers to nps, csat or ces, with customer_id and score",
		}
	}
	return nil
}

// tabulate fills the table; who did not answer is what is left of everybody.
func (s *Statement) tabulate(t Tally) error {
	for b, all := range t.Base {
		var answered Sums
		for _, c := range t.Cells {
			if c.Question == s.Question && c.Behaviour == Behaviour(b) {
				if c.Grade == Unasked {
					return fmt.Errorf("loyalty: %d customers are counted among those who answered and did not", c.Customers)
				}
				s.Table[b][c.Grade] = s.Table[b][c.Grade].plus(c.Sums)
				answered = answered.plus(c.Sums)
			}
		}
		if answered.Customers > all.Customers {
			return fmt.Errorf("loyalty: %d customers are %s, and %d of them answered", all.Customers, Behaviour(b), answered.Customers)
		}
		s.Table[b][Unasked] = Sums{all.Customers - answered.Customers, all.Prior.Sub(answered.Prior), all.Current.Sub(answered.Current)}
	}
	return nil
}

// row is everybody who did the same.
func (s *Statement) row(b Behaviour) (out Sums) {
	for _, x := range s.Table[b] {
		out = out.plus(x)
	}
	return out
}

// opening is everybody who was active in the comparison period and answered so.
func (s *Statement) opening(of ...Grade) (out Sums) {
	for _, b := range []Behaviour{Stays, Falls, Gone} {
		for _, g := range of {
			out = out.plus(s.Table[b][g])
		}
	}
	return out
}

var answered = []Grade{Unsatisfied, Neither, Satisfied}

// loyal is who stayed and answered.
func (s *Statement) loyal() (n int64) {
	for _, g := range answered {
		n += s.Table[Stays][g].Customers
	}
	return n
}

func (s *Statement) group() {
	all := s.opening(answered...)
	for _, g := range groups {
		x := Group{Name: g.name}
		for _, b := range g.of {
			x.Sums = x.plus(s.Table[b][g.grade])
		}
		x.Share = ratio(x.Customers, all.Customers, "nobody answered", "answers")
		x.RevenueShare = evidence.Refuse("who answered had no revenue above zero in the comparison period", "a period whose comparison period has revenue")
		if all.Prior.Sign() > 0 {
			x.RevenueShare = evidence.Exact(new(big.Rat).Quo(x.Prior.Rat(), all.Prior.Rat()), all.Customers, "revenue in the comparison period ÷ that of all who answered")
		}
		s.Groups = append(s.Groups, x)
	}
}

// figures states the shares and differences, in the order of FigureNames.
func (s *Statement) figures(t Tally) {
	stay := func(g ...Grade) (k, n int64) {
		for _, x := range g {
			k += s.Table[Stays][x].Customers
		}
		return k, s.opening(g...).Customers
	}
	k1, n1 := stay(Satisfied)
	k0, n0 := stay(Unsatisfied)
	ka, na := stay(answered...)
	ku, nu := stay(Unasked)
	active := func(g Grade) int64 { return s.Table[Stays][g].Customers + s.Table[Falls][g].Customers }
	b1, m1, b0, m0 := s.before(t)
	all, loyal, captive := s.row(Stays).Customers, s.loyal(), s.Table[Stays][Unsatisfied].Customers
	const satisfied, unsatisfied = "no satisfied customer was active before the period", "no unsatisfied customer was active before the period"
	const both, need = "there are not both satisfied and unsatisfied customers", "answers of more customers"
	bounds := evidence.Refuse("nobody stayed", "a period in which customers did")
	if all > 0 {
		bounds = evidence.Bounds(big.NewRat(captive, all), big.NewRat(captive+s.Table[Stays][Unasked].Customers, all), all,
			"of all who stayed: nobody who did not answer is unsatisfied, to all of them")
	}
	share := evidence.Refuse("nobody was active in the comparison period", "a later period")
	if na+nu > 0 {
		share = evidence.Exact(big.NewRat(na, na+nu), na+nu, "customers active in the comparison period who answered ÷ all who were")
	}
	s.Figures = [...]evidence.Figure{
		ratio(k1, n1, satisfied, need), ratio(k0, n0, unsatisfied, need), difference(k1, n1, k0, n0, both, need),
		difference(b1, m1, b0, m0, "there are not both satisfied and unsatisfied customers who answered before the period", "answers of more customers before the period"),
		difference(active(Satisfied), n1, active(Unsatisfied), n0, both, need),
		ratio(captive, loyal, "nobody who stayed answered", need), bounds, share,
		ratio(ka, na, "nobody answered", need), ratio(ku, nu, "everybody answered", "nothing: there is nobody to compare with"),
		difference(ka, na, ku, nu, "everybody answered, or nobody", "answers of some customers and not of all"),
	}
}

// before counts who stayed of the satisfied and of the unsatisfied by their last answer before the period began.
func (s *Statement) before(t Tally) (k1, n1, k0, n0 int64) {
	for _, c := range t.Cells {
		if c.Question != s.Question || c.Behaviour == Apart {
			continue
		}
		var k int64
		if c.Behaviour == Stays {
			k = c.Customers
		}
		switch c.Before {
		case Satisfied:
			k1, n1 = k1+k, n1+c.Customers
		case Unsatisfied:
			k0, n0 = k0+k, n0+c.Customers
		}
	}
	return k1, n1, k0, n0
}

// split puts levels under their dimensions. A dimension of which nothing is known of anybody is left out.
func (s *Statement) split(levels []Level) error {
	for _, d := range Dimensions {
		x := Split{Dimension: d}
		var loyal, captive int64
		named := false
		for _, l := range levels {
			if l.Dimension == d {
				x.Levels = append(x.Levels, Part{l, ratio(l.Captive, l.Loyal, "nobody is of it", "answers of more customers")})
				loyal, captive, named = loyal+l.Loyal, captive+l.Captive, named || l.Name != "" || l.Rest
			}
		}
		overlap := d == Plan || d == Billing
		if len(x.Levels) > 0 && !overlap && (loyal != s.loyal() || captive != s.Table[Stays][Unsatisfied].Customers) {
			return fmt.Errorf("loyalty: by %s %d stayed and answered, and %d in all", d, loyal, s.loyal())
		}
		slices.SortFunc(x.Levels, func(a, b Part) int { return a.compare(b.Level) })
		if named {
			s.By = append(s.By, x)
		}
	}
	return nil
}

// compare puts levels with a larger share of captives first, of equal ones that with more customers; the rest and what is not
// known come last.
func (l Level) compare(o Level) int {
	last := func(x Level) int {
		switch {
		case x.Rest:
			return 1
		case x.Name == "":
			return 2
		}
		return 0
	}
	return cmp.Or(cmp.Compare(last(l), last(o)), cmp.Compare(o.Captive*l.Loyal, l.Captive*o.Loyal), cmp.Compare(o.Loyal, l.Loyal), cmp.Compare(l.Name, o.Name))
}
