package web

import (
	"bytes"
	"errors"
	"net/http"
	"slices"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/report"
)

// journalTypes are what the journal's formats are to a browser.
var journalTypes = map[string]string{
	"beancount": "text/plain; charset=utf-8", "hledger": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// downloadJournal hands out the journal of the training asset.
func (s *Server) downloadJournal(v *visit, h office.Head, format string) error {
	if !slices.Contains(report.JournalFormats, format) {
		return s.nowhere(v)
	}
	seal, err := s.Office.Sealed(v.r.Context(), h.ID)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = report.Journal(&b, seal.Document, format)
	var none *report.NoJournal
	if errors.As(err, &none) {
		return v.refuse(http.StatusNotFound, v.t("There is no journal of this statement"), v.t("The training asset is not stated in it. Its page says what is missing."))
	}
	if err != nil {
		return err
	}
	header := v.w.Header()
	header.Set("Content-Type", journalTypes[format])
	v.attached("training-journal-" + fileName(h.Label) + "." + format)
	header.Set("Cache-Control", "private, no-cache")
	v.w.WriteHeader(http.StatusOK)
	if _, err := b.WriteTo(v.w); err != nil {
		return errAnswered // the visitor went away
	}
	return nil
}
