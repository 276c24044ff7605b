package whole_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// The page of referrals lists who brought most: for who may see them by their ids, for others who may open rows under
// pseudonyms, and not at all for who may not. Each leads to the customer's own page.
func TestReferralsListWhoBroughtMost(t *testing.T) {
	h, seal := closedWorld(t)
	path := fmt.Sprintf("/statement/%d/referrals", seal)
	for _, block := range []sealed.Block{sealed.Period, sealed.Trailing} {
		found, err := h.office.Behind(t.Context(), office.Behind{Seal: seal, Block: block, Line: engine.Referrers, Seer: engine.Seer{Identified: true, Veil: engine.NewVeil([]byte("sixteen bytes and more"))}})
		if err != nil || found.Units < 10 || !found.Agrees() || found.Sealed.Sum == nil {
			t.Fatalf("%d referrers of %s, %v", found.Units, found.Sum, err)
		}
		list := between(h.get(access.Finance, path+"?of="+string(block)).text, `id="most"`, "</section>")
		for _, row := range found.Rows[:10] {
			if !strings.Contains(list, ">"+row.Customer.Identity.ID+"<") {
				t.Errorf("%s: %s is not listed", block, row.Customer.Identity.ID)
			}
		}
		if strings.Contains(list, found.Rows[10].Customer.Identity.ID) || !strings.Contains(list, fmt.Sprintf("All %d of them", found.Units)) {
			t.Errorf("%s: the list reads %s", block, list)
		}
		doors := regexp.MustCompile(`href="(/customers/[^"]+|/statement/[^"]+)"`).FindAllStringSubmatch(list, -1)
		if len(doors) != 11 {
			t.Fatalf("%d doors in %s", len(doors), list)
		}
		for _, door := range doors {
			if p := h.get(access.Finance, strings.ReplaceAll(door[1], "&amp;", "&")); p.status != http.StatusOK {
				t.Errorf("%s answers %d", door[1], p.status)
			}
		}
	}
	if p := h.get(access.Analyst, path); strings.Contains(p.text, "customer-0") || !strings.Contains(p.text, `id="most"`) || strings.Count(p.text, `href="/customers/`) < 10 {
		t.Error("an analyst sees who they are, or no list")
	}
	if p := h.get(access.Employee, path); p.status != http.StatusOK || strings.Contains(p.text, `id="most"`) || strings.Contains(p.text, "/behind/") {
		t.Errorf("an employee sees customers, or no page: %d", p.status)
	}
}
