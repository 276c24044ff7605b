package closing

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/money"
)

// document is what a close prints and seals; the contract fixes its names.
type document struct {
	Period      calendar.Period `json:"period"`
	Compared    calendar.Period `json:"compared_with"`
	Currency    string          `json:"currency"`
	Active      growth.Active   `json:"active"`
	Grain       string          `json:"grain"`
	Sealed      *sealedBlock    `json:"sealed"`
	Restatement *restatement    `json:"restatement,omitempty"`
	Warnings    []Warning       `json:"warnings"`
	Customer    any             `json:"customer"` // a growth.Statement, or locked where the books are of people alone
	Trailing    any             `json:"customer_trailing_year,omitempty"`
	Cohorts     any             `json:"cohorts"`
	Views       any             `json:"views"`
	// GroupCohorts are the cohorts of the views by segment, entity and acquisition.
	GroupCohorts any `json:"cohorts_by_group"`

	Subscriptions any `json:"subscriptions"`
	Referrals     any `json:"referrals"`
	// ReferralsTrailing is of the twelve months that end with a month or quarter.
	ReferralsTrailing any `json:"referrals_trailing_year,omitempty"`
	Profit            any `json:"profit"`
	// ProfitTrailing is set where Trailing is a statement and Profit is one.
	ProfitTrailing any `json:"profit_trailing_year,omitempty"`
	Equity         any `json:"equity"`
	Contracts      any `json:"contracts"`

	// Loyalty is of the headline's windows, by satisfaction.
	Loyalty any `json:"loyalty"`
	// Behaviour is how customers buy, month by month, and the alarms on it.
	Behaviour any `json:"behaviour"`
	Prices    any `json:"price_elasticity"`
	// People are the statements of those who work here.
	People any `json:"people"`
	// Income is the income statement, as reported and with people and customers as investments.
	Income any `json:"income_statement"`
	// Touchpoints are the lines of the touchpoint statement, Covers what the map of them covers.
	Touchpoints any `json:"touchpoints"`
	Covers      any `json:"touchpoint_coverage"`
}

type sealedBlock struct {
	At          string  `json:"at"`
	Snapshot    string  `json:"snapshot"`
	Fingerprint string  `json:"fingerprint"`
	Restates    *string `json:"restates"`
	Preparer    string  `json:"preparer,omitempty"`
}

// trailingBlock is a statement with its own windows beside the customer
// block's names.
type trailingBlock struct{ growth.Statement }

func (t trailingBlock) MarshalJSON() ([]byte, error) {
	statement, err := json.Marshal(t.Statement)
	if err != nil {
		return nil, err
	}
	windows, err := json.Marshal(struct {
		Period   calendar.Period `json:"period"`
		Compared calendar.Period `json:"compared_with"`
	}{t.Period, t.Compared})
	if err != nil {
		return nil, err
	}
	return slices.Concat(windows[:len(windows)-1], []byte(","), statement[1:]), nil
}

// encode writes indented JSON with a final newline and no HTML escapes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write the close: %w", err)
	}
	return b.Bytes(), nil
}

// restatement says what moved against an earlier seal and why.
type restatement struct {
	of    Seal
	Of    string  `json:"of"` // fingerprint of the earlier seal
	At    string  `json:"sealed_at"`
	Books Changes `json:"books"`
	Lines []Moved `json:"lines"`
}

// Moved is one line of the statement that is not what it was.
type Moved struct {
	Line   string `json:"line"`
	Before string `json:"before"`
	After  string `json:"after"`
	Change string `json:"change,omitempty"` // of money and counts
}

func (m Moved) String() string { return fmt.Sprintf("%s: %s, was %s", m.Line, m.After, m.Before) }

// differences compares the figures of a sealed document with new ones.
func differences(sealed []byte, doc *document) ([]Moved, error) {
	now, err := doc.bytes()
	if err != nil {
		return nil, err
	}
	return Differences(sealed, now)
}

// Differences compares the figures of two documents, line by line; what was
// sealed when and what it restated is no figure.
func Differences(was, is []byte) ([]Moved, error) {
	before, err := leaves(was)
	if err != nil {
		return nil, err
	}
	after, err := leaves(is)
	if err != nil {
		return nil, err
	}
	var out []Moved
	for _, path := range union(before, after) {
		block, _, _ := strings.Cut(path, ".")
		switch {
		case !before.has(block):
			continue // a statement that the release which sealed did not know has not moved
		case slices.ContainsFunc(laterLists, func(list string) bool { return strings.HasPrefix(path, list+".") && !before.lists[list] }):
			continue // nor has a list of one
		case slices.ContainsFunc(legends, func(list string) bool { return strings.HasPrefix(path, list+".") }):
			continue // what the map is called is no figure
		case saysWhy(path):
			continue // why a figure is refused is no figure; that it is, its value says
		case before.locked(block) && !after.figured(block):
			continue // a statement that the books allow now, and that states nothing yet
		}
		if before.at[path] != after.at[path] {
			out = append(out, Moved{Line: path, Before: before.at[path], After: after.at[path], Change: change(before.at[path], after.at[path])})
		}
	}
	return out, nil
}

// laterLists are lists that blocks of earlier releases did not have.
var laterLists = []string{"touchpoint_coverage.jobs_without_role"}

// legends are lists of the map's words, which figures are read by.
var legends = []string{"touchpoint_coverage.departments", "touchpoint_coverage.brands", "touchpoint_coverage.journeys"}

func change(before, after string) string {
	a, errA := money.Parse(before)
	b, errB := money.Parse(after)
	if errA != nil || errB != nil {
		return ""
	}
	return b.Sub(a).Text(0)
}

// leafSet are a document's values by path, in their order.
type leafSet struct {
	order []string
	at    map[string]string
	lists map[string]bool // those of laterLists that are there, empty or not
}

// saysWhy tells whether a value is the words of a refusal.
func saysWhy(path string) bool {
	for _, end := range []string{"refused", "need", "unlocked_by"} {
		if path == end || strings.HasSuffix(path, "."+end) {
			return true
		}
	}
	return false
}

// locked tells whether the books did not allow a whole block.
func (s leafSet) locked(block string) bool { _, ok := s.at[block+".unlocked_by"]; return ok }

// figured tells whether a block holds an estimate with a value.
func (s leafSet) figured(block string) bool {
	return slices.ContainsFunc(s.order, func(path string) bool {
		return strings.HasPrefix(path, block+".") && strings.HasSuffix(path, ".value") && s.at[path] != "none"
	})
}

// has tells whether a document has a block, the first part of a path.
func (s leafSet) has(block string) bool {
	return slices.ContainsFunc(s.order, func(path string) bool { return path == block || strings.HasPrefix(path, block+".") })
}

func leaves(data []byte) (leafSet, error) {
	set := leafSet{at: map[string]string{}, lists: map[string]bool{}}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := set.walk(d, ""); err != nil {
		return set, fmt.Errorf("read a sealed statement: %w", err)
	}
	return set, nil
}

func (s *leafSet) walk(d *json.Decoder, path string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return err
			}
			if err := s.walk(d, join(path, fmt.Sprint(key))); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	case json.Delim('['):
		return s.elements(d, path)
	}
	if isFigure(path) {
		s.order = append(s.order, path)
		s.at[path] = plain(token)
	}
	return nil
}

// elements walks a list. What says its own name goes by it, so that one more
// span or account does not move all the others.
func (s *leafSet) elements(d *json.Decoder, path string) error {
	if slices.Contains(laterLists, path) {
		s.lists[path] = true
	}
	for i := 0; d.More(); i++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		var named struct {
			First   string  `json:"first_purchase"`
			Span    string  `json:"span"`
			Account string  `json:"account"`
			Name    *string `json:"name"`
		}
		name := strconv.Itoa(i)
		if err := json.Unmarshal(raw, &named); err == nil {
			own := named.First + named.Span + named.Account
			if named.Name != nil {
				own += cmp.Or(*named.Name, "(not known)")
			}
			name = cmp.Or(own, name)
		}
		inner := json.NewDecoder(bytes.NewReader(raw))
		inner.UseNumber()
		if err := s.walk(inner, join(path, name)); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// plain is a value as text; null is "none".
func plain(token json.Token) string {
	if token == nil {
		return "none"
	}
	return fmt.Sprint(token)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// isFigure leaves out what a seal says about itself, the warnings, which follow
// from the figures, the lines of a journal, whose sums are figures, and what is counted over the whole books: a later file's
// row without a date must not ask every earlier seal to be restated.
func isFigure(path string) bool {
	for _, prefix := range []string{"sealed", "restatement", "warnings", "people.training_asset.journal"} {
		if path == prefix || len(path) > len(prefix) && path[:len(prefix)+1] == prefix+"." {
			return false
		}
	}
	if strings.HasPrefix(path, "touchpoint") && strings.HasSuffix(path, ".title") {
		return false // a touchpoint that is called otherwise is the same one
	}
	return !strings.HasSuffix(path, ".lines_refused_undated") && !strings.HasSuffix(path, ".lines_rounded")
}

func union(a, b leafSet) []string {
	out := slices.Clone(a.order)
	for _, path := range b.order {
		if _, ok := a.at[path]; !ok {
			out = append(out, path)
		}
	}
	return out
}
