package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math/big"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/journey"
)

// TouchpointDays answers what the books say of names of touchpoints on each day of a period, by name and day; nil names are all. Days and
// names of which nothing is said are left out. It returns engine.ErrUnready where PrepareTouchpoints has to come first.
func (r *Reader) TouchpointDays(ctx context.Context, v engine.View, names []string, p calendar.Period) ([]engine.TouchpointDay, error) {
	return r.counts(ctx, v, names, p, false)
}

// TouchpointSums is TouchpointDays added up over the period, by name. Every row has the period's first day.
func (r *Reader) TouchpointSums(ctx context.Context, v engine.View, names []string, p calendar.Period) ([]engine.TouchpointDay, error) {
	return r.counts(ctx, v, names, p, true)
}

func (r *Reader) counts(ctx context.Context, v engine.View, names []string, p calendar.Period, summed bool) ([]engine.TouchpointDay, error) {
	months := monthsOf(v)
	if len(months) == 0 || names != nil && len(names) == 0 {
		return nil, nil
	}
	if err := r.touched(ctx, v, months); err != nil {
		return nil, err
	}
	c := counting{folder: r.derived.path(touchedName(months)), names: names, p: p, summed: summed, at: map[dayName]int{}}
	err := r.with(ctx, func(e *Engine) error {
		for _, m := range months {
			if read := c.reads(m.book); read != nil {
				if err := read(ctx, e); err != nil {
					return err
				}
			}
		}
		return nil
	})
	slices.SortFunc(c.out, func(a, b engine.TouchpointDay) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Day, b.Day))
	})
	for _, t := range c.out {
		slices.SortFunc(t.Answers, func(a, b engine.TouchpointAnswers) int {
			return cmp.Or(cmp.Compare(a.Question, b.Question), cmp.Compare(a.Scale, b.Scale))
		})
	}
	return c.out, r.mended(touchedName(months), err)
}

// dayName is what a row is about.
type dayName struct {
	name string
	day  calendar.Day
}

// counting is an answer on its way.
type counting struct {
	folder string
	names  []string
	p      calendar.Period
	summed bool
	done   map[string]bool
	at     map[dayName]int
	out    []engine.TouchpointDay
}

// reads is what reads a book's counts; nil: it was read already.
func (c *counting) reads(book string) func(context.Context, *Engine) error {
	if c.done[book] {
		return nil
	}
	if c.done == nil {
		c.done = map[string]bool{}
	}
	c.done[book] = true
	return map[string]func(context.Context, *Engine) error{"interactions": c.contacts, "answers": c.answers, "remarks": c.remarks}[book]
}

// packedColumns are the columns of a book's counts that are joined by commas, in their order.
func packedColumns(book string) []string {
	switch book {
	case "answers":
		return []string{"low", "middle", "high", "unread", "score_sum", "score_squares", "comments"}
	case "remarks":
		return []string{"remarks"}
	}
	columns := []string{"contacts"}
	for _, m := range contactMeans {
		columns = append(columns, m+"_n", m+"_sum")
	}
	for _, f := range contactFlags {
		columns = append(columns, f+"_known", f+"_had")
	}
	columns = append(columns, "within_of")
	for i := range journey.Waits {
		columns = append(columns, fmt.Sprintf("within%d", i))
	}
	return columns
}

// query reads a book's counts: name, keys, day, and the columns joined by commas, because one long text is read sooner than many short numbers.
// Those of a day stand joined in the file.
func (c *counting) query(book string, keys ...string) string {
	order, where := "day, name", fmt.Sprintf("day >= %s AND day < %s", date(c.p.Start), date(c.p.End))
	if c.names != nil {
		where = oneOf("name", c.names) + " AND " + where
		if !c.byDay() {
			order = "name, day"
		}
	}
	from := "read_parquet(" + literal(filepath.Join(c.folder, touchedFile(book, order))) + ") WHERE " + where
	keyed := join(append([]string{"name"}, keys...))
	if !c.summed {
		return fmt.Sprintf("SELECT %s, %s, packed FROM %s", keyed, dayNumber("day"), from)
	}
	columns := packedColumns(book)
	sums := make([]string, len(columns))
	for i, column := range columns {
		sums[i] = "sum(" + column + ")"
	}
	return fmt.Sprintf("SELECT %s, %d, concat_ws(',', %s) FROM %s GROUP BY %[1]s ORDER BY %[1]s", keyed, int64(c.p.Start), join(sums), from)
}

// byDay tells whether few days of many names are asked for. Names lie apart, each in a row group or two of its own, where days lie together:
// of five hundred names, some thirty in a row group.
func (c *counting) byDay() bool { return int64(c.p.End-c.p.Start) <= 16*int64(len(c.names)) }

// oneOf is SQL of a column that holds one of some names.
func oneOf(column string, names []string) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = literal(journey.Fold(n))
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if len(texts) == 1 {
		return column + " = " + texts[0]
	}
	return column + " IN (" + join(texts) + ")"
}

// day is the row of a name and day.
func (c *counting) day(name string, day int64) *engine.TouchpointDay {
	k := dayName{name, calendar.Day(day)}
	i, ok := c.at[k]
	if !ok {
		i = len(c.out)
		c.at[k], c.out = i, append(c.out, engine.TouchpointDay{
			Name: name, Day: k.day, Within: make([]int64, len(journey.Waits)),
			Wait: engine.TouchpointSum{Sum: new(big.Rat)}, Handled: engine.TouchpointSum{Sum: new(big.Rat)}, Transfers: engine.TouchpointSum{Sum: new(big.Rat)},
		})
	}
	return &c.out[i]
}

func (c *counting) contacts(ctx context.Context, e *Engine) error {
	return e.each(ctx, c.query("interactions"), func(r *sql.Rows) error {
		var name, packed string
		var day int64
		if err := r.Scan(&name, &day, &packed); err != nil {
			return err
		}
		t, p := c.day(name, day), unpacking{texts: strings.Split(packed, ",")}
		t.Contacts = p.count()
		for _, s := range []*engine.TouchpointSum{&t.Wait, &t.Handled, &t.Transfers} {
			s.N, s.Sum = p.count(), millionths(micros(sixPlaces(p.text())))
		}
		for _, s := range []*engine.TouchpointShare{&t.Abandoned, &t.Contained, &t.Resolved, &t.Reopened} {
			s.Known, s.Had = p.count(), p.count()
		}
		t.WithinOf = p.count()
		for i := range t.Within {
			t.Within[i] = p.count()
		}
		return p.err
	})
}

func (c *counting) answers(ctx context.Context, e *Engine) error {
	return e.each(ctx, c.query("answers", "question", "scale"), func(r *sql.Rows) error {
		var name, packed string
		var day int64
		var a engine.TouchpointAnswers
		if err := r.Scan(&name, &a.Question, &a.Scale, &day, &packed); err != nil {
			return err
		}
		t, p := c.day(name, day), unpacking{texts: strings.Split(packed, ",")}
		a.Low, a.Middle, a.High, a.Unread = p.count(), p.count(), p.count(), p.count()
		a.Sum, a.Squares = millionths(whole(p.text())), squaredMillionths(whole(p.text()))
		t.Comments += p.count()
		if a.Question != "" {
			t.Answers = append(t.Answers, a)
		}
		return p.err
	})
}

func (c *counting) remarks(ctx context.Context, e *Engine) error {
	return e.each(ctx, c.query("remarks"), func(r *sql.Rows) error {
		var name, packed string
		var day int64
		if err := r.Scan(&name, &day, &packed); err != nil {
			return err
		}
		p := unpacking{texts: []string{packed}}
		c.day(name, day).Remarks = p.count()
		return p.err
	})
}

// unpacking takes joined numbers apart.
type unpacking struct {
	texts []string
	err   error
}

func (u *unpacking) text() string {
	if len(u.texts) == 0 {
		u.err = fmt.Errorf("read the counts of touchpoints: a column is missing")
		return "0"
	}
	text := u.texts[0]
	u.texts = u.texts[1:]
	return text
}

func (u *unpacking) count() int64 {
	n, err := strconv.ParseInt(u.text(), 10, 64)
	if err != nil && u.err == nil {
		u.err = fmt.Errorf("read the counts of touchpoints: %w", err)
	}
	return n
}

// wordsAtOnce is how many months of a book are opened at once on the way back in time.
const wordsAtOnce = 8

// Words answers the newest words about touchpoints, the newest first. Of a period that ends within a month, words older than the
// newest engine.MostWords of that month are not told. It returns engine.ErrUnready where PrepareTouchpoints, or Prepare for the
// customers, has to come first.
func (r *Reader) Words(ctx context.Context, v engine.View, ask engine.TouchpointWords) ([]engine.Said, error) {
	months := monthsOf(v)
	if len(months) == 0 || ask.Names != nil && len(ask.Names) == 0 || ask.Period.Start >= ask.Period.End {
		return nil, nil
	}
	if err := r.touched(ctx, v, months); err != nil {
		return nil, err
	}
	ask.Limit = pageOf(ask.Limit)
	first, last := calendar.MonthOf(ask.Period.Start), calendar.MonthOf(ask.Period.End-1)
	months = slices.DeleteFunc(months, func(m bookMonth) bool { return m.book == "interactions" || m.month < first || m.month > last })
	var found []wording
	err := r.with(ctx, func(e *Engine) error {
		for len(months) > 0 && len(found) < ask.Limit {
			n := min(wordsAtOnce, len(months))
			for n < len(months) && months[n].month == months[n-1].month { // a month is read whole, so that what is left is older
				n++
			}
			more, err := r.wordsOf(ctx, e, months[:n], ask)
			if err != nil {
				return err
			}
			found, months = append(found, more...), months[n:]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.said(ctx, v, found[:min(len(found), ask.Limit)], ask.Seer)
}

// wording is something said with its customer's key.
type wording struct {
	engine.Said
	key engine.Key // 0: nobody is named
}

// wordsOf reads the newest words of some months.
func (r *Reader) wordsOf(ctx context.Context, e *Engine, months []bookMonth, ask engine.TouchpointWords) (out []wording, err error) {
	files := map[string][]string{}
	for _, m := range months {
		path := filepath.Join(r.derived.path(m.name()), wordsFile)
		if !r.derived.has(filepath.Join(m.name(), wordsFile)) {
			return nil, r.mended(m.name(), fmt.Errorf("read %s: %w", path, fs.ErrNotExist))
		}
		files[m.book] = append(files[m.book], literal(path))
	}
	var queries []string
	for _, book := range []string{"answers", "remarks"} {
		if len(files[book]) > 0 {
			queries = append(queries, fmt.Sprintf("SELECT %s AS book, * FROM read_parquet([%s])", literal(book), join(files[book])))
		}
	}
	where := fmt.Sprintf("moment >= %s AND moment < %s", date(ask.Period.Start), date(ask.Period.End))
	if ask.Names != nil {
		where += " AND " + oneOf("name", ask.Names)
	}
	query := fmt.Sprintf("SELECT book, name, epoch_us(moment), coalesce(customer_key, 0), words, coalesce(channel, ''), coalesce(question, ''), coalesce(scale, ''), CAST(score AS VARCHAR), coalesce(language, '') FROM (%s) WHERE %s ORDER BY moment DESC, book DESC, id, words LIMIT %d",
		strings.Join(queries, " UNION ALL "), where, ask.Limit)
	err = e.each(ctx, query, func(rows *sql.Rows) error {
		var w wording
		var moment int64
		var score sql.NullString
		if err := rows.Scan(&w.Book, &w.Name, &moment, &w.key, &w.Text, &w.Channel, &w.Question, &w.Scale, &score, &w.Language); err != nil {
			return err
		}
		w.Day = calendar.Day(floorDiv(moment, dayMicros))
		if rest := moment - midnight(w.Day); rest > 0 {
			w.Clock = time.UnixMicro(rest).UTC().Format(time.TimeOnly)
		}
		if score.Valid {
			w.Score = millionths(micros(sixPlaces(score.String)))
		}
		if !ask.Seer.Identified {
			w.Text, w.Withheld = "", true
		}
		out = append(out, w)
		return nil
	})
	return out, err
}

// said names the customers, as their seer may see them.
func (r *Reader) said(ctx context.Context, v engine.View, found []wording, to engine.Seer) ([]engine.Said, error) {
	out := make([]engine.Said, len(found))
	var keys []engine.Key
	for i, w := range found {
		out[i] = w.Said
		if w.key != 0 {
			keys = append(keys, w.key)
		}
	}
	if len(keys) == 0 {
		return out, nil
	}
	x, err := r.index(ctx, v)
	if err != nil {
		return nil, err
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	customers, err := x.customers(keys, to)
	if err != nil {
		return nil, r.mended(indexName(v), err)
	}
	for i, w := range found {
		if n, ok := slices.BinarySearch(keys, w.key); ok {
			out[i].Customer = &customers[n]
		}
	}
	return out, nil
}
