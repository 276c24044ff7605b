// Package postgres keeps the program's system of record in a PostgreSQL
// database, for several nodes that work on one company's books. It owns the
// driver, how a database is opened, its schema and what its errors mean in
// plain words; the statements are those of internal/store/relational.
//
// The invariant: whatever a call has acknowledged is on the server's disk as
// far as the server keeps its promises, and a seal is never changed or
// deleted, which the database itself enforces.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/throughline/throughline/internal/store/relational"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open store; Newer is returned when a later release has written it.
type (
	Store = relational.Store
	Newer = relational.Newer
)

// Open opens the store in the database of an address such as
// postgres://user@host/database and brings its schema up to date. Tables lie
// in the first schema of the search path.
func Open(ctx context.Context, address string, options ...relational.Option) (*Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The parser's own words may repeat the password.
		return nil, errors.New("open store: the address of the PostgreSQL database cannot be read; give it as postgres://USER@HOST:PORT/DATABASE, with a password in PGPASSWORD or ~/.pgpass")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "throughline"
	}
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(settle))
	// Several nodes share the server's connections, of which it has a hundred
	// unless told otherwise.
	db.SetMaxOpenConns(12)
	db.SetMaxIdleConns(6)
	dialect, err := dialectOf(config)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := relational.New(db, dialect)
	if err := prepare(ctx, db, s, options); err != nil {
		return nil, errors.Join(s.Plain(ctx, "open", err), db.Close())
	}
	return s, nil
}

// settle holds a connection to what the store promises: what is acknowledged
// is on disk, nobody waits for a lock for ever, and a node that is gone does
// not hold one.
func settle(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, `SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
		set_config('lock_timeout', '15s', false), set_config('idle_in_transaction_session_timeout', '5min', false)`)
	return err
}

// prepare looks whether the database can hold a store and brings its schema up
// to date, one node at a time.
func prepare(ctx context.Context, db *sql.DB, s *Store, options []relational.Option) (err error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return relational.Fault(err)
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := able(ctx, c); err != nil {
		return err
	}
	// While another node migrates, which may take longer than any other lock.
	for _, statement := range []string{"SET lock_timeout = 0", "SELECT pg_advisory_lock(" + migrateLock + ", hashtext(current_schema()))", "SET lock_timeout = '15s'"} {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return relational.Fault(err)
		}
	}
	defer func() {
		_, unlocked := c.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock("+migrateLock+", hashtext(current_schema()))")
		err = errors.Join(err, relational.Fault(unlocked))
	}()
	return s.Migrate(ctx, options...)
}

// The first numbers of our advisory locks; the second is the schema's.
const (
	migrateLock  = "726176"
	togetherLock = "726177"
)

// able refuses a database that cannot hold a store.
func able(ctx context.Context, c *sql.Conn) error {
	var encoding, schema string
	var version int
	var readOnly, mayMake bool
	err := c.QueryRowContext(ctx, `SELECT current_setting('server_encoding'), coalesce(current_schema(), ''), current_setting('server_version_num')::int,
		current_setting('transaction_read_only') = 'on', to_regclass('goose_db_version') IS NOT NULL OR coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)`).
		Scan(&encoding, &schema, &version, &readOnly, &mayMake)
	switch {
	case err != nil:
		return relational.Fault(err)
	case version < oldest*10000:
		return fmt.Errorf("open store: this server is PostgreSQL %d; use %d or later", version/10000, oldest)
	case encoding != "UTF8":
		return fmt.Errorf("open store: the database has the encoding %s; make one with `createdb --encoding=UTF8 --template=template0`", encoding)
	case schema == "":
		return errors.New("open store: no schema of the search path is there; make it with CREATE SCHEMA, or leave search_path out of the address")
	case readOnly:
		return errors.New("open store: the database is open for reading only, as that of a standby is; name the primary server")
	case !mayMake:
		return fmt.Errorf("open store: this user may make no tables in schema %s; make the user the owner of the database or of the schema", schema)
	}
	return nil
}

// oldest is the oldest release of PostgreSQL that its makers still mend.
const oldest = 13

func dialectOf(config *pgx.ConnConfig) (relational.Dialect, error) {
	folder, err := fs.Sub(migrations, "migrations")
	where := fmt.Sprintf("%s on %s:%d", strconv.Quote(config.Database), config.Host, config.Port)
	return relational.Dialect{
		Where: where, Goose: goose.DialectPostgres, Migrations: folder,
		Numbered: true, Hold: " FOR UPDATE",
		Together: "SELECT pg_advisory_xact_lock(" + togetherLock + ", hashtext(current_schema()))",
		Alone:    "LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE",
		Taken:    taken, Again: again, Words: words(where),
		Columns: columns, Last: last, SetLast: setLast, Compact: compact,
	}, err
}

// columns lists a table's columns with their place in the primary key.
const columns = `SELECT a.attname::text, coalesce((SELECT k.place FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
		WHERE i.indrelid = a.attrelid AND i.indisprimary AND k.number = a.attnum), 0)::bigint
	FROM pg_attribute a WHERE a.attrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

// last is the number that a table's sequence gave last.
func last(ctx context.Context, q relational.Querier, table string) (n int64, err error) {
	var sequence string
	if err := q.QueryRowContext(ctx, "SELECT pg_get_serial_sequence($1, 'id')", table).Scan(&sequence); err != nil {
		return 0, err
	}
	err = q.QueryRowContext(ctx, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "+sequence).Scan(&n)
	return n, err
}

// setLast has a table's sequence go on after n.
func setLast(ctx context.Context, q relational.Querier, table string, n int64) error {
	_, err := q.ExecContext(ctx, "SELECT setval(pg_get_serial_sequence($1, 'id'), greatest($2::bigint, 1), $2::bigint > 0)", table, n)
	return err
}
