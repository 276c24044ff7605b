package web

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/report"
)

// downloadStatement hands out a sealed document: as it was sealed, byte for byte, or as package report prints it.
func (s *Server) downloadStatement(v *visit) error {
	h, _, err := v.head()
	if errors.Is(err, program.ErrNone) {
		return v.noSeal()
	}
	if err != nil {
		return err
	}
	kind, ok := strings.CutPrefix(v.r.PathValue("file"), "download.")
	if !ok {
		return s.nowhere(v)
	}
	seal, err := s.Office.Sealed(v.r.Context(), h.ID)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	content := map[string]string{"json": "application/json", "csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8"}[kind]
	switch kind {
	case "json":
		b.Write(seal.Document)
	case "csv":
		err = report.CSV(&b, seal.Document)
	case "txt":
		err = report.Text(&b, seal.Document, report.Heading{Company: v.company.Name, Label: seal.Label})
	default:
		return s.nowhere(v)
	}
	if err != nil {
		return err
	}
	header := v.w.Header()
	header.Set("Content-Type", content)
	v.attached("statement-" + fileName(h.Label) + "." + kind)
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", `"`+h.Fingerprint+`-`+kind+`"`)
	v.w.WriteHeader(http.StatusOK)
	if _, err := b.WriteTo(v.w); err != nil {
		return errAnswered // the visitor went away
	}
	return nil
}

// attached names the file that the answer is kept in. Of a simulated company
// the name says so: sealed bytes and columns of numbers cannot.
func (v *visit) attached(name string) {
	if v.company.Simulated {
		name = "simulated-" + name
	}
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// fileName keeps what every file system takes.
func fileName(label string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, label)
}
