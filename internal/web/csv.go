package web

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/money"
)

// download begins a file of rows, which goes out as it is made.
func (v *visit) download(name string) *csv.Writer {
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	v.attached(name)
	h.Set("Cache-Control", "private, no-store")
	v.w.WriteHeader(http.StatusOK)
	return csv.NewWriter(v.w)
}

// harmless keeps a spreadsheet from taking a text for a formula: what begins
// like one gets an apostrophe before it (OWASP, "CSV Injection").
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}

// cutOff ends an answer that has begun and cannot be finished: the connection
// is cut, so that nobody takes a part for the whole.
func (v *visit) cutOff(err error) error {
	if v.r.Context().Err() == nil {
		v.server.Log.Error("download", "error", err.Error())
	}
	panic(http.ErrAbortHandler)
}

var behindHeader = []string{"rank", "customer", "name", "group", "entity", "state", "acquired_via", "acquired_how", "revenue_then", "revenue_now", "in_the_figure"}

// behindCSV is the whole list behind a figure.
func (s *Server) behindCSV(v *visit) error {
	asked, err := v.behindOf()
	if err != nil {
		return v.noFigure()
	}
	asked.After, asked.Limit = "", downloadPage
	found, err := s.Office.Behind(v.r.Context(), asked)
	switch {
	case errors.Is(err, program.ErrNone):
		return v.noFigure()
	case errors.Is(err, engine.ErrUnready):
		return v.refuse(http.StatusConflict, v.t("This is still being prepared"), v.t("Open the page of the figure; it shows the customers as soon as they are there."), door{Path: behindPath(asked.Seal, asked.Block, asked.Line), Text: v.t("The figure")})
	case err != nil:
		return err
	}
	if err := v.noted("customers downloaded", fmt.Sprintf("seal %d", asked.Seal)); err != nil {
		return err
	}
	out := v.download(fmt.Sprintf("throughline-%d-%s.csv", asked.Seal, asked.Line))
	if err := s.behindRows(v, out, asked, found); err != nil {
		return v.cutOff(err)
	}
	return nil
}

// downloadPage is how many rows are asked for at a time.
const downloadPage = 200

func (s *Server) behindRows(v *visit, out *csv.Writer, asked office.Behind, found office.Standings) error {
	header := behindHeader
	if asked.Line == engine.Referrers {
		header = slices.Insert(slices.Clone(header), len(header)-1, "brought", "chain_depth", "chain_revenue")
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for {
		for _, row := range found.Rows {
			if err := out.Write(behindCells(row)); err != nil {
				return err
			}
		}
		out.Flush()
		if err := out.Error(); err != nil || found.Next == "" {
			return err
		}
		asked.After = found.Next
		var err error
		if found, err = s.Office.Behind(v.r.Context(), asked); err != nil {
			return err
		}
	}
}

func behindCells(s engine.Standing) []string {
	who, name := "", ""
	if c := s.Customer; c != nil {
		who = c.Pseudonym
		if c.Identity != nil {
			who, name = c.Identity.ID, c.Identity.Name
		}
	}
	text := func(a money.Amount) string { return a.Text(2) }
	cells := []string{
		fmt.Sprint(s.Rank), harmless(who), harmless(name), harmless(s.Group), harmless(s.Entity), s.State, s.Via, s.How, text(s.Prior), text(s.Current),
	}
	if b := s.Brought; b != nil {
		cells = append(cells, fmt.Sprint(b.Customers), fmt.Sprint(b.Depth), text(b.Chain))
	}
	return append(cells, text(s.Stake))
}
