package office

import (
	"context"
	"errors"

	"github.com/throughline/throughline/internal/engine"
)

// BookExporter writes the rows of a book as a file.
type BookExporter interface {
	ExportBook(ctx context.Context, v engine.View, x engine.BookExport, heard func(done, total int64)) (engine.Exported, error)
}

// ExportBook writes the rows of a book, as the books are now, into a file.
func (o *Office) ExportBook(ctx context.Context, x engine.BookExport, heard Heard) (out engine.Exported, err error) {
	err = o.act(ctx, func(_ Company, e Engine) error {
		exporter, ok := e.(BookExporter)
		if !ok {
			return errors.New("this engine exports nothing")
		}
		view, err := o.view(ctx)
		if err != nil {
			return err
		}
		out, err = exporter.ExportBook(ctx, view, x, func(done, total int64) { heard("export "+x.Book, done, total) })
		return err
	})
	return out, err
}
