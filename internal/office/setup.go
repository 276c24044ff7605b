package office

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/money"
)

// Setup is what the first run asks of a company before its files.
type Setup struct {
	Company          string
	Currency         string
	TimeZone         string
	FiscalYearStarts string // month and day, 04-01
}

// Setup is what the draft says so far.
func (d Draft) Setup() Setup {
	s := d.Config.Settings
	return Setup{Company: d.Config.Company, Currency: s.Currency, TimeZone: s.TimeZone, FiscalYearStarts: s.FiscalYearStarts}
}

// ComingZone is the time zone that the draft says, for pages before there is a
// books.yaml; empty: nothing yet. What is wrong with a draft its own pages say.
func (o *Office) ComingZone(ctx context.Context) (string, error) {
	if o.Documents == nil {
		return "", nil
	}
	kept, err := o.Documents.Document(ctx, draftName)
	if err != nil || kept.Text == "" {
		return "", err
	}
	d, err := o.opened(kept)
	if err != nil {
		return "", err
	}
	config, err := books.ParseDraft(o.Config, d.Text)
	if err != nil {
		return "", nil //nolint:nilerr // said on the draft's pages
	}
	return config.Settings.TimeZone, nil
}

// longestCompany is how many letters a company's name may have.
const longestCompany = 200

// Check refuses what cannot be, naming the field.
func (s Setup) Check() error {
	name := strings.TrimSpace(s.Company)
	switch {
	case name == "":
		return &access.Refusal{Field: "company", What: "the company's name is missing", Do: "write it as it shall stand over the statements"}
	case utf8.RuneCountInString(name) > longestCompany || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable):
		return &access.Refusal{Field: "company", What: fmt.Sprintf("the company's name must be one line of at most %d letters", longestCompany), Do: "shorten it"}
	}
	if _, err := money.ParseCurrency(s.Currency); err != nil {
		return &access.Refusal{Field: "currency", What: err.Error(), Do: "write a code of three letters, such as EUR"}
	}
	if _, err := calendar.LoadZone(s.TimeZone); s.TimeZone == "" || err != nil {
		return &access.Refusal{Field: "timezone", What: fmt.Sprintf("there is no time zone %q", s.TimeZone), Do: "write a name such as Europe/London"}
	}
	if s.FiscalYearStarts == "" {
		return nil
	}
	if _, err := calendar.New(calendar.Settings{FiscalYearStarts: s.FiscalYearStarts}); err != nil {
		return &access.Refusal{Field: "fiscal_year_starts", What: err.Error(), Do: "write month and day, such as 04-01"}
	}
	return nil
}

func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// SaveSetup writes the company's settings into the draft.
func (o *Office) SaveSetup(ctx context.Context, version, by int64, s Setup) (Draft, error) {
	s.Company, s.Currency = strings.TrimSpace(s.Company), strings.ToUpper(strings.TrimSpace(s.Currency))
	s.TimeZone, s.FiscalYearStarts = strings.TrimSpace(s.TimeZone), strings.TrimSpace(s.FiscalYearStarts)
	if err := s.Check(); err != nil {
		return Draft{}, err
	}
	return o.edited(ctx, version, by, func(c *books.Config) error {
		c.Company, c.Settings.Currency, c.Settings.TimeZone = s.Company, s.Currency, s.TimeZone
		if c.Settings.FiscalYearStarts = s.FiscalYearStarts; s.FiscalYearStarts == "01-01" {
			c.Settings.FiscalYearStarts = ""
		}
		return nil
	})
}

// RaiseThreshold lets more of a book's rows be refused before a close refuses,
// with the reason behind it in books.yaml.
func (o *Office) RaiseThreshold(ctx context.Context, version, by int64, share *big.Rat, reason string) (Draft, error) {
	reason = strings.Join(strings.FieldsFunc(reason, func(r rune) bool { return unicode.IsSpace(r) || unprintable(r) }), " ")
	switch {
	case share.Sign() < 0 || share.Cmp(big.NewRat(1, 1)) > 0:
		return Draft{}, &access.Refusal{Field: "share", What: "the share must be between 0 and 100%", Do: "write how many of a hundred rows may be refused"}
	case utf8.RuneCountInString(reason) < 3 || utf8.RuneCountInString(reason) > 200:
		return Draft{}, &access.Refusal{Field: "reason", What: "a reason is missing", Do: "say in a few words why these rows may be left out; it is kept beside the share"}
	}
	return o.change(ctx, version, by, edit{text: func(d Draft) ([]byte, error) {
		return books.Edit(o.Config, d.Text, o.note()+": "+reason, func(c *books.Config) error {
			c.Settings.RefusedThreshold = &books.Decimal{Rat: *share}
			return nil
		})
	}})
}
