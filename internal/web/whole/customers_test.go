package whole_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
)

var customerLink = regexp.MustCompile(`href="(/customers/[a-z0-9-]+)"`)

// links are the customers that a page leads to, in their order.
func links(p page) []string {
	var out []string
	for _, m := range customerLink.FindAllStringSubmatch(p.text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

func find(text string) string { return "/customers?" + url.Values{"q": {text}}.Encode() }

func TestCustomersAreFoundByIdMailAndName(t *testing.T) {
	h := company(t)
	ada := links(h.get(access.ProgramLead, find("A-1")))
	if len(ada) != 1 {
		t.Fatalf("A-1 is %v", ada)
	}
	for _, text := range []string{"ada", "quill ADA", "Quill, Ada", "ada@ex", "ADA@EXAMPLE.COM", "a-1"} {
		if got := links(h.get(access.ProgramLead, find(text))); !slices.Equal(got, ada) {
			t.Errorf("%q finds %v, not %v", text, got, ada)
		}
	}
	if got := links(h.get(access.ProgramLead, find("neill"))); len(got) != 1 || got[0] == ada[0] {
		t.Errorf("a name is not found without its accents: %v", got)
	}
	if p := h.get(access.ProgramLead, find("nobody at all")); len(links(p)) != 0 || !strings.Contains(p.text, "Nobody was found") {
		t.Errorf("who is not there: %.2000s", p.text)
	}
	all := h.get(access.ProgramLead, "/customers")
	if got := links(all); len(got) != 5 || !strings.Contains(all.text, "5 customers") { // four of the book and NEW, whom only an order names
		t.Errorf("all customers are %v", got)
	}
}

// An address of a page tells nobody who a customer is, whatever the id.
func TestEveryIdHasAPageAndNoAddressHoldsIt(t *testing.T) {
	h := company(t)
	for id, name := range map[string]string{"A-1": "Ada Quill", "A/2": "Bertrand Ó Néill", "../..": "Dot Dot", long: "Long Id"} {
		p := h.get(access.ProgramLead, "/customers?"+url.Values{"id": {id}}.Encode())
		if p.status != http.StatusSeeOther || !regexp.MustCompile(`^/customers/[a-z0-9]{4}-[a-z0-9]{4}$`).MatchString(p.location) {
			t.Errorf("%.20s leads to %q with %d", id, p.location, p.status)
			continue
		}
		if p = h.get(access.ProgramLead, p.location); p.status != http.StatusOK || !strings.Contains(p.text, name) || !strings.Contains(p.text, id) {
			t.Errorf("the page of %.20s: %d %.3000s", id, p.status, p.text)
		}
	}
	for _, path := range []string{"/customers?id=A", "/customers?id=nobody", "/customers/aaaa-aaaa", "/customers/A-1", "/customers/%2e%2e%2f%2e%2e", "/customers/" + strings.Repeat("x", 10_000)} {
		if p := h.get(access.ProgramLead, path); p.status != http.StatusNotFound {
			t.Errorf("%.60s answers %d, to %q", path, p.status, p.location)
		}
	}
	if p := h.get(access.ProgramLead, "/customers?after=nonsense"); p.status != http.StatusBadRequest {
		t.Errorf("a place that no list gave answers %d", p.status)
	}
}

// identifying is what tells who somebody is, or what they wrote.
var identifying = []string{"A-1", "A/2", "Ada", "Quill", "example.com\"", "ada@", "keep the kitchen", "told us what"}

func TestAnAnalystSeesPseudonymsAlone(t *testing.T) {
	h := company(t)
	lead := h.get(access.ProgramLead, find("Ada"))
	path := links(lead)[0]
	pseudonym := strings.TrimPrefix(path, "/customers/")
	for _, at := range []string{"/customers", path, find(pseudonym), find("A-1"), find("Ada"), find("ada@")} {
		p := h.get(access.Analyst, at)
		if p.status != http.StatusOK {
			t.Errorf("%s answers an analyst with %d", at, p.status)
		}
		body := strings.NewReplacer(`value="A-1"`, "", `value="Ada"`, "", `value="ada@"`, "", "analyst@example.com", "").Replace(p.text)
		for _, word := range identifying {
			if strings.Contains(body, word) {
				t.Errorf("an analyst reads %q on %s", word, at)
			}
		}
	}
	for _, text := range []string{"A-1", "Ada", "ada@"} {
		if got := links(h.get(access.Analyst, find(text))); len(got) != 0 {
			t.Errorf("an analyst finds %v by %q", got, text)
		}
	}
	if got := links(h.get(access.Analyst, find(pseudonym))); !slices.Equal(got, []string{path}) {
		t.Errorf("an analyst finds %v by the pseudonym of %s", got, path)
	}
	if p := h.get(access.Analyst, "/customers?id=A-1"); p.status != http.StatusNotFound {
		t.Errorf("an id leads an analyst to %q", p.location)
	}
	page := h.get(access.Analyst, path)
	for _, want := range []string{"soup", "45.50", "−5.50", "not for your role"} { // what was bought, and that something was written
		if !strings.Contains(page.text, want) {
			t.Errorf("the analyst's page of a customer lacks %q", want)
		}
	}
}

func TestATimelineTellsEverythingThatNamesACustomer(t *testing.T) {
	h := company(t)
	path := links(h.get(access.ProgramLead, find("Ada")))[0]
	p := h.get(access.ProgramLead, path)
	// 20.00 + 30.00 + 45.50 − 5.50, of four lines: the fifth could not be read
	for _, want := range []string{"90.00", "4 order lines", "Came on 2 March 2025, sent by a customer", "Please keep the kitchen", "You told us what the soup had in it", "Gave back", "Answered", "Said", "months without anything"} {
		if !strings.Contains(p.text, want) {
			t.Errorf("the timeline lacks %q", want)
		}
	}
	bertrand := links(h.get(access.ProgramLead, find("Bertrand")))[0]
	if got := links(p); !slices.Contains(got, bertrand) || !strings.Contains(p.text, "Sent by") {
		t.Errorf("who sent the customer is %v, not %s", got, bertrand)
	}
	if b := h.get(access.Analyst, bertrand); !slices.Contains(links(b), path) || !strings.Contains(b.text, "Sent us") {
		t.Errorf("whom %s sent is %v, not %s", bertrand, links(b), path)
	}
	only := h.get(access.ProgramLead, path+"?book=remarks")
	if !strings.Contains(only.text, "You told us") || strings.Contains(only.text, "Please keep") {
		t.Error("one book alone is not shown alone")
	}
}

func TestAListIsWalkedPageByPage(t *testing.T) {
	folder := t.TempDir()
	files := map[string]string{
		"books.yaml": "company: Example Ltd\nsettings: {currency: EUR}\nbooks:\n  orders: {from: orders.csv, columns: {customer_id: id, ordered_at: day, amount: amount}}\n",
	}
	var b strings.Builder
	b.WriteString("id,day,amount\n")
	for i := range 130 {
		fmt.Fprintf(&b, "C%03d,2026-01-%02d,1.00\n", i, i%28+1)
	}
	files["orders.csv"] = b.String()
	write(t, folder, files)
	h := open(t, folder)
	if _, err := h.office.Import(t.Context(), office.Wanted{}, nil); err != nil {
		t.Fatal(err)
	}
	var met []string
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	at := "/customers"
	for at != "" {
		p := h.get(access.ProgramLead, at)
		met = append(met, links(p)...)
		at = ""
		if m := next.FindStringSubmatch(p.text); m != nil {
			at = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if n := len(met); n != 130 || len(slices.Compact(slices.Sorted(slices.Values(met)))) != 130 {
		t.Errorf("130 customers are met as %d, %d of them different", n, len(slices.Compact(slices.Sorted(slices.Values(met)))))
	}
}

// Two ids of one customer are one in the list: the id that stands has what both
// come to, as its page says it, and the other leads there.
func TestAMergedIdIsToldAsPartOfItsCustomer(t *testing.T) {
	h, end := begin(t, t.TempDir(), map[string]string{
		"books.yaml": `company: Example Ltd
settings: {currency: EUR}
books:
  customers: {from: customers.csv, columns: {customer_id: id, acquired_on: since, acquired_via: via, acquired_how: how}}
  customer_links: {from: links.csv, columns: {old_id: old, new_id: new}}
  orders: {from: orders.csv, columns: {customer_id: id, ordered_at: day, amount: amount}}
`,
		"customers.csv": "id,since,via,how\nOLD,2023-04-08,referral,declared\nSTANDS,2025-05-04,,\n",
		"links.csv":     "old,new\nOLD,STANDS\n",
		"orders.csv":    "id,day,amount\nOLD,2023-05-01,20.00\nSTANDS,2025-06-01,30.00\n",
	})
	defer end()
	list := h.get(access.ProgramLead, "/customers")
	says(t, list, http.StatusOK, "2 customer ids", "part of customer", "50.00", "sent by a customer")
	if strings.Contains(list.text, "20.00") || strings.Contains(list.text, "30.00") {
		t.Error("the list shows lines of one id alone")
	}
	to := links(list)
	if len(to) != 1 {
		t.Fatalf("the list leads to %v", to)
	}
	p := h.get(access.ProgramLead, to[0])
	says(t, p, http.StatusOK, "Came on 8 April 2023, sent by a customer", "it was declared", "50.00", "2 order lines")
}
