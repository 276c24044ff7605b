package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/sealed"
)

// figures are the rates of a made-up statement, as a document prints them.
type figures struct {
	growth, nrr, enc, bounds, egr string
	earned, bought, unknown       string
}

func exact(v string) string {
	return fmt.Sprintf(`{"value":%s,"low":%[1]s,"high":%[1]s,"kind":"exact","method":"m","n":10}`, v)
}

func confidence(v, low, high string) string {
	return fmt.Sprintf(`{"value":%s,"low":%s,"high":%s,"kind":"confidence","level":0.95,"method":"m","n":10}`, v, low, high)
}

func boundsOf(low, high string) string {
	return fmt.Sprintf(`{"value":null,"low":%s,"high":%s,"kind":"bounds","method":"m","n":10}`, low, high)
}

const refusedFigure = `{"refused":"nobody was there","need":"somebody"}`

func (f figures) opened(t *testing.T) *opened {
	t.Helper()
	data := fmt.Sprintf(`{"period":{"start":"2026-01-01","end":"2027-01-01"},"compared_with":{"start":"2025-01-01","end":"2026-01-01"},"currency":"EUR","active":"net",
		"customer":{"active_revenue":{"prior":"1000.00","current":"1000.00"},
		"revenue":{"new_earned":%q,"new_bought":%q,"new_unattributed":%q},
		"growth_rate":%s,"net_revenue_retention":%s,"earned_new_customers":%s,"earned_new_customers_bounds":%s,"earned_growth_rate":%s}}`,
		f.earned, f.bought, f.unknown, f.growth, f.nrr, f.enc, f.bounds, f.egr)
	doc, err := sealed.Read([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return &opened{teller: teller{locales[0], doc.Currency}, doc: doc, lead: sealed.Period, name: "2026"}
}

// A headline says only what the whole interval, or both ends of the bounds, bear out.
func TestFindingsSayOnlyWhatTheFiguresBearOut(t *testing.T) {
	plain := figures{growth: exact("0.1"), nrr: exact("0.9"), enc: exact("0.12"), bounds: boundsOf("0.12", "0.12"), egr: exact("0.02"), earned: "120.00", bought: "80.00", unknown: "0.00"}
	for name, c := range map[string]struct {
		change func(*figures)
		want   []string
	}{
		"all known": {func(*figures) {}, []string{
			"Revenue grew by 10.0%.", "Word of mouth brought more new revenue than promotion and sales.",
			"What customers spent who stayed or came by word of mouth more than made up for what was lost: earned growth is 2.0%.",
		}},
		"fell": {func(f *figures) { f.growth = exact("-0.034"); f.egr = exact("-0.05") }, []string{
			"Revenue fell by 3.4%.", "Word of mouth brought more new revenue than promotion and sales.",
			"What customers spent who stayed or came by word of mouth did not make up for what was lost: earned growth is −5.0%.",
		}},
		"less than is printed": {func(f *figures) { f.growth = exact("0.0004"); f.egr = exact("-0.0004") }, []string{
			"Revenue stood still.", "Word of mouth brought more new revenue than promotion and sales.",
			"What customers spent who stayed or came by word of mouth just made up for what was lost.",
		}},
		"refused": {func(f *figures) {
			f.growth, f.nrr, f.enc, f.bounds, f.egr = refusedFigure, refusedFigure, refusedFigure, refusedFigure, refusedFigure
		}, []string{
			"There is no growth to state: nothing stands in the comparison period.", "Word of mouth brought more new revenue than promotion and sales.",
		}},
		"nobody asked": {func(f *figures) {
			f.earned, f.bought, f.unknown = "0.00", "0.00", "200.00"
			f.enc, f.egr = boundsOf("0", "0.2"), boundsOf("-0.1", "0.1")
		}, []string{
			"Revenue grew by 10.0%.", "What brought the new customers nobody has asked yet.",
			"Whether any growth was earned is not known: earned growth lies anywhere from −10.0 to 10.0%.",
		}},
		"the unknown could tip it": {func(f *figures) {
			f.earned, f.bought, f.unknown = "80.00", "70.00", "30.00"
			f.enc, f.bounds, f.egr = boundsOf("0.08", "0.11"), boundsOf("0.08", "0.11"), boundsOf("-0.02", "0.01")
		}, []string{
			"Revenue grew by 10.0%.", "Whether word of mouth or promotion brought more new revenue is not known.",
			"Whether any growth was earned is not known: earned growth lies anywhere from −2.0 to 1.0%.",
		}},
		"the unknown cannot tip it": {func(f *figures) {
			f.earned, f.bought, f.unknown = "50.00", "100.00", "49.99"
			f.enc, f.bounds, f.egr = boundsOf("0.05", "0.1"), boundsOf("0.05", "0.1"), boundsOf("-0.05", "-0.001")
		}, []string{
			"Revenue grew by 10.0%.", "Promotion and sales brought more new revenue than word of mouth.",
			"What customers spent who stayed or came by word of mouth did not make up for what was lost: earned growth is −5.0 to −0.1%.",
		}},
		"those asked decide": {func(f *figures) { // of 200.00 new, those asked say 0.12 × 1,000 ÷ 200 = 60%, and 55 to 65
			f.earned, f.bought, f.unknown = "90.00", "60.00", "50.00"
			f.enc, f.bounds, f.egr = confidence("0.12", "0.11", "0.13"), boundsOf("0.09", "0.14"), confidence("0.02", "-0.01", "0.03")
		}, []string{
			"Revenue grew by 10.0%.", "By those who were asked, word of mouth brought more new revenue than promotion and sales.", "Earned growth may be nothing: −1.0 to 3.0%.",
		}},
		"those asked cannot decide": {func(f *figures) {
			f.earned, f.bought, f.unknown = "90.00", "60.00", "50.00"
			f.enc, f.bounds, f.egr = confidence("0.101", "0.095", "0.13"), boundsOf("0.09", "0.14"), confidence("0.02", "0.01", "0.03")
		}, []string{
			"Revenue grew by 10.0%.", "Word of mouth and promotion brought about as much new revenue, by those who were asked.",
			"What customers spent who stayed or came by word of mouth more than made up for what was lost: earned growth is 1.0 to 3.0%.",
		}},
		"nobody came": {func(f *figures) { f.earned, f.bought, f.unknown = "0.00", "0.00", "0.00"; f.egr = exact("-0.1") }, []string{
			"Revenue grew by 10.0%.", "What customers spent who stayed or came by word of mouth did not make up for what was lost: earned growth is −10.0%.",
		}},
		"by any line below zero": {func(f *figures) { f.earned = "-5.00" }, []string{
			"Revenue grew by 10.0%.", "What customers spent who stayed or came by word of mouth more than made up for what was lost: earned growth is 2.0%.",
		}},
	} {
		f := plain
		c.change(&f)
		got := f.opened(t).finding(sealed.Period)
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: said\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestTheWallsHeadlineIsAsCautious(t *testing.T) {
	plain := figures{growth: exact("0.1"), nrr: exact("0.9"), enc: exact("0.067"), bounds: boundsOf("0.06", "0.074"), egr: exact("0.02"), earned: "67.00", bought: "80.00", unknown: "0.00"}
	for name, c := range map[string]struct {
		change func(*figures)
		want   string
	}{
		"earned":           {func(*figures) {}, "Revenue grew by 10.0%. Part of it was earned.\nFor every 100 EUR lost with customers we had, word of mouth brought back 67."},
		"with an interval": {func(f *figures) { f.enc = confidence("0.067", "0.06", "0.074") }, "Revenue grew by 10.0%. Part of it was earned.\nFor every 100 EUR lost with customers we had, word of mouth brought back 67 (60 to 74)."},
		"by bounds": {func(f *figures) { f.enc, f.egr = boundsOf("0.06", "0.074"), boundsOf("-0.04", "0.02") },
			"Revenue grew by 10.0%. Whether any of it was earned is not known.\nFor every 100 EUR lost with customers we had, word of mouth brought back between 60 and 74."},
		"none":         {func(f *figures) { f.egr = confidence("-0.03", "-0.05", "-0.01") }, "Revenue grew by 10.0%. None of it was earned.\nFor every 100 EUR lost with customers we had, word of mouth brought back 67."},
		"may be none":  {func(f *figures) { f.egr = confidence("0.01", "-0.01", "0.03") }, "Revenue grew by 10.0%. It may be that none of it was earned.\nFor every 100 EUR lost with customers we had, word of mouth brought back 67."},
		"fell":         {func(f *figures) { f.growth, f.egr = exact("-0.1"), exact("-0.03") }, "Revenue fell by 10.0%. Word of mouth did not make up for what was lost.\nFor every 100 EUR lost with customers we had, word of mouth brought back 67."},
		"nothing lost": {func(f *figures) { f.nrr = exact("1.1") }, "Revenue grew by 10.0%. Part of it was earned."},
		"nothing known": {func(f *figures) {
			f.growth, f.nrr, f.enc, f.egr = refusedFigure, refusedFigure, refusedFigure, refusedFigure
		}, "There is no growth to state: nothing stands in the comparison period."},
	} {
		f := plain
		c.change(&f)
		if got := strings.Join(f.opened(t).headline(sealed.Period), "\n"); got != c.want {
			t.Errorf("%s: said\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
