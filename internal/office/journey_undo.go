package office

import (
	"context"
	"fmt"
	"slices"

	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/journey"
)

// SameEdit tells whether two changes were made by one edit of the map.
func SameEdit(a, b program.Change) bool { return a.At.Equal(b.At) && a.By == b.By }

// editPage is how many changes are read at once to find those of an edit.
const editPage = 200

// Edit lists all changes of the edit that one of them is of, newest first; none: there is no such change of the map.
func (o *Office) Edit(ctx context.Context, id int64) ([]program.Change, error) {
	page, err := o.PiecesLately(ctx, id+1, 1)
	if err != nil || len(page) == 0 || page[0].ID != id {
		return nil, err
	}
	one := page[0]
	// Changes of an edit were kept one after the other, so that its newest is found by going up until there is none of it.
	top := id
	for {
		if page, err = o.PiecesLately(ctx, top+editPage, editPage); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(page, func(c program.Change) bool { return SameEdit(c, one) })
		if i < 0 || page[i].ID == top {
			break
		}
		top = page[i].ID
	}
	var out []program.Change
	for before := top + 1; ; {
		if page, err = o.PiecesLately(ctx, before, editPage); err != nil {
			return nil, err
		}
		for _, c := range page {
			if SameEdit(c, one) {
				out = append(out, c)
			}
		}
		if len(page) < editPage || !SameEdit(page[len(page)-1], one) {
			return out, nil
		}
		before = page[len(page)-1].ID
	}
}

// LastEdit lists all changes of the newest edit of the map; none: it was never changed.
func (o *Office) LastEdit(ctx context.Context) ([]program.Change, error) {
	page, err := o.PiecesLately(ctx, 0, 1)
	if err != nil || len(page) == 0 {
		return nil, err
	}
	return o.Edit(ctx, page[0].ID)
}

// EditName names what an edit changed: its first thing, and how many more.
func EditName(edit []program.Change) string {
	if len(edit) == 0 {
		return ""
	}
	last := edit[len(edit)-1]
	key, err := keyOf(last)
	if err != nil {
		key = "?"
	}
	name := last.Entity.Kind + " " + key
	if len(edit) > 1 {
		name += fmt.Sprintf(" and %d more", len(edit)-1)
	}
	return name
}

// Undoes is a change of the map that takes back all that one edit changed. Pieces that somebody has changed since make it *JourneyRefusal, as does an edit of
// nothing. What it does is an edit itself, and can be taken back.
func Undoes(changes []program.Change) (func(*journey.Map) error, error) {
	if len(changes) == 0 {
		return nil, &JourneyRefusal{[]journey.Problem{{Where: "the map", What: "there is no such change of it"}}}
	}
	return func(m *journey.Map) error {
		pieces, err := m.Pieces()
		if err != nil {
			return err
		}
		undone, err := takenBack(pieces, changes)
		if err != nil {
			return err
		}
		*m, err = journey.Assemble(undone)
		return err
	}, nil
}

// takenBack are the pieces as they were before the changes.
func takenBack(pieces []journey.Piece, changes []program.Change) ([]journey.Piece, error) {
	at := make(map[piece]int, len(pieces))
	for i, p := range pieces {
		at[piece{p.Kind, p.Key}] = i
	}
	var problems []journey.Problem
	for _, c := range changes {
		key, err := keyOf(c)
		if err != nil {
			return nil, err
		}
		i, there := at[piece{c.Entity.Kind, key}]
		switch {
		case there != (c.After != nil) || there && !sameBody(pieces[i].Body, c.After):
			problems = append(problems, journey.Problem{Where: c.Entity.Kind + " " + key, What: "it has been changed since; undo that first"})
		case there:
			pieces[i].Body = c.Before // nil: it was made, and goes
		default:
			pieces = append(pieces, journey.Piece{Kind: c.Entity.Kind, Key: key, Body: c.Before})
		}
	}
	if len(problems) > 0 {
		return nil, &JourneyRefusal{problems}
	}
	return slices.DeleteFunc(pieces, func(p journey.Piece) bool { return p.Body == nil }), nil
}

// keyOf is the key of the piece that a change is of.
func keyOf(c program.Change) (string, error) {
	body := c.After
	if body == nil {
		body = c.Before
	}
	return journey.KeyOf(c.Entity.Kind, body)
}

// Undoable tells whether every piece is still as an edit, or a part of it, left it.
func (o *Office) Undoable(ctx context.Context, changes []program.Change) (bool, error) {
	if _, _, err := o.Journey(ctx); err != nil {
		return false, err
	}
	o.journey.Lock()
	defer o.journey.Unlock()
	for _, c := range changes {
		key, err := keyOf(c)
		if err != nil {
			return false, fmt.Errorf("read the history of the map: %w", err)
		}
		version, there := o.journey.of[piece{c.Entity.Kind, key}]
		if there != (c.After != nil) || there && version != c.Version {
			return false, nil
		}
	}
	return true, nil
}
