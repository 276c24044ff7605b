package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// rewriting is somebody on the way out of parts.
type rewriting struct {
	e      *Engine
	ask    engine.Rewrite
	forget *forgetting
	maybe  []string // what a text that names the person holds, in lower case
	every  bool     // whether that cannot be said, and every text is looked into
}

// Rewrite takes somebody out of a book's part. It returns nil when the part
// does not hold the person. Nothing that it writes counts until the manifest
// says so.
func (e *Engine) Rewrite(ctx context.Context, book fact.Book, p engine.Part, ask engine.Rewrite) (*engine.Rewritten, error) {
	w := rewriting{e: e, ask: ask}
	var err error
	if w.forget, err = e.forgets(ask.Memory); err != nil || w.forget == nil {
		return nil, err
	}
	for _, text := range ask.Who.Texts() {
		w.hint(text)
	}
	return w.part(ctx, book, p)
}

// hint adds the longest plain run of a marker: a text without it does not
// hold the marker, which is seen faster than by its words.
func (w *rewriting) hint(text string) {
	longest := ""
	for _, run := range plainRuns(text) {
		if len(run) > len(longest) {
			longest = run
		}
	}
	if longest == "" {
		w.every = true
	}
	w.maybe = append(w.maybe, longest)
}

// plainRuns are the runs of plain letters and digits of a text, in lower case.
func plainRuns(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// may is SQL that is true of every text that names the person. Letters with
// accents are other letters here than in a marker's plain run, so the text is
// looked at without them.
func (w *rewriting) may(value string) string {
	if w.every {
		return ""
	}
	terms := make([]string, len(w.maybe))
	for i, run := range w.maybe {
		terms[i] = "contains(strip_accents(lower(" + value + ")), " + literal(run) + ")"
	}
	return strings.Join(terms, " OR ")
}

// rewritten is a column as it is and as it will be.
type rewritten struct {
	column  fact.Column
	stored  string
	next    string // SQL; empty: as it is
	hashed  string // SQL of its canonical value, as it was
	hashing string // as it will be
}

func (w *rewriting) part(ctx context.Context, book fact.Book, p engine.Part) (*engine.Rewritten, error) {
	columns, joins, err := w.columns(ctx, book, p)
	if err != nil {
		return nil, err
	}
	var mine, changes []string
	counts := []string{}
	for _, c := range columns {
		switch {
		case c.column.Refers != "" && w.ask.Who.Subject == engine.ACustomer:
			mine = append(mine, "s."+quoted(c.stored)+" IN ("+keyList(w.ask.Who.Keys)+")")
		case c.next != "":
			changes = append(changes, "("+c.next+") IS DISTINCT FROM s."+quoted(c.stored))
			counts = append(counts, "count(*) FILTER ("+changes[len(changes)-1]+")")
		}
	}
	touched := strings.Join(append(slices.Clone(mine), changes...), " OR ")
	if touched == "" {
		return nil, nil
	}
	out := engine.Rewritten{Part: p, Changed: map[string]int64{}}
	if any, err := w.measure(ctx, p, columns, measure{joins, touched, counts}, &out); err != nil || !any {
		return nil, err
	}
	total := int64(0)
	for _, n := range out.Changed {
		total += n
	}
	if total == 0 {
		out.Same = true
		return &out, nil
	}
	return &out, w.write(ctx, p, columns, &out)
}

// columns says of each stored column what becomes of it, and what of its
// share of the row's hash.
func (w *rewriting) columns(ctx context.Context, book fact.Book, p engine.Part) (out []rewritten, joins []string, err error) {
	have, err := w.e.columns(ctx, p.Path)
	if err != nil {
		return nil, nil, err
	}
	var owners []string
	for _, c := range book.Columns {
		if c.Refers != "" && w.ask.Who.Subject == engine.ACustomer && slices.ContainsFunc(have, func(h storedColumn) bool { return h.name == stored(c) }) {
			owners = append(owners, fmt.Sprintf("coalesce(s.%s IN (%s), FALSE)", quoted(stored(c)), keyList(w.ask.Who.Keys)))
		}
	}
	for i, c := range book.Columns {
		if !slices.ContainsFunc(have, func(h storedColumn) bool { return h.name == stored(c) }) {
			continue
		}
		r := rewritten{column: c, stored: stored(c), hashed: "s." + quoted(c.Name)}
		switch {
		case c.Refers != "":
			d := fmt.Sprintf("d%d", i)
			joins = append(joins, fmt.Sprintf("LEFT JOIN dictionary %s ON %s.key = s.%s", d, d, quoted(r.stored)))
			r.hashed = fmt.Sprintf("CASE WHEN %s.id IS NOT NULL THEN hash(%s.id) END", d, d)
			r.hashing = fmt.Sprintf("CASE WHEN %s.id IS NOT NULL THEN hash(coalesce(%s, %s.id)) END", d, w.forget.tombstone(engine.ACustomer, d+".id"), d)
		case touches(book.Name, c):
			value := "s." + quoted(c.Name)
			r.next = w.forget.column(book.Name, c, value, strings.Join(owners, " OR "), w.may(value))
			r.hashing = r.next
		default:
			r.hashing = r.hashed
		}
		out = append(out, r)
	}
	return out, joins, nil
}

// measure is what is asked of the rows of a part that change.
type measure struct {
	joins   []string
	touched string
	counts  []string
}

// measure counts the rows that change and brings the fingerprint up to date:
// theirs as they were is taken out and theirs as they will be is added.
func (w *rewriting) measure(ctx context.Context, p engine.Part, columns []rewritten, m measure, out *engine.Rewritten) (bool, error) {
	var before, after []string
	for _, c := range columns {
		before, after = append(before, c.hashed), append(after, c.hashing)
	}
	sums := []string{"count(*)"}
	for _, values := range [][]string{before, after} {
		high, low := rowHashes(values)
		sums = append(sums, "coalesce(CAST(sum(CAST("+high+" AS HUGEINT)) AS VARCHAR), '0')", "coalesce(CAST(sum(CAST("+low+" AS HUGEINT)) AS VARCHAR), '0')")
	}
	dictionary := "SELECT CAST(NULL AS VARCHAR) AS id, CAST(NULL AS INTEGER) AS key WHERE FALSE"
	if len(m.joins) > 0 && len(w.ask.Keys) > 0 {
		dictionary = "SELECT id, key FROM read_parquet(" + w.e.files(w.ask.Keys) + ")"
	}
	query := fmt.Sprintf("WITH s AS MATERIALIZED (SELECT * FROM read_parquet(%s) s WHERE %s), dictionary AS (%s) SELECT %s FROM s %s",
		w.e.files([]string{p.Path}), m.touched, dictionary, join(append(sums, m.counts...)), strings.Join(m.joins, " "))
	var n int64
	var h [4]string
	changed := make([]int64, len(m.counts))
	into := []any{&n, &h[0], &h[1], &h[2], &h[3]}
	for i := range changed {
		into = append(into, &changed[i])
	}
	if err := w.e.one(ctx, query, into...); err != nil || n == 0 {
		return false, err
	}
	out.Part.Fingerprint = p.Fingerprint.Minus(fingerprint(n, h[0], h[1])).Plus(fingerprint(n, h[2], h[3]))
	i := 0
	for _, c := range columns {
		if c.next != "" {
			out.Changed[c.column.Name] = changed[i]
			i++
		}
	}
	return true, nil
}

// write writes the part anew, its rows in the order that an import gives them.
func (w *rewriting) write(ctx context.Context, p engine.Part, columns []rewritten, out *engine.Rewritten) error {
	var values []string
	fields := map[string]int{}
	order := ""
	for _, c := range columns {
		value := "s." + quoted(c.stored)
		if c.next != "" {
			value = c.next + " AS " + quoted(c.stored)
		}
		if c.column.Refers != "" && order == "" {
			order = " ORDER BY s." + quoted(c.stored)
		}
		values = append(values, value)
		fields[c.stored] = c.column.Field
	}
	query := fmt.Sprintf("SELECT %s FROM read_parquet(%s) s%s", join(values), w.e.files([]string{p.Path}), order)
	written, err := w.e.writePart(ctx, query, w.path(p), fields)
	out.Path, out.Bytes, out.Digest = written.Path, written.Bytes, written.Digest
	return err
}

func (w *rewriting) path(p engine.Part) string { return inPlaceOf(p, w.ask.Folder) }

// RewriteKeys gives forgotten ids their tombstones in a part of the
// dictionary, or returns nil when it holds none.
func (e *Engine) RewriteKeys(ctx context.Context, p engine.Part, ask engine.Rewrite) (*engine.Rewritten, error) {
	w := rewriting{e: e, ask: ask}
	var err error
	if w.forget, err = e.forgets(ask.Memory); err != nil || w.forget == nil || len(ask.Who.Keys) == 0 {
		return nil, err
	}
	from := "read_parquet(" + e.files([]string{p.Path}) + ") s"
	out := engine.Rewritten{Part: p, Changed: map[string]int64{}}
	var n int64
	if err := e.one(ctx, "SELECT count(*) FROM "+from+" WHERE key IN ("+keyList(ask.Who.Keys)+")", &n); err != nil || n == 0 {
		return nil, err
	}
	out.Changed["id"] = n
	id := fmt.Sprintf("CASE WHEN s.key IN (%s) THEN coalesce(%s, s.id) ELSE s.id END AS id", keyList(ask.Who.Keys), w.forget.tombstone(engine.ACustomer, "s.id"))
	written, err := e.writePart(ctx, "SELECT "+id+", s.key FROM "+from+" ORDER BY s.key", w.path(p), map[string]int{"id": 1, "key": 2})
	out.Path, out.Bytes, out.Digest = written.Path, written.Bytes, written.Digest
	return &out, err
}
