package closing

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
)

// marginNames warns of names in the setting margin that no line up to the
// period's end has.
func (c *Closer) marginNames(ctx context.Context, ledger Ledger, until calendar.Day, doc *document) error {
	unused, err := ledger.UnusedMargins(ctx, until)
	if err != nil || len(unused) == 0 {
		return err
	}
	var names []string
	for _, name := range unused[:min(len(unused), 5)] {
		names = append(names, strconv.Quote(name))
	}
	if more := len(unused) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	text := names[0]
	if last := len(names) - 1; last > 0 {
		text = strings.Join(names[:last], ", ") + " and " + names[last]
	}
	doc.Warnings = append(doc.Warnings, Warning{"margin_names", "margin names " + text + ", as no product, plan or customer segment is written"})
	return nil
}
