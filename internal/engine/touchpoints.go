package engine

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
)

// TouchpointDay is what the books say of one name of a touchpoint on one day, or in one period, whoever the customers are: merged,
// excluded or nobody. All of it can be added up over days and names.
type TouchpointDay struct {
	Name string       // as journey.Fold has it; empty: rows that name none
	Day  calendar.Day // local; of a period its first
	// Contacts are rows of interactions. Times and hand-offs below nothing are not known.
	Contacts  int64
	Wait      TouchpointSum // seconds
	WithinOf  int64         // contacts whose wait is known or that were given up
	Within    []int64       // of these, served within journey.Waits: nobody who gave up
	Handled   TouchpointSum // seconds
	Transfers TouchpointSum
	Abandoned TouchpointShare
	Contained TouchpointShare
	Resolved  TouchpointShare
	Reopened  TouchpointShare
	Remarks   int64
	Comments  int64               // answers with words, with a score or without
	Answers   []TouchpointAnswers // by question and scale
}

// TouchpointSum is an exact sum over the rows that have a value.
type TouchpointSum struct {
	N   int64
	Sum *big.Rat
}

// TouchpointShare is how many rows say it, and of how many it is true.
type TouchpointShare struct{ Known, Had int64 }

// TouchpointAnswers is the answers to one question on one scale, by the classes of journey.Answered.
type TouchpointAnswers struct {
	Question, Scale   string // folded; scale empty: that of the question
	Low, Middle, High int64  // together those that can be read
	Unread            int64
	Sum, Squares      *big.Rat // of the scores that can be read
}

// TouchpointWords asks for the newest words about touchpoints: remarks, and comments of answers. Of each name and month the
// MostWords newest of either book are kept ready.
type TouchpointWords struct {
	Names  []string // whatever their case; nil: all
	Period calendar.Period
	Limit  int // 0: 50; at most 200
	Seer   Seer
}

// MostWords is how many of a name and month can be asked for, of remarks and of comments.
const MostWords = 300

// Said is something that was written or said. Newer ones come first.
type Said struct {
	Day      calendar.Day
	Clock    string // 15:04:05 in the company's time zone; empty for a date
	Book     string // remarks or answers
	Name     string // of the touchpoint, folded
	Text     string // empty for who may not see it
	Withheld bool   // whether a text was kept back
	Channel  string // of remarks
	Question string // of answers, folded
	Scale    string
	Score    *big.Rat // nil: none
	Language string
	Customer *Customer // nil: nobody is named
}
