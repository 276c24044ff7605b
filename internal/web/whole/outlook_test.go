package whole_test

import (
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
