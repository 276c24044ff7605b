package books

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/engine"
)

// marginNames tells of names in the setting margin that nothing in the books
// has: a misspelt one changes no figure and would never be noticed.
func (c *Check) marginNames(ctx context.Context) ([]Finding, error) {
	h := c.Held
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(h.Config.Settings.Margin)), func(name string) bool { return name == "default" })
	if len(names) == 0 {
		return nil, nil
	}
	var columns []engine.TextColumn
	for book, column := range map[string]string{"orders": "product", "subscriptions": "plan", "customers": "segment"} {
		basis := h.Config.Settings.StatementBasis
		if book != "customers" && basis != "both" && basis != book {
			continue
		}
		if parts := h.parts(book); len(parts) > 0 {
			columns = append(columns, engine.TextColumn{Name: column, Parts: parts})
		}
	}
	unused, err := c.Inspector.UnusedNames(ctx, names, columns)
	if err != nil || len(unused) == 0 {
		return nil, err
	}
	return []Finding{{
		Code: "margin_names", Count: int64(len(unused)), Text: "margin names " + quotedNames(unused) + ", as no product, plan or customer segment is written",
		Do: "write it in settings as the products, plans or segments of the books are written, small and capital letters alike, or take it out",
	}}, nil
}

// quotedNames lists names, the first five of many.
func quotedNames(names []string) string {
	var out []string
	for _, n := range names[:min(len(names), 5)] {
		out = append(out, strconv.Quote(n))
	}
	if more := len(names) - len(out); more > 0 {
		out = append(out, fmt.Sprintf("%d more", more))
	}
	if len(out) == 1 {
		return out[0]
	}
	return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
}
