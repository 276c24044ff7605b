package duckdb

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/base"
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

// world is a small company as text, the way files would give it.
type world struct {
	lines     []worldLine
	customers []worldCustomer
	links     []worldLink
	rates     []worldRate
	subs      []worldSub

	grain, basis  string
	returnsAtSale bool
	ordersCounted string
	margins       map[string]money.Amount
	groups        map[base.Dimension][]string // whose cohorts are asked for
	w             growth.Windows
}

const home = "EUR"

type worldLine struct {
	customer     string // empty: unidentified
	day          calendar.Day
	clock        string
	amount       money.Amount
	currency     string // empty: home
	entity       string
	id, returned string // line_id and returns_line_id
	order        string
	product      string
	quantity     int64 // 0: not said
	cost         *money.Amount
	accrued      bool // of a subscription
}

type worldCustomer struct {
	id, account, entity, via, how, excluded, segment string
	acquired                                         *calendar.Day
}

type worldLink struct {
	from, to string
	since    *calendar.Day
}

type worldRate struct {
	day  calendar.Day
	from string
	rate string
}

type worldSub struct {
	id, customer string
	start        calendar.Day
	end          *calendar.Day
	monthly      money.Amount
	currency     string
}

// cells is a table in memory as engine.Rows.
type cells struct {
	names []string
	rows  [][]string
	next  int
}

func (c *cells) Columns() []string { return c.names }

func (c *cells) Next() (int64, []string, error) {
	if c.next == len(c.rows) {
		return 0, nil, io.EOF
	}
	c.next++
	return int64(c.next), c.rows[c.next-1], nil
}

func dayText(d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func (x world) orders() *cells {
	c := &cells{names: []string{"customer_id", "ordered_at", "amount", "line_id", "product", "currency", "entity", "returns_line_id", "order_id", "quantity", "cost"}}
	for _, l := range x.lines {
		cost, quantity := "", ""
		if l.cost != nil {
			cost = l.cost.Text(0)
		}
		if l.quantity != 0 {
			quantity = fmt.Sprint(l.quantity)
		}
		c.rows = append(c.rows, []string{l.customer, l.day.String() + l.clock, l.amount.Text(0), l.id, cmp.Or(l.product, "goods"), l.currency, l.entity, l.returned, l.order, quantity, cost})
	}
	return c
}

func (x world) customerRows() *cells {
	c := &cells{names: []string{"customer_id", "account_id", "entity", "acquired_on", "acquired_via", "acquired_how", "excluded", "segment"}}
	for _, r := range x.customers {
		c.rows = append(c.rows, []string{r.id, r.account, r.entity, dayText(r.acquired), r.via, r.how, r.excluded, r.segment})
	}
	return c
}

func (x world) linkRows() *cells {
	c := &cells{names: []string{"old_id", "new_id", "since"}}
	for _, r := range x.links {
		c.rows = append(c.rows, []string{r.from, r.to, dayText(r.since)})
	}
	return c
}

func (x world) rateRows() *cells {
	c := &cells{names: []string{"date", "from", "to", "rate"}}
	for _, r := range x.rates {
		c.rows = append(c.rows, []string{r.day.String(), r.from, home, r.rate})
	}
	return c
}

func (x world) subRows() *cells {
	c := &cells{names: []string{"subscription_id", "customer_id", "started_on", "monthly_amount", "ended_on", "plan", "currency"}}
	for _, r := range x.subs {
		c.rows = append(c.rows, []string{r.id, r.customer, r.start.String(), r.monthly.Text(0), dayText(r.end), "plan", r.currency})
	}
	return c
}

// stager puts worlds into parts with one engine.
type stager struct {
	e      *Engine
	n      int
	memory engine.Memory
}

func (s *stager) folder() string {
	s.n++
	return fmt.Sprintf("parts/%d", s.n)
}

// book stages tables as sources of one book and returns parts and keys.
func (s *stager) book(ctx context.Context, name string, keys []string, sources ...*cells) ([]engine.Part, []string, error) {
	book, ok := fact.Find(name)
	if !ok {
		return nil, nil, fmt.Errorf("no book %s", name)
	}
	var parts []engine.Part
	for _, source := range sources {
		if len(source.rows) == 0 {
			continue
		}
		source.next = 0
		table := engine.Table{Rows: source}
		columns, err := s.e.Describe(ctx, table, "s.")
		if err != nil {
			return nil, nil, err
		}
		load := engine.Load{Book: book, Keys: keys, Memory: s.memory, Sources: []engine.Source{{Table: table, Name: name, Folder: s.folder()}}}
		for _, c := range book.Columns {
			if !slices.Contains(source.names, c.Name) {
				continue
			}
			compiled, err := expr.Compile(c.Name, columns, expr.Dialect{TimeZone: "UTC"})
			if err != nil {
				return nil, nil, err
			}
			load.Fields = append(load.Fields, engine.Field{Column: c, Source: compiled})
		}
		staged, err := s.e.Stage(ctx, load, func(r engine.Refused) error {
			return fmt.Errorf("refused %s line %d: %s %q %s", name, r.Line, r.Column, r.Value, r.Reason)
		})
		if err != nil {
			return nil, nil, err
		}
		for _, found := range staged {
			parts = append(parts, found.Parts...)
			if found.NewKeys != nil {
				keys = append(keys, found.NewKeys.Path)
			}
		}
	}
	return parts, keys, nil
}

// ledger stages a world, its orders cut into so many sources.
func (s *stager) ledger(ctx context.Context, x world, sources int) (*Ledger, error) {
	all := x.orders()
	cut := make([]*cells, sources)
	for i := range cut {
		cut[i] = &cells{names: all.names}
	}
	for i, row := range all.rows {
		at := (i * 7) % sources
		cut[at].rows = append(cut[at].rows, row)
	}
	from := engine.Ledger{Currency: home, Grain: x.grain, Basis: x.basis, ReturnsAtSale: x.returnsAtSale, OrdersCounted: x.ordersCounted, Margins: x.margins, AsOf: x.w.Period.End}
	var err error
	for _, b := range []struct {
		name    string
		into    *[]engine.Part
		sources []*cells
	}{
		{"orders", &from.Orders, cut}, {"customers", &from.Customers, []*cells{x.customerRows()}}, {"customer_links", &from.Links, []*cells{x.linkRows()}},
		{"rates", &from.Rates, []*cells{x.rateRows()}}, {"subscriptions", &from.Subscriptions, []*cells{x.subRows()}},
	} {
		if *b.into, from.Keys, err = s.book(ctx, b.name, from.Keys, b.sources...); err != nil {
			return nil, err
		}
	}
	if len(from.Orders) > 0 {
		part, err := s.e.Firsts(ctx, engine.Firsts{Lines: paths(from.Orders), Folder: s.folder()})
		if err != nil {
			return nil, err
		}
		if part != nil {
			from.Firsts = []string{part.Path}
		}
	}
	return s.e.Ledger(ctx, from)
}

// asked is what the engine answers: the statement and the cohorts.
func (s *stager) asked(ctx context.Context, x world, active growth.Active, sources int, spans []calendar.Period) (growth.Statement, *audited, error) {
	ledger, err := s.ledger(ctx, x, sources)
	if err != nil {
		return growth.Statement{}, nil, err
	}
	in := growth.Input{Windows: x.w, Active: active, Currency: home}
	if in.Cells, in.Exchange, err = ledger.Tally(ctx, x.w, active); err != nil {
		return growth.Statement{}, nil, err
	}
	if in.Coverage, err = ledger.Coverage(ctx, x.w); err != nil {
		return growth.Statement{}, nil, err
	}
	statement, err := in.State()
	if err != nil {
		return statement, nil, err
	}
	found, err := s.audited(ctx, ledger, x, active, spans)
	return statement, found, err
}

// spans are thirds of the time from the comparison period to the period.
func (x world) spans() []calendar.Period {
	a, b := x.w.Compared.Start, x.w.Period.End
	third := (b - a) / 3
	return []calendar.Period{{Start: a, End: a + third}, {Start: a + third, End: a + 2*third}, {Start: a + 2*third, End: b}}
}

// The second method: the definitions of the customer statement over plain
// slices, without the engine and its tables.

// unit leads an id to what the statement calls a customer.
type units struct {
	standing map[string]string
	accounts map[string]string
	entities map[string]string // a customer's own
	excluded map[string]bool
	grain    string
}

func (x world) units() units {
	u := units{standing: map[string]string{}, excluded: map[string]bool{}, grain: x.grain}
	for _, l := range x.links {
		if l.from != l.to && (l.since == nil || *l.since < x.w.Period.End) {
			u.standing[l.from] = l.to
		}
	}
	for _, c := range x.customers {
		if c.excluded != "" {
			u.excluded[u.stand(c.id)] = true
		}
	}
	u.accounts = x.standing(u, func(c worldCustomer) string { return c.account })
	u.entities = x.standing(u, func(c worldCustomer) string { return c.entity })
	return u
}

// standing is what a merged customer has: that of the id that stands, or else
// the first of the others.
func (x world) standing(u units, of func(worldCustomer) string) map[string]string {
	own, others := map[string]string{}, map[string]string{}
	for _, c := range x.customers {
		switch standing := u.stand(c.id); {
		case of(c) == "":
		case c.id == standing:
			own[standing] = of(c)
		case others[standing] == "" || of(c) < others[standing]:
			others[standing] = of(c)
		}
	}
	for id, name := range others {
		if own[id] == "" {
			own[id] = name
		}
	}
	return own
}

// entity is that of a line: its own, or at the grain of entities else the
// customer's.
func (u units) entity(id, entity string) string {
	if u.grain == "entity" && entity == "" {
		return u.entities[u.stand(id)]
	}
	return entity
}

func (u units) stand(id string) string {
	for {
		next, ok := u.standing[id]
		if !ok {
			return id
		}
		id = next
	}
}

func (u units) of(id, entity string) string {
	id, entity = u.stand(id), u.entity(id, entity)
	switch account := u.accounts[id]; {
	case u.grain == "account" && account != "":
		return "account " + account
	case u.grain == "entity":
		return id + " of " + entity
	}
	return id
}

// plain is a world's books by the definitions.
type plain struct {
	lines    []growth.Line // identified, in the home currency
	details  []detail      // of the same lines
	profiles map[string]growth.Profile
	coverage growth.Coverage
	exchange money.Amount
}

func (x world) plain() plain {
	u := x.units()
	p := plain{profiles: map[string]growth.Profile{}}
	entities := map[string]bool{"": true}
	for _, c := range x.customers {
		entities[c.entity] = true
	}
	type dated struct {
		worldLine
		at calendar.Day
	}
	var lines []dated
	for _, l := range x.counted() {
		lines = append(lines, dated{l, x.dayOf(l)})
		entities[l.entity] = true
	}
	native := map[string]*big.Rat{}
	converted := map[string]money.Amount{}
	for _, l := range lines {
		amount := x.convert(l.amount, l.currency, l.at)
		kind := "identified"
		switch {
		case l.customer == "":
			kind = "unidentified"
		case u.excluded[u.stand(l.customer)]:
			kind = "excluded"
		default:
			p.lines = append(p.lines, growth.Line{Customer: u.of(l.customer, l.entity), Day: l.at, Amount: amount})
			p.details = append(p.details, x.detail(u, l.worldLine, l.at))
		}
		if x.w.Compared.Contains(l.at) {
			addPrior(&p.coverage, kind, amount)
		}
		if x.w.Period.Contains(l.at) {
			addOne(&p.coverage, kind, amount)
			if kind == "identified" && l.currency != "" && l.currency != home {
				if native[l.currency] == nil {
					native[l.currency] = new(big.Rat)
				}
				native[l.currency].Add(native[l.currency], l.amount.Rat())
				converted[l.currency] = converted[l.currency].Add(amount)
			}
		}
	}
	p.exchange = x.exchanged(native, converted)
	x.profile(&p, u, entities)
	return p
}

// addPrior counts a line of the comparison period.
func addPrior(c *growth.Coverage, kind string, amount money.Amount) {
	if kind != "excluded" {
		c.PriorRevenue = c.PriorRevenue.Add(amount)
	}
	if kind == "identified" {
		c.PriorRevenueIdentified = c.PriorRevenueIdentified.Add(amount)
	}
}

// addOne counts a line of the period.
func addOne(c *growth.Coverage, kind string, amount money.Amount) {
	c.Lines++
	c.Revenue = c.Revenue.Add(amount)
	switch kind {
	case "identified":
		c.LinesIdentified++
		c.RevenueIdentified = c.RevenueIdentified.Add(amount)
	case "unidentified":
		c.LinesUnidentified++
		c.RevenueUnidentified = c.RevenueUnidentified.Add(amount)
	case "excluded":
		c.LinesExcluded++
		c.RevenueExcluded = c.RevenueExcluded.Add(amount)
	}
}

// counted are the lines of the basis; a subscription accrues a line a day.
func (x world) counted() []worldLine {
	var out []worldLine
	if x.basis != "subscriptions" {
		out = slices.Clone(x.lines)
	}
	if x.basis == "orders" {
		return out
	}
	for _, s := range x.subs {
		end := x.w.Period.End
		if s.end != nil {
			end = min(end, *s.end)
		}
		for _, next := range x.subs { // a row holds until the next row of the subscription begins
			if next.id == s.id && next.start > s.start {
				end = min(end, next.start)
			}
		}
		for d := s.start; d < end; d++ {
			month := calendar.MonthOf(d)
			days := int64(month.Next().First() - month.First())
			nth := int64(d - month.First())
			out = append(out, worldLine{customer: s.customer, day: d, amount: accruedTo(s.monthly, nth+1, days).Sub(accruedTo(s.monthly, nth, days)), currency: s.currency, product: "plan", accrued: true})
		}
	}
	return out
}

// accruedTo is the part of a month's amount that n of its days come to,
// rounded half away from zero at six places.
func accruedTo(monthly money.Amount, n, days int64) money.Amount {
	return roundHalfAway(new(big.Rat).Mul(monthly.Rat(), big.NewRat(n, days)))
}

func roundHalfAway(x *big.Rat) money.Amount {
	a, err := money.Parse(x.FloatString(6)) // FloatString rounds half away from zero
	if err != nil {
		panic(err)
	}
	return a
}

// dayOf is the day that a line counts on.
func (x world) dayOf(l worldLine) calendar.Day {
	if x.returnsAtSale && l.returned != "" {
		for _, sale := range x.lines {
			if sale.id == l.returned {
				return sale.day
			}
		}
	}
	return l.day
}

// convert brings an amount home at the last rate up to its day.
func (x world) convert(a money.Amount, currency string, day calendar.Day) money.Amount {
	if currency == "" || currency == home {
		return a
	}
	var best *worldRate
	for _, r := range x.rates {
		if r.from == currency && r.day <= day && (best == nil || r.day > best.day) {
			best = &r
		}
	}
	rate, _ := new(big.Rat).SetString(best.rate)
	return roundHalfAway(rate.Mul(rate, a.Rat()))
}

// exchanged is R1 less R1 at Q's average rates.
func (x world) exchanged(native map[string]*big.Rat, converted map[string]money.Amount) money.Amount {
	total := new(big.Rat)
	for currency, sum := range native {
		average, n := new(big.Rat), int64(0)
		for _, r := range x.rates {
			if r.from == currency && x.w.Compared.Contains(r.day) {
				rate, _ := new(big.Rat).SetString(r.rate)
				average.Add(average, rate)
				n++
			}
		}
		if n == 0 {
			continue
		}
		average.Quo(average, big.NewRat(n, 1))
		total.Add(total, converted[currency].Rat())
		total.Sub(total, average.Mul(average, sum))
	}
	return roundHalfAway(total)
}

// profile says what is known of each unit: the earliest acquired_on, and the
// origin of the one who came first among those whose origin is known.
func (x world) profile(p *plain, u units, entities map[string]bool) {
	type known struct{ on, via, how string }
	origins := map[string][]known{}
	for _, c := range x.customers {
		if u.excluded[u.stand(c.id)] {
			continue
		}
		for entity := range entities {
			if x.grain != "entity" {
				entity = ""
			}
			unit := u.of(c.id, entity)
			on := "9999-12-31"
			profile := p.profiles[unit]
			if c.acquired != nil {
				on = c.acquired.String()
				if profile.AcquiredOn == nil || *c.acquired < *profile.AcquiredOn {
					profile.AcquiredOn = c.acquired
				}
			}
			p.profiles[unit] = profile
			if c.via != "" && c.via != "unknown" {
				origins[unit] = append(origins[unit], known{on, c.via, c.how})
			}
		}
	}
	for unit, all := range origins {
		first := slices.MinFunc(all, func(a, b known) int {
			return strings.Compare(a.on+"\x00"+a.via+"\x00"+a.how, b.on+"\x00"+b.via+"\x00"+b.how)
		})
		profile := p.profiles[unit]
		profile.Origin = growth.Origin{Via: first.via, How: first.how}
		p.profiles[unit] = profile
	}
}

// stated is the second method's statement and cohorts.
func (x world) stated(active growth.Active) (growth.Statement, *audited, error) {
	p := x.plain()
	s, err := growth.Input{
		Windows: x.w, Active: active, Currency: home, Cells: growth.Tally(p.lines, p.profiles, x.w, active), Coverage: p.coverage, Exchange: p.exchange,
	}.State()
	return s, x.audit(p, active), err
}

// openStager starts an engine over a fresh folder.
func openStager(t *testing.T) *stager {
	t.Helper()
	e, err := Open(t.Context(), Options{Dir: t.TempDir(), Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return &stager{e: e}
}

// String prints a world as its books.
func (x world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s against %s, grain %s, basis %s, returns at sale %t\n", x.w.Period, x.w.Compared, x.grain, x.basis, x.returnsAtSale)
	for _, c := range []*cells{x.orders(), x.customerRows(), x.linkRows(), x.rateRows(), x.subRows()} {
		if len(c.rows) == 0 {
			continue
		}
		fmt.Fprintln(&b, strings.Join(c.names, ","))
		for _, row := range c.rows {
			fmt.Fprintln(&b, strings.Join(row, ","))
		}
	}
	return b.String()
}

// clone copies a world so that a variant may be changed.
func (x world) clone() world {
	x.lines, x.customers, x.links = slices.Clone(x.lines), slices.Clone(x.customers), slices.Clone(x.links)
	x.rates, x.subs = slices.Clone(x.rates), slices.Clone(x.subs)
	return x
}
