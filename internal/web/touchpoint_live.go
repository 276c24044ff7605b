package web

import (
	"math/big"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

// trendView is a touchpoint's headline month by month.
type trendView struct {
	Said, Label, Source string
	History             historyView
}

// wordsView is what customers said about some touchpoints.
type wordsView struct {
	Heading, Said string
	Rows          []saidRow
	None          string
}

// saidRow is what a customer said.
type saidRow struct {
	Text, Who, When, Where string
	Left                   bool // against
	Path                   string
	Language               string
}

func rat(a, b int64) *big.Rat { return big.NewRat(a, b) }

// touchpointLive puts in what the books say now: the months and the words.
func (s *Server) touchpointLive(v *visit, view *touchpointView, m *journey.Map, t *journey.Touchpoint, day calendar.Day) error {
	return nil
}
