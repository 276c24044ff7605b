package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/referral"
)

// referrersText is what a list of referrers says, without its order.
func referrersText(all []referral.Referrer) string {
	var lines []string
	for _, r := range all {
		lines = append(lines, fmt.Sprintf("%s brought %d, %d deep, %s, %s below, own %s", r.ID, r.Brought, r.Depth, r.Direct, r.Chain, r.Own))
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

// referrersListed reads the whole list, page by page, and holds it in order.
func referrersListed(t *rapid.T, r *Reader, ask engine.Behind) (out []referral.Referrer, sum money.Amount) {
	for {
		got, err := r.Behind(context.Background(), ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range got.Rows {
			if row.Rank != int64(len(out)+1) {
				t.Fatalf("rank %d at place %d", row.Rank, len(out)+1)
			}
			if len(out) > 0 && out[len(out)-1].Direct.Abs().Cmp(row.Stake.Abs()) < 0 {
				t.Fatal("more value brought after less")
			}
			sum = sum.Add(row.Stake)
			out = append(out, referral.Referrer{ID: row.Customer.Identity.ID, Brought: row.Brought.Customers, Depth: row.Brought.Depth, Direct: row.Stake, Chain: row.Brought.Chain, Own: row.Current})
		}
		if got.Next == "" {
			if got.Units != int64(len(out)) || !got.Sum.Equal(sum) {
				t.Fatalf("%d of %s said, %d of %s listed", got.Units, got.Sum, len(out), sum)
			}
			return out, sum
		}
		ask.After = got.Next
	}
}

// TestReferrersOfRandomSocieties holds the list to the same definitions over
// rows in memory, and its sum to what the statement says of all the brought.
func TestReferrersOfRandomSocieties(t *testing.T) {
	checks(t, 15)
	s := openStager(t)
	r := openReader(t, s)
	rapid.Check(t, func(t *rapid.T) {
		x := drawSociety(t)
		start, length := dayOne+calendar.Day(rapid.IntRange(10, 40).Draw(t, "start")), calendar.Day(rapid.IntRange(5, 35).Draw(t, "length"))
		w := referral.Windows{Compared: calendar.Period{Start: start - length, End: start}, Period: calendar.Period{Start: start, End: start + length}}
		l, err := s.society(t.Context(), x, w.Period.End)
		if err != nil {
			t.Fatal(err)
		}
		active := "net"
		if x.plain.AnyLine {
			active = "any-line"
		}
		of := engine.Statement{Ledger: l.from, Period: w.Period, Compared: w.Compared, Active: active}
		if counted(of.Orders) == 0 {
			return
		}
		got, sum := referrersListed(t, r, engine.Behind{Of: of, Line: engine.Referrers, Names: viewOf(l.from), Limit: 2, Seer: seesAll})
		want := referral.Referrers(x.plain, w)
		if a, b := referrersText(got), referrersText(want); a != b {
			t.Fatalf("referrers\n got %s\nwant %s\n%v\n%v\n%v\n%s %t %v", a, b, x.books["customers"].rows, x.plain.Links, x.books["orders"].rows, x.grain, x.plain.AnyLine, w)
		}
		tally := referral.Count(x.plain, w)
		stated, err := referral.State(w, tally, home)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(got)) != stated.Referring() || !sum.Equal(stated.BroughtRevenue) {
			t.Fatalf("%d referrers of %s listed, %d of %s stated", len(got), sum, stated.Referring(), stated.BroughtRevenue)
		}
	})
}
