package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
)

// withGate opens the store for who administers people. There need be no
// books.yaml yet; a store is only made when make says so, so that a mistyped
// folder is not taken for an empty company.
func (a *app) withGate(ctx context.Context, make bool, do func(*access.Gate) error) (err error) {
	_, dir, err := a.folder()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, storeFile)); errors.Is(err, fs.ErrNotExist) && !make && a.storeAddress() == "" {
		return &books.Refusal{Where: dir, What: "holds no store", Do: "name the data folder with --data, or the books.yaml beside it with --books"}
	}
	store, err := a.openFolder(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(&access.Gate{Store: store, Now: a.now, Chance: rand.Reader})
}

// userNamed finds a user by number or mail address.
func userNamed(ctx context.Context, g *access.Gate, text string) (access.User, error) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return g.User(ctx, id)
	}
	all, err := g.Users(ctx)
	if err != nil {
		return access.User{}, err
	}
	for _, u := range all {
		if u.Email != "" && strings.EqualFold(u.Email, strings.TrimSpace(text)) {
			return u, nil
		}
	}
	return access.User{}, &access.Refusal{Field: "user", What: fmt.Sprintf("no user has the number or the mail address %q", text), Do: "`throughline user list` shows them"}
}
