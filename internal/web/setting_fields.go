package web

import (
	"fmt"
	"math/big"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/money"
)

// settingKind is a setting: its key in books.yaml, the words of its page, and
// how it is read from the settings and put into them.
type settingKind struct {
	name, group, label, help string
	kind                     string   // text, long or choice; empty: text
	options                  []string // of a choice; the first is what stands for nothing said
	required                 bool
	text                     func(*books.Config) string
	put                      func(c *books.Config, text string) error
}

// settingGroups are the headings of the form, in their order.
var settingGroups = []struct{ name, label, about string }{
	{"company", "The company", "Whose statements these are."},
	{"time", "Time", "Which days belong to which period."},
	{"statement", "The statement", "What is counted, and whom it is counted for. Sealed statements stay as they are; the next close follows what stands here."},
	{"checks", "What a close insists on", "When a close is refused, and what it is set beside."},
	{"value", "Value", "Kept for the statements of later releases: what customers and people are worth."},
}

// settingFields are all settings, as docs/books.md lists them.
var settingFields = []settingKind{
	{name: "company", group: "company", label: "Name", help: "It stands over the statements.", required: true,
		text: func(c *books.Config) string { return c.Company }, put: func(c *books.Config, t string) error { c.Company = t; return nil }},
	{name: "currency", group: "company", label: "Currency", help: "The ISO 4217 code of the currency that the statements are in, such as EUR.", required: true,
		text: func(c *books.Config) string { return c.Settings.Currency }, put: func(c *books.Config, t string) error { c.Settings.Currency = strings.ToUpper(t); return nil }},
	{name: "timezone", group: "time", label: "Time zone", help: "Periods begin at its local midnight. A name such as Europe/London.",
		text: func(c *books.Config) string { return c.Settings.TimeZone }, put: func(c *books.Config, t string) error { c.Settings.TimeZone = t; return nil }},
	{name: "calendar", group: "time", label: "Calendar", help: "Twelve months, or twelve periods of whole weeks, or a file.", kind: "choice", options: []string{"gregorian", "4-4-5", "4-5-4", "5-4-4", "file"},
		text: func(c *books.Config) string { return c.Settings.Calendar }, put: func(c *books.Config, t string) error { c.Settings.Calendar = t; return nil }},
	{name: "calendar_file", group: "time", label: "Calendar file", help: "Only for a calendar from a file: its path, beside books.yaml.",
		text: func(c *books.Config) string { return c.Settings.CalendarFile }, put: func(c *books.Config, t string) error { c.Settings.CalendarFile = t; return nil }},
	{name: "fiscal_year_starts", group: "time", label: "The fiscal year starts on", help: "Month and day, such as 04-01.",
		text: func(c *books.Config) string { return orElse(c.Settings.FiscalYearStarts, "01-01") }, put: func(c *books.Config, t string) error { c.Settings.FiscalYearStarts = t; return nil }},
	{name: "fiscal_year_named", group: "time", label: "A fiscal year is named after the year in which it", kind: "choice", options: []string{"end", "start"},
		text: func(c *books.Config) string { return orElse(c.Settings.FiscalYearNamed, "end") }, put: func(c *books.Config, t string) error { c.Settings.FiscalYearNamed = t; return nil }},
	{name: "week_starts", group: "time", label: "The week starts on", kind: "choice", options: []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"},
		text: func(c *books.Config) string { return c.Settings.WeekStarts }, put: func(c *books.Config, t string) error { c.Settings.WeekStarts = t; return nil }},
	{name: "grain", group: "statement", label: "Whom it counts", help: "Customers, accounts, households, or the customers of each brand or legal entity apart.", kind: "choice", options: []string{"customer", "account", "household", "entity"},
		text: func(c *books.Config) string { return c.Settings.Grain }, put: func(c *books.Config, t string) error { c.Settings.Grain = t; return nil }},
	{name: "statement_basis", group: "statement", label: "What revenue is made of", help: "With both, a customer who has the same product in both is refused: it would count twice.", kind: "choice", options: []string{"orders", "subscriptions", "both"},
		text: func(c *books.Config) string { return c.Settings.StatementBasis }, put: func(c *books.Config, t string) error { c.Settings.StatementBasis = t; return nil }},
	{name: "returns_counted", group: "statement", label: "A return counts", kind: "choice", options: []string{"when returned", "at the sale"}, help: "At the sale needs the columns line_id and returns_line_id of orders.",
		text: func(c *books.Config) string { return c.Settings.ReturnsCounted }, put: func(c *books.Config, t string) error { c.Settings.ReturnsCounted = t; return nil }},
	{name: "refused_threshold", group: "checks", label: "Rows of a book that may be refused, in per cent", help: "With more than that a close is refused.",
		text: func(c *books.Config) string { return percentText(c.Settings.RefusedThreshold, "1") }, put: func(c *books.Config, t string) (err error) {
			c.Settings.RefusedThreshold, err = percentOf(t)
			return err
		}},
	{name: "reconcile_accounts", group: "checks", label: "Revenue accounts of the general ledger", help: "Which accounts of the book of controls are set beside the books' revenue, one a line. None: all of them.", kind: "long",
		text: func(c *books.Config) string { return strings.Join(c.Settings.ReconcileAccounts, "\n") }, put: func(c *books.Config, t string) error { c.Settings.ReconcileAccounts = lines(t); return nil }},
	{name: "discount_rate", group: "value", label: "Discount rate, in per cent a year", help: "For the value of customers.",
		text: func(c *books.Config) string { return percentText(c.Settings.DiscountRate, "") }, put: func(c *books.Config, t string) (err error) { c.Settings.DiscountRate, err = percentOf(t); return err }},
	{name: "orders_counted", group: "statement", label: "What one order is", help: "The lines of a customer with the same order id, or of the same day; or, for a summary, as many as quantity says.", kind: "choice",
		options: []string{"by order id", "by day", "by quantity"},
		text:    func(c *books.Config) string { return c.Settings.OrdersCounted }, put: func(c *books.Config, t string) error { c.Settings.OrdersCounted = t; return nil }},
	{name: "acquire_earned", group: "value", label: "Costs that earn customers", help: "Departments or touchpoints, one a line, whose acquisition costs are those of a referral or reputation programme. They are not set against bought customers.", kind: "long",
		text: func(c *books.Config) string { return strings.Join(c.Settings.AcquireEarned, "\n") }, put: func(c *books.Config, t string) error { c.Settings.AcquireEarned = lines(t); return nil }},
	{name: "margin", group: "value", label: "Margin, in per cent", help: "By product group or segment, one a line, such as “default: 35”.", kind: "long",
		text: func(c *books.Config) string { return marginText(c.Settings.Margin) }, put: func(c *books.Config, t string) (err error) { c.Settings.Margin, err = marginOf(t); return err }},
	{name: "hours_per_year", group: "value", label: "Working hours in a year",
		text: func(c *books.Config) string { return decimalText(c.Settings.HoursPerYear) }, put: func(c *books.Config, t string) (err error) { c.Settings.HoursPerYear, err = decimalOf(t); return err }},
	{name: "minimum_group", group: "value", label: "The smallest group of people about whom anything is said",
		text: func(c *books.Config) string { return numberText(c.Settings.MinimumGroup) }, put: func(c *books.Config, t string) (err error) { c.Settings.MinimumGroup, err = wholeOf(t); return err }},
}

// settingTexts are the settings as the form's fields have them.
func settingTexts(c *books.Config) map[string]string {
	out := map[string]string{}
	for _, f := range settingFields {
		out[f.name] = f.text(c)
		if f.kind == "choice" && out[f.name] == "" {
			out[f.name] = f.options[0]
		}
	}
	return out
}

// settingsChange reads the form's fields. What is the same as before is not
// touched, so that nothing is written that nobody said.
func settingsChange(typed map[string]string) (change func(*books.Config) error, wrong []settingWrong) {
	var trial books.Config
	for _, f := range settingFields {
		switch err := f.put(&trial, typed[f.name]); {
		case err != nil:
			wrong = append(wrong, settingWrong{f.name, err.Error(), ""})
		case f.required && typed[f.name] == "":
			wrong = append(wrong, settingWrong{f.name, "this is needed", ""})
		case f.kind == "choice" && !slices.Contains(f.options, typed[f.name]):
			wrong = append(wrong, settingWrong{f.name, "this is none of the choices", ""})
		}
	}
	return func(c *books.Config) error {
		for _, f := range settingFields {
			was := settingTexts(c)[f.name]
			if was == typed[f.name] {
				continue
			}
			if err := f.put(c, typed[f.name]); err != nil {
				return err
			}
		}
		return nil
	}, wrong
}

// settingGroups puts the fields under their headings.
func (v *visit) settingGroups(values map[string]string) []settingGroup {
	var out []settingGroup
	for _, g := range settingGroups {
		group := settingGroup{Name: v.t(g.label), About: v.t(g.about)}
		for _, f := range settingFields {
			if f.group != g.name {
				continue
			}
			field := settingField{Name: f.name, Label: v.t(f.label), Kind: orElse(f.kind, "text"), Value: values[f.name], Required: f.required, Fixed: !v.may(access.ChangeSettings)}
			if f.help != "" {
				field.Help = v.t(f.help)
			}
			for _, o := range f.options {
				field.Options = append(field.Options, option{Value: o, Text: v.t(optionText(o)), Chosen: o == values[f.name]})
			}
			group.Fields = append(group.Fields, field)
		}
		out = append(out, group)
	}
	return out
}

// optionTexts say what an option means where its word in books.yaml does not.
var optionTexts = map[string]string{
	"gregorian": "twelve months", "4-4-5": "weeks, 4-4-5", "4-5-4": "weeks, 4-5-4", "5-4-4": "weeks, 5-4-4", "file": "from a file", "end": "ends", "start": "starts",
	"monday": "Monday", "tuesday": "Tuesday", "wednesday": "Wednesday", "thursday": "Thursday", "friday": "Friday", "saturday": "Saturday", "sunday": "Sunday",
	"customer": "customers", "account": "accounts", "household": "households", "entity": "customers of each brand or entity", "both": "orders and subscriptions",
}

func optionText(option string) string { return orElse(optionTexts[option], option) }

// settingLabel names a key of books.yaml as the form does.
func (v *visit) settingLabel(key string) string {
	name := strings.TrimPrefix(key, "settings.")
	for _, f := range settingFields {
		if f.name == name {
			return v.t(f.label)
		}
	}
	return v.mappingLabel(key)
}

// mappingLabel names what says where a book is read from: orders, column amount.
func (v *visit) mappingLabel(key string) string {
	parts := strings.SplitN(key, ".", 4)
	switch {
	case len(parts) == 4 && parts[0] == "books" && parts[2] == "columns":
		return v.t("%s, column %s", parts[1], parts[3])
	case len(parts) == 3 && parts[0] == "books" && parts[2] == "from":
		return v.t("%s, files", parts[1])
	}
	return v.t("%s in books.yaml", key)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// lines are the lines of a text that say something.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

var hundred = big.NewRat(100, 1)

// plain writes an exact decimal without needless noughts.
func plain(r *big.Rat) string {
	text := r.FloatString(8)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func percentText(d *books.Decimal, otherwise string) string {
	if d == nil {
		return otherwise
	}
	return plain(new(big.Rat).Mul(&d.Rat, hundred))
}

func percentOf(text string) (*books.Decimal, error) {
	d, err := decimalOf(strings.TrimSpace(strings.TrimSuffix(text, "%")))
	if d != nil {
		d.Quo(&d.Rat, hundred)
	}
	return d, err
}

func decimalText(d *books.Decimal) string {
	if d == nil {
		return ""
	}
	return plain(&d.Rat)
}

func decimalOf(text string) (*books.Decimal, error) {
	if text == "" {
		return nil, nil
	}
	a, err := money.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("this is not a number such as 12.5")
	}
	d := &books.Decimal{}
	d.Set(a.Rat())
	return d, nil
}

func numberText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func wholeOf(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1_000_000 {
		return 0, fmt.Errorf("this is not a whole number")
	}
	return n, nil
}

func marginText(m map[string]string) string {
	var out []string
	for name, share := range m {
		text := share
		if a, err := money.Parse(share); err == nil {
			text = plain(new(big.Rat).Mul(a.Rat(), hundred))
		}
		out = append(out, name+": "+text)
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func marginOf(text string) (map[string]string, error) {
	var out map[string]string
	for _, line := range lines(text) {
		i := strings.LastIndex(line, ":")
		if i <= 0 {
			return nil, fmt.Errorf("%q does not say a group and its margin, such as default: 35", shown(line))
		}
		d, err := percentOf(strings.TrimSpace(line[i+1:]))
		if err != nil || d == nil {
			return nil, fmt.Errorf("%q does not end in a number such as 35", shown(line))
		}
		if out == nil {
			out = map[string]string{}
		}
		name := strings.TrimSpace(line[:i])
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%q stands twice", shown(name))
		}
		out[name] = plain(&d.Rat)
	}
	return out, nil
}
