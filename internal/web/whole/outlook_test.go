package whole_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/throughline/throughline/evidence"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
)

// What each customer's page tells of them, summed over all customers, is what the close has sealed of the base: two ways to the same
// number, one by the engine's histories, one by the timelines.
func TestOutlooksOfAllCustomersComeToTheBase(t *testing.T) {
	h, seal := closedWorld(t)
	doc, err := h.office.Document(t.Context(), seal)
	if err != nil || !doc.Equity.Open() {
		t.Fatalf("no equity statement: %v %+v", err, doc.Equity)
	}
	seer := engine.Seer{Identified: true, Veil: engine.NewVeil([]byte("sixteen bytes and more"))}
	var alive, worth, bought float64
	n, after := int64(0), ""
	told := func(f evidence.Figure) float64 {
		e, ok := f.Estimate()
		if !ok {
			r, _ := f.Refusal()
			t.Fatalf("refused: %s", r.Reason)
		}
		x, _ := e.Value.Float64()
		return x
	}
	for {
		page, err := h.office.Search(t.Context(), engine.Search{After: after, Limit: 200, Seer: seer})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Found {
			if c.MergedInto != 0 {
				continue
			}
			o, err := h.office.Outlook(t.Context(), c, seer)
			if err != nil {
				t.Fatal(err)
			}
			if o == nil || o.Why != "" {
				continue
			}
			n++
			alive, worth, bought = alive+told(o.Alive), worth+told(o.Value), bought+told(o.Outlook.Purchases)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	base := doc.Equity.Base
	if n != base.Customers {
		t.Errorf("%d customers have an outlook, and %d are in the base", n, base.Customers)
	}
	for _, x := range []struct {
		name   string
		got    float64
		sealed evidence.Figure
	}{{"alive", alive, base.Alive}, {"purchases", bought, base.Purchases}, {"value", worth, base.Value}} {
		if want := told(x.sealed); math.Abs(x.got/want-1) > 1e-6 {
			t.Errorf("%s: customers come to %v, sealed is %v", x.name, x.got, want)
		}
	}
	found, err := h.office.Search(t.Context(), engine.Search{Limit: 1, Seer: seer})
	if err != nil || len(found.Found) == 0 {
		t.Fatal(err)
	}
	list := h.get(access.Finance, "/customers").text
	_, rest, _ := strings.Cut(list, `href="/customers/`)
	path, _, _ := strings.Cut(rest, `"`)
	if p := h.get(access.Finance, "/customers/"+path); p.status != http.StatusOK || !strings.Contains(p.text, `id="outlook"`) {
		t.Errorf("the page of a customer answers %d without what they are likely to do", p.status)
	}
}

// Who is listed as gone quiet is likelier gone than not on their own page too, with the same probability, and the most is at stake with the first.
func TestWhoHasGoneQuietIsListed(t *testing.T) {
	h, seal := closedWorld(t)
	heads, err := h.office.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seer := engine.Seer{Identified: true, Veil: engine.NewVeil([]byte("sixteen bytes and more"))}
	for _, head := range heads {
		if head.ID != seal {
			continue
		}
		list, all, err := h.office.Silent(t.Context(), head, 10, seer)
		if err != nil || len(list) != 10 || all < 10 {
			t.Fatalf("%d of %d listed, %v", len(list), all, err)
		}
		for i, one := range list {
			o, err := h.office.Outlook(t.Context(), *one.Customer, seer)
			if err != nil || o.Why != "" {
				t.Fatalf("%+v, %v", o, err)
			}
			e, _ := o.Alive.Estimate()
			alive, _ := e.Value.Float64()
			if math.Abs(alive-one.Silence.Alive) > 2e-6 || alive >= 0.5 || o.Purchases != one.Silence.Purchases {
				t.Errorf("%s: %v after %d purchases on their page, %v after %d in the list", one.Customer.Pseudonym, alive, o.Purchases, one.Silence.Alive, one.Silence.Purchases)
			}
			if i > 0 && one.Stake.Cmp(list[i-1].Stake) > 0 {
				t.Errorf("rank %d has more at stake than the one before", i+1)
			}
		}
	}
	path := fmt.Sprintf("/statement/%d/equity", seal)
	if p := h.get(access.Finance, path); p.status != http.StatusOK || !strings.Contains(p.text, `id="quiet"`) || strings.Count(p.text, `href="/customers/`) != 10 {
		t.Errorf("the page answers %d without the list", p.status)
	}
	if p := h.get(access.Employee, path); p.status != http.StatusOK || strings.Contains(p.text, `href="/customers/`) {
		t.Errorf("an employee sees who has gone quiet, or no page: %d", p.status)
	}
}
