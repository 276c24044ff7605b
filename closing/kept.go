package closing

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
)

// NoLonger says of a book that its rows before a day are dropped.
func NoLonger(book string, kept calendar.Day) string {
	return book + " before " + calendar.MonthOf(kept).String() + " are no longer kept"
}

// outlived refuses a statement that needs rows which are no longer kept: it
// would silently be of a part of them. Nil: none is needed.
func (c *Closer) outlived(state State, w growth.Windows) *Refusal {
	for _, book := range append(slices.Clone(c.basis()), "rates") {
		if kept, dropped := state.Kept[book]; dropped && min(w.Compared.Start, w.Period.Start) < kept {
			return &Refusal{
				What: fmt.Sprintf("%s (settings: how long rows are kept), and a statement of %s compared with %s needs them", NoLonger(book, kept), w.Period, w.Compared),
				Do:   "close a later period",
				Kind: NotKept, Book: book,
			}
		}
	}
	return nil
}

// printed gives the seal of a statement that can no longer be computed, or the
// reason why it cannot be.
func (c *Closer) printed(ctx context.Context, state State, o Order, w growth.Windows, gone *Refusal) (Outcome, error) {
	inputs, err := c.inputs(ctx, state, o, w)
	if err != nil {
		return Outcome{}, err
	}
	sealed, found, err := c.Seals.Current(ctx, inputs.statement())
	if err != nil {
		return Outcome{}, err
	}
	if !found || o.Restate || o.DryRun {
		return Outcome{}, gone
	}
	var before Inputs
	if err := before.parse(sealed.Inputs); err != nil {
		return Outcome{}, err
	}
	note := gone.What + "; it is sealed, cannot be computed again, and stands"
	if changed := before.since(state.Kept).changes(inputs.since(state.Kept)); len(changed) > 0 {
		note += "; what is kept has changed since (" + changed.summary() + ")"
	}
	return Outcome{Document: sealed.Document, Seal: sealed, Notes: []string{note}}, nil
}

// stands tells whether the inputs of a seal are those of now, as far as rows
// are kept; notes say which are not.
func (c *Closer) stands(sealed Seal, now Inputs, kept map[string]calendar.Day) (same bool, notes []string, err error) {
	if sealed.Fingerprint == now.fingerprint() {
		return true, nil, nil
	}
	if len(kept) == 0 {
		return false, nil, nil
	}
	var before Inputs
	if err := before.parse(sealed.Inputs); err != nil {
		return false, nil, err
	}
	if before.since(kept).fingerprint() != now.since(kept).fingerprint() {
		return false, nil, nil
	}
	for _, c := range before.dropped(kept) {
		notes = append(notes, c.What+"; nothing else changed since the seal, and it stands")
	}
	return true, notes, nil
}

// since leaves out the months that are no longer kept. Rows without a date are
// of no month.
func (in Inputs) since(kept map[string]calendar.Day) Inputs {
	books, refused := in.Books, in.Refused
	in.Books, in.Refused = map[string]map[string]Print{}, map[string]int64{}
	gone := func(book, month string) bool {
		day, dropped := kept[book]
		return dropped && month != "" && month < calendar.MonthOf(day).String()
	}
	for book, months := range books {
		for month, print := range months {
			if gone(book, month) {
				continue
			}
			if in.Books[book] == nil {
				in.Books[book] = map[string]Print{}
			}
			in.Books[book][month] = print
		}
	}
	for month, n := range refused {
		if !slices.ContainsFunc(lineBooks, func(book string) bool { return gone(book, month) }) {
			in.Refused[month] = n
		}
	}
	return in
}

// dropped lists the books of which a seal was computed from rows that are no
// longer kept.
func (in Inputs) dropped(kept map[string]calendar.Day) (out Changes) {
	for _, book := range statementBooks {
		day, ok := kept[book]
		if !ok {
			continue
		}
		for month := range in.Books[book] {
			if month != "" && month < calendar.MonthOf(day).String() {
				out = append(out, Change{What: NoLonger(book, day)})
				break
			}
		}
	}
	return out
}

// changesSince are the changes with what is no longer kept told once a book.
func (in Inputs) changesSince(now Inputs, kept map[string]calendar.Day) Changes {
	return append(in.dropped(kept), in.since(kept).changes(now.since(kept))...)
}

// shortened tells whether a line may have moved only because the statement
// looks less far back, which asks no seal to be restated: how many months of
// history there are, cohorts that are shown no longer, and a trailing year that
// reaches beyond what is kept.
func shortened(m Moved) bool {
	if strings.HasSuffix(m.Line, ".coverage.history_months") {
		return true
	}
	block, rest, _ := strings.Cut(m.Line, ".")
	switch block {
	case "cohorts":
		return m.After == "" || rest == "refused" || rest == "unlocked_by" || strings.HasPrefix(rest, "spans.") || strings.HasPrefix(rest, "cohorts.before.")
	case "touchpoints", "touchpoint_coverage":
		return m.After == "" || rest == "refused" || rest == "unlocked_by" || strings.HasSuffix(rest, "_before") || strings.HasPrefix(rest, "next.")
	case "cohorts_by_group":
		return m.After == "" || strings.Contains(rest, ".cohorts.before.") || spanPlace.MatchString(rest)
	case "customer_trailing_year", "profit_trailing_year", "loyalty":
		return m.After == "" || rest == "refused" || rest == "unlocked_by"
	}
	return false
}

// spanPlace is a place in the list of spans of a kind.
var spanPlace = regexp.MustCompile(`^\w+\.spans\.[\w ]+\.spans\.\d+$`)
