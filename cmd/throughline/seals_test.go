package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books"
)

// year is a small company's lines from October 2022 to February 2024.
func year() map[string]string {
	return map[string]string{
		"data/2022.csv": "who,day,eur,line\na,2022-10-03,100,1\nb,2022-11-03,50.10,2\n",
		"data/2023.csv": "who,day,eur,line\na,2023-10-03,80,3\nb,2023-11-04,60,4\nc,2023-11-05,33.33,5\n,2023-12-01,7,6\n",
		"data/2024.csv": "who,day,eur,line\na,2024-02-03,40,7\n",
	}
}

func yearly(t testing.TB) testCompany { return newCompany(t, shopBooks("", ""), year()) }

func TestClosingAgainPrintsTheSealByteForByte(t *testing.T) {
	c := yearly(t)
	for _, format := range [][]string{{"--json"}, nil} {
		args := append([]string{"--period", "2023-Q4", "--preparer", "Ada"}, format...)
		first := c.done("close", args...)
		for range 3 {
			time.Sleep(2 * time.Millisecond) // the clock moves on
			if again := c.done("close", args...); again != first {
				t.Errorf("closed again:\n%s\nwas\n%s", again, first)
			}
		}
	}
	// Another preparer, or a touched file with the same rows, changes nothing.
	first := c.done("close", "--period", "2023-Q4", "--json")
	c.write("data/2023.csv", year()["data/2023.csv"])
	if again := c.done("close", "--period", "2023-Q4", "--preparer", "Grace", "--json"); again != first {
		t.Errorf("after a touch:\n%s\nwas\n%s", again, first)
	}
	if sealed := c.done("statement", "customer", "--period", "2023-Q4", "--format", "json"); sealed != first {
		t.Errorf("statement prints\n%s\nand not the seal\n%s", sealed, first)
	}
}

func TestChangedRowIsRefusedWithBookMonthAndRows(t *testing.T) {
	for _, x := range []struct{ name, from, to, says string }{
		{"a row more", "c,2023-11-05,33.33,5\n", "c,2023-11-05,33.33,5\nd,2023-11-30,1,8\n", "orders, 2023-11: 1 row more (3, were 2)"},
		{"a row fewer", "c,2023-11-05,33.33,5\n", "", "orders, 2023-11: 1 row fewer (1, were 2)"},
		{"another amount", "33.33", "33.34", "orders, 2023-11: other content in its 2 rows"},
		{"another customer", "c,2023-11-05", "a,2023-11-05", "orders, 2023-11: other content in its 2 rows"},
		{"another month", "2023-11-05", "2024-01-05", "orders, 2023-11: 1 row fewer (1, were 2)"},
		{"a year before", "", "", "orders, 2022-11: other content in its 1 rows"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := yearly(t)
			first := c.done("close", "--period", "2023-Q4", "--json")
			if x.from != "" {
				c.write("data/2023.csv", strings.Replace(year()["data/2023.csv"], x.from, x.to, 1))
			} else {
				c.write("data/2022.csv", strings.Replace(year()["data/2022.csv"], "50.10", "50.20", 1))
			}
			said := c.refused("close", "--period", "2023-Q4", "--json")
			for _, word := range []string{"2023-Q4 was sealed at", x.says, "--restate", "--dry-run"} {
				if !strings.Contains(said, word) {
					t.Errorf("the refusal lacks %q:\n%s", word, said)
				}
			}
			if kept := c.done("statement", "customer", "--period", "2023-Q4", "--format", "json"); kept != first {
				t.Errorf("the seal is now\n%s", kept)
			}
			if n := strings.Count(c.done("closes"), "2023-Q4"); n != 1 {
				t.Errorf("%d seals", n)
			}
		})
	}
}

// restated is the part of a document that a restatement adds.
type restated struct {
	Sealed struct {
		Restates *string
		Fingerprint,
		At string
	}
	Restatement *struct {
		Of    string
		At    string `json:"sealed_at"`
		Books []struct {
			Book, Month string
			Before      int64 `json:"rows_before"`
			After       int64 `json:"rows_after"`
		}
		Lines []struct{ Line, Before, After, Change string }
	}
}

func TestRestatementKeepsBothAndSaysWhatMoved(t *testing.T) {
	c := yearly(t)
	first := c.done("close", "--period", "2023-Q4", "--json")
	c.write("data/2023.csv", strings.Replace(year()["data/2023.csv"], "33.33", "40.00", 1))
	second := c.done("close", "--period", "2023-Q4", "--json", "--restate")
	var a, b restated
	for text, into := range map[string]*restated{first: &a, second: &b} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	r := b.Restatement
	if r == nil || b.Sealed.Restates == nil || *b.Sealed.Restates != a.Sealed.Fingerprint || r.Of != a.Sealed.Fingerprint || r.At != a.Sealed.At {
		t.Fatalf("restates %+v; the first was %+v", b, a)
	}
	if len(r.Books) != 1 || r.Books[0].Book != "orders" || r.Books[0].Month != "2023-11" || r.Books[0].Before != 2 || r.Books[0].After != 2 {
		t.Errorf("books: %+v", r.Books)
	}
	moved := map[string]string{}
	for _, l := range r.Lines {
		moved[l.Line] = l.Before + " → " + l.After + " (" + l.Change + ")"
	}
	for line, want := range map[string]string{
		"customer.revenue.current":               "173.33 → 180.00 (6.67)",
		"customer.revenue.new_unattributed":      "33.33 → 40.00 (6.67)",
		"customer.coverage.revenue":              "180.33 → 187.00 (6.67)",
		"customer_trailing_year.revenue.current": "173.33 → 180.00 (6.67)",
		"customer.active_revenue.current":        "173.33 → 180.00 (6.67)",
		"customer.coverage.revenue_identified":   "173.33 → 180.00 (6.67)",
	} {
		if moved[line] != want {
			t.Errorf("%s: %q, want %q", line, moved[line], want)
		}
	}
	for line := range moved {
		if strings.Contains(line, ".customers.") || strings.Contains(line, "retention") || strings.Contains(line, "prior") {
			t.Errorf("%s moved: %s", line, moved[line])
		}
	}
	// The same again prints the restatement; the list shows both.
	if again := c.done("close", "--period", "2023-Q4", "--json"); again != second {
		t.Errorf("closed again:\n%s", again)
	}
	if again := c.done("close", "--period", "2023-Q4", "--json", "--restate"); again != second {
		t.Errorf("restated without a change:\n%s", again)
	}
	list := c.done("closes")
	if strings.Count(list, "2023-Q4") != 2 || !strings.Contains(list, "restates seal 1") || !strings.Contains(list, "restated by seal 2") {
		t.Errorf("closes:\n%s", list)
	}
	// Both documents are there still.
	var documents []string
	c.within(func(_ *app, co *company) error {
		seals, err := co.store.Seals(context.Background())
		for _, s := range seals {
			documents = append(documents, string(s.Document))
		}
		return err
	})
	if len(documents) != 2 || documents[0] != first || documents[1] != second {
		t.Errorf("%d documents are kept", len(documents))
	}
	// Back to the first rows: again a restatement, never the old seal.
	c.write("data/2023.csv", year()["data/2023.csv"])
	c.refused("close", "--period", "2023-Q4", "--json")
	third := c.done("close", "--period", "2023-Q4", "--json", "--restate")
	if read(t, third).Sealed.Fingerprint != a.Sealed.Fingerprint || third == first {
		t.Errorf("the third seal:\n%s", third)
	}
}

// within opens the company as the program does.
func (c testCompany) within(do func(*app, *company) error) {
	c.t.Helper()
	a := &app{out: io.Discard, err: io.Discard, books: c.path("books.yaml"), now: time.Now}
	if err := a.with(context.Background(), func(co *company) error { return do(a, co) }); err != nil {
		c.t.Fatal(err)
	}
}

// Rows that moved, but no figure with them: the seal stands, and says so.
func TestSealStandsWhenNoFigureMoved(t *testing.T) {
	c := yearly(t)
	first := c.done("close", "--period", "2023-Q4", "--json")
	c.write("data/2023.csv", strings.Replace(year()["data/2023.csv"], "2023-11-05", "2023-11-06", 1))
	again := call(t, c.args("close", "--period", "2023-Q4", "--json")...)
	if again.code != exitDone || again.out != first || !strings.Contains(again.err, "the seal stands") {
		t.Errorf("exit %d\n%s%s", again.code, again.out, again.err)
	}
}

func TestRestatingNeedsASeal(t *testing.T) {
	c := yearly(t)
	if said := c.refused("close", "--period", "2023-Q4", "--restate"); !strings.Contains(said, "no seal") {
		t.Error(said)
	}
}

// counting counts the statements that are asked of the books.
type counting struct {
	closing.Books
	ledgers int
}

func (b *counting) Ledger(ctx context.Context, asOf calendar.Day) (closing.Ledger, error) {
	b.ledgers++
	return b.Books.Ledger(ctx, asOf)
}

// Months after the period leave its seal alone, and nothing is computed anew.
func TestLaterMonthsKeepTheSealAndCostNoStatement(t *testing.T) {
	c := yearly(t)
	first := c.done("close", "--period", "2023-Q4", "--json")
	for _, later := range []string{"who,day,eur,line\nz,2024-03-01,9,20\na,2024-01-01,9,21\n", "who,day,eur,line\n,2024-04-01,9,22\n"} {
		c.write(fmt.Sprintf("data/later%d.csv", len(later)), later)
		c.within(func(a *app, co *company) error {
			ctx := context.Background()
			return co.office.Brought(ctx, nil, func(closer *closing.Closer) error {
				counted := &counting{Books: closer.Books}
				closer.Books = counted
				named, err := closer.Settings.Calendar.Parse("2023-Q4")
				if err != nil {
					return err
				}
				outcome, err := closer.Close(ctx, closing.Order{Named: named, Active: growth.Net})
				if string(outcome.Document) != first || counted.ledgers != 0 {
					t.Errorf("%d statements were asked for, and the seal is\n%s", counted.ledgers, outcome.Document)
				}
				return err
			})
		})
	}
}

func TestDryRunSealsNothing(t *testing.T) {
	c := yearly(t)
	dry := read(t, c.done("close", "--period", "2023-Q4", "--json", "--dry-run"))
	if dry.Sealed != nil {
		t.Errorf("a dry run is sealed: %+v", dry.Sealed)
	}
	c.refused("closes")
	c.refused("statement", "customer", "--period", "2023-Q4")
	sealed := c.done("close", "--period", "2023-Q4", "--json")
	if got := unsealed(t, c.done("close", "--period", "2023-Q4", "--json", "--dry-run")); got != unsealed(t, sealed) {
		t.Errorf("dry:\n%s\nsealed:\n%s", got, sealed)
	}
	// A dry run shows what a restatement would say, and leaves the seal.
	c.write("data/2023.csv", strings.Replace(year()["data/2023.csv"], "33.33", "40.00", 1))
	if got := read(t, c.done("close", "--period", "2023-Q4", "--json", "--dry-run")); got.Customer.Revenue["current"] != "180.00" {
		t.Errorf("dry: %v", got.Customer.Revenue)
	}
	if kept := c.done("statement", "customer", "--period", "2023-Q4", "--format", "json"); kept != sealed {
		t.Errorf("the seal is now\n%s", kept)
	}
}

// Two processes that close one period at once: one seals, and the other prints
// the same seal or is told to close again. Never two seals.
func TestTwoClosesAtOnce(t *testing.T) {
	c := yearly(t)
	c.done("import")
	var wait sync.WaitGroup
	results := make([]called, 4)
	for i := range results {
		wait.Go(func() {
			results[i] = call(t, c.args("close", "--period", "2023-Q4", "--json", "--preparer", fmt.Sprint(i))...)
		})
	}
	wait.Wait()
	document := c.done("statement", "customer", "--period", "2023-Q4", "--format", "json")
	won := 0
	for i, r := range results {
		switch {
		case r.code == exitDone && r.out == document:
			won++
		case r.code == exitRefused && r.out == "" && strings.Contains(r.err, closing.ErrSealed.Error()):
		default:
			t.Errorf("close %d: exit %d\n%s%s", i, r.code, r.out, r.err)
		}
	}
	if won == 0 {
		t.Error("nobody sealed")
	}
	if list := c.done("closes"); strings.Count(list, "2023-Q4") != 1 {
		t.Errorf("closes:\n%s", list)
	}
	// Both computed before either sealed. Of the same books the second gets the
	// first one's seal; of other books it is told.
	for _, changes := range []bool{false, true} {
		c := yearly(t)
		c.within(func(_ *app, co *company) error {
			return co.office.Brought(context.Background(), nil, func(closer *closing.Closer) error {
				named, err := closer.Settings.Calendar.Parse("2023-Q4")
				if err != nil {
					return err
				}
				var first string
				closer.Seals = late{closer.Seals, func() {
					if changes {
						c.write("data/2023.csv", strings.Replace(year()["data/2023.csv"], "33.33", "40.00", 1))
					}
					first = c.done("close", "--period", "2023-Q4", "--json")
				}}
				outcome, err := closer.Close(context.Background(), closing.Order{Named: named, Active: growth.Net})
				switch {
				case changes && !errors.Is(err, closing.ErrSealed):
					t.Errorf("the later one, of other books: %v", err)
				case !changes && (err != nil || string(outcome.Document) != first):
					t.Errorf("the later one: %v\n%s", err, outcome.Document)
				}
				return nil
			})
		})
	}
}

// late lets somebody else seal just before.
type late struct {
	closing.Seals
	before func()
}

func (l late) Keep(ctx context.Context, s closing.Seal) (closing.Seal, error) {
	l.before()
	return l.Seals.Keep(ctx, s)
}

func TestReviewsOfACompany(t *testing.T) {
	c := yearly(t)
	if said := c.refused("review", "--period", "2023-Q4", "--reviewer", "Grace"); !strings.Contains(said, "has not been closed") {
		t.Error(said)
	}
	c.done("close", "--period", "2023-Q4", "--preparer", "Ada")
	for _, own := range []string{"Ada", "ada "} {
		if said := c.refused("review", "--period", "2023-Q4", "--reviewer", own); !strings.Contains(said, "second person") {
			t.Error(said)
		}
	}
	if got := call(t, c.args("review", "--period", "2023-Q4")...); got.code != exitUsage || got.out != "" {
		t.Errorf("without a reviewer: %+v", got)
	}
	c.done("review", "--period", "2023-Q4", "--reviewer", "Grace", "--note", "returns checked")
	if said := c.refused("review", "--period", "2023-Q4", "--reviewer", "Joan"); !strings.Contains(said, "reviewed already") {
		t.Error(said)
	}
	if list := c.done("closes"); !strings.Contains(list, "Ada") || !strings.Contains(list, "Grace") {
		t.Errorf("closes:\n%s", list)
	}
	// A restatement needs a review of its own.
	c.write("data/2023.csv", strings.Replace(year()["data/2023.csv"], "33.33", "40.00", 1))
	c.done("close", "--period", "2023-Q4", "--restate", "--preparer", "Ada")
	c.done("review", "--period", "2023-Q4", "--reviewer", "Joan")
}

// Who has an account is one person under every name, so that nobody reviews
// the own close.
func TestAUserCannotReviewTheirOwnCloseUnderAnotherName(t *testing.T) {
	c := yearly(t)
	c.done("close", "--period", "2023-Q1", "--preparer", "a@ex.com") // before there is an account
	c.done("user", "add", "--email", "a@ex.com", "--role", "administrator")
	c.done("user", "add", "--email", "b@ex.com", "--role", "finance")
	c.done("close", "--period", "2023-Q2", "--preparer", "user 1") // as a page closes
	c.done("close", "--period", "2023-Q3", "--preparer", " A@ex.com")
	for _, period := range []string{"2023-Q1", "2023-Q2", "2023-Q3"} {
		for _, own := range []string{"a@ex.com", "A@EX.com ", "user 1", "User  01"} {
			if said := c.refused("review", "--period", period, "--reviewer", own); !strings.Contains(said, "second person") {
				t.Errorf("%s by %q: %s", period, own, said)
			}
		}
		if said := c.refused("review", "--period", period, "--reviewer", "user 99"); !strings.Contains(said, "there is no user 99") {
			t.Error(said)
		}
		c.done("review", "--period", period, "--reviewer", "b@ex.com")
	}
	if said := c.refused("close", "--period", "2023-Q4", "--preparer", "user 99"); !strings.Contains(said, "there is no user 99") {
		t.Error(said)
	}
	if list := c.done("closes"); strings.Count(list, "user 2") != 3 || strings.Count(list, "user 1") != 2 {
		t.Errorf("closes:\n%s", list)
	}
}

// An old seal names a snapshot whose parts are all there still, so that its
// figures can be worked out again.
func TestSealedSnapshotCanBeAskedAgain(t *testing.T) {
	c := yearly(t)
	first := c.done("close", "--period", "2023-Q4", "--json")
	c.write("data/2023.csv", strings.Replace(year()["data/2023.csv"], "33.33", "40.00", 1))
	c.done("close", "--period", "2023-Q4", "--json", "--restate")
	c.done("import")
	c.within(func(a *app, co *company) error {
		ctx := context.Background()
		seals, err := co.store.Seals(ctx)
		if err != nil {
			return err
		}
		old, err := co.store.Snapshot(ctx, seals[0].Snapshot)
		if err != nil {
			return err
		}
		for _, p := range old.Parts {
			if _, err := os.Stat(filepath.Join(co.dir, p.Path)); err != nil {
				t.Errorf("part of the sealed snapshot: %v", err)
			}
		}
		return co.office.Brought(ctx, nil, func(closer *closing.Closer) error {
			held, ok := closer.Books.(*books.Held)
			if !ok {
				t.Fatal("the closer has other books")
			}
			held.Snapshot = old
			named, err := closer.Settings.Calendar.Parse("2023-Q4")
			if err != nil {
				return err
			}
			outcome, err := closer.Close(ctx, closing.Order{Named: named, Active: growth.Net, DryRun: true})
			if err == nil && unsealed(t, string(outcome.Document)) != unsealed(t, first) {
				t.Errorf("worked out again:\n%s\nwas\n%s", outcome.Document, first)
			}
			return err
		})
	})
}
