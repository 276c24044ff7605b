package sealed_test

import (
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/sealed"
)

// documents are the sealed documents of simulated companies that package report prints.
var documents = []string{"year", "month", "confidence", "refusal", "restatement", "dry_run", "referrals", "loyalty"}

func read(t testing.TB, name string) *sealed.Document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "report", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := sealed.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// allBlocks are those of the period, and those beside them.
var allBlocks = []sealed.Block{
	sealed.Period, sealed.Trailing, sealed.ReferralsPeriod, sealed.ReferralsTrailing, sealed.RecurringPeriod, sealed.RecurringTrailing, sealed.RecurringWhole,
	sealed.ProfitPeriod, sealed.ProfitTrailing, sealed.Views, sealed.LoyaltyWhole,
}

// defined are the definitions of all figures.
func defined() (out []sealed.Definition) {
	for _, b := range allBlocks {
		if !b.IsTrailing() {
			out = append(out, sealed.Definitions(b)...)
		}
	}
	return out
}

func TestEveryFigureOfADocumentIsDefined(t *testing.T) {
	names := map[sealed.Block][]string{}
	of := sealed.Period
	add := func(prefix string, keys []string) {
		for _, key := range keys {
			names[of] = append(names[of], prefix+key)
		}
	}
	add("", sealed.RateLines)
	add("revenue.", sealed.RevenueLines)
	add("customers.", sealed.CustomerLines)
	add("active_revenue.", sealed.ActiveLines)
	add("coverage.", sealed.CoverageAmounts)
	add("coverage.", sealed.CoverageCounts)
	of = sealed.ReferralsPeriod
	add("", sealed.ReferralRates)
	add("customers.", sealed.ReferralCustomers)
	add("revenue.", sealed.ReferralRevenue)
	for _, r := range sealed.Relations {
		add("loss_spreading.relations."+r.Name+".", sealed.SpreadFigures)
	}
	of = sealed.RecurringPeriod
	add("mrr.", sealed.RecurringLines)
	add("", sealed.RecurringRates)
	of = sealed.LoyaltyWhole
	add("", sealed.LoyaltyFigures)
	for _, g := range sealed.Attitudes {
		add("groups."+g.Name+".", []string{"share", "revenue_share", "value"})
	}
	for _, b := range sealed.Behaviours[:3] {
		for _, g := range sealed.Grades {
			add("table."+b.Name+".cells."+g.Name+".", []string{"customers"})
		}
	}
	of = sealed.ProfitPeriod
	add("", sealed.ProfitLines)
	for b, list := range names {
		for _, name := range list {
			if d, ok := sealed.Define(sealed.Key(b, name)); !ok && !(b == sealed.ReferralsPeriod && strings.Contains(name, ".")) || d.Derived {
				t.Errorf("%s stands in the document and has no definition of its own", name)
			}
		}
	}
	for _, d := range defined() {
		if list := names[d.Block]; d.Block != sealed.RecurringPeriod && len(list) > 0 && !d.Derived && !slices.Contains(list, d.Name) && !strings.HasPrefix(d.Name, "coverage.reconciliation.") {
			t.Errorf("%s is defined and does not stand in the document", d.Name)
		}
		if d.Label == "" || d.Meaning == "" || d.Unit == "" || d.Source == "" || !strings.HasSuffix(d.Meaning, ".") {
			t.Errorf("%s: %+v lacks a label, a sentence, a unit or a source", d.Name, d)
		}
		if d.Behind != "" && !slices.Contains(engine.Lines, d.Behind) {
			t.Errorf("%s: there is no line %q to open", d.Name, d.Behind)
		}
		if strings.ContainsAny(d.Label+d.Meaning, "!") || strings.Contains(d.Meaning, "churn") && d.Block != sealed.RecurringPeriod {
			t.Errorf("%s: %q is not how the pages speak", d.Name, d.Meaning)
		}
	}
}

// The formulas are those of the product's definitions, which docs/close.md states: word for word.
func TestFormulasAreThoseOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "close.md"))
	if err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(string(text)), " ")
	for _, name := range []string{
		"growth_rate", "net_revenue_retention", "gross_revenue_retention", "earned_new_customers", "earned_new_customers_bounds", "bought_new_customers",
		"unattributed_new_customers", "returning_customers", "earned_growth_rate", "earned_growth_rate_bounds", "earned_growth_ratio",
		"revenue.other", "revenue.current", "revenue.exchange", "customers.lost", "customers.retained", "customers.returning", "customers.new", "customers.closing",
		"customers.new_since_comparison",
	} {
		d, ok := sealed.Define(name)
		if !ok || !strings.Contains(flat, d.Formula) {
			t.Errorf("%s: docs/close.md does not say %q", name, d.Formula)
		}
	}
}

// What the formulas come to with a period's numbers put in is what the document holds, to the twelve digits of a rate.
func TestWorkingsComeToTheirFigures(t *testing.T) {
	worked := map[string]bool{}
	for _, name := range documents {
		d := read(t, name)
		for _, b := range allBlocks {
			for _, f := range d.Figures(b) {
				terms := d.Working(b, f.Name)
				if len(terms) == 0 {
					continue
				}
				worked[f.Name] = true
				ends := comeTo(t, terms)
				want := []*big.Rat{f.Value.Rat()}
				if want[0] == nil {
					e, ok := f.Value.Figure.Estimate()
					if !ok {
						t.Errorf("%s %s is refused and has a working %v", name, f.FullName(), terms)
						continue
					}
					want = []*big.Rat{e.Low, e.High}
				}
				if len(ends) != len(want) {
					t.Errorf("%s %s: %d values, want %d", name, f.FullName(), len(ends), len(want))
					continue
				}
				for i := range ends {
					if !near(ends[i], want[i]) {
						t.Errorf("%s %s: the working comes to %s, the figure is %s", name, f.FullName(), ends[i].FloatString(9), want[i].FloatString(9))
					}
				}
			}
		}
	}
	for _, d := range defined() {
		whole := d.Block == sealed.Period || d.Name == "referrer_known" || d.Name == "referral_share_of_earned" // others are over more than the document holds
		if whole && (d.Unit == sealed.Share || d.Unit == sealed.Multiple) && !worked[d.Name] {
			t.Errorf("%s: no document shows its working", d.Name)
		}
	}
}

// near allows what twelve digits leave open, of two rates and of amounts taken from them.
func near(a, b *big.Rat) bool {
	open := new(big.Rat).Mul(new(big.Rat).Abs(b), big.NewRat(1, 10_000_000_000))
	return new(big.Rat).Abs(new(big.Rat).Sub(a, b)).Cmp(open.Add(open, big.NewRat(1, 1_000_000_000))) <= 0
}

// comeTo works a formula out, from left to right with ÷ before + and −; "to" parts the two ends of bounds.
func comeTo(t *testing.T, terms []sealed.Term) []*big.Rat {
	t.Helper()
	var ends []*big.Rat
	for len(terms) > 0 {
		i := slices.IndexFunc(terms, func(x sealed.Term) bool { return x.Sign == "to" })
		part := terms
		if i >= 0 {
			part, terms = terms[:i], terms[i+1:]
		} else {
			terms = nil
		}
		v, rest := sumOf(t, part)
		if len(rest) > 0 {
			t.Fatalf("%v is left of a formula", rest)
		}
		ends = append(ends, v)
	}
	return ends
}

func sumOf(t *testing.T, terms []sealed.Term) (*big.Rat, []sealed.Term) {
	v, rest := productOf(t, terms)
	for len(rest) > 0 && (rest[0].Sign == "+" || rest[0].Sign == "−") {
		sign := rest[0].Sign
		var w *big.Rat
		if w, rest = productOf(t, rest[1:]); sign == "−" {
			w.Neg(w)
		}
		v.Add(v, w)
	}
	return v, rest
}

func productOf(t *testing.T, terms []sealed.Term) (*big.Rat, []sealed.Term) {
	v, rest := atomOf(t, terms)
	for len(rest) > 0 && (rest[0].Sign == "÷" || rest[0].Sign == "×") {
		sign := rest[0].Sign
		var w *big.Rat
		if w, rest = atomOf(t, rest[1:]); sign == "÷" {
			w.Inv(w)
		}
		v.Mul(v, w)
	}
	return v, rest
}

func atomOf(t *testing.T, terms []sealed.Term) (*big.Rat, []sealed.Term) {
	t.Helper()
	switch first := terms[0]; first.Sign {
	case "":
		return new(big.Rat).Set(first.Value.Rat()), terms[1:]
	case "1":
		return big.NewRat(1, 1), terms[1:]
	case "12":
		return big.NewRat(12, 1), terms[1:]
	case "(":
		v, rest := sumOf(t, terms[1:])
		if len(rest) == 0 || rest[0].Sign != ")" {
			t.Fatalf("a bracket of %v does not close", terms)
		}
		return v, rest[1:]
	}
	t.Fatalf("%v is no formula", terms)
	return nil, nil
}

// By hand, from the table of customers in internal/report/testdata/README.md: of 2,440.00 in 2023, Egan and Gray left with
// 540.00, Bern bought less by 300.00, Abel more by 500.00, and Gray returned goods for 20.00.
func TestNetRetentionShowsTheReturnsOfThoseWhoLeft(t *testing.T) {
	var said []string
	for _, term := range read(t, "year").Working(sealed.Period, "net_revenue_retention") {
		said = append(said, term.Sign+amount(term))
	}
	const want = "( 2440.00 − 540.00 − 300.00 + 500.00 − 20.00 ) ÷ 2440.00"
	if got := strings.Join(said, " "); got != want {
		t.Errorf("worked %s, want %s", got, want)
	}
}

func amount(term sealed.Term) string {
	if term.Sign != "" {
		return ""
	}
	return term.Value.Amount.Round(2).Text(2)
}

func TestTheHeadlineIsTheTrailingYearWhereThereIsOne(t *testing.T) {
	for name, want := range map[string]sealed.Block{"year": sealed.Period, "month": sealed.Trailing, "confidence": sealed.Period} {
		if got := read(t, name).Headline(); got != want {
			t.Errorf("%s speaks by %s, want %s", name, got, want)
		}
	}
}

func TestWhatWordOfMouthBroughtBackIsRefusedWhereNothingWasLost(t *testing.T) {
	d := read(t, "confidence") // NRR 0.87, ENC 0.1549 with interval 0.1146 to 0.1964
	f, ok := d.Figure(sealed.Period, "earned_replacement")
	e, is := f.Value.Figure.Estimate()
	if !ok || !is || e.Value.FloatString(4) != "1.1919" || e.Low.FloatString(4) != "0.8814" {
		t.Errorf("0.154947692308 ÷ 0.13 came to %+v", e)
	}
	d.Customer.Rates["net_revenue_retention"] = d.Customer.Rates["growth_rate"] // 0.197
	if f, _ = d.Figure(sealed.Period, "earned_replacement"); f.Value.Rat() == nil {
		t.Fatal("0.197 is a loss")
	}
	refused := read(t, "refusal")
	f, ok = refused.Figure(refused.Headline(), "earned_replacement")
	if _, is := f.Value.Figure.Refusal(); !ok || !is {
		t.Errorf("brought back %+v of nothing", f.Value)
	}
}

func TestLinesOfARestatementLeadToTheirFigures(t *testing.T) {
	for path, want := range map[string]string{
		"customer.revenue.lost":                                       "customer revenue.lost ",
		"customer_trailing_year.growth_rate.value":                    "customer_trailing_year growth_rate ",
		"customer.earned_growth_rate.low":                             "customer earned_growth_rate low",
		"customer.coverage.reconciliation.8400.difference":            "customer coverage.reconciliation.difference ",
		"customer.coverage.reconciliation.a.b + 8400 ledger.x.ledger": "customer coverage.reconciliation.ledger ",
		"cohorts.2011-01.2011-02.active":                              "",
		"customer.coverage.reconciliation.8400.identified":            "",
		"customer":         "",
		"customer.":        "",
		"customer.nothing": "",
		"period.start":     "",
	} {
		b, name, part, ok := sealed.LineOf(path)
		got := string(b) + " " + name + " " + part
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%s is about %q, want %q", path, got, want)
		}
	}
}

func TestCohortsAreKeptByAge(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	age := func(i int) *int { return &i }
	c := &sealed.Cohorts{Kind: "month", Spans: []string{"2024-01", "2024-02", "2024-03"}, Rows: []sealed.Cohort{
		{First: "before", Ages: []sealed.Age{{Span: "2024-01", Active: n(9)}}},
		{First: "2024-01", Ages: []sealed.Age{{Span: "2024-01", Age: age(0), Active: n(8)}, {Span: "2024-03", Age: age(2), Active: n(2)}}},
		{First: "2024-03", Ages: []sealed.Age{{Span: "2024-03", Age: age(0), Active: n(0)}}},
	}}
	kept := c.Kept()
	if len(kept) != 2 || kept[0].Size() != 8 || *kept[0].Active[1] != 0 || kept[0].Shares[2].FloatString(2) != "0.25" {
		t.Errorf("kept %+v", kept)
	}
	if kept[1].Shares[0] != nil {
		t.Error("a share was made of a cohort of nobody")
	}
}

func FuzzReadNeverPanics(f *testing.F) {
	for _, name := range documents {
		data, err := os.ReadFile(filepath.Join("..", "report", "testdata", name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := sealed.Read(data)
		if err != nil {
			return
		}
		for _, b := range d.Blocks(sealed.Period) {
			for _, figure := range d.Figures(b) {
				d.Working(b, figure.Name)
				d.Moved(b, figure.Name)
			}
		}
		d.Cohorts.Kept()
		d.Cohorts.Tenures()
		sealed.Moves(d, d)
	})
}
