package sim

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestDefaultIsAWorld(t *testing.T) {
	if err := Default().Check(); err != nil {
		t.Error(err)
	}
	w, err := Read(strings.NewReader(""))
	if err != nil || !reflect.DeepEqual(w, Default()) {
		t.Errorf("an empty file reads as %+v (%v)", w, err)
	}
}

func TestReadChangesOnlyTheKeysGiven(t *testing.T) {
	w, err := Read(strings.NewReader("seed: 7\nspend: {median: 12.50, frequency: 0.3}\nend: 2026-01-01\nledger_difference: {amount: 0}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	if w.Seed != 7 || w.Spend.Median.Text(2) != "12.50" || w.Spend.Frequency != 0.3 || w.Spend.Sigma != want.Spend.Sigma || w.Customers != want.Customers {
		t.Errorf("read as %+v", w)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"custmers: 5":              `unknown field "custmers"`,
		"spend: {medain: 5}":       `unknown field "medain"`,
		"seed: 1\nseed: 2":         `"seed" already defined`,
		"customers: many":          "line 1: customers: many is not a whole number",
		"customers: -1":            "customers: -1 is not between 0",
		"company: Example Ltd":     "does not say that it is simulated",
		"currency: EURO":           `currency: "EURO" is not an ISO 4217 currency code`,
		"timezone: Nowhere":        "timezone:",
		"start: 2024-13-01":        `"2024-13-01" is not a date`,
		"start: 2024-01-15":        "start: 2024-01-15 is not the first day of a month",
		"end: 2023-01-01":          "not between 1 and 480",
		"unidentified: 1":          "unidentified: 1 is not between 0 and 0.95",
		"unidentified: .nan":       "unidentified: NaN is not between",
		"origins: {referral: 0.5}": "origins: the shares of referral, reputation, paid, sales, partner come to 1.26",
		"known: {nobody: 0}":       "known: the shares",
		"known: {asked: -0.1}":     "known.asked: -0.1 is not between 0 and 1",
		"purchases: {alpha: 0}":    "purchases.alpha: 0 is not between",
		"purchases: {r: 2000}":     "alpha is in days",
		"season: {amplitude: 1}":   "season.amplitude",
		"spend: {median: 0}":       "spend.median: 0 is not above 0",
		"spend: {median: 1e3}":     "is not a number",
		"spend: {pareto_shape: 1}": "spend.pareto_shape",
		"merged: 5000":             "merged: 5000 customers are merged of 1000",
		"customers: 0\narrivals: {per_month: 0}\nmerged: 0\nexcluded: 0": "come to 0 customers",
		"ledger_difference: {month: 2030-01}":                            "ledger_difference.month: 2030-01 is not a month of",
		"ledger_difference: {amount: 0.001}":                             "more decimals than EUR",
		"purchases: {model: nbd}":                                        "purchases.model: \"nbd\" is neither pareto-nbd nor bg-nbd",
		"purchases: {beta: 0}":                                           "purchases.beta: 0 is not between",
		"spend: {model: normal}":                                         "spend.model: \"normal\" is neither lognormal nor gamma-gamma",
		"spend: {q: 1}":                                                  "spend.q: 1 is not between 1.01",
		"prices: {elasticity: 1}":                                        "prices.elasticity: 1 is not between -5 and 0",
		"prices: {margin: 0.9}":                                          "prices.margin_spread: margins from 0.75 to 1.05",
		"foreign: {currency: EUR}":                                       "foreign.currency: EUR is the company's own currency",
		"foreign: {rate: 0}":                                             "foreign.rate: 0 is not between",
		"referrals: {contagion: -1}":                                     "referrals.contagion: -1 is not between 0",
		"referrals: {rate: 2}":                                           "referrals.rate: 2 is not between 0",
		"service: {failure_effect: .inf}":                                "service.failure_effect",
		"touchpoints: []":                                                "touchpoints: 0 of them",
		"touchpoints: [{name: desk, department: nowhere, stage: a, channel: b, contacts: 1, sells: 1, handle_seconds: 60}]":   "there is no department \"nowhere\"",
		"touchpoints: [{name: desk, department: service, stage: a, channel: b, contacts: 0.5, sells: 1, handle_seconds: 60}]": "touchpoints: their shares of contacts come to 0.5",
		"touchpoints: [{name: desk, department: service, stage: a, channel: b, contacts: 1, sells: 1, handle_seconds: 0}]":    "touchpoints[0].handle_seconds: 0 is not between 1",
		"touchpoints: [{name: 'a,b', department: service, stage: a, channel: b, contacts: 1, sells: 1, handle_seconds: 9}]":   "is not a plain name",
		"departments: []":          "there is no department \"product\"",
		"staff: {turnover: 13}":    "staff.turnover: 13 is not between 0 and 12",
		"staff: {validity: 3}":     "staff.validity: 3 is not between -2 and 2",
		"staff: {span: -1}":        "staff.span: -1 is not between 0 and 1000",
		"staff: {rehired: 1.5}":    "staff.rehired: 1.5 is not between 0 and 1",
		"spending: {per_hire: -1}": "spending.per_hire: -1 is not between 0 and 100000000",
		"departments: [{name: a, employer: own, entity: 'A, B'}]\ntouchpoints: [{name: desk, department: a, stage: a, channel: b, contacts: 1, sells: 1, handle_seconds: 9}]": `departments[0].entity: "A, B" is not a plain name`,
		"training: {half_life: 0}": "training.half_life: 0 is not between 1",
		"spending: {fixed: -1}":    "spending.fixed: -1 is not between 0",
		"origins: {referral: 1, reputation: 0, paid: 0, sales: 0, partner: 0}": "nobody could arrive in another way",
		"spend: {model: gamma-gamma, frequency: 0.3}":                          "holds spend and frequency to be independent",
		"seed: 1\n---\nseed: 2":                                                "more than one world",
		"seed: [":                                                              "sequence",
		strings.Repeat("# \n", 400_000):                                        "larger than 1 MiB",
	} {
		_, err := Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: err = %v, want %q", text, err, want)
		}
	}
	w := Default()
	w.Arrivals.PerMonth = math.Inf(1)
	if err := w.Check(); err == nil {
		t.Error("endless arrivals were accepted")
	}
}

func TestEveryKeyAndFileIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/sim.md")
	if err != nil {
		t.Fatal(err)
	}
	var walk func(prefix string, of reflect.Type)
	walk = func(prefix string, of reflect.Type) {
		for i := range of.NumField() {
			f := of.Field(i)
			key := prefix + f.Tag.Get("yaml")
			if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
				if !strings.Contains(string(text), "| `"+key+"` |") {
					t.Errorf("docs/sim.md does not describe `%s`", key)
				}
				walk(key+"[].", f.Type.Elem())
				continue
			}
			if f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == of.PkgPath() {
				walk(key+".", f.Type)
				continue
			}
			if !strings.Contains(string(text), "| `"+key+"` |") {
				t.Errorf("docs/sim.md does not describe `%s`", key)
			}
		}
	}
	walk("", reflect.TypeFor[World]())
	w := small()
	for _, name := range w.files() {
		if ordersFile.MatchString(name) {
			name = "orders-YYYY.csv"
		}
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/sim.md does not describe the file %s", name)
		}
	}
	heads := []string{customersHead, ordersHead, "old_id,new_id,since", "exported_on"}
	for _, f := range rowFiles {
		heads = append(heads, f.head)
	}
	for _, f := range smallFiles {
		heads = append(heads, f.head)
	}
	for _, head := range heads {
		for column := range strings.SplitSeq(head, ",") {
			if !strings.Contains(string(text), column) {
				t.Errorf("docs/sim.md does not describe the column %s", column)
			}
		}
	}
}

func TestWriteRefusesAFolderThatIsNotASimulation(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "orders-2024.csv")
	if err := os.WriteFile(mine, []byte("real"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused := func(want string) {
		t.Helper()
		if _, err := small().Write(t.Context(), dir, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("err = %v, want %q", err, want)
		}
		if text, err := os.ReadFile(mine); err != nil || string(text) != "real" {
			t.Fatalf("the file was touched: %q, %v", text, err)
		}
	}
	refused("holds orders-2024.csv, which no simulation wrote")
	// A world of one's own is not the marker of a simulation, and a marker
	// that names other files is not one either.
	for _, world := range []string{"seed: 1\n", marker + "\n" + markers + "world.yaml, ../orders-2024.csv\n"} {
		if err := os.WriteFile(filepath.Join(dir, worldFile), []byte(world), 0o644); err != nil {
			t.Fatal(err)
		}
		refused("which no simulation wrote")
	}
	if err := os.WriteFile(filepath.Join(dir, worldFile), []byte(marker+"\n"+markers+"world.yaml, orders-2023.csv\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused("holds orders-2024.csv, which this simulation did not write")
}

func TestWriteReplacesAnEarlierSimulationAndLeavesWhatIsBeside(t *testing.T) {
	dir := t.TempDir()
	earlier := small()
	earlier.Start = earlier.Start.AddMonths(-12) // so that it has an orders-2023.csv
	if _, err := earlier.Write(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".throughline"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".throughline", "kept"), []byte("state"), 0o644); err != nil {
		t.Fatal(err)
	}
	w := small()
	w.Late = 0
	if _, err := w.Write(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	found := contents(t, dir)
	if found[".throughline/kept"] != "state" {
		t.Error("a file beside was removed")
	}
	delete(found, ".throughline/kept")
	fresh, _ := write(t, w)
	if !reflect.DeepEqual(found, contents(t, fresh)) {
		t.Error("the folder does not hold the later world alone")
	}
}
