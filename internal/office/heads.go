package office

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/sealed"
)

// Heads lists seals without what they hold.
type Heads interface {
	// SealHeads lists every seal in the order in which they were made, without
	// inputs, differences and documents.
	SealHeads(ctx context.Context) ([]closing.Sealed, error)
}

// Head is a seal without its document, and what its statement is of.
type Head struct {
	closing.Sealed
	closing.Identity
	// Early tells that the period was not over when it was sealed.
	Early bool
}

// Stands tells whether no other seal restates this one.
func (h Head) Stands() bool { return h.RestatedBy == 0 }

// Usual tells whether the statement is by the product's own definition of who
// is active. Others are for comparison with published figures.
func (h Head) Usual() bool { return h.Active == growth.Net }

// Heads lists every seal, in the order in which they were made.
func (o *Office) Heads(ctx context.Context) ([]Head, error) {
	list, err := o.Store.SealHeads(ctx)
	if err != nil {
		return nil, err
	}
	zone := time.UTC
	if c, err := o.Company(ctx); err == nil { // what is sealed opens even while the settings cannot be read
		zone = c.Location()
	}
	out := make([]Head, 0, len(list))
	for _, s := range list {
		i, err := closing.ParseIdentity(s.Statement)
		if err != nil {
			return nil, err
		}
		out = append(out, Head{Sealed: s, Identity: i, Early: !closing.Over(i.Period, s.At, zone)})
	}
	return out, nil
}

// Newest is the seal that speaks for the company now: of those that stand, by
// the usual definitions where there is one, that of the period that ended last;
// of several such, the one that was sealed last. One of a period that was not
// over then holds a part of it, and speaks only while there is no other; of
// those the one that was sealed last, since any end can be named.
func Newest(heads []Head) (Head, bool) {
	standing := slices.DeleteFunc(slices.Clone(heads), func(h Head) bool { return !h.Stands() })
	if len(standing) == 0 {
		return Head{}, false
	}
	return slices.MaxFunc(standing, func(a, b Head) int {
		return cmp.Or(truth(b.Early)-truth(a.Early), truth(a.Usual())-truth(b.Usual()), ended(a, b), a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	}), true
}

// ended compares when periods ended that were over.
func ended(a, b Head) int {
	if a.Early || b.Early {
		return 0
	}
	return int(a.Period.End - b.Period.End)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Series are the standing seals of the same kind of statement as one of them,
// by the end of their periods: the same kind of period, definitions and grain.
// Periods that are compared with others than the year before are none of it,
// of two seals of one period the later stands for it, and one of a period that
// was not over is a point of no history but its own.
func Series(heads []Head, of Head) []Head {
	byPeriod := map[calendar.Period]Head{}
	for _, h := range heads {
		same := h.Kind == of.Kind && h.Active == of.Active && h.Grain == of.Grain && yearApart(h.Identity) == yearApart(of.Identity)
		if h.Early && h.ID != of.ID {
			continue
		}
		if h.Stands() && same && (h.Kind != calendar.Ranges || h.Period.Days() == of.Period.Days()) {
			byPeriod[h.Period] = h
		}
	}
	out := make([]Head, 0, len(byPeriod))
	for _, h := range byPeriod {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Head) int { return cmp.Or(int(a.Period.End-b.Period.End), int(a.Period.Start-b.Period.Start)) })
	return out
}

// yearApart tells whether a period is compared with the year before it, give
// or take the days by which weeks and fiscal years differ.
func yearApart(i closing.Identity) bool {
	days := int(i.Period.End - i.Compared.End)
	return days > 350 && days < 380
}

// readDocuments keeps documents that were read: what is sealed never changes.
type readDocuments struct {
	mu    sync.Mutex
	order []int64
	kept  map[int64]*sealed.Document
}

// keptDocuments is how many are kept: ten years of months.
const keptDocuments = 128

// Document is what a seal holds, read once for all who ask. It must not be
// changed. It returns program.ErrNone when there is no such seal.
func (o *Office) Document(ctx context.Context, seal int64) (*sealed.Document, error) {
	o.documents.mu.Lock()
	have := o.documents.kept[seal]
	o.documents.mu.Unlock()
	if have != nil {
		return have, nil
	}
	s, err := o.Store.Sealed(ctx, seal)
	if err != nil {
		return nil, err
	}
	read, err := sealed.Read(s.Document)
	if err != nil {
		return nil, err
	}
	return o.documents.keep(seal, read), nil
}

func (r *readDocuments) keep(seal int64, d *sealed.Document) *sealed.Document {
	r.mu.Lock()
	defer r.mu.Unlock()
	if have := r.kept[seal]; have != nil {
		return have
	}
	if r.kept == nil {
		r.kept = map[int64]*sealed.Document{}
	}
	for len(r.order) >= keptDocuments {
		delete(r.kept, r.order[0])
		r.order = r.order[1:]
	}
	r.order, r.kept[seal] = append(r.order, seal), d
	return d
}

// Sealed is one seal whole, with what became of it, or program.ErrNone.
func (o *Office) Sealed(ctx context.Context, seal int64) (closing.Sealed, error) {
	return o.Store.Sealed(ctx, seal)
}
