// Package sim owns the simulated company: a World of stated parameters, from
// which it writes the books of a company that does not exist, and the Truth
// about it that no real company's books can hold. It computes no statement and
// reads no books; what it writes is read by the product as any company's files
// are. Customers arrive, buy and drop out as in Fader, Hardie & Lee,
// "Counting Your Customers the Easy Way", Marketing Science 24(2), 2005
// (BG/NBD); season, heavy tails, dependence of spend and frequency, and late
// facts are switches that break the assumptions of that model on purpose.
//
// The invariant: a World writes the same bytes every time, and one customer's
// life does not depend on how many others there are.
package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// World is a sim.yaml: everything that decides what is written. Every key is
// described in docs/sim.md.
type World struct {
	Seed     uint64         `yaml:"seed"`
	Company  string         `yaml:"company"`
	Currency money.Currency `yaml:"currency"`
	TimeZone string         `yaml:"timezone"`
	Start    calendar.Day   `yaml:"start"`
	End      calendar.Day   `yaml:"end"` // excluded

	Customers    int64     `yaml:"customers"`
	HistoryYears int       `yaml:"history_years"`
	Arrivals     Arrivals  `yaml:"arrivals"`
	Purchases    Purchases `yaml:"purchases"`
	Season       Season    `yaml:"season"`

	Spend         Spend   `yaml:"spend"`
	LinesPerOrder float64 `yaml:"lines_per_order"`
	Products      int     `yaml:"products"`
	Returns       float64 `yaml:"returns"`
	Unidentified  float64 `yaml:"unidentified"`

	Origins                  Origins `yaml:"origins"`
	Known                    Known   `yaml:"known"`
	ReferralsFollowHappiness bool    `yaml:"referrals_follow_happiness"`

	Excluded         int64            `yaml:"excluded"`
	Merged           int64            `yaml:"merged"`
	Late             float64          `yaml:"late"`
	LedgerDifference LedgerDifference `yaml:"ledger_difference"`
}

// Arrivals are new customers: a Poisson number each month, whose mean is
// PerMonth in the first month and grows by Growth with every month.
type Arrivals struct {
	PerMonth float64 `yaml:"per_month"`
	Growth   float64 `yaml:"growth"`
}

// Purchases are the four parameters of BG/NBD in days: purchase rates are
// Gamma(r, alpha) over customers, the chance of dropping out after a repeat
// purchase is Beta(a, b).
type Purchases struct {
	R     float64 `yaml:"r"`
	Alpha float64 `yaml:"alpha"`
	A     float64 `yaml:"a"`
	B     float64 `yaml:"b"`
}

// Season swells and shrinks arrivals and purchases over the year: by
// Amplitude at the middle of the month Peak, and back six months later.
type Season struct {
	Amplitude float64 `yaml:"amplitude"`
	Peak      int     `yaml:"peak"`
}

// Spend is the value of an order: lognormal with Median and Sigma, of whose
// variance the share Between lies between customers. Frequency is the
// correlation of a customer's log spend level and log purchase rate. A share
// ParetoShare of orders is multiplied by a Pareto variable of shape
// ParetoShape that is at least 1.
type Spend struct {
	Median      money.Amount `yaml:"median"`
	Sigma       float64      `yaml:"sigma"`
	Between     float64      `yaml:"between"`
	Frequency   float64      `yaml:"frequency"`
	ParetoShare float64      `yaml:"pareto_share"`
	ParetoShape float64      `yaml:"pareto_shape"`
}

// Origins are the true shares of the ways that customers come by.
type Origins struct {
	Referral   float64 `yaml:"referral"`
	Reputation float64 `yaml:"reputation"`
	Paid       float64 `yaml:"paid"`
	Sales      float64 `yaml:"sales"`
	Partner    float64 `yaml:"partner"`
}

// Known says of what share of customers the company knows the origin, and
// how. It is independent of the origin itself. An inferred origin is right
// with the probability InferredRight and otherwise drawn anew.
type Known struct {
	Tracked       float64 `yaml:"tracked"`
	Declared      float64 `yaml:"declared"`
	Asked         float64 `yaml:"asked"`
	Inferred      float64 `yaml:"inferred"`
	Nobody        float64 `yaml:"nobody"`
	InferredRight float64 `yaml:"inferred_right"`
}

// LedgerDifference is what the general ledger holds in one month beyond the
// lines, so that a reconciliation has something to show.
type LedgerDifference struct {
	Month  calendar.Month `yaml:"month"`
	Amount money.Amount   `yaml:"amount"`
}

// Default is the world of the demonstration.
func Default() World {
	return World{
		Seed: 1, Company: "Simulated Example Ltd", Currency: "EUR", TimeZone: "Europe/Berlin",
		Start: calendar.DayOf(2024, 1, 1), End: calendar.DayOf(2026, 11, 1),
		Customers: 4000, HistoryYears: 2, Arrivals: Arrivals{PerMonth: 300, Growth: 0.006},
		Purchases: Purchases{R: 0.8, Alpha: 40, A: 0.7, B: 6},
		Season:    Season{Amplitude: 0.25, Peak: 12},
		Spend:     Spend{Median: money.FromMicros(42_000_000), Sigma: 0.8, Between: 0.5, ParetoShape: 1.6},

		LinesPerOrder: 2, Products: 40, Returns: 0.04, Unidentified: 0.08,
		Origins: Origins{Referral: 0.24, Reputation: 0.18, Paid: 0.36, Sales: 0.14, Partner: 0.08},
		Known:   Known{Tracked: 0.36, Declared: 0.20, Asked: 0.12, Inferred: 0.04, Nobody: 0.28, InferredRight: 0.7},

		ReferralsFollowHappiness: true, Excluded: 6, Merged: 12,
		LedgerDifference: LedgerDifference{Month: calendar.MonthOf(calendar.DayOf(2026, 8, 1)), Amount: money.FromMicros(1_250_000_000)},
	}
}

// maxWorld bounds a sim.yaml; a hostile one must not exhaust memory.
const maxWorld = 1 << 20

// Read reads a sim.yaml and checks it. A key that is not given has the value
// of Default; a key that does not exist is refused.
func Read(r io.Reader) (World, error) {
	w := Default()
	text, err := io.ReadAll(io.LimitReader(r, maxWorld+1))
	if err != nil {
		return World{}, fmt.Errorf("read the world: %w", err)
	}
	if len(text) > maxWorld {
		return World{}, errors.New("the world is larger than 1 MiB, which no sim.yaml is")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict(), yaml.DisallowUnknownField())
	switch err := decoder.Decode(&w); {
	case errors.Is(err, io.EOF): // an empty file is the default world
		return Default(), nil
	case err != nil:
		return World{}, errors.New(strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return World{}, errors.New("the file holds more than one world: remove what follows the line ---")
	}
	return w, w.Check()
}
