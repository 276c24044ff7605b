package jobs

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/throughline/throughline/internal/books"
)

// server is the base of a queue in PostgreSQL: processes know of each other by
// advisory locks, which end with the connection that holds them. While this
// process's own connection is lost it does nothing, because another process
// may take it for dead.
type server struct {
	pool   *pgxpool.Pool
	schema string
	name   string
	queue  *Queue
	here   atomic.Bool

	stop  context.CancelFunc
	keeps sync.WaitGroup

	mu   sync.Mutex
	dead map[string]time.Time // processes that seem to have ended, since when
}

// openPostgres opens the jobs in their schema of the database.
func (q *Queue) openPostgres(ctx context.Context) error {
	config, err := pgxpool.ParseConfig(q.options.Address)
	if err != nil {
		return errors.New("the address of the database cannot be read; write it as postgres://user@host/database") // pgx would quote it
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	stay, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &server{pool: pool, name: q.name, queue: q, stop: stop, dead: map[string]time.Time{}}
	driver := riverpgxv5.New(pool)
	if s.schema, err = q.beside(ctx, pool); err != nil {
		return errors.Join(err, s.close())
	}
	q.schema = s.schema
	if err := s.alone(ctx, func(ctx context.Context) error { return q.migrate(ctx, pool, driver) }); err != nil {
		return errors.Join(err, s.close())
	}
	held, err := s.hold(ctx)
	if err != nil {
		return errors.Join(err, s.close())
	}
	s.keeps.Go(func() { s.keep(stay, held) })
	c, err := river.NewClient(driver, q.config(q.schema))
	if err != nil {
		return errors.Join(err, s.close())
	}
	q.base, q.river, q.rows = s, c, driver.GetExecutor()
	return nil
}

// beside names the jobs' schema after the one that the store's tables lie in,
// so that two companies in one database have two queues.
func (q *Queue) beside(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	if q.options.Schema != "" {
		return q.options.Schema, nil
	}
	var of string
	if err := pool.QueryRow(ctx, "SELECT coalesce(current_schema(), 'public')").Scan(&of); err != nil {
		return "", err
	}
	if of == "public" {
		of = "throughline"
	}
	return of + "_jobs", nil
}

// migrate makes the schema and brings its tables up to date.
func (q *Queue) migrate(ctx context.Context, pool *pgxpool.Pool, driver *riverpgxv5.Driver) error {
	var there bool
	if err := pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", q.schema).Scan(&there); err != nil {
		return err
	}
	if !there {
		_, err := pool.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{q.schema}.Sanitize())
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == insufficientPrivilege {
			return &books.Refusal{Where: "the database", What: "does not let its user make the schema " + q.schema + ", in which jobs are kept", Do: "have its owner say: CREATE SCHEMA " + pgx.Identifier{q.schema}.Sanitize() + " AUTHORIZATION the user"}
		}
		if err != nil {
			return err
		}
	}
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Schema: q.schema, Logger: q.quiet()})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// insufficientPrivilege is PostgreSQL's code of what somebody may not do.
const insufficientPrivilege = "42501"

// key is the pair of numbers of an advisory lock: of these jobs, and in them.
func (s *server) key(of string) (int32, int32) {
	return hashed("throughline jobs " + s.schema), hashed(of)
}

func hashed(text string) int32 {
	h := fnv.New32a()
	h.Write([]byte(text)) //nolint:errcheck // a hash takes everything
	return int32(h.Sum32())
}

// alone holds a lock on a connection of its own while do runs.
func (s *server) alone(ctx context.Context, do func(context.Context) error) (err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	class, of := s.key("alone")
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1, $2)", class, of); err != nil {
		return fmt.Errorf("wait for other servers: %w", err)
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, unlock := conn.Exec(last, "SELECT pg_advisory_unlock($1, $2)", class, of); unlock != nil {
			err = errors.Join(err, unlock, conn.Conn().Close(last))
		}
	}()
	return do(ctx)
}

// hold makes this process known to be alive for as long as the connection lasts.
func (s *server) hold(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return nil, err
	}
	class, of := s.key(s.name)
	var mine bool
	err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", class, of).Scan(&mine)
	if err == nil && !mine {
		err = errors.New("this process's name is still held in the database")
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
	}
	s.here.Store(true)
	return conn, nil
}

// The connection is looked at so often, and given up after so long without an
// answer; together less than grace.
const (
	lookEvery = 4 * time.Second
	lookFor   = 5 * time.Second
)

// keep looks after the connection. When it is lost, what this process does is
// cancelled, until it is known to be alive again.
func (s *server) keep(ctx context.Context, held *pgx.Conn) {
	for {
		err := watch(ctx, held)
		s.here.Store(false)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		closing := held.Close(last)
		cancel()
		if ctx.Err() != nil {
			return
		}
		s.queue.options.Log.Error("the connection to the jobs was lost; what was running is begun again", "why", plain(errors.Join(err, closing)))
		s.queue.letGo(errLost)
		for held = nil; held == nil; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(lookEvery):
			}
			try, cancel := context.WithTimeout(ctx, lookFor)
			held, err = s.hold(try)
			cancel()
			if err != nil && ctx.Err() == nil {
				s.queue.options.Log.Warn("the database of the jobs does not answer", "why", plain(err))
			}
		}
	}
}

// watch returns when a connection no longer answers.
func watch(ctx context.Context, conn *pgx.Conn) error {
	for {
		wait, cancel := context.WithTimeout(ctx, lookEvery)
		_, err := conn.WaitForNotification(wait) // there are none; it returns when the connection breaks
		ended := wait.Err() == nil
		cancel()
		if ctx.Err() != nil || ended {
			return err
		}
		ask, cancel := context.WithTimeout(ctx, lookFor)
		err = conn.Ping(ask)
		cancel()
		if err != nil {
			return err
		}
	}
}

// plain is a database's error without the address that it may quote.
func plain(err error) string {
	if err == nil {
		return "it did not answer"
	}
	return err.Error()
}

// gone asks whether a process's lock is free, and believes it only when it has
// been free for a while.
func (s *server) gone(ctx context.Context, name string) (bool, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	class, of := s.key(name)
	var free bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", class, of).Scan(&free); err != nil {
		return false, err
	}
	if free {
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_unlock($1, $2)", class, of); err != nil {
			return false, errors.Join(err, conn.Conn().Close(context.WithoutCancel(ctx)))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.queue.options.Now()
	since, seen := s.dead[name]
	switch {
	case !free:
		delete(s.dead, name)
		return false, nil
	case !seen:
		s.dead[name] = now
		return false, nil
	}
	return now.Sub(since) >= s.queue.options.grace, nil
}

func (s *server) present() bool { return s.here.Load() }

func (s *server) compact(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, "VACUUM FULL "+pgx.Identifier{s.schema, "river_job"}.Sanitize())
	return err
}

func (s *server) close() error {
	s.stop()
	s.keeps.Wait()
	s.pool.Close()
	return nil
}
