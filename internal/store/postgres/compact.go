package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// compact writes every table anew, and the statistics, which quote values.
// What the server keeps in its write-ahead log ages there as its keepers have
// set it.
func compact(ctx context.Context, db *sql.DB) error {
	tables, err := ours(ctx, db)
	if err != nil {
		return err
	}
	if err := outlived(ctx, db); err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := db.ExecContext(ctx, "VACUUM (FULL, ANALYZE) "+table); err != nil {
			return err
		}
	}
	// The statistics of before became old just now.
	if err := outlived(ctx, db); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM FULL pg_catalog.pg_statistic"); err != nil {
		return err
	}
	// Only some may have the server write out at once; the others wait until it does.
	if _, err := db.ExecContext(ctx, "CHECKPOINT"); err != nil && state(err) != "42501" {
		return err
	}
	return nil
}

// ours lists the tables of our schema.
func ours(ctx context.Context, db *sql.DB) (tables []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, rows.Err()
}

// patience is how long compacting waits for older transactions.
const patience = 30 * time.Second

var errOlder = errors.New("a transaction on this server has been open since before, and what was deleted is kept for it; run again when it has ended")

// outlived waits until every transaction has ended that began before now, in
// whichever database of the server: a table that is written anew keeps what
// they might still have to see.
func outlived(ctx context.Context, db *sql.DB) error {
	var now string
	if err := db.QueryRowContext(ctx, "SELECT pg_current_xact_id()::text").Scan(&now); err != nil {
		return err
	}
	for wait, waited := 5*time.Millisecond, time.Duration(0); waited < patience; waited += wait {
		var over bool
		err := db.QueryRowContext(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AND NOT EXISTS (
			SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND age(backend_xmin) >= age($1::xid8::xid))`, now).Scan(&over)
		if err != nil || over {
			return err
		}
		wait = min(2*wait, 500*time.Millisecond)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
	return errOlder
}
