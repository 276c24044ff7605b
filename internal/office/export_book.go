package office

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/throughline/throughline/internal/engine"
)

// BookExporter writes the rows of a book as a file.
type BookExporter interface {
	ExportBook(ctx context.Context, v engine.View, x engine.BookExport, heard func(done, total int64)) (engine.Exported, error)
}

// DownloadBook writes the rows of a book, as the books are now, into a file
// without a name, which whoever asked for it reads and closes: it is gone when
// it is closed, and no import or close waits for a slow reader. It returns
// ErrEngaged where an act keeps the engine for longer than a page waits.
func (o *Office) DownloadBook(ctx context.Context, x engine.BookExport) (_ *os.File, err error) {
	c, err := o.Company(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(o.Dir, fmt.Sprintf("scratch-%d-download-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("download %s: %w", x.Book, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	x.To = filepath.Join(folder, x.Book)
	err = o.look(ctx, c.TimeZone, func(e Engine) error {
		_, err := o.exportBook(ctx, e, x, func(string, int64, int64) {})
		return err
	})
	if err != nil {
		return nil, err
	}
	f, err := os.Open(x.To)
	if err != nil {
		return nil, fmt.Errorf("download %s: %w", x.Book, err)
	}
	return f, nil
}

// ExportBook writes the rows of a book, as the books are now, into a file.
func (o *Office) ExportBook(ctx context.Context, x engine.BookExport, heard Heard) (out engine.Exported, err error) {
	err = o.act(ctx, func(_ Company, e Engine) error {
		out, err = o.exportBook(ctx, e, x, heard)
		return err
	})
	return out, err
}

func (o *Office) exportBook(ctx context.Context, e Engine, x engine.BookExport, heard Heard) (out engine.Exported, err error) {
	exporter, ok := e.(BookExporter)
	if !ok {
		return out, errors.New("this engine exports nothing")
	}
	view, err := o.view(ctx)
	if err != nil {
		return out, err
	}
	return exporter.ExportBook(ctx, view, x, func(done, total int64) { heard("export "+x.Book, done, total) })
}
