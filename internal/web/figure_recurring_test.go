package web_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// with puts a block of another document into a seal's.
func with(t *testing.T, k kept, path, block string) kept {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var from, into map[string]json.RawMessage
	for _, x := range []struct {
		data []byte
		into *map[string]json.RawMessage
	}{{data, &from}, {[]byte(k.Document), &into}} {
		if err := json.Unmarshal(x.data, x.into); err != nil {
			t.Fatal(err)
		}
	}
	into[block] = from[block]
	data, err = json.Marshal(into)
	if err != nil {
		t.Fatal(err)
	}
	k.Document = string(data)
	return k
}

// Figures of subscriptions open on a page of their own, as all others do, and the page of subscriptions leads there.
func TestFiguresOfSubscriptionsHaveTheirOwnPage(t *testing.T) {
	f := openFace(t, "Simulated Example Ltd", "EUR", []kept{with(t, small(t, "year"), filepath.Join("..", "sealed", "testdata", "recurring.json"), "subscriptions")})
	for name, want := range map[string][]string{
		"subscriptions.in_period.net_revenue_retention": {"Net revenue retention (NRR)", "90.0%", "90.00 ÷ 100.00", "follow every subscription"},
		"subscriptions.in_period.mrr.churned":           {"Churned", "15.00"},
		"subscriptions.in_period.subscriptions.closing": {"Subscriptions at closing", "13"},
		"subscriptions.deferred.amount":                 {"Deferred revenue", "55.00"},
	} {
		page := visible(t, f.page(access.Analyst, "/statement/1/figure/"+name))
		for _, text := range append(want, name) {
			if !strings.Contains(page, text) {
				t.Errorf("%s lacks %q:\n%s", name, text, page)
			}
		}
	}
	page := f.page(access.Analyst, "/statement/1/subscriptions")
	for _, link := range []string{"/statement/1/figure/subscriptions.in_period.quick_ratio", "/statement/1/figure/subscriptions.in_period.mrr.new", "/statement/1/figure/subscriptions.deferred.amount"} {
		if !strings.Contains(page, link) {
			t.Errorf("the page of subscriptions does not lead to %s", link)
		}
	}
}
