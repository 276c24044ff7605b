package office

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// keptMap is the journey map as it was last read, so that pages of a large one
// do not assemble it again.
type keptMap struct {
	sync.Mutex
	changing sync.Mutex // held by the change that is being made, so that two do not each keep a rule that they break together
	version  int64
	known    bool
	m        *journey.Map
	of       map[piece]int64
}

// piece is one of a map's by name.
type piece struct{ kind, key string }

// Journey is the journey map as it is now, for reading only, with what grows by
// each change of it.
func (o *Office) Journey(ctx context.Context) (*journey.Map, int64, error) {
	if o.Things == nil {
		return &journey.Map{}, 0, nil
	}
	version, err := o.Things.ItemsVersion(ctx)
	if err != nil {
		return nil, 0, err
	}
	o.journey.Lock()
	defer o.journey.Unlock()
	if o.journey.known && o.journey.version == version {
		return o.journey.m, version, nil
	}
	items, err := o.Things.Items(ctx, journey.PieceKinds...)
	if err != nil {
		return nil, 0, err
	}
	m, err := assembled(items)
	if err != nil {
		return nil, 0, err
	}
	of := make(map[piece]int64, len(items))
	for _, x := range items {
		of[piece{x.Kind, x.Key}] = x.Version
	}
	o.journey.m, o.journey.of, o.journey.version, o.journey.known = &m, of, version, true
	return o.journey.m, version, nil
}

// PieceVersion is the version of one piece of the map, 0: there is none.
func (o *Office) PieceVersion(ctx context.Context, kind, key string) (int64, error) {
	if _, _, err := o.Journey(ctx); err != nil {
		return 0, err
	}
	o.journey.Lock()
	defer o.journey.Unlock()
	return o.journey.of[piece{kind, key}], nil
}

// PieceVersions are the versions of all pieces of a kind, by key.
func (o *Office) PieceVersions(ctx context.Context, kind string) (map[string]int64, error) {
	if _, _, err := o.Journey(ctx); err != nil {
		return nil, err
	}
	o.journey.Lock()
	defer o.journey.Unlock()
	out := map[string]int64{}
	for name, version := range o.journey.of {
		if name.kind == kind {
			out[name.key] = version
		}
	}
	return out, nil
}

// JourneyAt is the journey map as it stood at a moment.
func (o *Office) JourneyAt(ctx context.Context, at time.Time) (*journey.Map, error) {
	if o.Things == nil {
		return &journey.Map{}, nil
	}
	items, err := o.Things.ItemsAt(ctx, at, journey.PieceKinds...)
	if err != nil {
		return nil, err
	}
	m, err := assembled(items)
	return &m, err
}

// PieceChanges lists the changes of one piece of the map, oldest first.
func (o *Office) PieceChanges(ctx context.Context, kind, key string) ([]program.Change, error) {
	return o.Things.ItemChanges(ctx, kind, key)
}

// PiecesLately lists the newest changes of pieces of the map with ids below before, newest first; before 0 means from the newest.
func (o *Office) PiecesLately(ctx context.Context, before int64, limit int) ([]program.Change, error) {
	var out []program.Change
	for o.Things != nil && len(out) < limit {
		page, err := o.Things.Recent(ctx, before, limit)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if slices.Contains(journey.PieceKinds, c.Entity.Kind) && len(out) < limit {
				out = append(out, c)
			}
			before = c.ID
		}
		if len(page) < limit {
			break
		}
	}
	return out, nil
}

func assembled(items []program.Item) (journey.Map, error) {
	pieces := make([]journey.Piece, len(items))
	for i, x := range items {
		pieces[i] = journey.Piece{Kind: x.Kind, Key: x.Key, Body: x.Body}
	}
	m, err := journey.Assemble(pieces)
	if err != nil {
		return m, fmt.Errorf("the journey map: %w", err)
	}
	return m, nil
}

// JourneyRefusal is a map that breaks its rules, with all that is wrong.
type JourneyRefusal struct{ Problems []journey.Problem }

func (r *JourneyRefusal) Error() string {
	lines := make([]string, 0, len(r.Problems))
	for i, p := range r.Problems {
		if i == 20 {
			lines = append(lines, fmt.Sprintf("and %d more", len(r.Problems)-i))
			break
		}
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// Read is the version of a piece that an edit began from.
type Read struct {
	Kind, Key string
	Version   int64
}

// JourneyEdit is a change of the map by somebody.
type JourneyEdit struct {
	By int64 // as in program.Change
	// Read are the pieces that the change began from; one that has changed since makes the change *program.Stale.
	Read []Read
	// Seen is the version of the whole map that somebody looked at before they agreed; when it has changed since, the change is
	// ErrMapChanged. Nil: it is about the pieces alone.
	Seen   *int64
	Change func(*journey.Map) error
}

// ErrMapChanged is returned when the map has changed since somebody agreed to a change of all of it.
var ErrMapChanged = errors.New("the map has been changed meanwhile; look again at what would change")

// ChangeJourney changes the journey map: what the change made, kept or took away is kept with its history, all or none. It returns what
// the change returned, *JourneyRefusal when the map would break its rules, and *program.Stale when somebody else has changed one of
// the pieces meanwhile. What was wrong with the map before, as two servers at once can leave it, stands in nobody's way. It tells
// how many pieces changed.
func (o *Office) ChangeJourney(ctx context.Context, e JourneyEdit) (changed int, err error) {
	o.journey.changing.Lock()
	defer o.journey.changing.Unlock()
	_, saved, err := o.attempt(ctx, e)
	if err != nil || len(saved) == 0 {
		return 0, err
	}
	now := o.Now().UTC() // one moment, by which the history knows that they belong together
	for i := range saved {
		saved[i].At, saved[i].By = now, e.By
	}
	_, err = o.Things.SaveItems(ctx, saved)
	return len(saved), err
}

// TryJourney tells what a change of the journey map would change, by kind and key, and the version of the map that it was tried on.
// Nothing is kept. It refuses what ChangeJourney refuses.
func (o *Office) TryJourney(ctx context.Context, change func(*journey.Map) error) (changes []program.Change, version int64, err error) {
	if _, version, err = o.Journey(ctx); err != nil {
		return nil, 0, err
	}
	before, saved, err := o.attempt(ctx, JourneyEdit{Change: change})
	if err != nil {
		return nil, 0, err
	}
	for _, x := range saved {
		changes = append(changes, program.Change{Entity: program.Entity{Kind: x.Kind}, Before: before[piece{x.Kind, x.Key}].Body, After: x.Body})
	}
	return changes, version, nil
}

// attempt makes a change in memory: the pieces as they are, and those that would be kept.
func (o *Office) attempt(ctx context.Context, e JourneyEdit) (before map[piece]program.Item, saved []program.Item, err error) {
	if o.Things == nil {
		return nil, nil, errors.New("this store keeps no journey map")
	}
	if e.Seen != nil {
		version, err := o.Things.ItemsVersion(ctx)
		if err != nil {
			return nil, nil, err
		}
		if version != *e.Seen {
			return nil, nil, ErrMapChanged
		}
	}
	items, err := o.Things.Items(ctx, journey.PieceKinds...)
	if err != nil {
		return nil, nil, err
	}
	before = make(map[piece]program.Item, len(items))
	for _, x := range items {
		before[piece{x.Kind, x.Key}] = x
	}
	for _, r := range e.Read {
		if err := o.unchanged(ctx, r, before[piece{r.Kind, r.Key}]); err != nil {
			return nil, nil, err
		}
	}
	m, err := assembled(items)
	if err != nil {
		return nil, nil, err
	}
	if err := e.Change(&m); err != nil {
		return nil, nil, err
	}
	if err := broken(items, &m); err != nil {
		return nil, nil, err
	}
	saved, err = changedPieces(before, &m)
	return before, saved, err
}

// broken refuses a changed map for the rules that it breaks and the map before it kept.
func broken(before []program.Item, m *journey.Map) error {
	problems := m.Check()
	if len(problems) == 0 {
		return nil
	}
	was, err := assembled(before)
	if err != nil {
		return err
	}
	old := was.Check()
	if problems = slices.DeleteFunc(problems, func(p journey.Problem) bool { return slices.Contains(old, p) }); len(problems) > 0 {
		return &JourneyRefusal{problems}
	}
	return nil
}

// unchanged refuses an edit of a piece that has changed since it was read.
func (o *Office) unchanged(ctx context.Context, r Read, now program.Item) error {
	if now.Version == r.Version {
		return nil
	}
	changes, err := o.Things.ItemChanges(ctx, r.Kind, r.Key)
	if err != nil {
		return err
	}
	stale := &program.Stale{Entity: program.Entity{Kind: r.Kind, ID: now.ID}, Read: r.Version, Has: now.Version}
	for _, c := range changes {
		if c.Version > r.Version {
			stale.Meanwhile = append(stale.Meanwhile, c)
		}
	}
	return stale
}

// changedPieces lists what is not as it was: made, changed, or gone.
func changedPieces(before map[piece]program.Item, m *journey.Map) ([]program.Item, error) {
	pieces, err := m.Pieces()
	if err != nil {
		return nil, err
	}
	var out []program.Item
	there := make(map[piece]bool, len(pieces))
	for _, p := range pieces {
		name := piece{p.Kind, p.Key}
		there[name] = true
		was, had := before[name]
		if had && sameBody(was.Body, p.Body) {
			continue
		}
		out = append(out, program.Item{Kind: p.Kind, Key: p.Key, Version: was.Version, Body: p.Body})
	}
	for _, was := range slices.SortedFunc(maps.Values(before), func(a, b program.Item) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) }) {
		if !there[piece{was.Kind, was.Key}] {
			out = append(out, program.Item{Kind: was.Kind, Key: was.Key, Version: was.Version})
		}
	}
	return out, nil
}

func sameBody(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x bytes.Buffer
	return json.Compact(&x, a) == nil && bytes.Equal(x.Bytes(), b)
}
