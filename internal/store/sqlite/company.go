package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// Company is whose books the store holds; empty before anybody said.
func (s *Store) Company(ctx context.Context) (string, error) {
	var name string
	err := s.db.QueryRowContext(ctx, "SELECT name FROM company").Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, s.plain("read", err)
}

// SetCompany says whose books the store holds.
func (s *Store) SetCompany(ctx context.Context, name string) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO company (one, name) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET name = excluded.name", name)
	return s.plain("name the company in", err)
}
