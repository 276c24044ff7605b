package closing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
)

// ErrSealed is returned when somebody else has sealed the same statement
// meanwhile.
var ErrSealed = errors.New("the same statement has been sealed by somebody else meanwhile; close again to see it")

// State is what a snapshot holds, as far as a close depends on it.
type State struct {
	Snapshot int64
	Method   string // how rows are fingerprinted
	// Prints are fingerprints by book and month ("2010-06", or "" for rows
	// without a time).
	Prints   map[string]map[string]Print
	Counts   map[string]Count
	Overlaps []Overlap
	First    map[string]calendar.Day // first day of each dated book
	Last     map[string]calendar.Day // last day of each dated book
	Mapped   map[string][]string     // columns that each book stores
	// Kept is the day from which each book of which rows were dropped is kept;
	// of months before it there are no fingerprints.
	Kept map[string]calendar.Day
}

// Print is the fingerprint of one book's month.
type Print struct {
	Rows int64  `json:"rows"`
	Sum  string `json:"sum"` // 128 bits, hexadecimal
}

// Count is what the import of a book found.
type Count struct {
	Rows, Refused, Rounded int64
}

// Overlap is a suspicion that two sources hold the same rows.
type Overlap struct {
	Book, A, B  string
	Rows        int64
	First, Last calendar.Day
	Month       string
}

// statementBooks are the books that the customer statement is computed from.
var statementBooks = []string{"orders", "subscriptions", "customers", "customer_links", "rates", "controls", "answers", "interactions", "costs", "people", "trainings", "remarks", "measures"}

// Inputs identify what a statement was computed from.
type Inputs struct {
	Period   calendar.Period             `json:"period"`
	Compared calendar.Period             `json:"compared_with"`
	Kind     calendar.Kind               `json:"kind"`
	Active   growth.Active               `json:"active"`
	Settings map[string]string           `json:"settings"`
	Method   string                      `json:"method"`
	Books    map[string]map[string]Print `json:"books"`
	Refused  map[string]int64            `json:"refused"` // of the lines, by month
}

// inputs gathers the fingerprints of every month up to the period's end. Lines
// of later months cannot touch the statement and are left out.
func (c *Closer) inputs(ctx context.Context, state State, o Order, w growth.Windows) (Inputs, error) {
	in := Inputs{
		Period: w.Period, Compared: w.Compared, Kind: o.Named.Kind, Active: o.Active, Method: state.Method,
		Settings: c.settings(),
		Refused:  map[string]int64{},
	}
	end := calendar.MonthOf(w.Period.End - 1).String()
	in.Books = c.prints(state, end)
	if len(in.Books["people"]) > 0 {
		c.staffSettings(in.Settings)
	}
	if accounts := c.Settings.Income.String(); accounts != "" {
		in.Settings["income_statement"] = accounts
	}
	if c.mapped() {
		var err error
		if in.Settings[journeyMap], err = journeyDigest(c.Settings.Journey); err != nil {
			return in, err
		}
		if len(in.Books["people"]) > 0 {
			if in.Settings[journeyRoles], err = rolesDigest(c.Settings.Journey); err != nil {
				return in, err
			}
		}
	}
	for _, book := range lineBooks {
		err := c.Books.Refused(ctx, book, func(r RefusedRow) error {
			month := ""
			if r.Day != nil {
				month = calendar.MonthOf(*r.Day).String()
			}
			if month <= end {
				in.Refused[month]++
			}
			return nil
		})
		if err != nil {
			return in, err
		}
	}
	return in, nil
}

// settings are those that figures depend on.
func (c *Closer) settings() map[string]string {
	out := map[string]string{
		"currency": string(c.Settings.Currency), "timezone": c.Settings.TimeZone, "grain": c.Settings.Grain,
		"statement_basis": c.Settings.Basis, "returns_counted": c.Settings.Returns, "reconcile_accounts": strings.Join(c.Settings.Reconcile, ", "),
	}
	// What earlier releases did not know is named only where it is not the usual, so that their seals stand.
	if o := c.Settings.Orders; o != "" && o != "by order id" {
		out["orders_counted"] = o
	}
	if rate := c.Settings.Discount; rate != nil {
		out["discount_rate"] = rate.FloatString(6)
	}
	if earned := c.Settings.AcquireEarned; len(earned) > 0 {
		out["acquire_earned"] = strings.Join(earned, ", ")
	}
	var margins []string
	for _, name := range slices.Sorted(maps.Keys(c.Settings.Margins)) {
		margins = append(margins, name+" "+c.Settings.Margins[name].Text(0))
	}
	if len(margins) > 0 {
		out["margin"] = strings.Join(margins, ", ")
	}
	return out
}

// staffSettings adds those that only figures of people depend on.
func (c *Closer) staffSettings(out map[string]string) {
	out["training"] = c.Settings.Training.String()
	if n := c.Settings.MinimumGroup; n > 0 {
		out["minimum_group"] = strconv.Itoa(n)
	}
	var exits []string
	for _, word := range slices.Sorted(maps.Keys(c.Settings.Exits)) {
		exits = append(exits, word+": "+c.Settings.Exits[word])
	}
	if len(exits) > 0 {
		out["exit_kinds"] = strings.Join(exits, ", ")
	}
}

// prints are the fingerprints of every month up to end. A customer's row counts
// whenever its acquired_on is: whether it is excluded, and how it came, matter
// to earlier lines too.
func (c *Closer) prints(state State, end string) map[string]map[string]Print {
	out := map[string]map[string]Print{}
	for _, book := range statementBooks {
		for month, print := range state.Prints[book] {
			if month > end && book != "customers" && !c.lateReturns(book) {
				continue
			}
			if out[book] == nil {
				out[book] = map[string]Print{}
			}
			out[book][month] = print
		}
	}
	return out
}

// lineBooks are the books whose rows are revenue.
var lineBooks = []string{"orders", "subscriptions"}

// lateReturns tells whether later rows of a book reach back into a period.
func (c *Closer) lateReturns(book string) bool {
	return book == "orders" && c.Settings.Returns == "at the sale"
}

// Identity is what makes a statement the one that it is, apart from its inputs: another comparison, grain or definition is
// another statement.
type Identity struct {
	Period, Compared calendar.Period
	Kind             calendar.Kind
	Active           growth.Active
	Grain            string
}

// String is the identity as seals hold it in Statement.
func (i Identity) String() string {
	return strings.Join([]string{i.Period.String(), i.Compared.String(), string(i.Kind), string(i.Active), i.Grain}, " ")
}

// ParseIdentity reads what String wrote. A kind may be of two words.
func ParseIdentity(text string) (Identity, error) {
	words := strings.Split(text, " ")
	if len(words) < 5 {
		return Identity{}, fmt.Errorf("read a seal's statement: %q is none", text)
	}
	last := len(words) - 1
	i := Identity{Kind: calendar.Kind(strings.Join(words[2:last-1], " ")), Active: growth.Active(words[last-1]), Grain: words[last]}
	for at, into := range []*calendar.Period{&i.Period, &i.Compared} {
		start, end, _ := strings.Cut(words[at], "..")
		var err, endErr error
		into.Start, err = calendar.ParseDay(start)
		into.End, endErr = calendar.ParseDay(end)
		if err := errors.Join(err, endErr); err != nil {
			return i, fmt.Errorf("read a seal's statement %q: %w", text, err)
		}
	}
	return i, nil
}

// Identity is that of the statement that was computed from these inputs.
func (in Inputs) Identity() Identity {
	return Identity{Period: in.Period, Compared: in.Compared, Kind: in.Kind, Active: in.Active, Grain: in.Settings["grain"]}
}

func (in Inputs) statement() string { return in.Identity().String() }

// bytes encodes the inputs; maps encode in the order of their keys.
func (in Inputs) bytes() []byte {
	data, err := json.Marshal(in)
	if err != nil {
		panic(err) // strings, numbers and days always encode
	}
	return data
}

func (in *Inputs) parse(data []byte) error {
	if err := json.Unmarshal(data, in); err != nil {
		return fmt.Errorf("read the inputs of a seal: %w", err)
	}
	return nil
}

func (in Inputs) fingerprint() string {
	sum := sha256.Sum256(in.bytes())
	return hex.EncodeToString(sum[:])
}

// Change is one book's month, or one setting, that is not what it was.
type Change struct {
	Book   string `json:"book,omitempty"`
	Month  string `json:"month,omitempty"`
	Before int64  `json:"rows_before"`
	After  int64  `json:"rows_after"`
	What   string `json:"what,omitempty"` // for settings
}

// Changes lists what moved between two sets of inputs.
type Changes []Change

func (in Inputs) changes(now Inputs) Changes {
	var out Changes
	for _, book := range statementBooks {
		months := map[string]bool{}
		for m := range in.Books[book] {
			months[m] = true
		}
		for m := range now.Books[book] {
			months[m] = true
		}
		for _, m := range sorted(months) {
			if before, after := in.Books[book][m], now.Books[book][m]; before != after {
				out = append(out, Change{Book: book, Month: m, Before: before.Rows, After: after.Rows})
			}
		}
	}
	months := map[string]bool{}
	for m := range in.Refused {
		months[m] = true
	}
	for m := range now.Refused {
		months[m] = true
	}
	for _, m := range sorted(months) {
		if in.Refused[m] != now.Refused[m] {
			out = append(out, Change{Book: "refused rows", Month: m, Before: in.Refused[m], After: now.Refused[m]})
		}
	}
	for _, name := range sorted(toSet(in.Settings)) {
		if name != journeyMap && name != journeyRoles && in.Settings[name] != now.Settings[name] {
			out = append(out, Change{What: fmt.Sprintf("setting %s: %s, was %s", name, now.Settings[name], in.Settings[name])})
		}
	}
	// A seal of an earlier release does not name the roles.
	roles, named := in.Settings[journeyRoles]
	if in.Settings[journeyMap] != now.Settings[journeyMap] || named && roles != now.Settings[journeyRoles] {
		out = append(out, Change{What: "the journey map changed"})
	}
	if in.Method != now.Method {
		out = append(out, Change{What: "the way rows are fingerprinted changed with the release"})
	}
	return out
}

func toSet(m map[string]string) map[string]bool {
	out := map[string]bool{}
	for k := range m {
		out[k] = true
	}
	return out
}

func sorted(set map[string]bool) []string {
	var out []string
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (c Change) String() string {
	if c.What != "" {
		return c.What
	}
	month := c.Month
	if month == "" {
		month = "rows without a date"
	}
	switch delta := c.After - c.Before; {
	case delta > 0:
		return fmt.Sprintf("%s, %s: %s more (%d, were %d)", c.Book, month, count(delta, "row"), c.After, c.Before)
	case delta < 0:
		return fmt.Sprintf("%s, %s: %s fewer (%d, were %d)", c.Book, month, count(-delta, "row"), c.After, c.Before)
	default:
		return fmt.Sprintf("%s, %s: other content in its %d rows", c.Book, month, c.After)
	}
}

// maxListed bounds how many changes a message names.
const maxListed = 12

func (cs Changes) list() string {
	var lines []string
	for i, c := range cs {
		if i == maxListed {
			lines = append(lines, fmt.Sprintf("  … and %d more", len(cs)-i))
			break
		}
		lines = append(lines, "  "+c.String())
	}
	return strings.Join(lines, "\n")
}

func (cs Changes) summary() string {
	if len(cs) == 0 {
		return "nothing that a fingerprint sees"
	}
	if len(cs) == 1 {
		return cs[0].String()
	}
	return fmt.Sprintf("%s, and %d more", cs[0], len(cs)-1)
}
