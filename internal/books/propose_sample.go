package books

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/internal/books/text"
	"github.com/throughline/throughline/internal/books/workbook"
	"github.com/throughline/throughline/internal/engine"
)

// Sampler looks into Parquet files.
type Sampler interface {
	// Describe lists the columns of a table.
	Describe(ctx context.Context, t engine.Table, prefix string) ([]expr.Column, error)
	// Sample reads the first rows of a Parquet file as text, NULL as empty.
	Sample(ctx context.Context, path string, rows int) ([][]string, error)
}

// Bounds of what a proposal looks at.
const (
	maxFiles  = 2000      // in a folder
	maxRows   = 20_000    // of a group's sample
	maxCells  = 2_000_000 // of a group's sample
	maxSample = 64 << 20  // bytes of a group's sample
	maxOpened = 12        // files of a group that are sampled
	farther   = 2_000_000 // rows read on while a date's order is open
)

// found is one file of the folder.
type found struct {
	path, rel string
	format    string // csv, tsv, ndjson, parquet, xlsx
	header    bool
	columns   []expr.Column
	size      int64

	sheet     string   // of a workbook
	first     bool     // the sheet is the one that is read where none is named
	tables    []string // every sheet of cells of the workbook
	headerRow int      // 0: the first row that is not blank
	above     []string // what stands above the header
}

// look opens a file far enough to know the columns of its tables: one, or of a
// workbook one a sheet. left says of sheets why they are no tables.
func (p *Proposer) look(ctx context.Context, path, rel string) (out []found, left []Looked, err error) {
	f := found{path: path, rel: rel, header: true}
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	f.size = info.Size()
	if err := readable("", path); err != nil {
		return nil, nil, err
	}
	if workbook.Claims(path) {
		return p.lookWorkbook(ctx, f)
	}
	if IsParquet(path) {
		f.format = "parquet"
		f.columns, err = p.Engine.Describe(ctx, engine.Table{Parquet: path}, "s.")
		return []found{f}, nil, err
	}
	d, err := text.Sniff(path, text.Options{})
	if err != nil {
		return nil, nil, err
	}
	f.format, f.header = d.Format, d.Header || d.Format == "ndjson"
	f.columns = asText(d.Columns)
	return []found{f}, nil, nil
}

func sameColumn(a, b expr.Column) bool { return a.Name == b.Name && a.Native == b.Native }

func asText(names []string) (out []expr.Column) {
	for i, name := range names {
		out = append(out, expr.Column{Name: name, Type: expr.Text, SQL: "c" + string(rune('a'+i%26)), Native: "VARCHAR"})
	}
	return out
}

// group is the files of one header, with what a sample of their rows shows.
type group struct {
	files   []found
	header  bool
	columns []*column
	rows    int
	whole   bool     // the sample is all there is
	sheets  []string // that its workbooks are read by; none: the first of each
	merged  int      // ranges of cells over several rows in what was read to its end
	seed    maphash.Seed
	said    string // the book that a person says it is
}

func (g *group) sources() []expr.Column {
	out := make([]expr.Column, len(g.columns))
	for i, c := range g.columns {
		out[i] = c.source
		out[i].Name = c.name
	}
	return out
}

// misnamed tells whether a file is called a workbook and is none. It may be a
// good text all the same.
func (g *group) misnamed() bool {
	return slices.ContainsFunc(g.files, func(f found) bool {
		ending := strings.ToLower(filepath.Ext(f.rel))
		return f.format != "xlsx" && (ending == ".xlsx" || ending == ".xlsm")
	})
}

// size is how much the group's files are together; a workbook of several sheets
// counts for each as a part.
func (g *group) size() (n int64) {
	for _, f := range g.files {
		n += f.size / int64(max(len(f.tables), 1))
	}
	return n
}

// column is what the sample shows of one column.
type column struct {
	name   string
	source expr.Column
	need   int // of a hundred filled cells, how many make it a column of a kind
	filled int
	hashes []uint64 // of every sampled row, 0 for an empty cell

	numbers, wholes, negatives, unsure, zeros int
	decimals, thousands, signs                map[string]int
	dates                                     map[string]int // format → how often
	isos                                      int
	first, second                             map[int]bool // numbers where day and month stand
	year                                      int          // latest
	spans                                     map[string]int
	sampleDate, sampleNumber                  string
	low, high                                 int64 // of whole numbers
	truths, codes                             int
	choices                                   map[string]int // few different short texts, in lower case
}

func newColumn(source expr.Column) *column {
	return &column{
		name: source.Name, source: source, need: mostOf, decimals: map[string]int{}, thousands: map[string]int{}, signs: map[string]int{}, dates: map[string]int{},
		first: map[int]bool{}, second: map[int]bool{}, spans: map[string]int{}, choices: map[string]int{}, low: 1 << 62, high: -1 << 62,
	}
}

// maxKinds bounds how many different formats or choices are counted.
const maxKinds = 60

func count(m map[string]int, key string) {
	if _, ok := m[key]; ok || len(m) < maxKinds {
		m[key]++
	}
}

// see counts one value.
func (c *column) see(value string) {
	value = strings.TrimSpace(value)
	if value == "" {
		return
	}
	c.filled++
	c.seeNumber(value)
	c.seeDate(value)
	if len(value) > 40 {
		return
	}
	lower := strings.ToLower(value)
	count(c.choices, lower)
	if slices.Contains([]string{"true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"}, lower) {
		c.truths++
	}
	if len(value) == 3 && plain(value) == lower && !strings.ContainsAny(lower, "0123456789") {
		c.codes++
	}
}

func (c *column) seeNumber(value string) {
	n, ok := readNumeral(value)
	if !ok {
		return
	}
	c.numbers++
	switch {
	case n.unsure:
		c.unsure++
		count(c.decimals, "?"+n.decimal)
	case n.decimal != "":
		count(c.decimals, n.decimal)
	}
	if n.thousands != "" {
		count(c.thousands, n.thousands)
	}
	if n.sign != "" {
		count(c.signs, n.sign)
	}
	if n.whole {
		c.wholes++
		if v := int64(number(value)); len(value) < 18 {
			c.low, c.high = min(c.low, v), max(c.high, v)
		}
	}
	if strings.HasSuffix(value, ".0") {
		c.zeros++
	}
	if n.negative {
		c.negatives++
	}
	if c.sampleNumber == "" || n.decimal != "" && !strings.ContainsAny(c.sampleNumber, ",.") {
		c.sampleNumber = value
	}
}

func (c *column) seeDate(value string) {
	if shape := spanShape(value); shape != "" {
		count(c.spans, shape)
		c.sampleDate = value
		c.year = max(c.year, number(strings.TrimLeft(strings.ToLower(value), "y")[:4]))
	}
	m, ok := readMoment(value)
	if !ok {
		return
	}
	count(c.dates, m.format)
	if m.iso {
		c.isos++
	}
	if m.first > 0 {
		c.first[m.first], c.second[m.second] = true, true
	}
	if c.sampleDate == "" {
		c.sampleDate = value
	}
	c.year = max(c.year, m.year)
}

// Of a hundred filled cells, how many say what a column holds: of clean files,
// and of those in which that finds nothing.
const (
	mostOf = 95
	someOf = 60
)

// most says that nearly all filled cells are of a kind.
func (c *column) most(n int) bool { return c.filled > 0 && n*100 >= c.filled*c.need }

func total(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

func (c *column) isDate() bool {
	return c.source.Type == expr.Date || c.source.Type == expr.Timestamp || c.most(total(c.dates))
}

func (c *column) isSpan() bool   { return c.most(total(c.spans)) && !c.isDate() }
func (c *column) isNumber() bool { return c.most(c.numbers) }

// plainlyDate is false for eight digits, which may as well be a number.
func (c *column) plainlyDate() bool {
	return c.isDate() && (c.source.Type != expr.Text || !c.most(c.wholes))
}

// unique says that no value stands twice in the sample and none is missing.
func (g *group) unique(cs ...*column) bool {
	if g.rows < 5 {
		return false
	}
	seen := make(map[uint64]bool, g.rows)
	for i := range g.rows {
		var h uint64
		for _, c := range cs {
			if c.hashes[i] == 0 {
				return false
			}
			h = h*0x9E3779B97F4A7C15 + c.hashes[i]
		}
		if seen[h] {
			return false
		}
		seen[h] = true
	}
	return true
}

// take reads the sample of a group.
func (p *Proposer) take(ctx context.Context, g *group) error {
	g.seed, g.whole = maphash.MakeSeed(), true
	for _, c := range g.files[0].columns {
		g.columns = append(g.columns, newColumn(c))
	}
	sampled := g.files
	if len(sampled) > maxOpened { // the first, the last, and some between
		sampled = nil
		for i := range maxOpened {
			sampled = append(sampled, g.files[i*(len(g.files)-1)/(maxOpened-1)])
		}
		g.whole = false
	}
	each := max(min(maxRows, maxCells/max(len(g.columns), 1))/len(sampled), 1)
	for _, f := range sampled {
		if err := p.takeFile(ctx, g, f, each); err != nil {
			return err
		}
	}
	if !g.header {
		g.nameColumns()
	}
	return nil
}

func (p *Proposer) takeFile(ctx context.Context, g *group, f found, rows int) error {
	arrange := g.arrange(f)
	if f.format == "parquet" {
		sample, err := p.Engine.Sample(ctx, f.path, rows+1)
		if err != nil {
			return err
		}
		if len(sample) > rows {
			g.whole, sample = false, sample[:rows]
		}
		for _, cells := range sample {
			g.add(arrange(cells))
		}
		return nil
	}
	r, err := openRows(f.path, f.options(), nil)
	if err != nil {
		return err
	}
	defer r.Close() // only read from
	size := 0
	for n := 0; ; n++ {
		row, err := r.Next()
		var torn *text.Refused
		switch {
		case errors.As(err, &torn):
			continue
		case errors.Is(err, io.EOF):
			if w, ok := r.(*workbook.Reader); ok {
				g.merged += w.Merged()
			}
			return nil
		case err != nil:
			return err
		}
		if n >= rows || size > maxSample/maxOpened {
			g.whole = false
			return g.readOn(ctx, r, row, arrange)
		}
		for _, cell := range row.Cells {
			size += len(cell)
		}
		g.add(arrange(row.Cells))
	}
}

func (f found) options() SourceOptions {
	if f.header {
		return SourceOptions{Sheet: f.sheet, HeaderRow: f.headerRow}
	}
	no := false
	return SourceOptions{Header: &no}
}

func (g *group) add(cells []string) {
	g.rows++
	for i, c := range g.columns {
		c.see(cells[i])
		h := uint64(0)
		if v := strings.TrimSpace(cells[i]); v != "" {
			h = maphash.String(g.seed, v) | 1
		}
		c.hashes = append(c.hashes, h)
	}
}

// readOn reads further while a column leaves open whether the day or the
// month comes first: sorted files hold one month for long.
func (g *group) readOn(ctx context.Context, r rowReader, row text.Row, arrange func([]string) []string) error {
	var open []int
	for i, c := range g.columns {
		if c.isDate() && len(c.first) > 0 && !decided(c.first) && !decided(c.second) {
			open = append(open, i)
		}
	}
	for n := 0; n < farther && len(open) > 0; n++ {
		cells := row.Cells
		if cells != nil {
			cells = arrange(cells)
		}
		for _, i := range open {
			if cells == nil {
				break
			}
			if m, ok := readMoment(cells[i]); ok && m.first > 0 {
				g.columns[i].first[m.first], g.columns[i].second[m.second] = true, true
			}
		}
		open = slices.DeleteFunc(open, func(i int) bool { return decided(g.columns[i].first) || decided(g.columns[i].second) })
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if row, err = r.Next(); err != nil {
			var torn *text.Refused
			if errors.As(err, &torn) && len(torn.Reason) > 0 {
				row = text.Row{} // torn: it says nothing
				continue
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return nil
}

// decided says that a number is too large for a month.
func decided(numbers map[int]bool) bool {
	for n := range numbers {
		if n > 12 {
			return true
		}
	}
	return false
}

// nameColumns names the columns of a file without a header by what they hold.
func (g *group) nameColumns() {
	taken := map[string]bool{}
	name := func(c *column, as string) bool {
		if taken[as] {
			return false
		}
		taken[as], c.name = true, as
		return true
	}
	named := map[*column]bool{}
	for _, c := range g.columns {
		if c.isDate() && name(c, "date") {
			named[c] = true
		}
	}
	for i := len(g.columns) - 1; i >= 0; i-- { // an amount stands behind
		c := g.columns[i]
		if !named[c] && c.isNumber() && c.wholes < c.filled && name(c, "amount") {
			named[c] = true
		}
	}
	for _, c := range g.columns {
		if !named[c] && c.filled == g.rows && !c.isDate() && (c.wholes == c.filled || !c.isNumber()) && !g.unique(c) && name(c, "customer_id") {
			named[c] = true
		}
	}
	for _, c := range g.columns {
		if !named[c] {
			c.name = strings.ReplaceAll(c.name, " ", "_")
		}
	}
}

// holds says whether a column's values can be what a book's column needs.
func (c *column) holds(b fact.Column) bool {
	if c.filled == 0 {
		return false
	}
	switch b.Type {
	case fact.Money, fact.Number, fact.Rate:
		return c.isNumber() && !c.plainlyDate()
	case fact.Day, fact.Instant:
		return c.isDate()
	case fact.Truth:
		return c.most(c.truths)
	case fact.Choice:
		n := 0
		for _, choice := range b.Choices {
			n += c.choices[choice]
		}
		return c.most(n)
	case fact.Currency:
		return c.most(c.codes)
	case fact.PeriodKey:
		return c.isSpan() || c.isDate()
	case fact.ID:
		return !c.plainlyDate() && (!c.isNumber() || c.source.Type != expr.Text || c.wholes+c.zeros == c.numbers)
	default:
		return !c.plainlyDate()
	}
}

// extension is what a group's pattern ends in: ".csv", ".csv.gz".
func extension(name string) string {
	base := filepath.Base(name)
	ext := filepath.Ext(base)
	if strings.EqualFold(ext, ".gz") {
		ext = filepath.Ext(strings.TrimSuffix(base, ext)) + ext
	}
	return ext
}
