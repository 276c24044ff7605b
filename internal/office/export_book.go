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
// without a name, which whoever asked for it sends and closes: it is gone when
// it is closed. It reads the parts of one snapshot, which never change, so that
// neither an import nor a close waits for it, nor it for them. It returns
// ErrManyDownloads where others are being made for longer than a page waits,
// and ErrRowsGone where an erasure came before the file was whole.
func (o *Office) DownloadBook(ctx context.Context, x engine.BookExport) (_ *Download, err error) {
	c, err := o.Company(ctx)
	if err != nil {
		return nil, err
	}
	leave, err := o.downloads.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	folder, err := os.MkdirTemp(o.Dir, fmt.Sprintf("scratch-%d-download-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("download %s: %w", x.Book, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	x.To = filepath.Join(folder, x.Book)
	e, err := o.Engine(ctx, c.TimeZone)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	_, at, err := o.exportBook(ctx, e, x, func(string, int64, int64) {})
	if err != nil {
		return nil, err
	}
	f, err := os.Open(x.To)
	if err != nil {
		return nil, fmt.Errorf("download %s: %w", x.Book, err)
	}
	return &Download{file: f, at: at, now: o.Now, looked: o.Now()}, nil
}

// ExportBook writes the rows of a book, as the books are now, into a file.
func (o *Office) ExportBook(ctx context.Context, x engine.BookExport, heard Heard) (out engine.Exported, err error) {
	err = o.act(ctx, func(_ Company, e Engine) error {
		out, _, err = o.exportBook(ctx, e, x, heard)
		return err
	})
	return out, err
}

// exportBook writes rows as they stand at a pin, and holds afterwards that they
// still do.
func (o *Office) exportBook(ctx context.Context, e Engine, x engine.BookExport, heard Heard) (out engine.Exported, at pin, err error) {
	exporter, ok := e.(BookExporter)
	if !ok {
		return out, at, errors.New("this engine exports nothing")
	}
	if at, err = o.pin(ctx, x.Book); err != nil {
		return out, at, err
	}
	out, err = exporter.ExportBook(ctx, at.view, x, func(done, total int64) { heard("export "+x.Book, done, total) })
	if gone := at.holds(ctx); gone != nil && (err == nil || errors.Is(gone, ErrRowsGone)) {
		err = gone // which is also why a part may have been missing
	}
	return out, at, err
}
