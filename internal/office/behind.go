package office

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// Behind asks who is behind a line of a sealed statement.
type Behind struct {
	Seal  int64
	Block sealed.Block // empty: the headline's
	Line  engine.Line
	After string
	Limit int
	Seer  engine.Seer
}

// Standings are the customers behind a line, beside what was sealed.
type Standings struct {
	engine.Standings
	Of        Opened
	Block     sealed.Block
	Statement *sealed.Statement
	Sealed    Line
}

// Opened is a seal with its document, read. What became of it later, a review
// or a restatement, is not here.
type Opened struct {
	closing.Seal
	Read *sealed.Document
}

// Line is what a sealed document says of one of its lines; nil where it says
// nothing.
type Line struct {
	Units *int64 // customers
	Sum   *money.Amount
	Lines *int64 // lines of the books
}

// Agrees tells whether what was found is what was sealed, to the last place.
func (s Standings) Agrees() bool {
	l := s.Sealed
	return (l.Units == nil || *l.Units == s.Units) && (l.Sum == nil || l.Sum.Equal(s.Sum)) && (l.Lines == nil || *l.Lines == s.Lines)
}

// ErrNoCustomers is returned where nothing here reads single customers.
var ErrNoCustomers = errors.New("nothing here reads single customers")

// Behind is who is behind a line, a page at a time. It returns program.ErrNone
// for a seal, a block or a line that there is not, and a *closing.Refusal for a
// statement of which rows are no longer kept.
func (o *Office) Behind(ctx context.Context, b Behind) (Standings, error) {
	if o.Customers == nil {
		return Standings{}, ErrNoCustomers
	}
	opened, err := o.seals.open(ctx, o, b.Seal)
	if err != nil {
		return Standings{}, err
	}
	if b.Block == "" {
		b.Block = opened.Read.Headline()
	}
	of, ok := opened.statements[b.Block]
	if !ok || !slices.Contains(engine.Lines, b.Line) || !opened.Read.Statement(b.Block).Open() {
		return Standings{}, program.ErrNone
	}
	if gone := opened.gone[b.Block]; gone != nil {
		return Standings{}, gone
	}
	view, err := o.view(ctx)
	if err != nil {
		return Standings{}, err
	}
	out := Standings{Of: opened.Opened, Block: b.Block, Statement: opened.Read.Statement(b.Block)}
	out.Sealed = sealedLine(opened.Read, b.Block, b.Line)
	out.Standings, err = o.Customers.Behind(ctx, engine.Behind{Of: of, Line: b.Line, Names: view, After: b.After, Limit: b.Limit, Seer: b.Seer})
	return out, err
}

// Opened is a seal with its document, or program.ErrNone.
func (o *Office) Opened(ctx context.Context, seal int64) (Opened, error) {
	opened, err := o.seals.open(ctx, o, seal)
	return opened.Opened, err
}

// openSeals keeps the seals that were opened last with what they were computed
// from, which changes only when somebody is erased or rows are no longer kept.
type openSeals struct {
	mu    sync.Mutex
	order []int64
	kept  map[int64]openSeal
}

type openSeal struct {
	Opened
	statements map[sealed.Block]engine.Statement
	gone       map[sealed.Block]*closing.Refusal // why who is behind it cannot be said
	lies       map[string]int                    // how many parts of it lie in a folder of the data folder
	parts      map[string]bool                   // their paths
}

// keptSeals is how many seals are held open: a year of months and its quarters.
const keptSeals = 16

func (k *openSeals) open(ctx context.Context, o *Office, id int64) (openSeal, error) {
	k.mu.Lock()
	have, ok := k.kept[id]
	k.mu.Unlock()
	if ok && have.stands(o.Dir) {
		return have, nil
	}
	have, err := o.openSeal(ctx, id)
	if err != nil {
		return openSeal{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[int64]openSeal{}
	}
	if _, twice := k.kept[id]; !twice {
		k.order = append(k.order, id)
	}
	k.kept[id] = have
	for len(k.order) > keptSeals {
		delete(k.kept, k.order[0])
		k.order = k.order[1:]
	}
	return have, nil
}

// placed notes where the parts lie that a seal was computed from.
func (s *openSeal) placed() {
	s.lies, s.parts = map[string]int{}, map[string]bool{}
	for _, of := range s.statements {
		for _, path := range of.Files() {
			if path = filepath.Clean(path); !s.parts[path] {
				s.parts[path] = true
				s.lies[filepath.Dir(path)]++
			}
		}
	}
}

// stands tells whether the parts that a seal was computed from are where they
// were; another process may have replaced them. It is asked with every page, so
// it lists the few folders and does not look for each of the many parts.
func (s openSeal) stands(dir string) bool {
	for folder, n := range s.lies {
		names, err := namesIn(filepath.Join(dir, folder))
		if err != nil {
			return false
		}
		for _, name := range names {
			if s.parts[filepath.Join(folder, name)] {
				n--
			}
		}
		if n > 0 {
			return false
		}
	}
	return true
}

// namesIn lists a folder in no order.
func namesIn(folder string) (names []string, err error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Readdirnames(-1)
}

// opened are the statements of the seals that are held open.
func (k *openSeals) opened() []engine.Statement {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []engine.Statement
	for _, s := range k.kept {
		for _, of := range s.statements {
			out = append(out, of)
		}
	}
	return out
}

func (o *Office) openSeal(ctx context.Context, id int64) (openSeal, error) {
	s, err := o.Store.Sealed(ctx, id)
	if err != nil {
		return openSeal{}, err
	}
	document, err := o.Document(ctx, id)
	if err != nil {
		return openSeal{}, fmt.Errorf("open seal %d: %w", id, err)
	}
	at, err := o.Store.Snapshot(ctx, s.Snapshot)
	if err != nil {
		return openSeal{}, fmt.Errorf("open seal %d: %w", id, err)
	}
	period, trailing, err := books.Sealed(at, s.Seal)
	if err != nil {
		return openSeal{}, err
	}
	s.Document, s.Difference = nil, nil // large, and read
	out := openSeal{Opened: Opened{s.Seal, document}, statements: map[sealed.Block]engine.Statement{sealed.Period: period}, gone: map[sealed.Block]*closing.Refusal{}}
	if trailing != nil {
		out.statements[sealed.Trailing] = *trailing
	}
	period.Verdict = verdict(document.Equity)
	out.statements[sealed.Period] = period
	for block, of := range out.statements {
		out.gone[block] = books.Outlived(at, of)
	}
	out.placed()
	return out, nil
}

// sealedLine finds a line's customers and amount among the sealed figures.
// Revenue of those who stayed is the sum of three of them.
func sealedLine(d *sealed.Document, b sealed.Block, line engine.Line) (out Line) {
	s := d.Statement(b)
	units := func(names ...string) {
		var sum int64
		for _, name := range names {
			n, ok := s.Customers[name]
			if !ok {
				return
			}
			sum += n
		}
		out.Units = &sum
	}
	amount := func(of map[string]money.Amount, names ...string) {
		var sum money.Amount
		for _, name := range names {
			a, ok := of[name]
			if !ok {
				return
			}
			sum = sum.Add(a)
		}
		out.Sum = &sum
	}
	news := []string{"new_earned", "new_bought", "new_unattributed"}
	switch line {
	case engine.Opening:
		units("opening")
		amount(s.Active, "prior")
	case engine.Closing:
		units("closing")
		amount(s.Active, "current")
	case engine.Lost, engine.Returning, engine.NewEarned, engine.NewBought, engine.NewUnattributed:
		units(string(line))
		amount(s.Revenue, string(line))
	case engine.NewCustomers:
		units(news...)
		amount(s.Revenue, news...)
	case engine.NewSince:
		units("new_since_comparison")
	case engine.Retained:
		units("retained")
		amount(map[string]money.Amount{"was": s.Active["prior"], "left": s.Revenue["lost"].Neg(), "less": s.Revenue["contraction"].Neg(), "more": s.Revenue["expansion"]}, "was", "left", "less", "more")
	case engine.Contraction, engine.Expansion, engine.Other, engine.Prior, engine.Current:
		amount(s.Revenue, string(line))
	case engine.Referrers:
		if r := d.ReferralsOf(b.In(sealed.ReferralsPeriod)); r.Open() {
			if n, ok := r.Customers["referrers"]; ok {
				out.Units = &n
			}
			amount(r.Revenue, "brought")
		}
	case engine.Excluded, engine.Unidentified:
		if n, ok := s.Counted["lines_"+string(line)]; ok {
			out.Lines = &n
		}
		amount(s.Covered, "revenue_"+string(line))
	}
	return out
}
