package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/voice"
)

// scores are NPS, CSAT, CES and own questions by group (package voice).
type scores struct {
	asked, scale                                string
	scoreName, byName, weightName, customerName string
	against                                     string
	margins                                     []string
	trim                                        float64
	sent                                        int64
	question                                    voice.Question
	score, weight                               *numbers
	by, customer                                *labels
	targets                                     []*target
}

func (s *scores) help() cobra.Command {
	return cobra.Command{
		Use:   "score --question nps --score S",
		Short: "what customers answered: NPS, CSAT, CES and own questions, with intervals",
		Long: `The Net Promoter Score in points, the share of the satisfied, the mean effort, or the
mean of a question of your own, by group, with its interval; also of weighted answers,
of answers raked to known shares, and where one customer answered several times.
Rows with a blank score, group, weight or margin are left out and counted.`,
		Example: "  throughline analyse score answers.csv --question nps --score score --by segment\n" +
			"  throughline analyse score answers.csv --question nps --score score --margin segment=SMB:1600,MID:1200,ENT:1200 --margin region=N:2000,S:2000",
	}
}

func (s *scores) register(f *pflag.FlagSet) {
	f.StringVar(&s.asked, "question", "", "nps, csat, ces, or the key of a question of your own, which needs --scale")
	f.StringVar(&s.scoreName, "score", "", "column of the answers")
	f.StringVar(&s.scale, "scale", "", "lowest and highest answer, such as 1-5 (default: of nps 0-10, of csat 1-5, of ces 1-7)")
	f.StringVar(&s.byName, "by", "", "column of the groups")
	f.StringVar(&s.against, "against", "", "group that the others are compared with; needs --by")
	f.StringVar(&s.weightName, "weight", "", "column of how much an answer counts; only ratios matter")
	f.StringVar(&s.customerName, "customer", "", "column of the customers: answers of one are alike and count for less; a blank is somebody else each time")
	f.StringArrayVar(&s.margins, "margin", nil, "how many customers there are by a column, to which the answers are weighted: segment=SMB:1600,MID:1200, or a file with columns column, category, target; may stand several times")
	f.Float64Var(&s.trim, "trim", 0, "with --margin: the most times their median that weights may be (default: any)")
	f.Int64Var(&s.sent, "asked", 0, "how many were asked: also states what those who did not answer could make of it")
}

func (s *scores) columns() ([]column, error) {
	if err := s.flags(); err != nil {
		return nil, err
	}
	s.score = &numbers{ask: ask{"score", s.scoreName, blankLeftOut}}
	out := []column{s.score}
	if s.weightName != "" {
		s.weight = &numbers{ask: ask{"weight", s.weightName, blankLeftOut}}
		out = append(out, s.weight)
	}
	s.by, out = optional(out, ask{"by", s.byName, blankLeftOut})
	s.customer, out = optional(out, ask{"customer", s.customerName, blankKept})
	for _, text := range s.margins {
		more, err := readTargets(text)
		if err != nil {
			return nil, err
		}
		s.targets = append(s.targets, more...)
	}
	for i, t := range s.targets {
		for _, before := range s.targets[:i] {
			if before.column == t.column {
				return nil, usage("--margin: column %q stands twice", t.column)
			}
		}
		t.cells, out = optional(out, ask{"margin", t.column, blankLeftOut})
	}
	return out, nil
}

// flags reads what names no column.
func (s *scores) flags() error {
	switch {
	case s.asked == "":
		return usage("--question is missing; it is nps, csat, ces or a key of your own")
	case s.scoreName == "":
		return usage("--score is missing; name the column of the answers")
	case s.against != "" && s.byName == "":
		return usage("--against needs --by, the column of the groups")
	case s.trim != 0 && len(s.margins) == 0:
		return usage("--trim needs --margin")
	case s.trim != 0 && !(s.trim > 1):
		return usage("--trim must be above 1")
	case s.sent < 0:
		return usage("--asked must be a number of people")
	case s.sent > 0 && s.byName != "":
		return usage("--asked is of all answers; leave --by out")
	case s.sent > 0 && (s.weightName != "" || len(s.margins) > 0):
		return usage("--asked is of answers that count alike; leave --weight and --margin out")
	}
	var err error
	s.question, err = voice.Ask(s.asked, s.scale)
	var r evidence.Refusal
	if errors.As(err, &r) {
		return usage("%s; needed: %s", r.Reason, r.Need)
	}
	return err
}

func (s *scores) compute(_ context.Context, from rows) (finding, error) {
	groups := []string{"all"}
	if s.by != nil {
		groups = ranked(s.by.names)
	}
	if err := s.check(from); err != nil {
		return nil, err
	}
	sample, err := s.sample(from, groups)
	if err != nil {
		return nil, err
	}
	r, err := sample.Read()
	if err != nil {
		return nil, scoreRefused(from.file, err)
	}
	d := newScoreFound(s, r)
	for g, name := range groups {
		result, err := r.Of(g)
		if err != nil {
			continue // its rows were left out, or weigh nothing
		}
		d.add(name, result)
	}
	if len(d.Groups) == 0 {
		return nil, &books.Refusal{Where: from.file, What: "no answer has a weight above 0"}
	}
	all, err := r.Of(voice.All)
	if err != nil {
		return nil, scoreRefused(from.file, err)
	}
	d.conclude(s, all)
	return d, s.compare(d, r, groups, from)
}

// check refuses the first row of the file whose score or weight cannot be used.
func (s *scores) check(from rows) error {
	for i, x := range s.score.values {
		if _, err := s.question.Side(x); err != nil {
			return scoreRefused(fmt.Sprintf("%s: column %s", from.at(i), s.scoreName), err)
		}
		if s.weight != nil && !(s.weight.values[i] >= 0) {
			return &books.Refusal{Where: fmt.Sprintf("%s: column %s", from.at(i), s.weightName),
				What: fmt.Sprintf("weight %v does not say how much an answer counts", s.weight.values[i]), Do: "write a number of 0 or more"}
		}
	}
	return nil
}

// scoreRefused is an error of the domain at a place.
func scoreRefused(where string, err error) error {
	refusal := &books.Refusal{Where: where, What: err.Error()}
	var r evidence.Refusal
	if errors.As(err, &r) {
		refusal.What, refusal.Do = r.Reason, r.Need
	}
	return refusal
}

// sample puts the rows in an order of their own, so that the order of the file does not decide the last digit.
func (s *scores) sample(from rows, groups []string) (voice.Sample, error) {
	out := voice.Sample{Question: s.question, Trim: s.trim}
	place := map[string]int{}
	for g, name := range groups {
		place[name] = g
	}
	order := s.order(from.n)
	for _, i := range order {
		out.Scores = append(out.Scores, s.score.values[i])
		if s.weight != nil {
			out.Weights = append(out.Weights, s.weight.values[i])
		}
		if s.by != nil {
			out.Groups = append(out.Groups, place[s.by.name(i)])
		}
		if s.customer != nil {
			out.Customers = append(out.Customers, int(s.customer.codes[i]))
		}
	}
	for _, t := range s.targets {
		m, err := t.margin(order, from)
		if err != nil {
			return out, err
		}
		out.Margins = append(out.Margins, m)
	}
	return out, nil
}

// order ranks the rows by all that is known of them.
func (s *scores) order(n int) []int {
	columns := []*labels{s.by, s.customer}
	for _, t := range s.targets {
		columns = append(columns, t.cells)
	}
	columns = slices.DeleteFunc(columns, func(c *labels) bool { return c == nil })
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(a, b int) int {
		way := cmp.Compare(s.score.values[a], s.score.values[b])
		if way == 0 && s.weight != nil {
			way = cmp.Compare(s.weight.values[a], s.weight.values[b])
		}
		for _, c := range columns {
			if way == 0 {
				way = strings.Compare(c.name(a), c.name(b))
			}
		}
		return cmp.Or(way, a-b)
	})
	return out
}

// name is the name in row i; empty: blank.
func (c *labels) name(i int) string {
	if c.codes[i] < 0 {
		return ""
	}
	return c.names[c.codes[i]]
}

// compare holds each group against the one that was named.
func (s *scores) compare(d *scoreFound, r *voice.Reading, groups []string, from rows) error {
	if s.against == "" {
		return nil
	}
	with := slices.Index(groups, s.against)
	if with < 0 {
		return &books.Refusal{Where: from.file, What: fmt.Sprintf("column %s has no group %q, which --against names", s.byName, s.against), Do: "its groups are " + enumerated(groups)}
	}
	for g, name := range groups {
		if _, err := r.Of(g); g == with || err != nil {
			continue
		}
		x, err := r.Difference(g, with)
		d.Differences = append(d.Differences, differenceOf(name, s.against, x, err))
	}
	return nil
}
