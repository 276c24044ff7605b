package workforce

import (
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// Input is what is asked: for which days, and by which words.
type Input struct {
	// Period is the window of the figures; the twelve months that end with what is closed are the headline.
	Period calendar.Period
	// MinimumGroup is the smallest group about which anything is said; below 2: five.
	MinimumGroup int
	// ExitKinds are the company's own words for why somebody left: each is voluntary, involuntary or other.
	ExitKinds map[string]string
	// Horizon is up to how many years of a stay the expected one is counted, 0: five. It is less where so long stays were not seen.
	Horizon  int
	Currency money.Currency // empty: that of the books
}

const (
	smallest   = 5  // people in a group
	furthest   = 5  // years of the expected stay
	mostGroups = 40 // named of a dimension; the rest is one group
)

func (in Input) minimum() int64 {
	if in.MinimumGroup < 2 {
		return smallest
	}
	return int64(in.MinimumGroup)
}

// Statement is the people statement of one period.
type Statement struct {
	Period   calendar.Period
	Minimum  int64
	Currency money.Currency
	// Begins is the first day that the book of people has a row of.
	Begins calendar.Day
	// Company and Contractors are everybody who is employed here, and everybody who works here and is employed elsewhere.
	Company     Group
	Contractors Group // its roll-forward alone
	By          []Cut
	// UnreadExits are the words for exits in the period that no table knows, each used by at least the minimum of people.
	UnreadExits []string
	Replacement Replacement
	Selection   Selection
	Staying     Staying
	Offers      Offers
}

// Cut is one way to divide people: department, role, location, entity or team.
type Cut struct {
	Name   string
	Groups []Group
}

// Group is what is told of some people.
type Group struct {
	Name   string
	Of     string // group; not_known: the books do not say; rest: all that are not among the largest
	Hidden bool   // nothing is told of it but its name
	Roll   Roll
	// RollRefused says why there is no roll-forward.
	RollRefused *evidence.Refusal
	Figures     [figures]evidence.Figure
	Stages      []Named // share trained, by stage
}

// Named is a figure with its name.
type Named struct {
	Name   string
	Figure evidence.Figure
}

// Roll leads from who was employed when the period began to who was when it ended: opening + hired + came over − left − went over = closing.
// A day of the period belongs to it from midnight to midnight: whoever has their first day on the period's first is hired in it, whoever has
// their last day on the period's last has left in it. Of the company, people come over from contractors and go over to them; of a group, also
// from and to other groups, each time that they do.
type Roll struct{ Opening, Hired, CameOver, Left, WentOver, Closing int64 }

// Holds tells whether the roll-forward is one.
func (r Roll) Holds() bool {
	return r.Opening+r.Hired+r.CameOver-r.Left-r.WentOver == r.Closing
}

// State makes the statement of books. It refuses, with an error of type evidence.Refusal, books that have nobody and a company that is smaller
// than its smallest group; other errors are about the input, or a roll-forward that does not hold.
func (in Input) State(b Books) (Statement, error) {
	if in.Period.Days() <= 0 {
		return Statement{}, fmt.Errorf("people from %s: the period has no day", in.Period)
	}
	if in.Currency == "" {
		in.Currency = b.Currency
	}
	w, err := in.open(b)
	if err != nil {
		return Statement{}, err
	}
	w.count()
	w.hide()
	if w.hidden[present][whole] {
		return Statement{}, evidence.Refusal{Reason: "the company has fewer employees than the smallest group that is told", Need: "a company of the minimum group at least"}
	}
	s := Statement{Period: in.Period, Minimum: in.minimum(), Currency: in.Currency, Begins: w.begins, UnreadExits: w.unread()}
	w.measureStays()
	s.Company = w.group(whole)
	if !s.Company.Roll.Holds() {
		return Statement{}, fmt.Errorf("people from %s: the roll-forward of the company does not hold: %+v", in.Period, s.Company.Roll)
	}
	s.Contractors = w.contractorGroup()
	for k := range dimensions {
		cut := Cut{Name: dimensionNames[k]}
		for g := range w.names[k] {
			if w.shownAtAll(k, g) {
				x := w.group(w.place(k, g))
				if !x.Roll.Holds() {
					return Statement{}, fmt.Errorf("people from %s: the roll-forward of %s %q does not hold: %+v", in.Period, cut.Name, x.Name, x.Roll)
				}
				cut.Groups = append(cut.Groups, x)
			}
		}
		if len(cut.Groups) > 0 {
			s.By = append(s.By, cut)
		}
	}
	s.Replacement = w.replacement()
	s.Selection = w.selection(s.Replacement)
	s.Staying = w.staying()
	s.Offers = w.offers()
	return s, nil
}
