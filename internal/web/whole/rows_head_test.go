package whole_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
)

// Who asks for the head alone has no file made, and takes nothing.
func TestTheHeadOfRowsTakesNothing(t *testing.T) {
	h := numbered(t, 3)
	open := h.office.Engine
	h.office.Engine = func(ctx context.Context, zone string) (office.Engine, error) {
		t.Error("a file was made")
		return open(ctx, zone)
	}
	p := h.send(access.Finance, http.MethodHead, "/books/orders/rows?format=csv&period=2025", nil)
	if p.status != http.StatusOK || p.text != "" || p.header.Get("Content-Disposition") != `attachment; filename="orders-2025-01-01-2025-12-31.csv"` || !strings.HasPrefix(p.header.Get("Content-Type"), "text/csv") {
		t.Errorf("the head answers %d: %v", p.status, p.header)
	}
	if p := h.send(access.Finance, http.MethodHead, "/books/orders/rows?format=doc", nil); p.status != http.StatusBadRequest {
		t.Errorf("the head of no format answers %d", p.status)
	}
	if p := h.send(access.Employee, http.MethodHead, "/books/orders/rows?format=csv", nil); p.status != http.StatusForbidden {
		t.Errorf("the head answers who may not with %d", p.status)
	}
	if p := h.get(access.Auditor, "/audit"); strings.Contains(p.text, "rows downloaded") {
		t.Error("the audit log tells of rows that nobody got")
	}
}
