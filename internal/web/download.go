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
	if format, journal := strings.CutPrefix(v.r.PathValue("file"), "journal."); journal {
		return s.downloadJournal(v, h, format)
	}
	if !ok {
		return s.nowhere(v)
	}
	seal, err := s.Office.Sealed(v.r.Context(), h.ID)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	content := map[string]string{
		"json": "application/json", "csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8", "html": "text/html; charset=utf-8", "pdf": "application/pdf",
		"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	}[kind]
	heading := report.Heading{Company: v.company.Name, Label: seal.Label, Simulated: v.company.Simulated}
	switch kind {
	case "json":
		b.Write(seal.Document)
	case "csv":
		err = report.CSV(&b, seal.Document)
	case "txt":
		err = report.Text(&b, seal.Document, heading)
	case "xlsx":
		err = report.XLSX(&b, seal.Document, heading)
	case "html":
		err = report.HTML(&b, seal.Document, heading)
	case "pdf":
		if s.Print == nil {
			return v.refuse(http.StatusNotImplemented, v.t("This server prints no PDF"), v.t("Whoever runs it can install Chromium for that. Until then take the statement as HTML and print it from your browser."))
		}
		if err = report.HTML(&b, seal.Document, heading); err == nil {
			err = s.printed(v, &b)
		}
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
	tag := `"` + h.Fingerprint + `-` + kind + `"`
	if kind == "xlsx" || kind == "pdf" { // the same figures, and not always the same bytes
		tag = "W/" + tag
	}
	header.Set("ETag", tag)
	v.w.WriteHeader(http.StatusOK)
	if _, err := b.WriteTo(v.w); err != nil {
		return errAnswered // the visitor went away
	}
	return nil
}

// printed puts the PDF of a page into its place. One is printed at a time: each print is a browser.
func (s *Server) printed(v *visit, b *bytes.Buffer) error {
	s.printing.Lock()
	defer s.printing.Unlock()
	if err := v.r.Context().Err(); err != nil {
		return err
	}
	pdf, err := s.Print(v.r.Context(), b.Bytes())
	if err != nil {
		return err
	}
	b.Reset()
	b.Write(pdf)
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
