package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/store/postgres"
	"github.com/throughline/throughline/internal/store/relational"
	"github.com/throughline/throughline/internal/store/sqlite"
)

// storeFile is the program store's file in a data folder, when it is SQLite.
const storeFile = "throughline.db"

// openStore opens the program store of a data folder: a PostgreSQL database
// when --store or THROUGHLINE_STORE names one, else SQLite's file in it. What
// a store of an earlier release holds is written down before it is changed.
func (a *app) openStore(ctx context.Context, dir string) (*relational.Store, error) {
	address := a.storeAddress()
	before := relational.BeforeMigrating(func(ctx context.Context, s *relational.Store, from, to int64) error {
		return a.keepBefore(ctx, s, dir, from, to)
	})
	if address == "" {
		return sqlite.Open(ctx, filepath.Join(dir, storeFile), before)
	}
	if u, err := url.Parse(address); err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return nil, &books.Refusal{Where: "--store", What: "is no address of a PostgreSQL database", Do: "give it as postgres://USER@HOST:PORT/DATABASE, or leave it away for SQLite in the data folder"}
	}
	return postgres.Open(ctx, address, before)
}

// storeAddress is where a PostgreSQL store is; empty for SQLite.
func (a *app) storeAddress() string {
	if a.store != "" {
		return a.store
	}
	return os.Getenv("THROUGHLINE_STORE")
}

// keepBefore writes what the store holds into backups/ of the data folder.
func (a *app) keepBefore(ctx context.Context, s *relational.Store, dir string, from, to int64) (err error) {
	folder := filepath.Join(dir, "backups")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("keep the store before it is changed: %w", err)
	}
	name := fmt.Sprintf("store-schema-%d-before-%d-%s.ndjson.gz", from, to, a.now().UTC().Format("20060102-150405"))
	f, err := os.CreateTemp(folder, ".store-*")
	if err != nil {
		return fmt.Errorf("keep the store before it is changed: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	z := gzip.NewWriter(f)
	err = errors.Join(s.Dump(ctx, z), z.Close(), f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("keep the store before it is changed: %w", err)
	}
	fmt.Fprintf(a.err, "the store is of an earlier release; what it holds is kept in %s\n", filepath.Join(folder, name))
	return os.Rename(f.Name(), filepath.Join(folder, name))
}
