package whole_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/office"
)

// breaking is an engine whose exports fail.
type breaking struct {
	office.Engine
	err error
}

func (b breaking) ExportBook(context.Context, engine.View, engine.BookExport, func(done, total int64)) (engine.Exported, error) {
	return engine.Exported{}, b.err
}

// What keeps rows from being written is said in words with what to do, and is
// no defect of ours.
func TestRowsThatCannotBeWrittenAreRefusedInWords(t *testing.T) {
	h := numbered(t, 3)
	open := h.office.Engine
	for _, c := range []struct {
		err    error
		status int
		words  []string
	}{
		{&duckdb.Failure{Act: "no space left on the disk that holds /data; nothing was changed, free some space and run again", Cause: errors.New("IO Error")}, http.StatusInsufficientStorage, []string{"disk that holds the data folder is full", "Free some space"}},
		{fmt.Errorf("write: %w", syscall.ENOSPC), http.StatusInsufficientStorage, []string{"is full", "Free some space"}},
		{office.ErrRowsGone, http.StatusConflict, []string{"Rows were erased while this file was made", "ask for the rows again"}},
		{office.ErrManyDownloads, http.StatusServiceUnavailable, []string{"Others are having rows written", "when theirs are done"}},
		{errors.New("a defect"), http.StatusInternalServerError, []string{"met a defect of ours"}},
	} {
		h.office.Engine = func(ctx context.Context, zone string) (office.Engine, error) {
			e, err := open(ctx, zone)
			return breaking{e, c.err}, err
		}
		says(t, h.get(access.Finance, "/books/orders/rows?format=csv"), c.status, c.words...)
	}
	if p := h.get(access.Auditor, "/audit"); strings.Contains(p.text, "rows downloaded") {
		t.Error("the audit log tells of rows that nobody got")
	}
}
