package web_test

import (
	"html"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// groups is a seal with the cohorts of internal/sealed/testdata/groups.json.
func groups(t *testing.T) kept {
	k := small(t, "year")
	for _, block := range []string{"views", "cohorts_by_group"} {
		k = with(t, k, filepath.Join("..", "sealed", "testdata", "groups.json"), block)
	}
	return k
}

// Plain links lead to the cohorts of a group, and the page says whose they are, what a group is and what cannot be had.
func TestCohortsOfAGroupAreChosenByLinks(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", []kept{groups(t)})
	markup := html.UnescapeString(f.page(access.Analyst, "/statement/1/base"))
	for _, link := range []string{
		"/statement/1/base?by=spend&group=home+%26+%3Dgarden&of=segment&span=year#groups",
		"/statement/1/base?by=spend&group=&of=segment&span=year#groups", // whose segment is not known
		"/statement/1/base?by=spend&group=south&of=entity&span=year#groups",
	} {
		if !strings.Contains(markup, link) {
			t.Errorf("the page does not lead to %s", link)
		}
	}
	for address, want := range map[string][]string{
		"":                                      {"The whole base, cohort on cohort", "10 customers first bought then", "By segment: still active, in per cent", "the books do not say a customer's way of coming", "acquired_via of customers", "of the segment that the books give for them now"},
		"?of=segment&group=home+%26+%3Dgarden":  {"The group, cohort on cohort · home & =garden", "6 customers first bought then", "50.0%"},
		"?of=segment&group=":                    {"not known", "3 customers first bought then", "33.3%"},
		"?of=entity&group=south":                {"By brand or legal entity: still active, in per cent", "customers do not add up to all and revenue does", "10 customers first bought then, from whichever entity", "30.0%", "Of all customers who were active"},
		"?of=segment&group=nobody":              {"The whole base, cohort on cohort", "10 customers first bought then"},
		"?of=acquisition&group=paid&span=month": {"The whole base, cohort on cohort", "10 customers first bought then"},
		"?of=nothing&group=%3Cscript%3E":        {"The whole base, cohort on cohort"},
	} {
		page := visible(t, f.page(access.Analyst, "/statement/1/base"+address))
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%q lacks %q:\n%s", address, text, page)
			}
		}
	}
}

// A company may call its segments by our words: ours are told apart, by sign and by name. A name of thousands of signs is cut.
func TestNamesOfGroupsThatAreOurWordsAreToldApart(t *testing.T) {
	long := strings.Repeat("south ", 900)
	k := groups(t)
	for from, to := range map[string]string{`"home & =garden"`: `"not known"`, `"home \u0026 =garden"`: `"not known"`, `"north"`: `"all customers"`, `"south"`: `"` + long + `"`} {
		k.Document = strings.ReplaceAll(k.Document, from, to)
	}
	markup := openFace(t, "Simulated Example Ltd", "EUR", []kept{k}).page(access.Analyst, "/statement/1/base?of=entity")
	for _, want := range []string{`<bdi translate="no">not known</bdi></a>`, "<i>not known …</i></a>", `data-series="All customers …"`, `<bdi translate="no">all customers</bdi></th>`, `title="` + long + `">south south south south south south sou…</bdi></th>`} {
		if !strings.Contains(markup, want) {
			t.Errorf("the page lacks %.80q", want)
		}
	}
}

// A close of an earlier release has no groups, and the page is as it was.
func TestAnOlderSealHasNoCohortsByGroup(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", []kept{with(t, small(t, "year"), filepath.Join("..", "sealed", "testdata", "groups.json"), "views")})
	if page := visible(t, f.page(access.Analyst, "/statement/1/base")); strings.Contains(page, "Cohorts by group") || !strings.Contains(page, "The whole base, cohort on cohort") {
		t.Errorf("the page reads\n%s", page)
	}
}
