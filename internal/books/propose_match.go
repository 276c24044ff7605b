package books

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
)

// guess is the expression proposed for one column of a book.
type guess struct {
	text string
	why  string
	uses []*column
}

// proposed is a book as proposed from a group of files.
type proposed struct {
	book     fact.Book
	group    *group
	columns  map[string]guess
	joins    []joined
	notes    []string
	score    int
	dates    []string
	dateWhy  string
	options  SourceOptions
	optional map[string]string // why an option is set
}

// joined is a second file that lines are led to.
type joined struct {
	file found
	on   string
	why  string
}

// used says whether a source column serves already.
func (m *proposed) used(c *column) bool {
	for _, g := range m.columns {
		if slices.Contains(g.uses, c) {
			return true
		}
	}
	return false
}

// pick finds the source column whose name says most plainly that it is a
// book's column and whose values do not speak against it.
func (m *proposed) pick(cs []*column, name string, fits func(*column) bool) *column {
	var best *column
	least := -1
	for _, c := range cs {
		r := rank(m.book.Name, name, c.name)
		if r < 0 || least >= 0 && r >= least || m.used(c) {
			continue
		}
		if !fits(c) {
			if c.filled > 0 {
				m.note("%s is named like %s, but its values are not", c.name, name)
			}
			continue
		}
		best, least = c, r
	}
	return best
}

func (m *proposed) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(m.notes, text) {
		m.notes = append(m.notes, text)
	}
}

// set proposes a source column as it is.
func (m *proposed) set(name string, c *column) {
	why := "by its name"
	switch {
	case !m.group.header:
		why = "by what it holds, since the file names no columns: CHECK"
	case plain(c.name) == plain(name):
		why = "of the same name"
	}
	text := c.name
	b, _ := m.book.Column(name)
	switch {
	case b.Type == fact.ID && c.source.Type == expr.Text && c.zeros > 0 && c.zeros == c.filled:
		text, why = fmt.Sprintf("replace(%s, '.0', '')", term(c.name)), why+"; every id ends in .0, as exports of numbers do"
	case b.Type == fact.Money && c.most(total(c.signs)):
		for _, sign := range sortedKeys(c.signs) {
			inner := text
			if inner == c.name {
				inner = term(c.name)
			}
			text = fmt.Sprintf("replace(%s, %s, '')", inner, "'"+sign+"'")
		}
		why += "; its values carry a currency's sign, such as " + quoteSample(c.sampleNumber)
	case b.Type == fact.PeriodKey:
		text, why = periodText(c, why)
	}
	m.columns[name] = guess{text, why, []*column{c}}
}

// periodText names the period that a cell names, as the calendar does.
func periodText(c *column, why string) (string, string) {
	if c.isDate() && c.isos == c.filled {
		return fmt.Sprintf("substr(%s, 1, 7)", term(c.name)), why + "; the month of dates such as " + quoteSample(c.sampleDate)
	}
	for shape := range c.spans {
		if at, ok := strings.CutPrefix(shape, "quarter "); ok && !regexp.MustCompile(`^\d{4}-Q\d$`).MatchString(c.sampleDate) {
			return fmt.Sprintf("substr(%[1]s, %[2]d, 4) || '-Q' || right(%[1]s, 1)", term(c.name), number(at)-3), why + "; quarters such as " + quoteSample(c.sampleDate)
		}
	}
	return c.name, why
}

// spanStart gives the first day of a quarter or a month that a cell names.
func spanStart(c *column) (text, why string) {
	for shape := range c.spans {
		kind, at, _ := strings.Cut(shape, " ")
		year := fmt.Sprintf("substr(%s, %d, 4)", term(c.name), number(at)-3)
		if kind == "quarter" {
			text = fmt.Sprintf("strptime(%s || CASE right(%s, 1) WHEN '1' THEN '0101' WHEN '2' THEN '0401' WHEN '3' THEN '0701' ELSE '1001' END, '%%Y%%m%%d')", year, term(c.name))
		} else {
			text = fmt.Sprintf("strptime(%s || right(%s, 2) || '01', '%%Y%%m%%d')", year, term(c.name))
		}
		return text, fmt.Sprintf("names a %s, such as %s: each row stands on its first day", kind, quoteSample(c.sampleDate))
	}
	return c.name, ""
}

// fit matches a group with a book; nil with what is missing when it is none.
func (g *group) fit(b fact.Book) (*proposed, []string) {
	m := &proposed{book: b, group: g, columns: map[string]guess{}}
	m.columnsOf(g.columns)
	m.complete()
	var missing []string
	for _, name := range b.Required() {
		if _, ok := m.columns[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(b.OneOf) > 0 && !slices.ContainsFunc(b.OneOf, func(n string) bool { _, ok := m.columns[n]; return ok }) {
		missing = append(missing, strings.Join(b.OneOf, " or "))
	}
	if why := m.unlikely(); why != "" && len(missing) == 0 {
		missing = append(missing, why)
	}
	if len(missing) > 0 {
		return m, missing
	}
	m.score = 10*len(b.Required()) + 3*(len(m.columns)-len(b.Required()))
	if g.hints(b.Name) {
		m.score += 15
	}
	return m, nil
}

// hints says that the files' names speak for a book.
func (g *group) hints(book string) bool {
	for _, word := range strings.Fields(fileHints[book]) {
		if strings.Contains(strings.ToLower(filepath.Base(g.files[0].rel)), word) {
			return true
		}
	}
	return false
}

// columnsOf matches names and values, required columns first.
func (m *proposed) columnsOf(cs []*column) {
	order := slices.Clone(m.book.Columns)
	sort.SliceStable(order, func(i, j int) bool { return order[i].Required && !order[j].Required })
	for _, b := range order {
		if m.book.Name == "orders" && b.Name == "line_id" {
			continue
		}
		fits := func(c *column) bool { return c.holds(b) }
		if b.Name == "ordered_at" {
			fits = func(c *column) bool { return c.holds(b) || c.isSpan() }
		}
		if c := m.pick(cs, b.Name, fits); c != nil {
			m.set(b.Name, c)
		}
	}
	if m.book.Name == "orders" {
		m.orderColumns(cs)
	}
}

// orderColumns works out what an order line's name alone does not give.
func (m *proposed) orderColumns(cs []*column) {
	if at, ok := m.columns["ordered_at"]; ok && at.uses[0].isSpan() {
		text, why := spanStart(at.uses[0])
		m.columns["ordered_at"] = guess{text, why, at.uses}
	}
	_, has := m.columns["amount"]
	price, priced := m.columns["unit_price"]
	quantity, counted := m.columns["quantity"]
	switch {
	case has:
	case priced && counted:
		q, p := quantity.uses[0], price.uses[0]
		m.columns["amount"] = guess{term(q.name) + " * " + term(p.name), "no column of amounts: quantity times price", []*column{q, p}}
	case priced:
		m.columns["amount"] = guess{price.text, "no column of amounts and no quantity: the price of each row. CHECK", price.uses}
	default:
		m.onlyNumbers(cs)
	}
	m.lineID(cs)
}

// onlyNumbers takes the one column that holds numbers with decimals for the
// amount, where none is named like one.
func (m *proposed) onlyNumbers(cs []*column) {
	var only *column
	for _, c := range cs {
		if m.used(c) || !c.isNumber() || c.plainlyDate() || c.wholes == c.filled || c.zeros > 0 {
			continue
		}
		if only != nil {
			return
		}
		only = c
	}
	if only == nil {
		return
	}
	m.set("amount", only)
	g := m.columns["amount"]
	g.why = "no column is named like an amount, and only this one holds numbers with decimals. CHECK"
	m.columns["amount"] = g
}

// lineID looks for what identifies a line: a column of that name without
// repeats, or with the order's number beside it.
func (m *proposed) lineID(cs []*column) {
	g := m.group
	of := fmt.Sprintf("in the first %d rows", g.rows)
	if g.whole {
		of = fmt.Sprintf("in all %d rows", g.rows)
	}
	order, ordered := m.columns["order_id"]
	var best *column
	least := -1
	for _, c := range cs {
		r := rank("orders", "line_id", c.name)
		if r < 0 || least >= 0 && r >= least || c.plainlyDate() {
			continue
		}
		best, least = c, r
		if g.unique(c) {
			m.columns["line_id"] = guess{c.name, "natural key: no value stands twice " + of, []*column{c}}
			continue
		}
		if ordered && c != order.uses[0] && g.unique(order.uses[0], c) {
			m.columns["line_id"] = guess{term(order.uses[0].name) + " || '-' || " + term(c.name), "natural key: no pair stands twice " + of, []*column{order.uses[0], c}}
		}
	}
	if _, keyed := m.columns["line_id"]; best != nil && !keyed && !(ordered && best == order.uses[0]) {
		m.note("no natural key: values of %s repeat %s", best.name, of)
	}
}

// complete adds what a book needs and a file says by other means.
func (m *proposed) complete() {
	switch m.book.Name {
	case "answers":
		m.completeAnswers()
	case "costs":
		m.completeCosts()
	}
	if len(m.book.Key) != 1 || m.book.Name == "orders" || m.book.Name == "customers" || m.book.Name == "customer_links" {
		return
	}
	key, ok := m.columns[m.book.Key[0]]
	if !ok || m.group.rows < 5 || m.group.unique(key.uses[0]) {
		return
	}
	for _, c := range m.group.columns {
		if strings.HasSuffix(plain(c.name), "id") && c != key.uses[0] && m.group.unique(key.uses[0], c) {
			m.columns[m.book.Key[0]] = guess{term(key.uses[0].name) + " || '-' || " + term(c.name),
				key.uses[0].name + " repeats; no pair stands twice in the sample", []*column{key.uses[0], c}}
			return
		}
	}
	m.note("%s repeats in the sample, so rows of the same one will be refused", key.uses[0].name)
}

// completeAnswers takes the question from the scale of the scores.
func (m *proposed) completeAnswers() {
	score, ok := m.columns["score"]
	if _, asked := m.columns["question"]; asked || !ok {
		return
	}
	switch c := score.uses[0]; {
	case strings.Contains(plain(c.name), "nps"), c.low == 0 && c.high == 10:
		m.columns["question"] = guess{"'nps'", "scores from 0 to 10 are taken for answers to “would you recommend us?”. CHECK", nil}
	case c.low >= 1 && c.high <= 5:
		m.columns["question"] = guess{"'csat'", "scores from 1 to 5 are taken for satisfaction. CHECK", nil}
	}
}

var spendName = regexp.MustCompile(`(?i)(marketing|advert|\bads?\b|campaign).*(spend|cost|amount|expense)|^(marketing|advertising)$`)

// completeCosts reads a file of marketing spend as costs of acquiring.
func (m *proposed) completeCosts() {
	if _, ok := m.columns["period"]; !ok {
		return
	}
	for _, c := range m.group.columns {
		if spendName.MatchString(strings.ReplaceAll(c.name, "_", " ")) && c.isNumber() {
			if _, ok := m.columns["amount"]; !ok {
				m.set("amount", c)
			}
			if _, ok := m.columns["department"]; !ok {
				m.columns["department"] = guess{"'Marketing'", "by the name of " + c.name + ". CHECK", nil}
			}
			if _, ok := m.columns["kind"]; !ok {
				m.columns["kind"] = guess{"'acquire'", "marketing spend is taken for the cost of winning customers. CHECK", nil}
			}
			return
		}
	}
}

// unlikely says what else speaks against a book whose columns are all there.
func (m *proposed) unlikely() string {
	switch m.book.Name {
	case "customers":
		id, ok := m.columns["customer_id"]
		if !ok {
			return ""
		}
		if !m.group.unique(id.uses[0]) {
			return "a column of customers without repeats"
		}
		telling := len(m.columns) > 1
		if p := plain(id.uses[0].name); p == "id" || p == "accountid" {
			_, mail := m.columns["email"]
			_, since := m.columns["acquired_on"]
			telling = mail || since
		}
		if !telling && !m.group.hints("customers") {
			return "anything else about customers"
		}
	case "orders":
		_, customer := m.columns["customer_id"]
		_, order := m.columns["order_id"]
		_, product := m.columns["product"]
		if !customer && !(order || product) {
			return "a customer, an order number or a product"
		}
	case "pulses":
		_, department := m.columns["department"]
		_, team := m.columns["team"]
		if !department && !team {
			return "department or team"
		}
	}
	return ""
}

// unmapped lists the source's columns that nothing uses.
func (m *proposed) unmapped() []string {
	var out []string
	for _, c := range m.group.columns {
		if !m.used(c) {
			out = append(out, c.name)
		}
	}
	return out
}

var bare = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
var keywords = strings.Fields("and or not null is in between like case when then else end cast as true false date timestamp interval escape")

// term writes a column's name inside an expression.
func term(name string) string {
	if bare.MatchString(name) && !slices.Contains(keywords, strings.ToLower(name)) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func sortedKeys(m map[string]int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func quoteSample(s string) string { return oneLine(s, 30) }

// settle works out how the book's files write dates and numbers.
func (m *proposed) settle() {
	m.optional = map[string]string{}
	m.settleNumbers()
	m.settleDates()
	m.noteGross()
}

func (m *proposed) settleNumbers() {
	decimal, thousands, unsure := map[string]int{}, map[string]int{}, map[string]int{}
	sample := ""
	for _, name := range m.book.Names() {
		b, _ := m.book.Column(name)
		guess, ok := m.columns[name]
		if !ok || b.Type != fact.Money && b.Type != fact.Number && b.Type != fact.Rate {
			continue
		}
		for _, c := range guess.uses {
			if c.source.Type != expr.Text {
				continue
			}
			for mark, n := range c.decimals {
				if rest, open := strings.CutPrefix(mark, "?"); open {
					unsure[rest] += n
				} else {
					decimal[mark] += n
				}
			}
			for mark, n := range c.thousands {
				thousands[mark] += n
			}
			if sample == "" || strings.Contains(c.sampleNumber, ",") {
				sample = c.sampleNumber
			}
		}
	}
	group := ""
	for mark, n := range thousands {
		if n > thousands[group] {
			group = mark
		}
	}
	switch {
	case decimal[","] > decimal["."]:
		m.options.Decimal = ","
		m.optional["decimal"] = "numbers such as " + quoteSample(sample)
		if group == "" && unsure["."] > 0 {
			group = "."
		}
	case unsure[","] > 0 && decimal["."] == 0 && group == "":
		group = ","
		m.note("AMBIGUOUS numbers such as %s: read as thousands, since no number in the sample has other than three digits behind the comma. Check; if it is a decimal comma write `decimal: \",\"` and no thousands", quoteSample(sample))
	case unsure[","] > 0 && group == "":
		group = ","
	}
	if group != "" && group != m.options.Decimal {
		m.options.Thousands = group
		m.optional["thousands"] = "numbers such as " + quoteSample(sample)
	}
}

// formats are the date formats of a column, the commonest first; order says
// how it was decided which of the two numbers is the day.
func (c *column) formats(dayFirstLikely bool) (formats []string, why string, ambiguous bool) {
	counted := sortedKeys(c.dates)
	sort.SliceStable(counted, func(i, j int) bool { return c.dates[counted[i]] > c.dates[counted[j]] })
	why = "dates such as " + quoteSample(c.sampleDate)
	dayFirst := true
	switch first, second := decided(c.first), decided(c.second); {
	case len(c.first) == 0:
	case first && second:
		why += ": AMBIGUOUS, since some have the day first and some the month; the rest will be refused. Check"
		dayFirst = dayFirstLikely
	case first:
		why += ": the first number goes beyond 12, so it is the day"
	case second:
		why += ": the second number goes beyond 12, so it is the day"
		dayFirst = false
	default:
		ambiguous = true
		reason := "days vary more than months in it"
		switch {
		case len(c.first) != len(c.second):
			dayFirst = len(c.first) > len(c.second)
		default:
			dayFirst = dayFirstLikely || strings.Contains(counted[0], ".")
			reason = "as the rest of the file is written"
		}
		order := "month"
		if dayFirst {
			order = "day"
		}
		why += fmt.Sprintf(": AMBIGUOUS, no number beyond 12 tells day from month; the %s is taken to come first (%s). Check", order, reason)
	}
	a, b := "%m", "%d"
	if dayFirst {
		a, b = "%d", "%m"
	}
	for _, f := range counted[:min(4, len(counted))] {
		if c.dates[f]*50 < c.filled {
			break // stray
		}
		formats = append(formats, strings.NewReplacer("%1", a, "%2", b).Replace(f))
	}
	return formats, why, ambiguous
}

// settleDates gives the book one list of formats, or each column its own
// where they differ.
func (m *proposed) settleDates() {
	type dated struct {
		name    string
		c       *column
		formats []string
		why     string
	}
	var those []dated
	isos := 0
	for _, name := range m.book.Names() {
		b, _ := m.book.Column(name)
		g, ok := m.columns[name]
		if !ok || b.Type != fact.Day && b.Type != fact.Instant || len(g.uses) == 0 || g.uses[0].isSpan() {
			continue
		}
		c := g.uses[0]
		if c.source.Type == expr.Date || c.source.Type == expr.Timestamp {
			continue
		}
		if c.most(c.isos) {
			isos++
			continue
		}
		formats, why, _ := c.formats(m.options.Decimal == ",")
		those = append(those, dated{name, c, formats, why})
	}
	if len(those) == 0 {
		return
	}
	same := isos == 0 && !slices.ContainsFunc(those, func(d dated) bool {
		return !slices.Equal(d.formats, those[0].formats) || d.c.source.Type != expr.Text
	})
	if same {
		m.dates, m.dateWhy = those[0].formats, those[0].why
		return
	}
	for _, d := range those {
		inner := term(d.c.name)
		if d.c.source.Type != expr.Text {
			inner = "CAST(" + inner + " AS TEXT)"
		}
		var tries []string
		for _, f := range d.formats {
			tries = append(tries, fmt.Sprintf("strptime(%s, '%s')", inner, f))
		}
		text := tries[0]
		if len(tries) > 1 {
			text = "coalesce(" + strings.Join(tries, ", ") + ")"
		}
		g := m.columns[d.name]
		m.columns[d.name] = guess{text, g.why + "; " + d.why, g.uses}
	}
}
