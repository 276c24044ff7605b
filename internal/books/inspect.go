package books

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
	"github.com/throughline/throughline/money"
)

// Inspector answers what is unusual about the rows of books.
type Inspector interface {
	Inspect(ctx context.Context, from engine.Inspection) (engine.Inspected, error)
	// Repeats counts rows of one source beyond the first of each content.
	Repeats(ctx context.Context, parts []engine.Part) (int64, error)
	// Identities looks at the customer ids of all books together.
	Identities(ctx context.Context, parts []engine.Part, keys []string) (engine.Identities, error)
	// UnusedNames lists which names stand in none of the columns, in order.
	UnusedNames(ctx context.Context, names []string, columns []engine.TextColumn) ([]string, error)
}

// Checked is what a check found: one JSON document, described in
// docs/check.md.
type Checked struct {
	Company  string        `json:"company"`
	Currency string        `json:"currency"`
	Snapshot int64         `json:"snapshot"`
	Today    calendar.Day  `json:"today"`
	Allowed  bool          `json:"close_allowed"`
	Refusals []Advice      `json:"refusals"`
	Findings []Finding     `json:"findings"` // across books
	Books    []CheckedBook `json:"books"`
	Next     []string      `json:"next"`
}

// Advice is a reason for which a close is refused, and what to do.
type Advice struct {
	What string `json:"what"`
	Do   string `json:"do,omitempty"`
	Kind string `json:"kind,omitempty"` // of closing and of engine
	Book string `json:"book,omitempty"`
}

// Finding is a suspicious pattern.
type Finding struct {
	Code     string   `json:"code"`
	Text     string   `json:"text"`
	Do       string   `json:"do,omitempty"`
	Count    int64    `json:"count"`
	Examples []string `json:"examples,omitempty"`
}

// CheckedBook is one book.
type CheckedBook struct {
	Book         string             `json:"book"`
	Rows         int64              `json:"rows"`    // that are kept
	Read         int64              `json:"read"`    // that the files gave
	Dropped      int64              `json:"dropped"` // of these, older than the settings keep them
	Refused      int64              `json:"refused"`
	RefusedShare float64            `json:"refused_share"`
	Threshold    float64            `json:"refused_threshold"`
	Above        bool               `json:"above_threshold"`
	Skipped      int64              `json:"skipped"`
	Rounded      int64              `json:"rounded"`
	Repeated     int64              `json:"repeated"`
	FirstDay     *calendar.Day      `json:"first_day"`
	LastDay      *calendar.Day      `json:"last_day"`
	Days         int64              `json:"days_with_rows"`
	Missing      []string           `json:"months_without_rows"`
	Identified   *Covered           `json:"with_customer"`
	Unidentified *Covered           `json:"without_customer"`
	Customers    int64              `json:"customers"`
	Findings     []Finding          `json:"findings"`
	Reasons      []RefusedGroup     `json:"refused_rows"`
	Sources      []CheckedSource    `json:"sources"`
	Values       map[string][]Value `json:"values"`
}

// Covered is one side of a book.
type Covered struct {
	Rows   int64   `json:"rows"`
	Share  float64 `json:"share"`
	Amount *string `json:"amount"` // null: no amounts, or in several currencies
}

// Value is a value of a column with how many rows hold it; "" is unknown.
type Value struct {
	Value string `json:"value"`
	Rows  int64  `json:"rows"`
}

// RefusedGroup is the refused rows of one reason.
type RefusedGroup struct {
	Column   string         `json:"column"`
	Reason   string         `json:"reason"`
	Count    int64          `json:"count"`
	Examples []RefusedPlace `json:"examples"`
}

// RefusedPlace is where a refused row stands.
type RefusedPlace struct {
	File  string `json:"file"`
	Line  int64  `json:"line"`
	Value string `json:"value"`
}

// CheckedSource is one file of a book.
type CheckedSource struct {
	Path       string        `json:"path"`
	Rows       int64         `json:"rows"`    // that are kept
	Dropped    int64         `json:"dropped"` // older than the settings keep them
	Refused    int64         `json:"refused"`
	Skipped    int64         `json:"skipped"`
	Rounded    int64         `json:"rounded"`
	Repeated   int64         `json:"repeated"`
	Duplicates int64         `json:"duplicates"`
	ReadAt     time.Time     `json:"read_at"`
	NewestDay  *calendar.Day `json:"newest_day"`
}

// Check looks for what is unusual in our copy of the books; today is the
// company's.
type Check struct {
	Held      *Held
	Inspector Inspector
	Today     calendar.Day
	Progress  Progress
}

// tallied are the columns of few values that a check counts.
var tallied = map[string][]string{
	"orders": {"currency"}, "subscriptions": {"currency"}, "customers": {"acquired_via", "acquired_how", "excluded"}, "answers": {"question"},
}

// Run checks every mapped book.
func (c *Check) Run(ctx context.Context) (*Checked, error) {
	h := c.Held
	out := &Checked{Company: h.Config.Company, Currency: h.Config.Settings.Currency, Snapshot: h.Snapshot.ID, Today: c.Today,
		Refusals: []Advice{}, Findings: []Finding{}, Books: []CheckedBook{}, Next: []string{}}
	var identified []engine.Part
	names := h.Config.Mapped()
	for i, name := range names {
		c.Progress("check "+name, int64(i), int64(len(names)))
		book, _ := fact.Find(name)
		b, found, err := c.book(ctx, book)
		if err != nil {
			return nil, err
		}
		if slices.Contains(found.Columns, "customer_key") {
			identified = append(identified, h.parts(name)...)
		}
		out.Books = append(out.Books, b)
	}
	ids, err := c.Inspector.Identities(ctx, identified, snapshot.Paths(keyParts(h.Snapshot)))
	if err != nil {
		return nil, err
	}
	out.Findings = append(out.Findings, aboutIDs(ids)...)
	margins, err := c.marginNames(ctx)
	out.Findings = append(out.Findings, margins...)
	return out, err
}

// book checks one book.
func (c *Check) book(ctx context.Context, book fact.Book) (CheckedBook, engine.Inspected, error) {
	h := c.Held
	threshold, _ := h.Config.Settings.Threshold().Float64()
	b := CheckedBook{Book: book.Name, Threshold: threshold, Missing: []string{}, Findings: []Finding{}, Reasons: []RefusedGroup{}, Sources: []CheckedSource{}, Values: map[string][]Value{}}
	var found engine.Inspected
	if err := c.sources(ctx, book, &b); err != nil {
		return b, found, err
	}
	if err := c.refused(book.Name, &b); err != nil {
		return b, found, err
	}
	parts := h.parts(book.Name)
	if len(parts) == 0 {
		return b, found, nil
	}
	b.span(parts)
	found, err := c.Inspector.Inspect(ctx, engine.Inspection{Book: book, Parts: parts, Keys: snapshot.Paths(keyParts(h.Snapshot)), Today: c.Today, Tally: append(slices.Clone(tallied[book.Name]), missable[book.Name]...)})
	if err != nil {
		return b, found, err
	}
	b.Days = found.Days
	b.cover(found, c.several(found))
	b.Findings = append(b.Findings, c.suspicions(book, b, found)...)
	for name, values := range found.Tallies {
		if slices.Contains(missable[book.Name], name) {
			continue
		}
		for _, v := range values {
			b.Values[name] = append(b.Values[name], Value(v))
		}
	}
	return b, found, nil
}

// missable are columns whose missing share is worth telling.
var missable = map[string][]string{"customers": {"acquired_on"}}

// sources tells what became of each file.
func (c *Check) sources(ctx context.Context, book fact.Book, b *CheckedBook) error {
	h := c.Held
	keyed := len(naturalKey(book, h.Config.Books[book.Name])) > 0
	kept := h.Snapshot.Kept()
	b.Rows = h.Snapshot.Size(book.Name)
	for _, s := range h.Snapshot.Of(book.Name) {
		x := CheckedSource{Path: s.Path, Rows: kept[s.ID], Dropped: s.Rows - kept[s.ID], Refused: s.Refused, Skipped: s.Skipped, Rounded: s.Rounded, Repeated: s.Repeated, ReadAt: s.ReadAt.UTC().Truncate(time.Second)}
		var parts []engine.Part
		for _, p := range h.Snapshot.With(book.Name, snapshot.Rows) {
			if p.Source != s.ID {
				continue
			}
			parts = append(parts, p.Part)
			if p.Month != engine.Undated && p.Rows > 0 && (x.NewestDay == nil || p.Last > *x.NewestDay) {
				x.NewestDay = &p.Last
			}
		}
		if !keyed {
			var err error
			if x.Duplicates, err = c.Inspector.Repeats(ctx, parts); err != nil {
				return err
			}
		}
		b.Read, b.Dropped = b.Read+s.Rows, b.Dropped+x.Dropped
		b.Refused, b.Skipped = b.Refused+s.Refused, b.Skipped+s.Skipped
		b.Rounded, b.Repeated = b.Rounded+s.Rounded, b.Repeated+s.Repeated
		b.Sources = append(b.Sources, x)
	}
	if all := b.Read + b.Refused; all > 0 {
		share := big.NewRat(b.Refused, all)
		b.Above = share.Cmp(h.Config.Settings.Threshold()) > 0
		b.RefusedShare, _ = share.Float64()
	}
	return nil
}

// maxReasons and maxExamples bound what is listed of refused rows.
const (
	maxReasons  = 50
	maxExamples = 3
)

// refused groups the refused rows by column and reason.
func (c *Check) refused(name string, b *CheckedBook) error {
	at := map[string]int{}
	var groups []RefusedGroup
	for _, s := range c.Held.Snapshot.Of(name) {
		err := ReadRefused(c.Held.Dir, s, func(r RefusedRow) error {
			key := r.Column + "\x00" + r.Reason
			i, ok := at[key]
			if !ok {
				if len(groups) == maxReasons {
					key = "\x00"
					if i, ok = at[key]; !ok {
						i = len(groups)
						at[key] = i
						groups = append(groups, RefusedGroup{Reason: "other reasons"})
					}
				} else {
					i = len(groups)
					at[key] = i
					groups = append(groups, RefusedGroup{Column: r.Column, Reason: r.Reason})
				}
			}
			groups[i].Count++
			if len(groups[i].Examples) < maxExamples {
				groups[i].Examples = append(groups[i].Examples, RefusedPlace{File: r.File, Line: r.Line, Value: r.Value})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.SortStableFunc(groups, func(x, y RefusedGroup) int {
		if x.Count != y.Count {
			return int(y.Count - x.Count)
		}
		return strings.Compare(x.Column+x.Reason, y.Column+y.Reason)
	})
	b.Reasons = append(b.Reasons, groups...)
	return nil
}

// span tells the first and last day and the months between without rows.
func (b *CheckedBook) span(parts []engine.Part) {
	months := map[calendar.Month]bool{}
	for _, p := range parts {
		if p.Month == engine.Undated || p.Rows == 0 {
			continue
		}
		months[p.Month] = true
		if b.FirstDay == nil || p.First < *b.FirstDay {
			b.FirstDay = &p.First
		}
		if b.LastDay == nil || p.Last > *b.LastDay {
			b.LastDay = &p.Last
		}
	}
	if b.FirstDay == nil {
		return
	}
	for m := calendar.MonthOf(*b.FirstDay); m < calendar.MonthOf(*b.LastDay); m++ {
		if !months[m] {
			b.Missing = append(b.Missing, m.String())
		}
	}
}

// several tells whether amounts are in more than one currency; a row without
// one is in the statement's own.
func (c *Check) several(found engine.Inspected) bool {
	codes := map[string]bool{}
	for _, v := range found.Tallies["currency"] {
		if v.Value == "" {
			v.Value = c.Held.Config.Settings.Currency
		}
		codes[v.Value] = true
	}
	return len(codes) > 1
}

// cover tells how much of a book names a customer.
func (b *CheckedBook) cover(found engine.Inspected, several bool) {
	b.Customers = found.Customers
	if !slices.Contains(found.Columns, "customer_key") && found.Identified.Rows == 0 && b.Book != "orders" {
		return
	}
	all := found.Identified.Rows + found.Unidentified.Rows
	side := func(s engine.Side) *Covered {
		out := &Covered{Rows: s.Rows, Share: share(s.Rows, all)}
		if s.Amount != nil && !several {
			text := money.FromBig(s.Amount).Text(2)
			out.Amount = &text
		} else if s.Rows == 0 && !several && (found.Identified.Amount != nil || found.Unidentified.Amount != nil) {
			text := money.Amount{}.Text(2)
			out.Amount = &text
		}
		return out
	}
	b.Identified, b.Unidentified = side(found.Identified), side(found.Unidentified)
}

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func percent(x float64) string {
	switch {
	case x > 0 && x < 0.0001:
		return "under 0.01%"
	case x < 0.1:
		return fmt.Sprintf("%.2f%%", 100*x)
	}
	return fmt.Sprintf("%.1f%%", 100*x)
}
