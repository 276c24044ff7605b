package web

import (
	"errors"
	"maps"
	"math/big"
	"strconv"
	"strings"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/money"
)

// typedMapping is what the form says of a mapping; what it has no field for
// stays as it was.
func (v *visit) typedMapping(book fact.Book, m books.Mapping) books.Mapping {
	field := v.r.PostFormValue
	before := m.Columns
	m.Columns = map[string]string{}
	for _, c := range book.Columns {
		text, expression := "", valid(field("expression."+c.Name))
		// Who types an expression means it, whatever stands in the list.
		typed := expression != "" && expression != before[c.Name]
		switch chosen := field("column." + c.Name); {
		case chosen == "?" || typed:
			text = expression
		case strings.HasPrefix(chosen, "="):
			text = valid(chosen[1:])
		}
		if text != "" {
			m.Columns[c.Name] = text
		}
	}
	m.Dates = nil
	for line := range strings.Lines(field("dates")) {
		if line = valid(line); line != "" {
			m.Dates = append(m.Dates, line)
		}
	}
	m.Where = valid(field("where"))
	m.Source.Header = map[string]*bool{"yes": pointer(true), "no": pointer(false)}[field("header")]
	m.Source.Decimal, m.Source.Thousands = field("decimal"), field("thousands")
	m.Source.Delimiter, m.Source.Encoding = valid(field("delimiter")), valid(field("encoding"))
	return m
}

func pointer[T any](v T) *T { return &v }

// suggestionsSent takes the suggestions that are ticked.
func (s *Server) suggestionsSent(v *visit) error {
	name := v.r.PathValue("book")
	version, err := v.version()
	if err != nil {
		return v.notWhole("/start/books")
	}
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	codes := v.r.PostForm["suggestion"]
	if len(codes) == 0 {
		return v.goTo(startBookPath(name))
	}
	_, err = s.Office.Apply(v.r.Context(), version, v.user().ID, name, codes...)
	if err == nil && v.r.PostFormValue("from") == "all" {
		return v.goTo("/start/books")
	}
	return s.mapped(v, name, nil, err)
}

// wordsSent takes what the words of a column mean.
func (s *Server) wordsSent(v *visit) error {
	name := v.r.PathValue("book")
	version, err := v.version()
	if err != nil {
		return v.notWhole("/start/books")
	}
	w := office.Wording{Book: name, Column: v.r.PostFormValue("column"), Means: map[string]string{}}
	for i := range mostWords {
		key := "word-" + strconv.Itoa(i)
		if meaning := v.r.PostFormValue(key + "-means"); meaning != "?" && len(v.r.PostForm[key]) > 0 {
			w.Means[v.r.PostFormValue(key)] = meaning
		}
	}
	maps.DeleteFunc(w.Means, func(word, _ string) bool { return strings.TrimSpace(word) == "" })
	if len(w.Means) == 0 {
		return v.goTo(startBookPath(name))
	}
	_, err = s.Office.Words(v.r.Context(), version, v.user().ID, w)
	return s.mapped(v, name, nil, err)
}

// thresholdSent lets more rows be refused.
func (s *Server) thresholdSent(v *visit) error {
	name := v.r.PathValue("book")
	version, err := v.version()
	if err != nil {
		return v.notWhole("/start/books")
	}
	share, err := money.Parse(strings.TrimSuffix(strings.TrimSpace(strings.Replace(v.r.PostFormValue("share"), ",", ".", 1)), "%"))
	if err != nil {
		return s.mapped(v, name, nil, &access.Refusal{Field: "share", What: v.t("the share is not a number"), Do: v.t("write how many of a hundred rows may be refused")})
	}
	_, err = s.Office.RaiseThreshold(v.r.Context(), version, v.user().ID, new(big.Rat).Quo(share.Rat(), big.NewRat(100, 1)), v.r.PostFormValue("reason"))
	if err == nil {
		err = v.noted("refused rows allowed", "books.yaml")
	}
	return s.mapped(v, name, nil, err)
}

// unmapped takes a book out of the draft; its files stay.
func (s *Server) unmapped(v *visit) error {
	version, err := v.version()
	if err != nil {
		return v.notWhole("/start/books")
	}
	_, err = s.Office.Unmap(v.r.Context(), version, v.user().ID, v.r.PathValue("book"))
	if err != nil {
		return s.mapped(v, v.r.PathValue("book"), nil, err)
	}
	return v.goTo("/start/books")
}

// triedRefused is every row that a trial refuses.
func (s *Server) triedRefused(v *visit) error {
	name := v.r.PathValue("book")
	d, err := s.Office.Draft(v.r.Context())
	if err != nil {
		return err
	}
	if _, mapped := d.Config.Books[name]; !mapped {
		return v.noBook()
	}
	out := v.download("refused-" + name + "-trial.csv")
	err = out.Write(refusedHeader)
	if err == nil {
		err = s.Office.TriedRefused(v.r.Context(), d, name, func(r books.RefusedRow) error {
			cells := []string{harmless(r.File), strconv.FormatInt(r.Line, 10), harmless(r.Column), harmless(r.Value), harmless(r.Reason), "", "", harmless(r.Currency)}
			if r.Day != nil {
				cells[5] = r.Day.String()
			}
			if r.Amount != nil {
				cells[6] = r.Amount.Text(2)
			}
			return out.Write(cells)
		})
	}
	out.Flush()
	if err = errors.Join(err, out.Error()); err != nil && !errors.Is(err, program.ErrNone) {
		return v.cutOff(err)
	}
	return nil
}
