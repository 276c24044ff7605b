package closing

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"sort"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
)

// allow refuses a close that would state what the books do not hold.
func (c *Closer) allow(ctx context.Context, state State, w growth.Windows) error {
	refusals, err := c.refusals(ctx, state, w.Period.End)
	if err != nil {
		return err
	}
	if len(refusals) > 0 {
		return refusals[0]
	}
	return c.allowEmpty(state, w)
}

// allowEmpty refuses a period that the books do not reach: its statement would
// be of nothing at all. Subscriptions accrue beyond the day they began.
func (c *Closer) allowEmpty(state State, w growth.Windows) error {
	if c.withoutLines(state) {
		first := state.First["people"]
		if len(state.Prints["people"]) > 0 && !ofContacts(state) && first >= w.Period.End {
			return &Refusal{What: fmt.Sprintf("the books know nobody in %s; their first row is of %s", w.Period, first), Do: "close a later period, or add the missing export to `from` of the book people", Kind: EmptyPeriod, Book: "people"}
		}
		return nil
	}
	if c.Settings.Basis != "orders" {
		return nil
	}
	first, held := state.First["orders"]
	last := state.Last["orders"]
	if kept, dropped := state.Kept["orders"]; dropped && !held {
		return &Refusal{What: fmt.Sprintf("the books hold no line in %s: %s, and there are none since", w.Period, NoLonger("orders", kept)), Do: "add the missing export to `from` of the book orders", Kind: EmptyPeriod, Book: "orders"}
	}
	if first < w.Period.End && last >= w.Period.Start {
		return nil
	}
	return &Refusal{
		What: fmt.Sprintf("the books hold no line in %s; they run from %s to %s", w.Period, first, last),
		Do:   "close a period within them, or add the missing export to `from` of the book orders",
		Kind: EmptyPeriod, Book: "orders",
	}
}

// Refusals are all the reasons for which a close of a period up to a day
// (excluded) would be refused; none means that it would be allowed.
func (c *Closer) Refusals(ctx context.Context, until calendar.Day) ([]*Refusal, error) {
	state, err := c.Books.State(ctx)
	if err != nil {
		return nil, err
	}
	return c.refusals(ctx, state, until)
}

func (c *Closer) refusals(ctx context.Context, state State, until calendar.Day) (out []*Refusal, err error) {
	basis := lineBooks
	if c.Settings.Basis != "both" {
		basis = []string{c.Settings.Basis}
	}
	for _, book := range statementBooks {
		r, err := c.refuseRefused(ctx, book, state.Counts[book])
		if err != nil {
			return nil, err
		}
		if r != nil {
			out = append(out, r)
		}
	}
	missing := false
	if c.withoutLines(state) {
		basis, missing = nil, true
	}
	for _, book := range basis {
		if _, dropped := state.Kept[book]; len(state.Prints[book]) == 0 && !dropped {
			missing = true
			out = append(out, &Refusal{
				What: "there are no " + book + ", and the customer statement is made of them",
				Do:   "map the book " + book + " in books.yaml, or look at its refused rows with `throughline check`",
				Kind: NoLines, Book: book,
			})
		}
	}
	if !missing && !slices.Contains(state.Mapped[basis[0]], "customer_key") {
		out = append(out, &Refusal{What: basis[0] + " has no customer_id, so no line can be led to a customer", Do: "map customer_id to the column that identifies the customer", Kind: NoCustomerID, Book: basis[0]})
	}
	if r := c.refuseGrain(state); r != nil {
		out = append(out, r)
	}
	if r := c.refuseOverlaps(state, until); r != nil {
		out = append(out, r)
	}
	return out, nil
}

// refuseGrain refuses a grain that no column can tell.
func (c *Closer) refuseGrain(state State) *Refusal {
	column := map[string]string{"account": "account_id", "household": "household_id", "entity": "entity"}[c.Settings.Grain]
	books := []string{"customers"}
	if column == "entity" && c.Settings.Basis != "subscriptions" { // which have none of their own
		books = []string{"orders", "customers"}
	}
	tells := func(book string) bool { return slices.Contains(state.Mapped[book], column) }
	if column == "" || slices.ContainsFunc(books, tells) {
		return nil
	}
	return &Refusal{What: "grain: " + c.Settings.Grain + " needs the column " + column + " of " + strings.Join(books, " or of "), Do: "map it in books.yaml, or set grain: customer", Kind: GrainUnknown, Book: books[0]}
}

// refuseOverlaps refuses while nobody has said whether rows stand twice.
func (c *Closer) refuseOverlaps(state State, until calendar.Day) *Refusal {
	end := calendar.MonthOf(until - 1).String()
	var lines []string
	book := ""
	for _, o := range state.Overlaps {
		if o.Month > end || !slices.Contains(statementBooks, o.Book) {
			continue
		}
		book = o.Book
		days := o.First.String()
		if o.Last != o.First {
			days += " to " + o.Last.String()
		}
		if len(lines) < maxListed {
			lines = append(lines, fmt.Sprintf("  %s and %s: %d rows of identical content, %s", o.A, o.B, o.Rows, days))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return &Refusal{
		What: "two exports seem to hold the same rows of " + book + ":\n" + strings.Join(lines, "\n"),
		Do:   "say in books.yaml, under the book " + book + ", `overlaps: once` if they are the same rows, or `overlaps: keep` if each stands for itself; a mapped natural key (such as line_id) settles it for good",
		Kind: Overlapping, Book: book,
	}
}

// refuseRefused refuses when too many rows of a book could not be read, naming
// the commonest reasons.
func (c *Closer) refuseRefused(ctx context.Context, book string, n Count) (*Refusal, error) {
	total := n.Rows + n.Refused
	if n.Refused == 0 || big.NewRat(n.Refused, total).Cmp(c.Settings.Threshold) <= 0 {
		return nil, nil
	}
	reasons := map[string]int64{}
	example := map[string]RefusedRow{}
	err := c.Books.Refused(ctx, book, func(r RefusedRow) error {
		key := strings.TrimSpace(r.Column + " " + r.Reason)
		if reasons[key]++; reasons[key] == 1 {
			example[key] = r
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var keys []string
	for k := range reasons {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if reasons[keys[i]] != reasons[keys[j]] {
			return reasons[keys[i]] > reasons[keys[j]]
		}
		return keys[i] < keys[j]
	})
	var lines []string
	for _, k := range keys[:min(5, len(keys))] {
		r := example[k]
		lines = append(lines, fmt.Sprintf("  %d times: %s, for example %s", reasons[k], k, r))
	}
	limit, _ := new(big.Rat).Mul(c.Settings.Threshold, big.NewRat(100, 1)).Float64()
	return &Refusal{
		What: fmt.Sprintf("%d of %d rows of %s were refused, more than %g%%; the commonest reasons:\n%s", n.Refused, total, book, limit, strings.Join(lines, "\n")),
		Do:   "mend the source or its mapping (`throughline check` lists them all), or allow more with `refused_threshold` in settings",
		Kind: ManyRefused, Book: book,
	}, nil
}

// String places a refused row: file:line: column: value.
func (r RefusedRow) String() string {
	text := fmt.Sprintf("%s:%d", r.File, r.Line)
	if r.Column != "" {
		text += ": " + r.Column
	}
	if r.Value != "" {
		text += fmt.Sprintf(" %q", r.Value)
	}
	return text
}
