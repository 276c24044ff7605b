package behaviour

import (
	"encoding/json"
	"fmt"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/money"
)

// MarshalJSON writes the block of a close. Every element of a list has a name of its own.
func (s Statement) MarshalJSON() ([]byte, error) {
	type named struct {
		Name  string       `json:"name"`
		Start calendar.Day `json:"start"`
		End   calendar.Day `json:"end"`
	}
	type limit struct {
		Name   string  `json:"name"`
		Months int     `json:"months"`
		Limit  float64 `json:"limit"`
	}
	months := make([]named, len(s.Months))
	for i, m := range s.Months {
		months[i] = named{s.Names[i], m.Start, m.End}
	}
	limits := []limit{}
	for _, l := range s.Limits {
		limits = append(limits, limit{fmt.Sprintf("cusum on %d months", l.Months), l.Months, l.Limit})
	}
	series := []seriesBlock{}
	for _, x := range s.Series {
		series = append(series, s.block(x))
	}
	return json.Marshal(struct {
		Months  []named                     `json:"months"`
		Watched string                      `json:"watched_from"`
		Follow  int                         `json:"follow_days"`
		Year    map[Measure]evidence.Figure `json:"year"`
		False   any                         `json:"false_alarms"`
		Counted counted                     `json:"alarms"`
		Chance  evidence.Figure             `json:"alarms_expected_by_chance"`
		Series  []seriesBlock               `json:"series"`
	}{months, s.Names[len(s.Names)-s.watched()], Follow, s.Year, struct {
		Years  int     `json:"years_per_alarm"`
		Slack  float64 `json:"slack"`
		CUSUM  []limit `json:"cusum_limits"`
		Limits float64 `json:"self_starting_limit"`
	}{YearsPerAlarm, Slack, limits, s.Exact}, counted(s.Counts), s.ByChance, series})
}

type counted struct {
	Watched  int64 `json:"series_watched"`
	Refused  int64 `json:"series_refused"`
	Now      int64 `json:"in_period"`
	Standing int64 `json:"standing"`
	Earlier  int64 `json:"earlier"`
}

type seriesBlock struct {
	Name     string          `json:"name"`
	Measure  Measure         `json:"measure"`
	Of       string          `json:"of"`
	Segment  string          `json:"segment,omitempty"`
	Season   bool            `json:"season_taken_out"`
	Baseline int             `json:"months_before"`
	Level    evidence.Figure `json:"level"`
	Points   []pointBlock    `json:"points"`
	Alarms   []alarmBlock    `json:"alarms"`
}

type pointBlock struct {
	Name  string      `json:"name"`
	Value json.Number `json:"value"`
	N     int64       `json:"n"`
	Ratio json.Number `json:"ratio_to_year_earlier,omitempty"`
}

type alarmBlock struct {
	Name      string          `json:"name"`
	Method    Method          `json:"method"`
	Direction string          `json:"direction"`
	Signalled string          `json:"signalled"`
	Since     string          `json:"since"`
	Last      string          `json:"until"`
	Now       bool            `json:"in_period"`
	Stands    bool            `json:"standing"`
	Before    evidence.Figure `json:"before"`
	After     evidence.Figure `json:"after"`
	Change    evidence.Figure `json:"change"`
}

// printed is a number to nine digits.
func printed(x float64) json.Number { return json.Number(money.FormatRate(rounded(x))) }

func (s Statement) block(x Series) seriesBlock {
	out := seriesBlock{Name: x.Name, Measure: x.Measure, Of: x.Of, Segment: x.Segment, Season: x.Season && x.Refused == "", Points: []pointBlock{}, Alarms: []alarmBlock{}}
	for _, p := range x.Points {
		point := pointBlock{Name: p.Name, Value: printed(p.Value), N: p.N}
		if p.Ratio > 0 && x.Refused == "" {
			point.Ratio = printed(p.Ratio)
		}
		out.Points = append(out.Points, point)
	}
	if x.Refused != "" {
		out.Level = evidence.Refuse(x.Refused, x.Need)
		return out
	}
	out.Baseline, out.Level = x.Baseline, x.level()
	for _, a := range x.Alarms {
		since := s.Names[a.Signalled]
		out.Alarms = append(out.Alarms, alarmBlock{
			Name: fmt.Sprintf("%s %s %s", a.Method, a.Direction, since), Method: a.Method, Direction: a.Direction.String(), Signalled: since,
			Since: s.Names[a.Since], Last: s.Names[a.Last], Now: a.Now, Stands: a.Stands, Before: a.Before, After: a.After, Change: a.Change,
		})
	}
	return out
}
