package journey

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// Kind is what a standard is measured by.
type Kind string

// The kinds of measures. Scores are of answers, ByHand of the book measures, all others of interactions.
const (
	NPS       Kind = "nps"       // promoters less detractors, in points
	CSAT      Kind = "csat"      // share of answers in the top two of the scale
	CES       Kind = "ces"       // mean
	Top       Kind = "top"       // share of answers to Question, a company's own, in the top two of the scale
	Within    Kind = "within"    // share of contacts, of those whose wait is known, served within Seconds
	Reached   Kind = "reached"   // share of contacts that were not abandoned
	Abandoned Kind = "abandoned" // share of contacts that were abandoned
	Contained Kind = "contained" // share of contacts kept from a person by automation
	Resolved  Kind = "resolved"  // share of contacts, of those of which it is known, that settled it
	Reopened  Kind = "reopened"  // share of contacts that came up again
	Transfers Kind = "transfers" // hand-offs a contact, mean
	ByHand    Kind = "measure"   // the figure Named in the book measures, its mean weighted by n

)

// Kinds lists them in the order of the documentation.
var Kinds = []Kind{NPS, CSAT, CES, Top, Within, Reached, Abandoned, Contained, Resolved, Reopened, Transfers, ByHand}

// Waits are the seconds within which a standard can promise to serve: the engine counts contacts at these, so a share is exact.
var Waits = []int64{10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 259200, 432000, 604800}

// Measure is what a standard is measured by.
type Measure struct {
	Kind     Kind   `json:"kind"`
	Question string `json:"question,omitempty"` // of Top: its key in answers
	Seconds  int64  `json:"seconds,omitempty"`  // of Within: one of Waits
	Named    string `json:"named,omitempty"`    // of ByHand
}

// more tells whether more is better.
func (m Measure) more() bool {
	return !slices.Contains([]Kind{Abandoned, Reopened, Transfers}, m.Kind)
}

// share tells whether it is a share from 0 to 1.
func (m Measure) share() bool {
	return !slices.Contains([]Kind{NPS, CES, Transfers, ByHand}, m.Kind)
}

func (m Measure) check() error {
	switch {
	case !slices.Contains(Kinds, m.Kind):
		return fmt.Errorf("kind %q of a measure is unknown; it is one of %s", m.Kind, joined(Kinds))
	case (m.Kind == Top) != (strings.TrimSpace(m.Question) != ""):
		return fmt.Errorf("question %q: a measure of kind top names its question, and no other does", m.Question)
	case m.Kind == Within && !slices.Contains(Waits, m.Seconds), m.Kind != Within && m.Seconds != 0:
		return fmt.Errorf("seconds %d: a measure of kind within has one of %s, and no other has any", m.Seconds, joined(Waits))
	case (m.Kind == ByHand) != (strings.TrimSpace(m.Named) != ""):
		return fmt.Errorf("named %q: a measure of kind measure names the figure of the book measures, and no other does", m.Named)
	}
	return nil
}

// Target is what is promised: at least or at most a value, and how far off is well off. Values are decimal text; shares are from 0 to 1.
type Target struct {
	AtLeast string `json:"at_least,omitempty"`
	AtMost  string `json:"at_most,omitempty"`
	Well    string `json:"well,omitempty"` // empty: 0.1 of shares, 10 points of NPS, else a tenth of the value, and 0.1 of 0
}

// value is the promised one, and whether more is better.
func (t Target) value() (x *big.Rat, least bool, err error) {
	text, least := t.AtLeast, true
	if text == "" {
		text, least = t.AtMost, false
	}
	if (t.AtLeast == "") == (t.AtMost == "") {
		return nil, false, fmt.Errorf("a target is at_least or at_most a value, and not both")
	}
	x, err = decimal(text)
	return x, least, err
}

// well is how far beyond the target is well beyond.
func (t Target) well(m Measure) (*big.Rat, error) {
	if t.Well != "" {
		x, err := decimal(t.Well)
		if err == nil && x.Sign() <= 0 {
			err = fmt.Errorf("well %q is how far off is well off: a number above 0", t.Well)
		}
		return x, err
	}
	switch {
	case m.share():
		return big.NewRat(1, 10), nil
	case m.Kind == NPS:
		return big.NewRat(10, 1), nil
	}
	x, _, err := t.value()
	if err != nil {
		return nil, err
	}
	if x = new(big.Rat).Abs(x); x.Sign() == 0 { // a tenth of nothing is nothing, and all that is below would be well below
		return big.NewRat(1, 10), nil
	}
	return x.Quo(x, big.NewRat(10, 1)), nil
}

func (t Target) check(m Measure) error {
	x, least, err := t.value()
	if err != nil {
		return err
	}
	if m.Kind != ByHand && least != m.more() {
		return fmt.Errorf("a standard of %s is %s, because %s is better", m.Kind, map[bool]string{true: "at_least", false: "at_most"}[m.more()], map[bool]string{true: "more", false: "less"}[m.more()])
	}
	low, high := big.NewRat(0, 1), big.NewRat(1, 1)
	switch {
	case m.Kind == NPS:
		low, high = big.NewRat(-100, 1), big.NewRat(100, 1)
	case m.Kind == CES:
		low, high = big.NewRat(0, 1), big.NewRat(100, 1)
	case m.Kind == Transfers:
		high = nil
	case m.Kind == ByHand:
		low, high = nil, nil
	}
	switch {
	case low != nil && x.Cmp(low) < 0:
		return fmt.Errorf("target %s of %s is below %s", t.AtLeast+t.AtMost, m.Kind, low.RatString())
	case high != nil && x.Cmp(high) > 0:
		return fmt.Errorf("target %s of %s is above %s", t.AtLeast+t.AtMost, m.Kind, high.RatString())
	}
	_, err = t.well(m)
	return err
}

var decimals = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$`)

func decimal(text string) (*big.Rat, error) {
	if len(text) < 24 && decimals.MatchString(text) {
		if x, ok := new(big.Rat).SetString(text); ok {
			return x, nil
		}
	}
	return nil, fmt.Errorf("%q is no decimal number, such as 0.9", text)
}

func joined[T any](list []T) string {
	text := make([]string, len(list))
	for i, x := range list {
		text[i] = fmt.Sprint(x)
	}
	return strings.Join(text, ", ")
}
