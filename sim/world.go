// Package sim owns the simulated company: a World of stated parameters, from
// which it writes the books of a company that does not exist, and the Truth
// about it that no real company's books can hold. It fills all fifteen books,
// computes no statement and reads no books; what it writes is read by the
// product as any company's files are. Customers arrive, buy and drop out as in
// Schmittlein, Morrison & Colombo, "Counting Your Customers", Management
// Science 33(1), 1987 (Pareto/NBD), or, where asked, in Fader, Hardie & Lee,
// "Counting Your Customers the Easy Way", Marketing Science 24(2), 2005
// (BG/NBD); season, trend, heavy tails, dependence of spend and frequency, late
// and duplicate facts are switches that break the assumptions on purpose.
//
// The invariants: a World writes the same bytes every time on every machine;
// and what is drawn for one customer (rates, origin, baskets) does not depend
// on how many others there are. Only who referred whom does, and through it,
// where loss along ties is asked for, when those who are tied drop out.
package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"

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

	Spend             Spend   `yaml:"spend"`
	LinesPerOrder     float64 `yaml:"lines_per_order"`
	Products          int     `yaml:"products"`
	Prices            Prices  `yaml:"prices"`
	Foreign           Foreign `yaml:"foreign"`
	Returns           float64 `yaml:"returns"`
	Unidentified      float64 `yaml:"unidentified"`
	UnidentifiedDrift float64 `yaml:"unidentified_drift"`

	Origins                  Origins `yaml:"origins"`
	Known                    Known   `yaml:"known"`
	ReferralsFollowHappiness bool    `yaml:"referrals_follow_happiness"`

	Referrals     Referrals     `yaml:"referrals"`
	Service       Service       `yaml:"service"`
	Touchpoints   []Touchpoint  `yaml:"touchpoints"`
	Voice         Voice         `yaml:"voice"`
	Subscriptions Subscriptions `yaml:"subscriptions"`
	Departments   []Department  `yaml:"departments"`
	Staff         Staff         `yaml:"staff"`
	Training      Training      `yaml:"training"`
	Spending      Spending      `yaml:"spending"`

	Excluded         int64            `yaml:"excluded"`
	Merged           int64            `yaml:"merged"`
	Late             float64          `yaml:"late"`
	Duplicates       float64          `yaml:"duplicates"`
	LedgerDifference LedgerDifference `yaml:"ledger_difference"`
}

// Arrivals are new customers: a Poisson number each month, whose mean is
// PerMonth in the first month and grows by Growth with every month.
type Arrivals struct {
	PerMonth float64 `yaml:"per_month"`
	Growth   float64 `yaml:"growth"`
}

// Purchases decide how customers buy and drop out, in days. Purchase rates are
// Gamma(r, alpha) over customers. By the model pareto-nbd, dropout rates are
// Gamma(s, beta); by bg-nbd, the chance of dropping out after a repeat purchase
// is Beta(a, b). Trend is the growth of all purchase rates in a year.
type Purchases struct {
	Model string  `yaml:"model"`
	R     float64 `yaml:"r"`
	Alpha float64 `yaml:"alpha"`
	S     float64 `yaml:"s"`
	Beta  float64 `yaml:"beta"`
	A     float64 `yaml:"a"`
	B     float64 `yaml:"b"`
	Trend float64 `yaml:"trend"`
}

// The models of purchases and of spend.
const (
	ParetoNBD  = "pareto-nbd"
	BGNBD      = "bg-nbd"
	Lognormal  = "lognormal"
	GammaGamma = "gamma-gamma"
)

// Season swells and shrinks arrivals and purchases over the year: by
// Amplitude at the middle of the month Peak, and back six months later.
type Season struct {
	Amplitude float64 `yaml:"amplitude"`
	Peak      int     `yaml:"peak"`
}

// Spend is the value of an order. By the model lognormal it has Median and
// Sigma, of whose variance the share Between lies between customers; Frequency
// is the correlation of a customer's log spend level and log purchase rate. By
// gamma-gamma it is Gamma(p, ν) in units of the currency, ν of a customer
// Gamma(q, gamma): Fader & Hardie, note 025 (2013). By both, a share ParetoShare
// of orders is multiplied by a Pareto variable of shape ParetoShape that is at
// least 1.
type Spend struct {
	Model       string       `yaml:"model"`
	Median      money.Amount `yaml:"median"`
	Sigma       float64      `yaml:"sigma"`
	Between     float64      `yaml:"between"`
	Frequency   float64      `yaml:"frequency"`
	P           float64      `yaml:"p"`
	Q           float64      `yaml:"q"`
	Gamma       float64      `yaml:"gamma"`
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
		return World{}, mistyped(err)
	}
	if err := nulls(text); err != nil {
		return World{}, err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return World{}, errors.New("the file holds more than one world: remove what follows the line ---")
	}
	if w.Merged > w.Customers && !states(text, "merged") {
		w.Merged = w.Customers // nobody asked for more than there can be
	}
	return w, w.Check()
}

// states tells whether a world that could be read says something of a key.
func states(text []byte, key string) bool {
	var said map[string]any
	if err := yaml.Unmarshal(text, &said); err != nil {
		return true // then it keeps what it was read as
	}
	_, ok := said[key]
	return ok
}
