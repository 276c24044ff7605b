package books

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books/expr"
)

// Standing identifies what a trial of a book depends on: its mapping and its
// files as they are.
func (c *Config) Standing(book string) (string, error) {
	mapping := c.Books[book]
	signature, err := c.signature(book, mapping)
	if err != nil {
		return "", err
	}
	files, _, err := c.files(book, mapping)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, book, signature)
	for _, path := range files {
		state, err := stateText(path)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, path, state)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Files lists a book's files: those of `from`, in their order, and those that
// are joined to them.
func (c *Config) Files(book string) (from, joined []string, err error) {
	mapping := c.Books[book]
	if from, _, err = c.files(book, mapping); err != nil {
		return nil, nil, err
	}
	for _, j := range mapping.Join {
		path, err := c.expand(book, j.From)
		if err != nil {
			return nil, nil, err
		}
		joined = append(joined, c.resolve(path))
	}
	return from, joined, nil
}

// Called is how a file is named in books.yaml.
func (c *Config) Called(path string) string { return filepath.ToSlash(c.name(path)) }

// Lacking lists the columns that a book needs and its mapping does not give.
func (c *Config) Lacking(name string) []string {
	book, _ := fact.Find(name)
	return lacking(book, c.Books[name])
}

// Fits tells whether a file has every column that a book's mapping uses.
func (c *Config) Fits(ctx context.Context, s Sampler, name, path string) (bool, error) {
	mapping := c.Books[name]
	g, err := glance(ctx, s, path, mapping.Source, mapping.Names)
	if err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		return false, nil //nolint:nilerr // what cannot be read does not fit
	}
	if len(mapping.Join) > 0 {
		return false, nil // its columns stand in other files, too
	}
	var columns []expr.Column
	for _, x := range g.Columns {
		columns = append(columns, expr.Column{Name: x.Name, Type: expr.Text, SQL: "x", Native: "VARCHAR"})
	}
	texts := []string{mapping.Where}
	for _, text := range mapping.Columns {
		texts = append(texts, text)
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		if _, err := expr.Compile(text, columns, expr.Dialect{}); err != nil {
			return false, nil //nolint:nilerr // that is the answer
		}
	}
	return len(mapping.Columns) > 0, nil
}
