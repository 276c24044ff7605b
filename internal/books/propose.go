package books

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
)

// Proposer looks at the files of a folder and proposes a books.yaml for them.
// It reads samples and changes nothing.
type Proposer struct {
	Dir    string // the folder to look at, with one level of folders below it
	To     string // the books.yaml to be: paths in it start from its folder
	Engine Sampler
	Only   []string // paths of the files to look at; nil: all of the folder
	As     string   // the book that a person says the files are; empty: by their looks
}

// Proposal is a proposed books.yaml and what was found.
type Proposal struct {
	Text     []byte // commented YAML that ParseConfig reads
	Files    []Looked
	Year     int // the latest year of the orders; 0: not all of them were looked at
	Books    []ProposedBook
	Currency string // of the statements; empty: nothing in the files says which
}

// ProposedBook is one book of a proposal.
type ProposedBook struct {
	Name  string
	Files []string // relative to the folder
	// Sheets of its workbooks, where it names any.
	Sheets []string
	Text   []byte // its lines of Proposal.Text
}

// Looked is what was found about one file, or several of one header.
type Looked struct {
	Files  []string // relative to the folder
	Sheets []string // of a workbook of several; none: the file has one table
	Book   string   // empty: none
	Rows   int      // of the sample
	Whole  bool     // the sample is all rows
	Mapped int      // source columns that the mapping uses
	Of     int      // source columns
	Note   string   // why there is no book, or what to check
}

// Label names the files, and the sheets of a workbook of several.
func (l Looked) Label() string {
	name := someFiles(l.Files)
	switch {
	case len(l.Sheets) == 1:
		name += ", sheet " + strconv.Quote(l.Sheets[0])
	case len(l.Sheets) > 1:
		name += ", sheets " + namesOf(l.Sheets)
	}
	return name
}

// namesOf lists names in quotation marks, the first three of many.
func namesOf(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return someFiles(quoted)
}

// Propose looks and proposes. It refuses a folder in which no file looks like
// a book.
func (p *Proposer) Propose(ctx context.Context) (*Proposal, error) {
	paths, others, err := p.walk()
	if err != nil {
		return nil, err
	}
	groups, looked, err := p.group(ctx, paths)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if err := p.take(ctx, g); err != nil {
			return nil, within(g.files[0].rel, err)
		}
	}
	if groups, err = p.gather(ctx, groups); err != nil {
		return nil, err
	}
	for _, g := range groups {
		n := len(g.files)
		looked = append(looked, g.settleSheets()...)
		if len(g.files) == n {
			continue
		}
		g.columns, g.rows, g.merged = nil, 0, 0
		if err := p.take(ctx, g); err != nil {
			return nil, within(g.files[0].rel, err)
		}
	}
	if p.As != "" {
		for _, g := range groups {
			g.said = p.As
		}
	}
	chosen, left := choose(groups)
	d := &draft{p: p, chosen: chosen, all: append(slices.Clone(paths), others...)}
	for _, m := range chosen {
		looked = append(looked, m.looked())
	}
	looked = append(looked, left...)
	for _, o := range others {
		looked = append(looked, Looked{Files: []string{p.rel(o)}, Note: "not read: not a csv, tsv, txt, gz, parquet, ndjson or xlsx file"})
	}
	sortLooked(looked)
	d.looked = looked
	if len(chosen) == 0 {
		return &Proposal{Files: looked}, &Refusal{Where: p.Dir, What: "no file in it looks like one of the books", Do: "docs/books.md says what each book needs; the orders need at least a customer, a date and an amount a line"}
	}
	out := &Proposal{Text: d.text(), Files: looked, Books: d.books}
	if code, why := d.currency(); !strings.HasPrefix(why, "CHANGE ME") {
		out.Currency = code
	}
	for _, m := range chosen {
		if at, ok := m.columns["ordered_at"]; ok && m.group.whole {
			out.Year = at.uses[0].year
		}
	}
	return out, d.verify(out.Text)
}

func sortLooked(looked []Looked) {
	place := func(l Looked) int {
		i := slices.IndexFunc(fact.Books, func(b fact.Book) bool { return b.Name == l.Book })
		if i < 0 {
			return len(fact.Books)
		}
		return i
	}
	slices.SortStableFunc(looked, func(a, b Looked) int {
		if x, y := place(a), place(b); x != y {
			return x - y
		}
		return strings.Compare(a.Files[0], b.Files[0]) // the sheets of one stay in their order
	})
}

// walk lists the files worth opening, and other files that may hold data.
func (p *Proposer) walk() (paths, others []string, err error) {
	info, err := os.Stat(p.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, &Refusal{Where: p.Dir, What: "there is no such folder", Do: "name the folder that holds the exported files"}
	case err != nil:
		return nil, nil, &Refusal{Where: p.Dir, What: "cannot be looked at", Do: "give yourself the right to read it"}
	case !info.IsDir():
		return nil, nil, &Refusal{Where: p.Dir, What: "is not a folder", Do: "name the folder that the file lies in"}
	}
	err = p.list(p.Dir, true, &paths, &others)
	if err != nil {
		return nil, nil, &Refusal{Where: p.Dir, What: "cannot be looked through: no permission", Do: "give yourself the right to read it"}
	}
	if len(paths) > maxFiles {
		return nil, nil, &Refusal{Where: p.Dir, What: fmt.Sprintf("holds %d files, more than %d", len(paths), maxFiles), Do: "name a folder with some of them and widen the patterns in `from` afterwards"}
	}
	return paths, others, nil
}

var (
	readableEndings = []string{".csv", ".tsv", ".tab", ".txt", ".gz", ".parquet", ".ndjson", ".jsonl", ".xlsx", ".xlsm"}
	dataEndings     = []string{".xls", ".xlsb", ".ods", ".json", ".xml", ".zip", ".zst", ".bz2", ".avro", ".orc", ".feather", ".db", ".sqlite", ".dat"}
)

func (p *Proposer) list(dir string, below bool, paths, others *[]string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || same(path, p.To) || e.Name() == "books.yaml" {
			continue
		}
		info, err := os.Stat(path) // follows links
		if err != nil {
			continue // gone, or a link to nothing
		}
		ending := strings.ToLower(filepath.Ext(e.Name()))
		switch {
		case info.IsDir() && below:
			if err := p.list(path, false, paths, others); err != nil {
				return err
			}
		case !info.Mode().IsRegular(), p.Only != nil && !slices.Contains(p.Only, path):
		case slices.Contains(readableEndings, ending):
			*paths = append(*paths, path)
		case slices.Contains(dataEndings, ending):
			*others = append(*others, path)
		}
	}
	return nil
}

func same(a, b string) bool {
	x, errA := filepath.Abs(a)
	y, errB := filepath.Abs(b)
	return errA == nil && errB == nil && x == y
}

// rel names a file as seen from the folder.
func (p *Proposer) rel(path string) string {
	rel, err := filepath.Rel(p.Dir, path)
	if err != nil {
		return path
	}
	return rel
}

// group opens every file and puts those of the same columns together.
func (p *Proposer) group(ctx context.Context, paths []string) ([]*group, []Looked, error) {
	var groups []*group
	var looked []Looked
	at := map[string]*group{}
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		tables, left, err := p.look(ctx, path, p.rel(path))
		looked = append(looked, left...)
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return nil, nil, err
			}
			looked = append(looked, Looked{Files: []string{p.rel(path)}, Note: "cannot be read: " + oneLine(reason(err, path), 160)})
			continue
		}
		for _, f := range tables {
			key := f.key()
			g := at[key]
			if g == nil {
				g = &group{header: f.header}
				at[key] = g
				groups = append(groups, g)
			}
			g.files = append(g.files, f)
		}
	}
	for _, g := range groups {
		looked = append(looked, g.leaveSums()...)
	}
	return groups, looked, nil
}

// key is equal for tables of the same columns, in whatever order and letter
// case they are named.
func (f found) key() string {
	var columns []string
	for _, c := range f.columns {
		name := c.Name
		if f.header {
			name = strings.ToLower(name)
		}
		columns = append(columns, "\x00"+name+"\x01"+c.Native)
	}
	if f.header {
		slices.Sort(columns)
	}
	return fmt.Sprint(f.format, f.header) + strings.Join(columns, "")
}

// reason is an error without the file's name, which stands beside it.
func reason(err error, path string) string {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.What
	}
	return strings.TrimPrefix(err.Error(), path+": ")
}

// choose gives every group the book that fits it best, and every book the
// group that fits best; a book has one mapping.
func choose(groups []*group) (chosen []*proposed, left []Looked) {
	best := map[string]*proposed{}
	why := map[*group]string{}
	taken := map[*group]bool{}
	for _, g := range groups {
		if w := g.wide(); w != "" {
			why[g] = w
			continue
		}
		m, closest := g.best()
		if m == nil {
			why[g] = closest
			continue
		}
		other := best[m.book.Name]
		if other != nil && (other.score > m.score || other.score == m.score && other.group.size() >= g.size()) {
			m, other = other, m
		}
		best[m.book.Name] = m
		if other != nil {
			why[other.group] = "looks like " + m.book.Name + " too, but " + other.group.other(m)
		}
	}
	if best["orders"] == nil {
		if m := joinOrders(groups); m != nil {
			best["orders"] = m
			for _, j := range m.joins {
				for _, g := range groups {
					if g.files[0].is(j.file) && why[g] != "" {
						why[g] = "joined to the orders"
					}
					if c := best["customers"]; c != nil && c.group == g && g.files[0].is(j.file) {
						delete(best, "customers") // its ids are made anew for each order
						why[g] = "joined to the orders"
					}
				}
			}
		} else if m := countOrders(groups); m != nil {
			best["orders"] = m
		}
	}
	for _, b := range fact.Books {
		if m := best[b.Name]; m != nil {
			m.settle()
			chosen = append(chosen, m)
			taken[m.group] = true
		}
	}
	for _, g := range groups {
		if !taken[g] {
			left = append(left, g.looked("", why[g]))
		}
	}
	return chosen, left
}

// best is the book that fits a group best, or which book came closest.
func (g *group) best() (*proposed, string) {
	if g.rows == 0 {
		if g.misnamed() {
			return nil, "is no workbook, whatever its name says, and as text it has no rows: save it as .xlsx"
		}
		return nil, "has no rows"
	}
	if g.said != "" {
		return g.as(g.said), ""
	}
	best, closest := g.fittest()
	if best != nil {
		return best, ""
	}
	// A file with many errors is its book all the same; an import refuses the
	// rows and says why.
	for _, c := range g.columns {
		c.need = someOf
	}
	if best, _ := g.fittest(); best != nil {
		best.note("CHECK: many values of this file are not what their columns hold; the rows will be refused")
		return best, ""
	}
	for _, c := range g.columns {
		c.need = mostOf
	}
	return nil, closest
}

// as is the proposal for a book that a person has named, whole or not.
func (g *group) as(name string) *proposed {
	for _, c := range g.columns {
		c.need = someOf
	}
	book, _ := fact.Find(name)
	m, _ := g.fit(book)
	return m
}

func (g *group) fittest() (*proposed, string) {
	var best *proposed
	closest, most := "no book has columns of these names", 0.4 // below, nothing is close
	for _, b := range fact.Books {
		m, missing := g.fit(b)
		if len(missing) == 0 {
			if best == nil || m.score > best.score {
				best = m
			}
			continue
		}
		has := 0.0
		for _, r := range b.Required() {
			if _, ok := m.columns[r]; ok {
				has++
			}
		}
		if has /= float64(len(b.Required())); has > most {
			most = has
			closest = "closest is " + b.Name + ", but nothing looks like " + strings.Join(missing, ", ")
		}
	}
	return best, closest
}

// wide says that a file has a column for each period.
func (g *group) wide() string {
	n, first, last := 0, "", ""
	for _, c := range g.columns {
		if spanShape(c.name) != "" || len(c.name) == 4 && yearColumn(c.name) {
			if n++; n == 1 {
				first = c.name
			}
			last = c.name
		}
	}
	if n < 4 {
		return ""
	}
	return fmt.Sprintf("one column a period (%s to %s): a book needs one row a period; reshape it", oneLine(first, 20), oneLine(last, 20))
}

func yearColumn(name string) bool { spec, _ := yearOf(name); return spec == "%Y" }

// joinOrders looks for lines with amounts in one file and their customers and
// dates in another, led to each other by a column of the same name.
func joinOrders(groups []*group) *proposed {
	orders, _ := fact.Find("orders")
	var best *proposed
	for _, lines := range groups {
		if lines.rows == 0 || lines.wide() != "" {
			continue
		}
		m := &proposed{book: orders, group: lines, columns: map[string]guess{}}
		m.columnsOf(lines.columns)
		if _, dated := m.columns["ordered_at"]; dated || len(m.columns["amount"].text) == 0 {
			continue
		}
		for _, heads := range groups {
			if heads == lines || len(heads.files) > 1 || heads.rows == 0 {
				continue
			}
			m := &proposed{book: orders, group: lines, columns: map[string]guess{}}
			m.columnsOf(lines.columns)
			if !m.join(heads, "ordered_at") {
				continue
			}
			m.joinPerson(groups, heads)
			m.score = len(m.columns)
			if _, ok := m.columns["product"]; ok {
				m.score += 5
			}
			if _, ok := m.columns["customer_id"]; ok && (best == nil || m.score > best.score) {
				best = m
			}
		}
	}
	return best
}

// join takes what the lines lack from a file in which a column of the same
// name has no repeats.
func (m *proposed) join(heads *group, needed string) bool {
	for _, c := range m.group.columns {
		for _, k := range heads.columns {
			if !strings.EqualFold(c.name, k.name) || !heads.unique(k) || c.isNumber() && c.wholes < c.numbers {
				continue
			}
			other := &proposed{book: m.book, group: heads, columns: map[string]guess{}}
			other.columnsOf(heads.columns)
			if _, ok := other.columns[needed]; !ok {
				continue
			}
			for _, name := range []string{"ordered_at", "customer_id", "currency", "touchpoint"} {
				g, has := other.columns[name]
				if _, own := m.columns[name]; has && !own && !m.group.has(g.text) {
					g.why += ", in " + heads.files[0].label()
					m.columns[name] = g
				}
			}
			m.joins = append(m.joins, joined{heads.files[0], term(c.name) + " = " + term(k.name), "its " + k.name + " has no repeats in the sample"})
			_, ok := m.columns[needed]
			return ok
		}
	}
	return false
}

func (g *group) has(name string) bool {
	return slices.ContainsFunc(g.columns, func(c *column) bool { return strings.EqualFold(c.name, name) })
}

// joinPerson leads an id that is made anew for each order to the one that
// stays, when a third file holds both.
func (m *proposed) joinPerson(groups []*group, heads *group) {
	id, ok := m.columns["customer_id"]
	if !ok || len(id.uses) == 0 || !heads.unique(id.uses[0]) {
		return
	}
	for _, g := range groups {
		if g == heads || g == m.group || len(g.files) > 1 {
			continue
		}
		var key, person *column
		for _, c := range g.columns {
			if strings.EqualFold(c.name, id.text) && g.unique(c) {
				key = c
			}
			if plain(c.name) == "customeruniqueid" {
				person = c
			}
		}
		if key == nil || person == nil {
			continue
		}
		m.joins = append(m.joins, joined{g.files[0], term(id.text) + " = " + term(key.name), id.text + " is made anew for each order; " + person.name + " stays"})
		m.columns["customer_id"] = guess{person.name, "stays the same from order to order, in " + g.files[0].label(), []*column{person}}
		return
	}
}

// countOrders reads a log of customers and days without amounts: every row
// counts one.
func countOrders(groups []*group) *proposed {
	orders, _ := fact.Find("orders")
	var best *proposed
	for _, g := range groups {
		if g.rows == 0 || g.wide() != "" {
			continue
		}
		m := &proposed{book: orders, group: g, columns: map[string]guess{}}
		m.columnsOf(g.columns)
		id, customer := m.columns["customer_id"]
		_, dated := m.columns["ordered_at"]
		if !customer || !dated || g.unique(id.uses[0]) || best != nil && best.group.size() > g.size() {
			continue
		}
		m.columns["amount"] = guess{"1", "CHANGE ME: the file has no amounts, so every row counts as 1 and revenue will count purchases, not money", nil}
		m.note("there are no amounts: figures in money will be numbers of purchases")
		best = m
	}
	return best
}

func (m *proposed) looked() Looked {
	l := m.group.looked(m.book.Name, strings.Join(m.checks(), "; "))
	l.Mapped = l.Of - len(m.unmapped())
	for _, j := range m.joins {
		l.Note = strings.TrimPrefix(l.Note+"; joined with "+j.file.label(), "; ")
	}
	return l
}

func (g *group) looked(book, note string) Looked {
	l := Looked{Book: book, Rows: g.rows, Whole: g.whole, Of: len(g.columns), Note: note}
	for _, f := range g.files {
		if !slices.Contains(l.Files, f.rel) {
			l.Files = append(l.Files, f.rel)
		}
		if len(f.tables) > 1 && !slices.Contains(l.Sheets, f.sheet) {
			l.Sheets = append(l.Sheets, f.sheet)
		}
	}
	return l
}

// checks are the guesses of a book that a person has to look at.
func (m *proposed) checks() []string {
	var out []string
	for _, c := range m.book.Columns {
		g := m.columns[c.Name]
		if strings.Contains(g.why, "CHECK") || strings.Contains(g.why, "CHANGE ME") || strings.Contains(g.why, "AMBIGUOUS") {
			out = append(out, "check "+c.Name)
		}
	}
	if strings.Contains(m.dateWhy, "AMBIGUOUS") {
		out = append(out, "check dates: day or month first?")
	}
	if m.group.merged > 0 {
		out = append(out, "check the merged cells: their value stands in their first row only, the other rows have none")
	}
	if f := m.group.files[0]; f.headerRow > 0 {
		out = append(out, fmt.Sprintf("check the header: row %d names the columns, and %s is left out", f.headerRow, namesOf(f.above)))
	}
	for _, n := range m.notes {
		if strings.Contains(n, "AMBIGUOUS") {
			out = append(out, "check the thousands")
		}
	}
	return out
}

// verify reads the proposal as an import would, so that no proposal is
// written that cannot be read. One for a book that a person has named may lack
// columns.
func (d *draft) verify(text []byte) error {
	parse := ParseConfig
	if d.p.As != "" {
		parse = ParseDraft
	}
	config, err := parse(d.p.To, text)
	if err != nil {
		return fmt.Errorf("propose books (this is a defect of Throughline, please report it): %w", err)
	}
	for _, m := range d.chosen {
		mapping := config.Books[m.book.Name]
		dialect := expr.Dialect{Decimal: mapping.Source.Decimal, Thousands: mapping.Source.Thousands, DateFormat: mapping.Dates}
		columns := m.group.sources()
		for _, j := range m.joins {
			for _, c := range j.file.columns {
				if !slices.ContainsFunc(columns, func(x expr.Column) bool { return strings.EqualFold(x.Name, c.Name) }) {
					columns = append(columns, c) // as a join offers them
				}
			}
		}
		for name, text := range mapping.Columns {
			if _, err := expr.Compile(text, columns, dialect); err != nil {
				return fmt.Errorf("propose books: %s: %s (this is a defect of Throughline, please report it): %w", m.book.Name, name, err)
			}
		}
		found, _, err := config.places(m.book.Name, mapping)
		if err != nil {
			return err
		}
		if len(found) != len(m.group.files) {
			return fmt.Errorf("propose books: %s: the proposed patterns match %d sources instead of %d (this is a defect of Throughline, please report it)", m.book.Name, len(found), len(m.group.files))
		}
	}
	return nil
}

// WriteNew writes a file that must not exist yet, whole or not at all.
func WriteNew(path string, text []byte) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return &Refusal{Where: path, What: "exists already and is not overwritten", Do: "move it away, or write the proposal elsewhere with --to FILE and compare the two"}
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".books-*.yaml")
	if err != nil {
		return &Refusal{Where: dir, What: "cannot be written", Do: "write the proposal elsewhere with --to FILE"}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if _, err = f.Write(text); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = f.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncDir(dir)
}
