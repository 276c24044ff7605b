package relational

import (
	"context"
	"encoding/json"

	"github.com/throughline/throughline/internal/program"
)

// written is how a version of a document stands in the history.
type written struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

const documentColumns = "id, name, version, text, at, who"

func readDocument(scan scanner) (d program.Document, err error) {
	var at string
	if err := scan(&d.ID, &d.Name, &d.Version, &d.Text, &at, &d.By); err != nil {
		return d, err
	}
	d.At, err = moment(at)
	return d, err
}

// Document is the newest version of a text; a name that nobody has written has
// version 0.
func (s *Store) Document(ctx context.Context, name string) (program.Document, error) {
	d, found, err := first(ctx, s.ask(ctx), readDocument, "SELECT "+documentColumns+" FROM document WHERE name = ?", name)
	if !found {
		d = program.Document{Name: name}
	}
	return d, s.plain(ctx, "read "+name+" in", err)
}

// Documents lists the newest version of each, by name.
func (s *Store) Documents(ctx context.Context) ([]program.Document, error) {
	out, err := all(ctx, s.ask(ctx), readDocument, "SELECT "+documentColumns+" FROM document ORDER BY name")
	return out, s.plain(ctx, "read settings in", err)
}

// SaveDocument keeps a text as the version after the one that was read.
func (s *Store) SaveDocument(ctx context.Context, d program.Document) (kept program.Document, err error) {
	err = s.change(ctx, "save "+d.Name+" in", func(c conn) error {
		kept, err = s.saveDocument(ctx, c, d)
		return err
	})
	return kept, err
}

func (s *Store) saveDocument(ctx context.Context, c conn, d program.Document) (program.Document, error) {
	has, found, err := first(ctx, c, readDocument, "SELECT "+documentColumns+" FROM document WHERE name = ?"+c.d.Hold, d.Name)
	if err != nil {
		return d, err
	}
	d.ID = has.ID
	entity := program.Entity{Kind: program.KindDocument, ID: has.ID}
	if has.Version != d.Version {
		return d, c.stale(ctx, entity, d.Version, has.Version)
	}
	if found && has.Text == d.Text {
		return has, nil
	}
	d.Version++
	var before any
	if found {
		before = written{has.Name, has.Text}
		err = c.run(ctx, "UPDATE document SET version = ?, text = ?, at = ?, who = ? WHERE id = ?", d.Version, d.Text, stamped(d.At), d.By, d.ID)
	} else {
		d.ID, err = c.insert(ctx, "INSERT INTO document (name, version, text, at, who) VALUES (?, ?, ?, ?, ?)", d.Name, d.Version, d.Text, stamped(d.At), d.By)
		entity.ID = d.ID
		if s.taken(err) {
			return d, errAgain // somebody else wrote the first version a moment ago
		}
	}
	if err != nil {
		return d, err
	}
	return d, c.record(ctx, program.Change{Entity: entity, Version: d.Version, At: d.At, By: d.By}, before, written{d.Name, d.Text})
}

// DocumentAt is an older version of a text, or program.ErrNone.
func (s *Store) DocumentAt(ctx context.Context, name string, version int64) (program.Document, error) {
	d := program.Document{Name: name, Version: version}
	x, found, err := first(ctx, s.ask(ctx), readChange, `SELECT c.id, c.kind, c.entity, c.version, c.at, c.who, c.before, c.after
		FROM change c JOIN document d ON d.id = c.entity WHERE c.kind = ? AND d.name = ? AND c.version = ?`, program.KindDocument, name, version)
	if err != nil {
		return d, s.plain(ctx, "read "+name+" in", err)
	}
	if !found {
		return d, program.ErrNone
	}
	var as written
	if err := json.Unmarshal(x.After, &as); err != nil {
		return d, err
	}
	d.ID, d.Text, d.At, d.By = x.Entity.ID, as.Text, x.At, x.By
	return d, nil
}
