// Package voice owns the scores of what customers answer: the Net Promoter Score, satisfaction (CSAT), effort (CES) and a
// company's own questions on a stated scale, each with its interval; how answers are weighted and raked to known shares; how
// answers of one customer that stand several times are counted; differences, and what silence could hide. It owns no rows, no
// files and no words that customers wrote, and does not say why a score is what it is.
//
// The Net Promoter Score is Reichheld's (Harvard Business Review, December 2003). Its interval is the adjusted Wald interval of Rocks
// (American Statistician 70(4), 2016), that of a share Wilson's (JASA 22, 1927), that of a mean Student's, cut at the ends of its scale. Errors of raked answers are
// linearised (Deville & Särndal, JASA 87, 1992), effective numbers are those of Kish (Survey Sampling, 1965) and Korn & Graubard (Survey
// Methodology 24, 1998). How often the intervals hold is measured in docs/truth.md.
//
// Invariant: no answer outside its scale is counted, and the interval of no score and no share is narrower than that of as many
// independent answers of equal weight.
package voice

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/throughline/throughline/evidence"
)

// Scale is the lowest and the highest answer that can be given.
type Scale struct{ Low, High int }

// String is the scale as people write it: "1-5".
func (s Scale) String() string { return fmt.Sprintf("%d-%d", s.Low, s.High) }

// Cut is a figure whose interval is cut at the ends of the scale: a mean of answers lies nowhere else. A figure of another kind, and a refusal, stay as they are.
func (s Scale) Cut(f evidence.Figure) evidence.Figure {
	e, ok := f.Estimate()
	if !ok || e.Kind != evidence.KindConfidence {
		return f
	}
	low, high := big.NewRat(int64(s.Low), 1), big.NewRat(int64(s.High), 1)
	if e.Low.Cmp(low) > 0 {
		low = e.Low
	}
	if e.High.Cmp(high) < 0 {
		high = e.High
	}
	return evidence.Confidence(e.Value, low, high, e.Level, e.N, e.Method)
}

var span = regexp.MustCompile(`^(\d{1,4}) *(?:-|–|to) *(\d{1,4})$`)

// ParseScale reads a scale such as "1-5", "0–10" or "1 to 7".
func ParseScale(text string) (Scale, error) {
	no := func() (Scale, error) {
		return Scale{}, evidence.Refusal{Reason: fmt.Sprintf("scale %q is not written as its lowest and highest answer", text), Need: "a scale such as 1-5, 1-7, 0-10 or 0-100"}
	}
	m := span.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text)))
	if m == nil {
		return no()
	}
	low, lowErr := strconv.Atoi(m[1])
	high, highErr := strconv.Atoi(m[2])
	if lowErr != nil || highErr != nil || low >= high {
		return no()
	}
	return Scale{low, high}, nil
}

// Measure is what a question's headline is.
type Measure int

// A score in points from −100 to 100; the share of the top answers, from 0 to 1; the mean, on the scale of the answers.
const (
	Net Measure = iota
	Share
	Mean
)

// Question is what was asked, on which scale, and which answers are its top and its bottom: an answer of Top or more, and of
// Bottom or less. What lies between, fractions too, is the middle.
type Question struct {
	Key         string
	Measure     Measure
	Scale       Scale
	Top, Bottom int
}

// Ask is the question of a key on a scale. "nps" is asked on 0-10 alone; "csat" stands on 1-5 and "ces" on 1-7 unless told
// otherwise; any other key is a company's own question and needs its scale. More is better: of ces, less effort.
//
//   - Of nps, 9 and 10 are promoters, 0 to 6 detractors.
//   - Of ces the top is what lies above the middle of the scale (5 to 7 of seven).
//   - Of csat and own questions the top is the two highest answers; of scales of three answers or two, the highest; of scales of more than
//     eleven answers, the highest fifth (80 to 100 of 0-100). The bottom mirrors the top.
func Ask(key, scale string) (Question, error) {
	q := Question{Key: strings.ToLower(strings.TrimSpace(key)), Measure: Mean}
	usual := map[string]string{"nps": "0-10", "csat": "1-5", "ces": "1-7"}[q.Key]
	switch q.Key {
	case "":
		return q, evidence.Refusal{Reason: "the question has no key", Need: "nps, csat, ces or a key of your own"}
	case "nps":
		q.Measure = Net
	case "csat":
		q.Measure = Share
	}
	if strings.TrimSpace(scale) == "" {
		scale = usual
	}
	if scale == "" {
		return q, evidence.Refusal{Reason: fmt.Sprintf("question %q is none of nps, csat, ces, and its scale is not stated", q.Key), Need: "its scale, such as 1-5"}
	}
	var err error
	if q.Scale, err = ParseScale(scale); err != nil {
		return q, err
	}
	if q.Measure == Net && q.Scale != (Scale{0, 10}) {
		return q, evidence.Refusal{Reason: fmt.Sprintf("nps is asked on 0-10, not on %s", q.Scale), Need: "answers on 0-10, or a question of your own on this scale"}
	}
	q.Top, q.Bottom = q.cuts()
	return q, nil
}

// cuts are the lowest answer of the top and the highest of the bottom.
func (q Question) cuts() (top, bottom int) {
	low, high := q.Scale.Low, q.Scale.High
	switch {
	case q.Key == "nps":
		return 9, 6
	case q.Key == "ces":
		return (low+high)/2 + 1, (low+high+1)/2 - 1
	case high-low < 3:
		return high, low
	case high-low > 10:
		return high - (high-low)/5, low + (high-low)/5
	}
	return high - 1, low + 1
}

// Side is where an answer stands.
type Side int

// Promoters, the satisfied, those to whom it was easy; those between; detractors, the dissatisfied, those to whom it was hard.
const (
	Top    Side = 1
	Middle Side = 0
	Bottom Side = -1
)

// Side tells where a score stands, or refuses one outside the scale.
func (q Question) Side(score float64) (Side, error) {
	switch {
	case !(score >= float64(q.Scale.Low) && score <= float64(q.Scale.High)):
		return Middle, evidence.Refusal{Reason: fmt.Sprintf("score %v lies outside the scale %s of %s", score, q.Scale, q.Key), Need: "scores on the scale on which the question was asked"}
	case score >= float64(q.Top):
		return Top, nil
	case score <= float64(q.Bottom):
		return Bottom, nil
	}
	return Middle, nil
}

// Sides are what those on the top, in the middle and at the bottom are called.
func (q Question) Sides() (top, middle, bottom string) {
	switch q.Key {
	case "nps":
		return "promoters", "passives", "detractors"
	case "csat":
		return "satisfied", "neutral", "dissatisfied"
	case "ces":
		return "easy", "neutral", "hard"
	}
	return "top", "middle", "bottom"
}
