package engine

import (
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/money"
)

// Statement identifies a customer statement: the lines that it was computed
// from, its periods and what counts as active ("net" or "any-line").
type Statement struct {
	Ledger
	Period, Compared calendar.Period
	Active           string
	// Verdict is by what customers have gone quiet; nil where the statement does not tell what they are worth.
	Verdict *equity.Verdict
}

// Files lists every part that a statement is computed from.
func (l Ledger) Files() []string {
	files := slices.Concat(l.Firsts, l.Keys)
	for _, parts := range [][]Part{l.Orders, l.Customers, l.Links, l.Rates, l.Subscriptions} {
		for _, p := range parts {
			files = append(files, p.Path)
		}
	}
	return files
}

// Line is a line of the roll-forward, the revenue bridge, the coverage or the
// referrals, by its name in the sealed document.
type Line string

// The lines. Of each, the customers and what each has at stake on it; the
// stakes add up to the line.
const (
	Opening         Line = "opening"          // active in the comparison period; its revenue then
	Lost            Line = "lost"             // its revenue then
	Retained        Line = "retained"         // active in both; its revenue in the period
	Contraction     Line = "contraction"      // retained that bought less; by how much
	Expansion       Line = "expansion"        // retained that bought more; by how much
	Returning       Line = "returning"        // revenue in the period, as of all lines below
	NewEarned       Line = "new_earned"       //
	NewBought       Line = "new_bought"       //
	NewUnattributed Line = "new_unattributed" //
	NewCustomers    Line = "new"              // all new ones together
	NewSince        Line = "new_since_comparison"
	Closing         Line = "closing" // active in the period
	Other           Line = "other"   // net revenue outside of active customers: in the period, less in the comparison period
	Prior           Line = "prior"   // everybody with revenue in the comparison period, R0
	Current         Line = "current" // everybody with revenue in the period, R1
	Excluded        Line = "excluded"
	Unidentified    Line = "unidentified" // nobody: lines without a customer id
	Quiet           Line = "quiet"        // bought twice or more and likelier gone than not; what is at stake with them
	Referrers       Line = "referrers"    // brought somebody by the period's end; what those whom they brought spend in it
)

// Lines lists all lines in the order of the statement.
var Lines = []Line{
	Opening, Lost, Retained, Contraction, Expansion, Returning, NewEarned, NewBought, NewUnattributed, NewCustomers, NewSince, Closing, Other, Prior, Current, Referrers, Quiet, Excluded, Unidentified,
}

// Behind asks for a page of the customers behind a line, the largest stake
// first.
type Behind struct {
	Of    Statement
	Line  Line
	Names View // where names are looked up: the newest snapshot's view serves every older statement
	After string
	Limit int // 0: 50; at most 200
	Seer  Seer
}

// Standings are a page of the customers behind a line.
type Standings struct {
	Line  Line
	Units int64        // customers (accounts, households, customers of an entity) behind the line
	Sum   money.Amount // of their stakes
	Lines int64        // of the coverage lines: how many lines of the books
	Rows  []Standing
	Next  string
}

// Standing is what became of one customer, account, household or customer of
// an entity between the two periods.
type Standing struct {
	Rank           int64     // from 1
	Customer       *Customer // whose id stands; nil for accounts and households
	Group          string    // account_id or household_id; for who may not see it, a pseudonym
	Entity         string    // at the grain of entities
	State          string    // retained, lost, returning, new, newbefore, idle; empty on coverage lines
	Via, How       string    // of the new
	Prior, Current money.Amount
	Stake          money.Amount
	Brought        *Brought // of referrers
	Silence        *Silence // of those who have gone quiet
}

// Silence is how one customer has gone quiet.
type Silence struct {
	Alive     float64 // the probability of being a customer still
	Purchases int64   // in all
	Since     int64   // days from the last of them to the period's last day
}

// Brought is what one referrer brought.
type Brought struct {
	Customers int64        // directly
	Depth     int64        // steps of the longest chain below
	Chain     money.Amount // what everybody below spends in the period
}

// Question is the question behind a figure, for people who want to ask it
// themselves.
type Question struct {
	Title      string // in one line
	Definition string // what counts
	SQL        string // over the inputs, with its dates and definitions filled in
	Inputs     []Input
}

// Input is something that a question reads, with the query that gives it.
type Input struct{ Name, SQL string }
