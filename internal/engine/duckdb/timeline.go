package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// momentBooks are the books of which each row is something that happened at a
// moment; there may be many. The rows of the others about one customer are few
// and are read whole.
var momentBooks = []string{"orders", "interactions", "answers", "remarks"}

// stirring is how many parts are opened at once on the way back in time.
const stirring = 16

// timeline is one customer's on its way.
type timeline struct {
	x     *index
	ask   engine.Timeline
	keys  []engine.Key
	held  map[engine.Key][]placed // the parts that hold each key
	after spot
}

// spot is a place in a timeline: later moments come first, then the order of
// books, parts and rows.
type spot struct {
	At              int64 // microseconds since 1970 by the company's clock
	Book, Part, Row int64
}

// undated comes after everything that has a day.
const undated = math.MinInt64

func (s spot) compare(o spot) int {
	return cmp.Or(-cmp.Compare(s.At, o.At), cmp.Compare(s.Book, o.Book), cmp.Compare(s.Part, o.Part), cmp.Compare(s.Row, o.Row))
}

// cursor is a spot as an address holds it: without the row's own number, which
// tells where in its source it stood.
func (s spot) cursor(veil engine.Veil) string {
	return fmt.Sprintf("t%d.%d.%d.%d", s.At, s.Book, s.Part, veil.Hide(s.Row))
}

func spotAt(cursor string, veil engine.Veil) (spot, error) {
	s := spot{At: math.MaxInt64}
	if cursor == "" {
		return s, nil
	}
	if n, err := fmt.Sscanf(cursor, "t%d.%d.%d.%d", &s.At, &s.Book, &s.Part, &s.Row); n != 4 || err != nil || s.Row < 0 || s.Row >= engine.Hidable {
		return s, engine.ErrCursor
	}
	s.Row = veil.Shown(s.Row)
	if s.cursor(veil) != cursor {
		return s, engine.ErrCursor
	}
	return s, nil
}

// happened is an event with its place.
type happened struct {
	spot
	key   engine.Key
	book  string
	kind  engine.Kind
	cells map[string]string
}

// Timeline answers what happened with one customer.
func (r *Reader) Timeline(ctx context.Context, v engine.View, ask engine.Timeline) (engine.History, error) {
	history, err := r.history(ctx, v, ask)
	return history, r.mended(indexName(v), err)
}

func (r *Reader) history(ctx context.Context, v engine.View, ask engine.Timeline) (engine.History, error) {
	x, err := r.index(ctx, v)
	if err != nil {
		return engine.History{}, err
	}
	ask.Limit = pageOf(ask.Limit)
	all, err := x.standing(ask.Key)
	if err != nil {
		return engine.History{}, err
	}
	t := timeline{x: x, ask: ask, held: map[engine.Key][]placed{}}
	if t.after, err = spotAt(ask.After, ask.Seer.Veil); err != nil {
		return engine.History{}, err
	}
	history := engine.History{Customer: together(all).shown(ask.Seer), Since: v.Since}
	for _, c := range all {
		t.keys = append(t.keys, c.Key)
		t.held[c.Key] = x.held(c.Parts)
	}
	for _, c := range all[1:] {
		history.Merged = append(history.Merged, c.shown(ask.Seer))
	}
	if err := x.referrals(all, &history, ask.Seer); err != nil {
		return engine.History{}, err
	}
	events, err := t.events(ctx, r, all)
	if err != nil {
		return engine.History{}, err
	}
	if len(events) > ask.Limit {
		events = events[:ask.Limit]
		history.Next = events[ask.Limit-1].cursor(ask.Seer.Veil)
	}
	for _, h := range events {
		history.Events = append(history.Events, h.shown(ask.Seer))
	}
	return history, nil
}

// standing reads the cards of all ids of a customer, the one that stands first.
func (x *index) standing(key engine.Key) ([]card, error) {
	if key <= 0 || key > x.about.Last {
		return nil, engine.ErrUnknown
	}
	read, err := x.read([]engine.Key{key})
	if err != nil {
		return nil, err
	}
	if into := read[0].Merged; into != 0 {
		if read, err = x.read([]engine.Key{into}); err != nil {
			return nil, err
		}
	}
	others, err := x.read(read[0].Others)
	return append(read, others...), err
}

// referrals adds who sent a customer and whom the customer sent, under
// whatever of the merged ids.
func (x *index) referrals(all []card, h *engine.History, to engine.Seer) error {
	var by engine.Key
	var sent []engine.Key
	for _, c := range all {
		by = cmp.Or(by, c.SentBy)
		h.SentCount += c.Sent
		sent = append(sent, c.SentFirst...)
	}
	if by != 0 {
		who, err := x.standing(by)
		if err != nil {
			return err
		}
		one := who[0].shown(to)
		h.SentBy = &one
	}
	slices.Sort(sent)
	sent = slices.Compact(sent)
	var err error
	h.Sent, err = x.customers(sent[:min(len(sent), mostSent)], to)
	return err
}

// together is the card that stands with the lines of all, and with the origin
// that a statement gives them.
func together(all []card) card {
	c := all[0]
	c.Via, c.How = origin(all)
	totals := map[string]int{}
	c.Revenue = slices.Clone(c.Revenue)
	for i, t := range c.Revenue {
		totals[t.Currency] = i
	}
	for _, o := range all[1:] {
		c.Lines += o.Lines
		c.Acquired, c.First, c.Sale = earlier(c.Acquired, o.Acquired), earlier(c.First, o.First), earlier(c.Sale, o.Sale)
		c.Known, c.Excluded = c.Known || o.Known, max(c.Excluded, o.Excluded) // a statement leaves all out when it leaves one out
		c.Name, c.Email, c.Referrer = cmp.Or(c.Name, o.Name), cmp.Or(c.Email, o.Email), cmp.Or(c.Referrer, o.Referrer)
		if c.Last == nil || o.Last != nil && *o.Last > *c.Last {
			c.Last = o.Last
		}
		for _, t := range o.Revenue {
			i, has := totals[t.Currency]
			if !has {
				totals[t.Currency] = len(c.Revenue)
				c.Revenue = append(c.Revenue, t)
				continue
			}
			c.Revenue[i].Amount = amount(c.Revenue[i].Amount).Add(amount(t.Amount)).Text(0)
		}
	}
	return c
}

// origin is how somebody came under whatever id, by the definition of
// Ledger.origins: of the ids whose way is known, the one that came first; of
// two on the same day, the one whose way is first by name.
func origin(all []card) (via, how string) {
	var first *card
	for i, c := range all {
		if c.Via != "" && c.Via != "unknown" && (first == nil || c.came(*first) < 0) {
			first = &all[i]
		}
	}
	if first == nil {
		return all[0].Via, all[0].How
	}
	return first.Via, first.How
}

// came puts who came first before the other; who came on no known day is last.
func (c card) came(o card) int {
	day := func(d *calendar.Day) int64 {
		if d == nil {
			return math.MaxInt64
		}
		return int64(*d)
	}
	return cmp.Or(cmp.Compare(day(c.Acquired), day(o.Acquired)), cmp.Compare(c.Via, o.Via), cmp.Compare(c.How, o.How))
}

func earlier(a, b *calendar.Day) *calendar.Day {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

// wants tells whether a book was asked for.
func (t *timeline) wants(book string) bool {
	return len(t.ask.Books) == 0 || slices.Contains(t.ask.Books, book)
}

// events gathers one more than a page of events after the cursor.
func (t *timeline) events(ctx context.Context, r *Reader, all []card) (events []happened, err error) {
	events = t.acquired(all)
	err = r.with(ctx, func(e *Engine) error {
		few, err := t.whole(ctx, e)
		if err != nil {
			return err
		}
		many, err := t.moments(ctx, e)
		events = append(append(events, few...), many...)
		return err
	})
	events = slices.DeleteFunc(events, func(h happened) bool { return h.compare(t.after) <= 0 && t.ask.After != "" })
	slices.SortFunc(events, func(a, b happened) int { return a.spot.compare(b.spot) })
	return events, err
}

// acquired is what the customers book says as an event.
func (t *timeline) acquired(all []card) []happened {
	var out []happened
	for _, c := range all {
		if !c.Known || !t.wants("customers") || c.Acquired == nil {
			continue
		}
		cells := map[string]string{"acquired_via": c.Via, "acquired_how": c.How, "referred_by": c.Referrer}
		out = append(out, happened{spot: spot{At: midnight(*c.Acquired), Book: bookPlace("customers"), Row: int64(c.Key)}, key: c.Key, book: "customers", kind: engine.Acquired, cells: cells})
	}
	return out
}

const dayMicros = 24 * int64(time.Hour/time.Microsecond)

func midnight(d calendar.Day) int64 { return int64(d) * dayMicros }

func bookPlace(name string) int64 {
	return int64(slices.IndexFunc(fact.Books, func(b fact.Book) bool { return b.Name == name }))
}

// of lists the held parts of a book with their numbers, in their order.
func (t *timeline) of(book string) []numbered {
	var out []numbered
	for i, p := range t.x.places {
		if p.book == book && slices.ContainsFunc(t.keys, func(k engine.Key) bool { return t.holds(k, p) }) {
			out = append(out, numbered{p, i})
		}
	}
	return out
}

// holds tells whether a part holds a key, as far as the card says.
func (t *timeline) holds(key engine.Key, p placed) bool {
	return slices.ContainsFunc(t.held[key], func(h placed) bool { return h.part.Path == p.part.Path })
}

type numbered struct {
	placed
	place int
}

// whole reads the rows of books that are few for a customer: subscriptions and
// merged ids.
func (t *timeline) whole(ctx context.Context, e *Engine) (out []happened, err error) {
	for _, book := range []string{"subscriptions", "customer_links"} {
		parts := t.of(book)
		if len(parts) == 0 || !t.wants(book) {
			continue
		}
		q := t.query(e, book, parts)
		if q == "" {
			continue
		}
		read, err := t.read(ctx, e, q, 0)
		if err != nil {
			return nil, err
		}
		for _, h := range read {
			h.Row *= 2
			out = append(out, h)
			if end := h.cells["ended_on"]; end != "" {
				day, err := calendar.ParseDay(end)
				if err != nil {
					return nil, err
				}
				h.spot.At, h.Row, h.kind = midnight(day), h.Row+1, engine.Ended
				out = append(out, h)
			}
		}
	}
	return out, nil
}

// moments walks back from the newest month that the page can hold, some parts
// at a time, until a page is full.
func (t *timeline) moments(ctx context.Context, e *Engine) (gathered []happened, err error) {
	order, months := t.months()
	for len(order) > 0 && len(gathered) <= t.ask.Limit {
		chunk, n := map[string][]numbered{}, 0
		for len(order) > 0 && n < stirring {
			for book, parts := range months[order[0]] {
				chunk[book] = append(chunk[book], parts...)
				n += len(parts)
			}
			order = order[1:]
		}
		more, err := t.chunk(ctx, e, chunk)
		if err != nil {
			return nil, err
		}
		gathered = append(gathered, more...)
	}
	return gathered, nil
}

// months lists the months that may hold events of the page, the newest first,
// with their parts by book.
func (t *timeline) months() ([]calendar.Month, map[calendar.Month]map[string][]numbered) {
	months := map[calendar.Month]map[string][]numbered{}
	last := calendar.Month(math.MaxInt32)
	if t.ask.After != "" {
		if t.after.At == undated {
			return nil, nil
		}
		last = calendar.MonthOf(calendar.Day(floorDiv(t.after.At, dayMicros)))
	}
	for _, book := range momentBooks {
		if !t.wants(book) {
			continue
		}
		for _, p := range t.of(book) {
			if p.part.Month > last {
				continue
			}
			if months[p.part.Month] == nil {
				months[p.part.Month] = map[string][]numbered{}
			}
			months[p.part.Month][book] = append(months[p.part.Month][book], p)
		}
	}
	order := make([]calendar.Month, 0, len(months))
	for m := range months {
		order = append(order, m)
	}
	slices.SortFunc(order, func(a, b calendar.Month) int { return int(b - a) })
	return order, months
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// chunk reads the page's events of some parts.
func (t *timeline) chunk(ctx context.Context, e *Engine, books map[string][]numbered) ([]happened, error) {
	var queries []string
	for _, book := range momentBooks {
		if parts := books[book]; len(parts) > 0 {
			slices.SortFunc(parts, func(a, b numbered) int { return a.place - b.place })
			if q := t.query(e, book, parts); q != "" {
				queries = append(queries, q)
			}
		}
	}
	if len(queries) == 0 {
		return nil, nil
	}
	return t.read(ctx, e, strings.Join(queries, " UNION ALL "), t.ask.Limit+1)
}

// query gives a book's rows of the customer: moment, book, part, row, key,
// cells; empty: it can have none. Rows that name one customer are asked for by one key at a time: the
// engine passes by whatever lies apart from one key, and between two that lie
// far apart it reads everything.
func (t *timeline) query(e *Engine, book string, parts []numbered) string {
	var columns []string
	for _, key := range customerBooks[book] {
		if slices.Contains(t.x.about.Columns[book], key) {
			columns = append(columns, quoted(key))
		}
	}
	if len(columns) == 0 { // a book that names nobody, whose parts share their places with others
		return ""
	}
	if len(columns) > 1 { // a row that names two of the keys must come once
		for i, c := range columns {
			columns[i] = c + " IN (" + keyList(t.keys) + ")"
		}
		return t.rows(e, book, parts, strings.Join(columns, " OR "))
	}
	var queries []string
	for _, key := range t.keys {
		var its []numbered
		for _, p := range parts {
			if t.holds(key, p.placed) {
				its = append(its, p)
			}
		}
		if len(its) > 0 {
			queries = append(queries, t.rows(e, book, its, fmt.Sprintf("%s = %d", columns[0], key)))
		}
	}
	return strings.Join(queries, " UNION ALL ")
}

// rows gives the rows of parts of a book for which a condition holds.
func (t *timeline) rows(e *Engine, book string, parts []numbered, where string) string {
	shape, _ := fact.Find(book)
	var places, files, cells []string
	for _, p := range parts {
		places = append(places, fmt.Sprint(p.place))
		files = append(files, p.part.Path)
	}
	stored := t.x.about.Columns[book]
	for _, name := range stored {
		cells = append(cells, literal(name)+", CAST("+quoted(name)+" AS VARCHAR)")
	}
	at := fmt.Sprintf("CAST(%d AS BIGINT)", int64(undated))
	if slices.Contains(stored, shape.Time) {
		at = fmt.Sprintf("coalesce(epoch_us(CAST(%s AS TIMESTAMP)), %s)", quoted(shape.Time), at)
	}
	return fmt.Sprintf(`SELECT %s AS moment, %d AS book, [%s][CAST(file_index AS BIGINT) + 1] AS part, file_row_number AS row, %s AS key, CAST(json_object(%s) AS VARCHAR) AS cells
		FROM read_parquet(%s, union_by_name = %t, file_row_number = true) WHERE %s`,
		at, bookPlace(book), join(places), quoted(customerBooks[book][0]), join(cells), e.files(files), !t.x.about.Uniform, where)
}

func keyList(keys []engine.Key) string {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = fmt.Sprint(k)
	}
	return join(texts)
}

// read runs a query of events; limit 0 reads all.
func (t *timeline) read(ctx context.Context, e *Engine, query string, limit int) (out []happened, err error) {
	where, bound := "", ""
	if limit > 0 {
		if a := t.after; t.ask.After != "" {
			where = fmt.Sprintf(" WHERE moment <= %d AND (moment < %[1]d OR (book, part, row) > (%d, %d, %d))", a.At, a.Book, a.Part, a.Row)
		}
		bound = fmt.Sprintf(" ORDER BY moment DESC, book, part, row LIMIT %d", limit)
	}
	err = e.each(ctx, "SELECT moment, book, part, row, key, cells FROM ("+query+")"+where+bound, func(r *sql.Rows) error {
		var h happened
		var key sql.NullInt64
		var text string
		if err := r.Scan(&h.At, &h.Book, &h.Part, &h.Row, &key, &text); err != nil {
			return err
		}
		cells := map[string]*string{}
		if err := json.Unmarshal([]byte(text), &cells); err != nil {
			return errors.Join(errors.New("read a row of the books"), err)
		}
		h.cells = map[string]string{}
		for name, value := range cells {
			if value != nil {
				h.cells[name] = *value
			}
		}
		h.key, h.book = engine.Key(key.Int64), fact.Books[h.Book].Name
		h.kind = kindOf(h.book, h.cells)
		out = append(out, h)
		return nil
	})
	return out, err
}

func kindOf(book string, cells map[string]string) engine.Kind {
	switch book {
	case "subscriptions":
		return engine.Subscribed
	case "customer_links":
		return engine.Merged
	case "interactions":
		return engine.Served
	case "answers":
		return engine.Answered
	case "remarks":
		return engine.Remarked
	}
	if strings.HasPrefix(cells["amount"], "-") {
		return engine.Returned
	}
	return engine.Bought
}
