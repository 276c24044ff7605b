package closing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/clv"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/loyalty"
)

// loyalties is the table of loyalty by satisfaction of the headline's windows, or why the books do not allow it.
func (c *Closer) loyalties(ctx context.Context, ledger Ledger, state State, o Order, w growth.Windows, doc *document) (any, error) {
	if lock := c.noAnswers(state); lock != nil {
		return *lock, nil
	}
	// One month says little of whether somebody stays, so there is no going back to it where the year is not to be had.
	if p, q, ok, err := c.Settings.Calendar.TrailingYear(o.Named); o.Compared == nil && err != nil {
		return evidence.Locked{Refused: err.Error(), UnlockedBy: "a calendar file that reaches a year further back"}, nil
	} else if o.Compared == nil && ok {
		w = growth.Windows{Period: p, Compared: q}
	}
	in := loyalty.Input{Windows: loyalty.Windows{Period: w.Period, Compared: w.Compared, AnyLine: o.Active == growth.AnyLine}, Currency: c.Settings.Currency}
	if lock := c.noLoyalty(state, w, in.Answers()); lock != nil {
		return *lock, nil
	}
	in.Worths, in.NoWorths = worths(doc)
	c.Progress("compute loyalty by satisfaction up to " + o.Named.Text)
	s, err := in.State(ctx, ledger)
	var few evidence.Refusal
	if errors.As(err, &few) {
		return evidence.Locked{Refused: few.Reason, UnlockedBy: few.Need}, nil
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// judged are customers judged by the statement of customer equity: what the two domains know of each other.
type judged struct{ by equity.Worth }

// Worth answers loyalty.Worths.
func (j judged) Worth(l loyalty.Life) float64 {
	return j.by.Of(l.Segment, l.Others, clv.History{Repeats: l.Repeats, Last: l.Last, Age: l.Age}, l.Mean)
}

// Figure answers loyalty.Worths.
func (j judged) Figure(sum, size float64, customers int64) evidence.Figure {
	return j.by.Figure(sum, size, customers)
}

// worths is what customers are worth by the statement of customer equity of the same close, or why it does not say.
func worths(doc *document) (loyalty.Worths, *evidence.Refusal) {
	switch e := doc.Equity.(type) {
	case equity.Statement:
		w, refused := e.Worth()
		if refused != nil {
			return nil, refused
		}
		return judged{w}, nil
	case evidence.Locked:
		return nil, &evidence.Refusal{Reason: "customer equity is not stated: " + e.Refused, Need: e.UnlockedBy}
	}
	return nil, nil
}

// noAnswers says what the books lack to tell which customer is satisfied.
func (c *Closer) noAnswers(state State) *evidence.Locked {
	const book = "the book answers: answered_at, question (nps, csat or ces), score, customer_id"
	_, dropped := state.Kept["answers"]
	switch mapped := state.Mapped["answers"]; {
	case len(state.Prints["answers"]) == 0 && !dropped:
		return &evidence.Locked{Refused: "there are no answers, so nothing tells whether a customer is satisfied", UnlockedBy: book}
	case !slices.Contains(mapped, "customer_key"):
		return &evidence.Locked{Refused: "answers has no customer_id, so no answer can be led to a customer", UnlockedBy: "customer_id of answers"}
	case !slices.Contains(mapped, "score"):
		return &evidence.Locked{Refused: "answers has no score, so nothing tells whether a customer is satisfied", UnlockedBy: "score of answers"}
	case c.Settings.Grain == "entity":
		return &evidence.Locked{Refused: "an answer does not say which brand or legal entity it was about, so by entity nobody is known to be satisfied", UnlockedBy: "grain: customer in settings"}
	}
	return nil
}

// noLoyalty says why customers of two windows cannot be set beside each other: rows of them are no longer kept, or half of the
// revenue means nothing because one is much longer.
func (c *Closer) noLoyalty(state State, w growth.Windows, answers calendar.Period) *evidence.Locked {
	if gone := c.outlived(state, w); gone != nil {
		return &evidence.Locked{Refused: gone.What, UnlockedBy: "a later period, all of whose rows are kept"}
	}
	if kept, dropped := state.Kept["answers"]; dropped && answers.Start < kept {
		return &evidence.Locked{Refused: NoLonger("answers", kept), UnlockedBy: "a later period, all of whose answers are kept"}
	}
	p, q := w.Period.Days(), w.Compared.Days()
	if apart := p - q; 10*max(apart, -apart) > q {
		return &evidence.Locked{
			Refused:    fmt.Sprintf("the period has %d days and the comparison period %d, so whether a customer spends half of what it did says little", p, q),
			UnlockedBy: "a comparison period of like length",
		}
	}
	return nil
}
