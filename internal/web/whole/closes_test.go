package whole_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
)

// spring is a company of two Marches: Abel buys more, Bern left, Cole was sent by somebody.
var spring = map[string]string{
	"books.yaml": `company: Spring Ltd
settings: {currency: EUR, timezone: Europe/Berlin}
books:
  customers:
    from: customers.csv
    columns: {customer_id: id, acquired_via: via}
  orders:
    from: orders-*.csv
    columns: {line_id: n, customer_id: id, ordered_at: day, amount: amount}
`,
	"customers.csv":   "id,via\nAbel,\nBern,\nCole,referral\nDorn,paid\n",
	"orders-2025.csv": "n,id,day,amount\n1,Abel,2025-03-02,100.00\n2,Bern,2025-03-03,60.00\n",
	"orders-2026.csv": "n,id,day,amount\n3,Abel,2026-03-02,130.00\n4,Cole,2026-03-31,40.00\n",
}

// closing sends the form of the closes and follows it to where it ends.
func (h *house) closing(period, act string) page {
	h.t.Helper()
	p := h.post(access.Finance, "/closes", url.Values{"period": {period}, "act": {act}})
	if p.status != http.StatusSeeOther {
		h.t.Fatalf("%s of %s answered %d: %s", act, period, p.status, p.text)
	}
	path := p.location
	for range 600 {
		p = h.get(access.Finance, path)
		p.location = path
		if p.status != http.StatusOK {
			h.t.Fatalf("%s answered %d", path, p.status)
		}
		if !strings.Contains(p.text, `http-equiv="refresh"`) {
			// Who is quick is led to what came of it; who had to wait is given a door to it.
			if door := openIt.FindStringSubmatch(p.text); door != nil {
				path = html.UnescapeString(door[1])
				continue
			}
			return p
		}
		h.pause()
	}
	h.t.Fatalf("%s never ends", path)
	return p
}

var openIt = regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]*>Open it</a>`)

var markup = regexp.MustCompile(`(?s)<style.*?</style>|<svg.*?</svg>|<[^>]*>`)

func (p page) shows(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(p.text), text) {
			t.Errorf("%s does not show %q: it says %.1500s", p.location, text, strings.Join(strings.Fields(markup.ReplaceAllString(p.text, " ")), " "))
		}
	}
}

// A period is computed, closed, found changed, and restated, all by its pages.
func TestAPeriodIsClosedAndRestatedByItsPages(t *testing.T) {
	h, end := begin(t, t.TempDir(), spring)
	t.Cleanup(end)
	p := h.get(access.Finance, "/closes")
	p.shows(t, "Nothing has been closed yet", `value="2026-03"`, "The lines reach 31 March 2026.")

	p = h.closing("2026-03", "dry")
	p.shows(t, "Trial close of March 2026", "Close it", "6.3%", "Not sealed")
	if heads, err := h.office.Heads(t.Context()); err != nil || len(heads) != 0 {
		t.Fatalf("a trial sealed something: %v, %v", heads, err)
	}

	// By hand: 160.00 then, of it 60.00 lost with Bern; 30.00 more from Abel and 40.00 by word of mouth make 170.00 now.
	p = h.closing("2026-03", "close")
	p.shows(t, "Revenue grew by 6.3%", "−60.00", "+30.00", "+40.00", "170.00", "Word of mouth brought more new revenue")
	if p.location != "/statement/1" {
		h.get(access.Finance, "/statement").shows(t, "Revenue grew by 6.3%")
	}
	if heads, err := h.office.Heads(t.Context()); err != nil || len(heads) != 1 || heads[0].Preparer == "" || strings.Contains(heads[0].Preparer, "@") {
		t.Errorf("sealed %+v (%v): the preparer is a number, so that the person can be forgotten", heads, err)
	}

	h.get(access.Finance, "/closes").shows(t, "All that the lines reach is closed. Next comes April 2026, when its lines are here.")

	// An order that came late: Dorn bought for 30.00, after an advertisement.
	late := filepath.Join(h.folder, "orders-2026.csv")
	text, err := os.ReadFile(late)
	if err == nil {
		err = os.WriteFile(late, append(text, "5,Dorn,2026-03-30,30.00\n"...), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	p = h.closing("2026-03", "close")
	p.shows(t, "the books have changed since", `href="/closes?period=2026-03#close"`, "From there a restatement is sealed")
	if strings.Contains(p.text, "--restate") || strings.Contains(p.text, "--dry-run") {
		t.Error("a page tells to use the command line")
	}
	door := h.get(access.Finance, "/closes?period=2026-03")
	door.location = "the door"
	door.shows(t, `value="2026-03"`, "Compute it without sealing")
	if !strings.HasPrefix(p.location, "/runs/") {
		t.Errorf("a refused close leads to %s", p.location)
	}
	p = h.closing("2026-03", "dry")
	p.shows(t, "What would move", "Seal the restatement", "Revenue: New, by promotion or sales", "+30.00")
	p = h.closing("2026-03", "restate")
	p.shows(t, "What moved, and why", "Revenue grew by 25.0%", "orders of 2026-03: 3 rows, before 2")
	h.get(access.Auditor, "/closes").shows(t, "restated", "a restatement")
	h.get(access.Executive, "/room").shows(t, "Revenue grew by 25.0%", "came", "left")

	p = h.closing("2026-03", "dry")
	p.shows(t, "Nothing would move")
	if strings.Contains(p.text, "Seal the restatement") {
		t.Error("a restatement of nothing is offered")
	}
}

// With customers alone nothing can be closed; the pages say which file would unlock it and lead to where it is given.
func TestWithoutOrdersThePagesLeadToWhereTheyAreGiven(t *testing.T) {
	h, end := begin(t, t.TempDir(), map[string]string{
		"books.yaml":    "company: Spring Ltd\nsettings: {currency: EUR, timezone: Europe/Berlin}\nbooks:\n  customers: {from: customers.csv, columns: {customer_id: id, acquired_via: via}}\n",
		"customers.csv": spring["customers.csv"],
	})
	t.Cleanup(end)
	h.closing("2026-03", "close")
	for _, path := range []string{"/start/close", "/books", "/runs/3"} {
		p := h.get(access.ProgramLead, path)
		p.location = path
		p.shows(t, "there are no orders", "Give a file of them", `href="/start/files"`, `href="/start/books"`)
		for _, no := range []string{"in books.yaml", "throughline check"} {
			if strings.Contains(p.text, no) {
				t.Errorf("%s says %q", path, no)
			}
		}
	}
}

// A month that is sealed before it is over says so wherever it is shown, is not proposed, speaks for the company only while
// nothing else does, and is sealed again when it is over, whether a figure moved or not.
func TestASealOfAPeriodThatIsNotOverSaysSo(t *testing.T) {
	files := map[string]string{"orders-2026.csv": "n,id,day,amount\n3,Abel,2026-03-02,130.00\n4,Cole,2026-03-31,40.00\n5,Abel,2026-11-05,20.00\n"}
	for _, name := range []string{"books.yaml", "customers.csv", "orders-2025.csv"} {
		files[name] = spring[name]
	}
	h, end := begin(t, t.TempDir(), files)
	t.Cleanup(end)
	const early = "was not over when this was sealed: it holds what had happened until 5 November 2026."
	const day = "2026-11-05..2026-11-06"
	h.closing(day, "close")
	h.get(access.Executive, "/room").shows(t, early) // there is no other
	h.closing("2026-03", "close")
	for _, path := range []string{"/room", "/statement"} {
		p := h.get(access.Executive, path)
		p.location = path
		p.shows(t, "March 2026")
		if strings.Contains(p.text, early) {
			t.Errorf("%s is of a period that was not over", path)
		}
	}
	for _, path := range []string{"/statement/1", "/closes", "/closes/1", "/statement/1/figure/customer.revenue.current"} {
		p := h.get(access.Finance, path)
		p.location = path
		p.shows(t, early)
	}
	h.closing("2026-10", "close")
	p := h.get(access.Finance, "/closes")
	p.location = "/closes"
	p.shows(t, "November 2026", "it is not over before 1 December 2026", `name="period" list="periods" autocomplete="off" required aria-describedby="period-help" value=""`)

	for range 2 { // a session ends after eight hours without use
		h.later.Add(int64(7 * time.Hour))
		h.get(access.Finance, "/closes")
	}
	p = h.closing(day, "dry")
	p.shows(t, "Nothing would move", "A restatement seals it as one that is.", "Seal the restatement")
	p = h.closing(day, "restate")
	p.shows(t, "the period was not over when it was sealed, and is now")
	if strings.Contains(p.text, "was not over when this was sealed") {
		t.Error("the restatement is of a period that was not over")
	}
}

// A figure opens down to the question and the customers behind it.
func TestAFigureOpensOnItsQuestion(t *testing.T) {
	h, seal := closedWorld(t)
	if _, err := h.office.PrepareSeal(t.Context(), seal, 0); err != nil {
		t.Fatal(err)
	}
	path := "/statement/1/figure/customer_trailing_year.revenue.lost"
	for range 600 {
		if p := h.get(access.Analyst, path); strings.Contains(p.text, "As SQL") {
			p.shows(t, "SELECT", "What it reads", "The customers behind it")
			door := regexp.MustCompile(`href="(/statement/1/behind/lost[^"]*)"`).FindStringSubmatch(p.text)
			if door == nil {
				t.Fatal("no door to the customers")
			}
			h.get(access.Analyst, strings.ReplaceAll(door[1], "&amp;", "&")).shows(t, "equal to the last place")
			return
		}
		h.pause()
	}
	t.Fatal("the question is never told")
}
