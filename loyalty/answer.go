package loyalty

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

var span = regexp.MustCompile(`^(\d{1,4}) *(?:-|–|to) *(\d{1,4})$`)

// scaleOf reads a scale such as "1-5", "0–10" or "1 to 7".
func scaleOf(text string) (low, high int64, ok bool) {
	m := span.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, false
	}
	low, lowErr := strconv.ParseInt(m[1], 10, 64)
	high, highErr := strconv.ParseInt(m[2], 10, 64)
	return low, high, lowErr == nil && highErr == nil && low < high
}

// Read tells which of the questions a text is; false: none of them.
func Read(text string) (Question, bool) {
	q := Question(strings.ToLower(strings.Trim(text, " ")))
	return q, q == NPS || q == CSAT || q == CES
}

// Read grades a score on a scale, or says Unasked where nothing tells how to read it: no score, one that lies outside its
// scale, or a scale in words.
//
// Of nps, 9 and 10 are satisfied, 0 to 6 unsatisfied (promoters and detractors: Reichheld, Harvard Business Review December
// 2003); it has one scale, 0 to 10, and an answer on another one is not read. Of csat and ces, the highest quarter of the
// scale is satisfied and the lowest unsatisfied: the two top and the two bottom boxes of five or of seven. The scale is 1 to 5
// unless the answer says otherwise, and more is better: of ces, less effort.
func (q Question) Read(score *big.Rat, scale string) Grade {
	low, high := int64(1), int64(5)
	if q == NPS {
		low, high = 0, 10
	}
	if text := strings.ToLower(strings.Trim(scale, " ")); text != "" {
		a, b, ok := scaleOf(text)
		if !ok || q == NPS && (a != low || b != high) {
			return Unasked
		}
		low, high = a, b
	}
	if score == nil || score.Cmp(big.NewRat(low, 1)) < 0 || score.Cmp(big.NewRat(high, 1)) > 0 {
		return Unasked
	}
	top, bottom := big.NewRat(low+3*high, 4), big.NewRat(3*low+high, 4)
	if q == NPS {
		top, bottom = big.NewRat(9, 1), big.NewRat(6, 1)
	}
	switch {
	case score.Cmp(top) >= 0:
		return Satisfied
	case score.Cmp(bottom) <= 0:
		return Unsatisfied
	}
	return Neither
}
