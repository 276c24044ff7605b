package relational

import (
	"context"
	"encoding/json"

	"github.com/throughline/throughline/internal/program"
)

// KeepErasure keeps a receipt for good.
func (s *Store) KeepErasure(ctx context.Context, e program.Erasure) (program.Erasure, error) {
	counts, err := json.Marshal(e.Counts)
	if err != nil {
		return e, err
	}
	elsewhere, err := json.Marshal(e.Elsewhere)
	if err != nil {
		return e, err
	}
	err = s.change(ctx, "keep the receipt in", func(c conn) (err error) {
		e.ID, err = c.insert(ctx, "INSERT INTO erasure (at, who, kind, tombstone, counts, elsewhere) VALUES (?, ?, ?, ?, ?, ?)",
			stamped(e.At), e.By, e.Kind, e.Tombstone, string(counts), string(elsewhere))
		return err
	})
	return e, err
}

// Erasures lists all receipts, newest first.
func (s *Store) Erasures(ctx context.Context) ([]program.Erasure, error) {
	out, err := all(ctx, s.ask(ctx), readErasure, "SELECT id, at, who, kind, tombstone, counts, elsewhere FROM erasure ORDER BY id DESC")
	return out, s.plain(ctx, "read receipts in", err)
}

func readErasure(scan scanner) (e program.Erasure, err error) {
	var at, counts, elsewhere string
	if err := scan(&e.ID, &at, &e.By, &e.Kind, &e.Tombstone, &counts, &elsewhere); err != nil {
		return e, err
	}
	if e.At, err = moment(at); err != nil {
		return e, err
	}
	if err := json.Unmarshal([]byte(counts), &e.Counts); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(elsewhere), &e.Elsewhere)
}
