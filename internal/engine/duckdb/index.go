package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// index is what is derived of a view to find customers and to open their
// timelines: a box of cards and three sorted lists of terms.
type index struct {
	folder string
	view   engine.View
	places []placed
	cards  *cards
	about  about
}

// about is what an index says of itself.
type about struct {
	Last    engine.Key          // the highest key
	Columns map[string][]string // stored ones, by book
	Tall    int                 // how many places share a bit of the cards
	Lists   map[string][]string // the first term of each file of each list
	Fences  []string            // the first word of a name at every termRows-th row of words
	Uniform bool                // whether all parts of a book store the same columns
}

// placed is a part that customers may occur in, with its number.
type placed struct {
	book string
	part engine.Part
	bit  int
}

// indexForm changes when the files of an index do.
const indexForm = "customers4-"

func indexName(v engine.View) string { return indexForm + v.Identity() }

// maxPlaces is how many bits a card has for the parts that hold it; of more
// parts, neighbours share one.
const (
	maxPlaces = 512
	wordBits  = 64
)

// termRows is how many terms share a row group: what a search unpacks at least.
const termRows = 8192

// customerBooks are the books whose rows name a customer, with the columns
// that do.
var customerBooks = func() map[string][]string {
	out := map[string][]string{}
	for _, b := range fact.Books {
		for _, c := range b.Columns {
			if c.Refers != "" {
				out[b.Name] = append(out[b.Name], KeyColumn(c.Name))
			}
		}
	}
	return out
}()

// placesOf numbers the parts of the books whose rows name customers; the
// customers book itself is on the cards.
func placesOf(v engine.View) (places []placed, tall int) {
	for _, b := range fact.Books {
		if b.Name == "customers" || len(customerBooks[b.Name]) == 0 {
			continue
		}
		for _, p := range v.Books[b.Name] {
			places = append(places, placed{book: b.Name, part: p})
		}
	}
	tall = max(1, (len(places)+maxPlaces-1)/maxPlaces)
	for i := range places {
		places[i].bit = i / tall
	}
	return places, tall
}

// Ready tells whether customers of a view can be found at once.
func (r *Reader) Ready(v engine.View) bool { return r.derived.has(indexName(v)) }

// Prepare makes what finding customers of a view and looking at its touchpoints needs, unless it is there.
func (r *Reader) Prepare(ctx context.Context, v engine.View) error {
	if err := r.prepareIndex(ctx, v); err != nil {
		return err
	}
	return r.PrepareTouchpoints(ctx, v)
}

// prepareIndex makes what finding customers needs.
func (r *Reader) prepareIndex(ctx context.Context, v engine.View) error {
	return r.derived.make(ctx, r.life, recipe{
		name: indexName(v), from: r.inputs(v),
		build: func(ctx context.Context, folder string) error {
			return r.building(ctx, func(e *Engine) error { return e.index(ctx, v, folder, r.cut) })
		},
	})
}

func (r *Reader) inputs(v engine.View) []string {
	var out []string
	add := func(parts []engine.Part) {
		for _, p := range parts {
			out = append(out, filepath.Join(r.o.Dir, p.Path))
		}
	}
	for _, parts := range v.Books {
		add(parts)
	}
	add(v.Keys)
	return out
}

// index opens what is derived of a view; where the books are small it makes it
// first.
func (r *Reader) index(ctx context.Context, v engine.View) (*index, error) {
	name := indexName(v)
	r.mu.Lock()
	x := r.indexes[name]
	r.mu.Unlock()
	if x != nil && r.derived.has(name) {
		return x, nil
	}
	if !r.derived.has(name) {
		if rows(v) > r.o.Small {
			return nil, engine.ErrUnready
		}
		if err := r.prepareIndex(ctx, v); err != nil {
			return nil, err
		}
	}
	x = &index{folder: r.derived.path(name), view: v}
	var tall int
	x.places, tall = placesOf(v)
	text, err := os.ReadFile(filepath.Join(x.folder, "about.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &x.about); err != nil {
		return nil, err
	}
	if x.about.Tall != tall {
		return nil, fmt.Errorf("read %s: made for other parts", x.folder)
	}
	if x.cards, err = openCards(x.folder); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.indexes) >= 8 { // of a few snapshots, at most
		clear(r.indexes)
	}
	r.indexes[name] = x
	return x, nil
}

// index works an index out.
func (e *Engine) index(ctx context.Context, v engine.View, folder string, cut int64) error {
	x := indexing{e: e, v: v, folder: folder, fileRows: cut, about: about{Columns: map[string][]string{}}, card: filepath.Join(e.scratch, "card.parquet")}
	for _, step := range []func(context.Context) error{x.describe, x.link, x.gather, x.box, x.terms} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	text, err := json.Marshal(x.about)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "about.json"), text, 0o644)
}

// indexing is an index on its way.
type indexing struct {
	e        *Engine
	v        engine.View
	folder   string
	about    about
	card     string // a file of one row a customer, by key
	words    int    // of 64 bits
	fileRows int64  // how many rows a file of a list has
}

func (x *indexing) describe(ctx context.Context) error {
	for book, parts := range x.v.Books {
		columns, err := x.e.columns(ctx, parts[0].Path)
		if err != nil {
			return err
		}
		for _, c := range columns {
			x.about.Columns[book] = append(x.about.Columns[book], c.name)
		}
	}
	if err := x.uniform(ctx); err != nil || len(x.v.Keys) == 0 {
		return err
	}
	return x.e.one(ctx, "SELECT coalesce(max(key), 0) FROM read_parquet("+x.e.files(paths(x.v.Keys))+")", &x.about.Last)
}

// uniform finds out whether all parts of each book store the same columns, as
// they do unless a release in between stored others: then parts are read
// together without asking each for its columns.
func (x *indexing) uniform(ctx context.Context) error {
	x.about.Uniform = true
	for _, parts := range x.v.Books {
		kinds := 0
		if err := x.e.one(ctx, "SELECT count(DISTINCT columns) FROM (SELECT file_name, list((name, type, converted_type) ORDER BY name) AS columns FROM parquet_schema("+x.e.files(paths(parts))+") GROUP BY 1)", &kinds); err != nil {
			return err
		}
		x.about.Uniform = x.about.Uniform && kinds == 1
	}
	return nil
}

func (x *indexing) has(book, column string) bool {
	return slices.Contains(x.about.Columns[book], column)
}

// link makes the table of merged ids. Ids that lead in a ring stand for
// themselves: a close refuses them, a page shows them.
func (x *indexing) link(ctx context.Context) error {
	l := &Ledger{e: x.e, from: engine.Ledger{Links: x.v.Books["customer_links"], Keys: paths(x.v.Keys), AsOf: calendar.DayOf(9999, 12, 31)}, has: map[string]map[string]bool{"customer_links": {}}}
	err := l.links(ctx)
	if _, ring := err.(*engine.Unanswerable); ring {
		return x.e.exec(ctx, "DELETE FROM link WHERE new_key IN (SELECT old_key FROM link)")
	}
	return err
}

// mostSent is how many of those whom a customer sent are named.
const mostSent = 20

// placing is one book's share of the question which parts hold a customer.
type placing struct {
	Key, From string
	Words     []string
}

// gather writes what is known of each customer into one file, by key.
func (x *indexing) gather(ctx context.Context) error {
	places, tall := placesOf(x.v)
	x.about.Tall = tall
	if n := len(places); n > 0 {
		x.words = places[n-1].bit/wordBits + 1
	}
	values := map[string]any{
		"Columns": x.customerColumns(), "Customers": "(SELECT CAST(NULL AS INTEGER) AS customer_key WHERE FALSE)",
		"Dictionary": "(SELECT CAST(NULL AS VARCHAR) AS id, CAST(NULL AS INTEGER) AS key WHERE FALSE)", "Words": make([]int, x.words), "Sent": mostSent, "Orders": nil,
		"Currency": x.has("orders", "currency"),
	}
	if parts := x.v.Books["customers"]; len(parts) > 0 {
		values["Customers"] = "read_parquet(" + x.e.files(paths(parts)) + ", union_by_name = true)"
	}
	if len(x.v.Keys) > 0 {
		values["Dictionary"] = "read_parquet(" + x.e.files(paths(x.v.Keys)) + ")"
	}
	var others []placing
	base := 0
	for _, b := range fact.Books {
		parts := x.v.Books[b.Name]
		if b.Name == "customers" || len(customerBooks[b.Name]) == 0 {
			continue
		}
		for _, key := range customerBooks[b.Name] {
			if !x.has(b.Name, key) {
				continue
			}
			p := placing{Key: key, From: "read_parquet(" + x.e.files(paths(parts)) + ", union_by_name = true)", Words: x.bits(base, tall)}
			if b.Name == "orders" {
				values["Orders"] = p
			} else {
				others = append(others, p)
			}
		}
		base += len(parts)
	}
	values["Others"] = others
	query, err := question("cards.sql", values)
	if err != nil {
		return err
	}
	return x.e.exec(ctx, "COPY ("+query+") TO "+literal(x.card)+" (FORMAT parquet)")
}

// customerColumns are the customers book's, unknown where the mapping gave none.
func (x *indexing) customerColumns() []string {
	book, _ := fact.Find("customers")
	var out []string
	for _, c := range book.Columns {
		switch {
		case c.Refers != "":
		case x.has("customers", c.Name):
			out = append(out, quoted(c.Name))
		case c.Type == fact.Day:
			out = append(out, "CAST(NULL AS DATE) AS "+quoted(c.Name))
		default:
			out = append(out, "CAST(NULL AS VARCHAR) AS "+quoted(c.Name))
		}
	}
	return out
}

// bits are SQL of a part's bit in each word; base is the number of the book's
// first part.
func (x *indexing) bits(base, tall int) []string {
	place := fmt.Sprintf("(%d + file_index) // %d", base, tall)
	out := make([]string, x.words)
	for i := range out {
		out[i] = fmt.Sprintf("CASE WHEN (%[1]s) // %[2]d = %[3]d THEN CAST(1 AS UBIGINT) << CAST((%[1]s) %% %[2]d AS UBIGINT) ELSE CAST(0 AS UBIGINT) END", place, wordBits, i)
	}
	return out
}

// chunkKeys is how many customers' cards are joined to blocks at once.
const chunkKeys = 1 << 20

// box writes the cards as lines of JSON, whose strings can hold no line end.
func (x *indexing) box(ctx context.Context) (err error) {
	w, err := newCardWriter(x.folder)
	if err != nil {
		return err
	}
	defer func() { err = closing(err, w.close) }()
	card := "k: key, i: id, n: name, e: email, s: segment, y: entity, a: account_id, h: household_id, o: acquired_on, v: acquired_via, w: acquired_how, r: referred_by, x: excluded, u: known, m: merged_into, j: merged, q: sent_by, g: sent, d: sent_first"
	var words []string
	for i := range x.words {
		words = append(words, fmt.Sprintf("p%d", i))
	}
	card += ", p: [" + join(words) + "]"
	if x.has("orders", "customer_key") {
		card += ", l: lines, f: first_line, z: last_line, b: first_sale, t: revenue"
	}
	for from := int64(0); from <= int64(x.about.Last); from += chunkKeys {
		query := fmt.Sprintf("SELECT key // %d AS block, string_agg(CAST(to_json({%s}) AS VARCHAR), chr(10) ORDER BY key) FROM read_parquet(%s) WHERE key >= %d AND key < %d GROUP BY block ORDER BY block",
			cardBlock, card, literal(x.card), from, from+chunkKeys)
		err := x.e.each(ctx, query, func(r *sql.Rows) error {
			var n int64
			var lines sql.RawBytes
			if err := r.Scan(&n, &lines); err != nil {
				return err
			}
			return w.block(n, lines)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// wordsOf is SQL of the words of a text, as names are searched by them.
func wordsOf(text string) string {
	return `string_split_regex(strip_accents(lower(` + text + `)), '[^\p{L}\p{N}]+')`
}

// termLists are the sorted lists.
var termLists = []string{"ids", "mails", "words"}

func (x *indexing) terms(ctx context.Context) error {
	x.about.Lists = map[string][]string{}
	for _, kind := range termLists {
		query, err := question("terms.sql", map[string]any{"Kind": kind, "Card": "read_parquet(" + literal(x.card) + ")", "Words": wordsOf("name")})
		if err != nil {
			return err
		}
		sorted := literal(filepath.Join(x.e.scratch, kind+".parquet"))
		if err := x.e.exec(ctx, "COPY ("+query+") TO "+sorted+" (FORMAT parquet)"); err != nil {
			return err
		}
		if x.about.Lists[kind], err = x.cut(ctx, kind, sorted); err != nil {
			return err
		}
		if kind == "words" {
			if x.about.Fences, err = x.firsts(ctx, sorted, termRows); err != nil {
				return err
			}
		}
	}
	return nil
}

// fileRows is how many rows a file of a list has, unless a test says otherwise: looking for a row group costs
// a little for each in its files, so that many small files that are told apart
// by where they begin answer sooner than one.
const fileRows = 64 * termRows

// firsts lists the term at every n-th row of a sorted file.
func (x *indexing) firsts(ctx context.Context, sorted string, n int64) (out []string, err error) {
	query := fmt.Sprintf("SELECT min(term) FROM (SELECT term, file_row_number // %d AS n FROM read_parquet(%s, file_row_number = true)) GROUP BY n ORDER BY n", n, sorted)
	err = x.e.each(ctx, query, func(r *sql.Rows) error {
		var first string
		err := r.Scan(&first)
		out = append(out, first)
		return err
	})
	return out, err
}

// cut writes a sorted list as files and tells where each begins; the rows of
// one term are in one file.
func (x *indexing) cut(ctx context.Context, kind, sorted string) ([]string, error) {
	begins, err := x.firsts(ctx, sorted, x.fileRows)
	if err != nil {
		return nil, err
	}
	begins = slices.Compact(begins)
	for i, begin := range begins {
		within := "term >= " + literal(begin)
		if i+1 < len(begins) {
			within += " AND term < " + literal(begins[i+1])
		}
		query := fmt.Sprintf("COPY (SELECT term, key FROM read_parquet(%s) WHERE %s ORDER BY term, key) TO %s (FORMAT parquet, ROW_GROUP_SIZE %d)",
			sorted, within, literal(filepath.Join(x.folder, listFile(kind, i))), termRows)
		if err := x.e.exec(ctx, query); err != nil {
			return nil, err
		}
	}
	return begins, nil
}

func listFile(kind string, n int) string { return fmt.Sprintf("%s-%04d.parquet", kind, n) }

// rowsWithin is about how many rows of words lie from one term up to another.
func (x *index) rowsWithin(from, to string) int {
	first, _ := slices.BinarySearch(x.about.Fences, from)
	last, _ := slices.BinarySearch(x.about.Fences, to)
	return (last - max(0, first-1)) * termRows
}

// within reads the terms of a list from one up to another: SQL of a table
// (term, key), in order. An empty end is the list's.
func (x *index) within(kind, from, to string) string {
	begins := x.about.Lists[kind]
	var files []string
	for i, begin := range begins {
		before := i+1 < len(begins) && begins[i+1] <= from
		behind := to != "" && begin >= to
		if !before && !behind {
			files = append(files, literal(filepath.Join(x.folder, listFile(kind, i))))
		}
	}
	if len(files) == 0 {
		return "(SELECT CAST(NULL AS VARCHAR) AS term, CAST(NULL AS INTEGER) AS key WHERE FALSE)"
	}
	table := "(SELECT term, key FROM read_parquet([" + join(files) + "]) WHERE term >= " + literal(from)
	if to != "" {
		table += " AND term < " + literal(to)
	}
	return table + ")"
}

// held lists the parts that hold a customer, by the bits of its card.
func (x *index) held(words []uint64) []placed {
	var out []placed
	for _, p := range x.places {
		if i := p.bit / wordBits; i < len(words) && words[i]>>(p.bit%wordBits)&1 == 1 {
			out = append(out, p)
		}
	}
	return out
}

func join(terms []string) string { return strings.Join(terms, ", ") }
