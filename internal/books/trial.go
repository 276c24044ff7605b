package books

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

// Trier is what a trial asks of a columnar engine.
type Trier interface {
	Describe(ctx context.Context, t engine.Table, prefix string) ([]expr.Column, error)
	// Try types and judges rows as an import would and keeps nothing.
	Try(ctx context.Context, l engine.Load, sample int, refuse func(engine.Refused) error) (engine.Tried, error)
}

// Bounds of what a trial looks at.
const (
	MostTried   = 200_000   // rows of a book's files together
	triedFiles  = 24        // files of a book
	triedBytes  = 256 << 20 // bytes of text cells of one file
	triedSample = 12        // good rows that are shown
	triedValues = 400       // different refused values of a reason that suggestions go by
)

// Trial reads a book's files as an import would, says what they would come
// to, and keeps nothing.
type Trial struct {
	Config   *Config
	Engine   Trier
	Progress Progress                   // nil: nobody listens
	Most     int64                      // rows looked at; 0: MostTried
	Refused  func(row RefusedRow) error // hears every refused row; may be nil
}

// Tried is what a trial came to.
type Tried struct {
	Book    string
	Files   []TriedFile
	More    int // files that were not looked at
	Rows    int64
	Refused int64
	Skipped int64
	Rounded int64
	// Repeated rows say the same as an earlier one of the same natural key.
	Repeated    int64
	Whole       bool // every row was looked at
	First, Last *calendar.Day
	Amount      *money.Amount // of the good rows
	Columns     []string      // of the sample
	Sample      []TriedRow
	Reasons     []TriedReason
	Lacking     []string // required columns that are not mapped
}

// Share is the refused share of the rows looked at.
func (t *Tried) Share() float64 { return share(t.Refused, t.Rows+t.Refused) }

// TriedFile is one file, with why it cannot be read where that is so.
type TriedFile struct {
	Path    string
	Rows    int64
	Refused int64
	Problem string
	Do      string
	Kind    string // of the refusal
}

// TriedRow is a good row as the book would have it.
type TriedRow struct {
	File  string
	Line  int64
	Cells []string
}

// TriedReason is the refused rows of one column and reason.
type TriedReason struct {
	Column   string
	From     string // the source's column or expression
	Reason   string
	Count    int64
	Examples []RefusedPlace
	values   map[string]int64
}

// Values are the different refused values with how often each stands, the
// commonest first; of very many, some.
func (r *TriedReason) Values() []Value {
	var out []Value
	for v, n := range r.values {
		out = append(out, Value{v, n})
	}
	slices.SortFunc(out, func(a, b Value) int {
		if a.Rows != b.Rows {
			return int(b.Rows - a.Rows)
		}
		return strings.Compare(a.Value, b.Value)
	})
	return out
}

// Run tries a mapped book.
func (t *Trial) Run(ctx context.Context, name string) (*Tried, error) {
	if t.Progress == nil {
		t.Progress = func(string, int64, int64) {}
	}
	book, _ := fact.Find(name)
	mapping, ok := t.Config.Books[name]
	if !ok {
		return nil, t.Config.refuse("books: %s is not mapped", "", name)
	}
	files, missing, err := t.Config.files(name, mapping)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, missing
	}
	out := &Tried{Book: name, Whole: true, Lacking: lacking(book, mapping)}
	looked := spread(files, triedFiles)
	out.More = len(files) - len(looked)
	most := t.Most
	if most == 0 {
		most = MostTried
	}
	for i, path := range looked {
		t.Progress("look at "+t.Config.name(path), int64(i), int64(len(looked)))
		if err := t.file(ctx, load{book: book, mapping: mapping, path: path, parquet: IsParquet(path)}, max(most/int64(len(looked)), 1), out); err != nil {
			return nil, err
		}
	}
	out.Whole = out.Whole && out.More == 0
	slices.SortStableFunc(out.Reasons, func(a, b TriedReason) int { return int(b.Count - a.Count) })
	return out, nil
}

// lacking lists the required columns that a mapping does not give.
func lacking(book fact.Book, m Mapping) []string {
	var out []string
	for _, name := range book.Required() {
		if m.Columns[name] == "" {
			out = append(out, name)
		}
	}
	if len(book.OneOf) > 0 && !slices.ContainsFunc(book.OneOf, func(n string) bool { return m.Columns[n] != "" }) {
		out = append(out, strings.Join(book.OneOf, " or "))
	}
	return out
}

// spread takes the first, the last, and some between.
func spread(files []string, most int) []string {
	if len(files) <= most {
		return files
	}
	out := make([]string, most)
	for i := range most {
		out[i] = files[i*(len(files)-1)/(most-1)]
	}
	return out
}

// file tries one file. What is wrong with it alone is told beside it.
func (t *Trial) file(ctx context.Context, l load, most int64, out *Tried) error {
	f := TriedFile{Path: t.Config.name(l.path)}
	tried, whole, err := t.stage(ctx, l, most, f.Path, out)
	var refusal *Refusal
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &refusal):
		f.Problem, f.Do, f.Kind = refusal.What, refusal.Do, refusal.Kind
	case err != nil:
		f.Problem = reason(err, l.path)
	}
	f.Rows, f.Refused = tried.Rows, tried.Refused
	out.Files = append(out.Files, f)
	out.Rows, out.Skipped = out.Rows+tried.Rows, out.Skipped+tried.Skipped
	out.Rounded, out.Repeated = out.Rounded+tried.Rounded, out.Repeated+tried.Repeated
	out.Refused += tried.Refused
	out.Whole = out.Whole && whole
	if tried.First != nil && (out.First == nil || *tried.First < *out.First) {
		out.First = tried.First
	}
	if tried.Last != nil && (out.Last == nil || *tried.Last > *out.Last) {
		out.Last = tried.Last
	}
	if tried.Amount != nil {
		sum := money.FromBig(tried.Amount)
		if out.Amount != nil {
			sum = sum.Add(*out.Amount)
		}
		out.Amount = &sum
	}
	if len(out.Sample) == 0 {
		out.Columns = tried.Columns
		for _, r := range tried.Sample {
			out.Sample = append(out.Sample, TriedRow{f.Path, r.Line, r.Cells})
		}
	}
	return nil
}

// stage has one file tried, torn rows among the refused.
func (t *Trial) stage(ctx context.Context, l load, most int64, name string, out *Tried) (engine.Tried, bool, error) {
	refused := int64(0)
	refuse := func(r engine.Refused) error {
		refused++
		return t.refused(name, r, out)
	}
	m := mapper{config: t.Config, describe: t.Engine.Describe, progress: t.Progress}
	o, err := m.open(l.path, l.mapping.Source, l.mapping.Names, refuse, "look at "+name)
	if err != nil {
		return engine.Tried{}, true, err
	}
	defer o.close()
	var first *firstRows
	if o.table.Rows == nil {
		o.table.Most = most
	} else {
		first = &firstRows{Rows: o.table.Rows, left: most}
		o.table.Rows = first
	}
	spec, closeJoins, err := m.compile(ctx, l, o.table)
	defer closeJoins()
	if err != nil || len(spec.Fields) == 0 {
		return engine.Tried{}, true, err
	}
	spec.Sources = []engine.Source{{Table: o.table, Name: name}}
	tried, err := t.Engine.Try(ctx, spec, triedSample, refuse)
	var misfit *engine.Misfit
	if errors.As(err, &misfit) {
		err = t.Config.refuseBook(Unmappable, l.book.Name, "columns: %v", "", misfit)
	}
	whole := tried.Rows+tried.Refused+tried.Skipped+tried.Repeated < most
	tried.Refused = refused // torn rows never reach the engine
	if first != nil {
		whole = !first.cut
	}
	return tried, whole, err
}

// refused counts a refused row under its reason.
func (t *Trial) refused(file string, r engine.Refused, out *Tried) error {
	group := out.reason(r)
	group.Count++
	if _, known := group.values[r.Value]; known || len(group.values) < triedValues {
		group.values[r.Value]++
	}
	value := clipped(r.Value)
	if len(group.Examples) < maxExamples+2 {
		group.Examples = append(group.Examples, RefusedPlace{File: file, Line: r.Line, Value: value})
	}
	if t.Refused == nil {
		return nil
	}
	row := RefusedRow{File: file, Line: r.Line, Column: r.Column, Value: value, Reason: r.Reason, Day: r.Day, Currency: r.Currency}
	if r.Amount != nil {
		a := money.FromBig(r.Amount)
		row.Amount = &a
	}
	return t.Refused(row)
}

// reason is the group that a refused row counts under; what comes after very
// many kinds counts as one more.
func (t *Tried) reason(r engine.Refused) *TriedReason {
	at := func(column, reason string) int {
		return slices.IndexFunc(t.Reasons, func(x TriedReason) bool { return x.Column == column && x.Reason == reason })
	}
	i := at(r.Column, r.Reason)
	if i < 0 && len(t.Reasons) >= maxReasons {
		r.Column, r.From, r.Reason = "", "", "other reasons"
		i = at(r.Column, r.Reason)
	}
	if i < 0 {
		i = len(t.Reasons)
		t.Reasons = append(t.Reasons, TriedReason{Column: r.Column, From: r.From, Reason: r.Reason, values: map[string]int64{}})
	}
	return &t.Reasons[i]
}

// firstRows are the first rows of a text source.
type firstRows struct {
	engine.Rows
	left  int64
	bytes int64
	cut   bool // there were more
}

func (f *firstRows) Next() (int64, []string, error) {
	if f.cut {
		return 0, nil, io.EOF
	}
	line, cells, err := f.Rows.Next()
	if err != nil {
		return line, cells, err
	}
	if f.left == 0 || f.bytes > triedBytes {
		f.cut = true
		return 0, nil, io.EOF
	}
	f.left--
	for _, c := range cells {
		f.bytes += int64(len(c))
	}
	return line, cells, nil
}
