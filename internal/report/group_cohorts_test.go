package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/throughline/throughline/internal/report"
	"github.com/throughline/throughline/money"
)

func groupDocument(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "sealed", "testdata", "groups.json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Read as an accountant reads it beside internal/sealed/testdata/groups.json: half of home's six were there a year later.
const groupText = `COHORTS BY SEGMENT: per cent still active, by age in years
--------------------------------------------------------------------------------
                       customers   0   1
All customers                 16 100  40
home & =garden                 8 100  50
not known                      3 100  33
all others                     5 100   0
Of those active in the span of their first purchase; at each age the cohorts
that have come that far.

COHORTS BY BRAND OR LEGAL ENTITY: per cent still active, by age in years
--------------------------------------------------------------------------------
                       customers   0   1
All customers                 16 100  40
north                          8  50  40
south                          9  56  10
Of all customers active in the span of their first purchase, from whichever
entity: how many per cent bought from this one at each age; the cohorts that
have come that far.
Entities are those of lines: a customer is in each that they bought from, so
customers do not add up to all.

COHORTS BY GROUP
--------------------------------------------------------------------------------
By how they came: Refused: the books do not say a customer's way of coming;
unlocked by acquired_via of customers.
`

func TestGroupsAsText(t *testing.T) {
	var b bytes.Buffer
	if err := report.Text(&b, groupDocument(t), report.Heading{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), groupText) {
		t.Errorf("got\n%s", b.String())
	}
	var page bytes.Buffer
	if err := report.HTML(&page, groupDocument(t), report.Heading{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"home &amp; =garden</th><td>8</td><td>100</td><td>50</td>", "<caption>Cohorts by segment: per cent still active, by age in years</caption>", "unlocked by acquired_via of customers"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// A company may call its segments by our words, or by thousands of signs.
func TestNamesOfGroupsThatAreOurWords(t *testing.T) {
	document := groupDocument(t)
	for from, to := range map[string]string{`"home & =garden"`: `"Not known"`, `"all others", "all_others"`: `"all others …", "all_others"`, `"north"`: `"all customers"`, `"south"`: `"` + strings.Repeat("south.", 900) + `"`} {
		document = bytes.ReplaceAll(document, []byte(from), []byte(to))
	}
	var b bytes.Buffer
	if err := report.Text(&b, document, report.Heading{}); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{" Not known 8 100", " not known … 3 100", " All customers … 16 100", " all customers 8 50", " south.south.south.south.south.south.sou… 9 56"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	for _, line := range strings.Split(b.String(), "\n") {
		if len([]rune(line)) > 120 {
			t.Errorf("a line of %d signs: %.60s", len([]rune(line)), line)
		}
	}
}

// No two rows have one key, and a name with dots is told from what follows it.
func TestNamesOfGroupsAreKeysOfTheirRows(t *testing.T) {
	document := groupDocument(t)
	for from, to := range map[string]string{`"home & =garden"`: `"(not known)"`, `"north"`: `"north.2024.customers"`} {
		document = bytes.ReplaceAll(document, []byte(from), []byte(to))
	}
	_, rows := table(t, document)
	seen := map[string]bool{}
	for _, r := range rows {
		key := r["line"] + " " + r["period"]
		if r["statement"] == "cohorts_by_group" && seen[key] {
			t.Errorf("two rows are %s", key)
		}
		seen[key] = true
	}
	for _, want := range []string{`segment.year.(not known).2024.customers 2024`, `segment.year."(not known)".2024.customers 2024`, `entity.year."north.2024.customers".2024.customers 2024`} {
		if !seen[want] {
			t.Errorf("no row is %s", want)
		}
	}
}

// In CSV and in a workbook the cells of a dimension come to those of all, cell by cell: customers where each is in one group,
// revenue always.
func TestGroupsInRowsComeToAll(t *testing.T) {
	_, rows := table(t, groupDocument(t))
	all, by := map[string]money.Amount{}, map[string]money.Amount{}
	for _, r := range rows {
		parts := strings.Split(r["line"], ".")
		if len(parts) < 4 || r["kind"] == "refused" {
			continue
		}
		key := r["period"] + " " + parts[len(parts)-2] + " " + parts[len(parts)-1]
		switch {
		case r["statement"] == "views" && strings.HasPrefix(r["line"], "cohorts.year."):
			all[key] = amountOf(t, r["value"])
		case r["statement"] == "cohorts_by_group":
			in := parts[0] + " " + key
			by[in] = by[in].Add(amountOf(t, r["value"]))
		}
	}
	if len(all) != 15 { // five cells of three sums: of their profit nobody knows
		t.Fatalf("%d sums of all", len(all))
	}
	for key, want := range all {
		if got := by["segment "+key]; !got.Equal(want) {
			t.Errorf("by segment %s comes to %s, not %s", key, got.Text(2), want.Text(2))
		}
		if got := by["entity "+key]; strings.HasSuffix(key, "revenue") && !got.Equal(want) {
			t.Errorf("by entity %s comes to %s, not %s", key, got.Text(2), want.Text(2))
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(workbook(t, groupDocument(t), report.Heading{})))
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := f.GetRows("Cohorts by group")
	if err != nil || len(sheet) != 1+10*3+7*3+1 { // the head, three sums of the cells of either dimension, why there is none of the third
		t.Errorf("%d rows (%v)", len(sheet), err)
	}
}

func amountOf(t *testing.T, text string) money.Amount {
	t.Helper()
	a, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
