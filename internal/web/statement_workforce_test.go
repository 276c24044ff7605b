package web_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// The golden files were read as an accountant reads them, beside internal/report/testdata/workforce.txt: 120 + 30 + 2 − 24 − 1 = 127, and 24 of a mean
// headcount of 124.25 are 19.3%, with Garwood's interval for 24, 15.38 to 35.71, over it. Gilding and Paper store are hidden.
func TestThePeopleStatementReadsAsTheGoldenFile(t *testing.T) {
	for _, name := range []string{"workforce", "workforce_refused"} {
		f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, name)})
		golden(t, name+".txt", visible(t, f.page(access.People, "/statement/1/people")))
	}
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{small(t, "workforce")})
	for name, want := range map[string][]string{
		"people.workforce.company.turnover":                 {"Left, of mean headcount", "19.3%", "12.4 to 28.7", "153 people"},
		"people.workforce.company.roll_forward.closing":     {"People at the end", "127", "120 + 30 + 2 − 24 − 1"},
		"people.workforce.company.expected_stay_median":     {"Half have left by", "fewer than half have surely left"},
		"people.workforce.replacement.total":                {"Cost of replacing somebody", "1,921"},
		"people.workforce.staying.company.retention_1_year": {"Stay a year", "80.0%"},
		"people.workforce.selection.stay_hazard_ratio":      {"0.78", "0.55 to 1.10"},
	} {
		page := visible(t, f.page(access.Analyst, "/statement/1/figure/"+name))
		for _, text := range append(want, name, "career by career") {
			if !strings.Contains(page, text) {
				t.Errorf("%s lacks %q:\n%s", name, text, page)
			}
		}
	}
}

// The chooser is made of links; what is asked for and not there is the first.
func TestThePeopleStatementIsToldByADimension(t *testing.T) {
	f := openFace(t, "Marrow & Finch", "GBP", []kept{small(t, "workforce")})
	for by, want := range map[string]string{"role": "Clerk", "department": "Front of house", "planet": "Front of house", "": "Front of house"} {
		page := f.page(access.People, "/statement/1/people?by="+by)
		if text := visible(t, page); !strings.Contains(text, want) || want == "Clerk" && strings.Contains(text, "Front of house") {
			t.Errorf("by %q lacks %q:\n%s", by, want, text)
		}
		if !strings.Contains(page, `href="/statement/1/people?by=`) {
			t.Errorf("by %q has no way to another dimension", by)
		}
	}
}

// Of a hidden group nothing but its name stands on the page, in the rows and in the text; a number of its people that a later document might hold beside it is not read.
func TestAHiddenGroupIsANameAlone(t *testing.T) {
	k := small(t, "workforce")
	k.Document = strings.ReplaceAll(k.Document, `"name": "Gilding",
              "of": "group",
              "hidden": true`, `"name": "Gilding", "of": "group", "hidden": true, "roll_forward": {"opening": 7100001, "hired": 0, "came_over": 0, "left": 0, "went_over": 0, "closing": 7100001}`)
	if !strings.Contains(k.Document, "7100001") {
		t.Fatal("the document does not hold what is to be hidden")
	}
	f := openFace(t, "Marrow & Finch", "GBP", []kept{k})
	for _, path := range []string{"people", "download.csv", "download.txt"} {
		if page := f.page(access.Finance, "/statement/1/"+path); strings.Contains(page, "7100001") || strings.Contains(page, "7,100,001") || !strings.Contains(page, "Gilding") {
			t.Errorf("%s tells of a hidden group, or not its name:\n%s", path, page)
		}
	}
	if text := visible(t, f.page(access.People, "/statement/1/people")); !strings.Contains(text, "told of at least 5 people") || !strings.Contains(text, "Nobody is scored or told apart by name") {
		t.Errorf("the page does not say what is withheld:\n%s", text)
	}
}

// Words for exits that no table knows are named, so that the settings can say what they mean.
func TestThePeopleStatementNamesWordsThatItCannotRead(t *testing.T) {
	k := small(t, "workforce")
	k.Document = strings.Replace(k.Document, `"exits_not_read": []`, `"exits_not_read": [{"name": "see file <b>"}]`, 1)
	page := openFace(t, "Marrow & Finch", "GBP", []kept{k}).page(access.People, "/statement/1/people")
	if !strings.Contains(visible(t, page), "words that are not understood") || !strings.Contains(page, "see file &lt;b&gt;") {
		t.Errorf("the page says\n%s", visible(t, page))
	}
}

// Documents of earlier releases have no statement of people, and say so.
func TestAnOlderSealSaysThatItHasNoPeopleStatement(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "GBP", []kept{small(t, "year")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/people")); !strings.Contains(page, "before those who work here were stated") {
		t.Errorf("the page says\n%s", page)
	}
}

// Where the books begin too late there is no roll-forward: the page says so in the words of the document, and counts nobody.
func TestThePeopleStatementMayLackItsRollForward(t *testing.T) {
	k := small(t, "workforce")
	from := strings.Index(k.Document, `"roll_forward": {`)
	to := strings.Index(k.Document[from:], "}") + from + 1
	k.Document = k.Document[:from] + `"roll_forward": {"refused": "the book of people begins after the period does", "need": "people with rows from before the period"}` + k.Document[to:]
	f := openFace(t, "Marrow & Finch", "GBP", []kept{k})
	text := visible(t, f.page(access.People, "/statement/1/people"))
	if !strings.Contains(text, "the book of people begins after the period does") || strings.Contains(text, "127 people work here") || !strings.Contains(text, "Of a hundred who are hired") {
		t.Errorf("the page says\n%s", text)
	}
	for _, form := range []string{"txt", "csv"} {
		if page := f.page(access.Finance, "/statement/1/download."+form); !strings.Contains(page, "the book of people begins after") {
			t.Errorf("%s does not say why there is no roll-forward", form)
		}
	}
}
