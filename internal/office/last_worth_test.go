package office

import (
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/growth"
)

// The last close of October is that of September; one that was restated, of other customers, by another definition or of another end is none, and
// the quarter that ends there serves where no month does.
func TestTheLastCloseIsTheOneThatEndsWhereThisOneBegins(t *testing.T) {
	head := func(id int64, kind calendar.Kind, start, end calendar.Day, grain string, active growth.Active, restatedBy int64) Head {
		return Head{
			Sealed:   closing.Sealed{Seal: closing.Seal{ID: id}, RestatedBy: restatedBy},
			Identity: closing.Identity{Period: calendar.Period{Start: start, End: end}, Kind: kind, Grain: grain, Active: active},
		}
	}
	august, july, september, october, november := calendar.DayOf(2026, 8, 1), calendar.DayOf(2026, 7, 1), calendar.DayOf(2026, 9, 1), calendar.DayOf(2026, 10, 1), calendar.DayOf(2026, 11, 1)
	this := head(9, calendar.Months, october, november, "customer", growth.Net, 0)
	others := []Head{
		head(1, calendar.Months, august, september, "customer", growth.Net, 0), head(2, calendar.Months, september, october, "account", growth.Net, 0),
		head(3, calendar.Months, september, october, "customer", growth.AnyLine, 0), head(4, calendar.Months, september, october, "customer", growth.Net, 5), this,
	}
	if x, ok := lastBefore(others, this); ok {
		t.Errorf("seal %d is the last close", x.ID)
	}
	quarter := head(6, calendar.Quarters, july, october, "customer", growth.Net, 0)
	month := head(5, calendar.Months, september, october, "customer", growth.Net, 0)
	for _, c := range []struct {
		heads []Head
		want  int64
	}{{append(others, quarter), 6}, {append(others, month, quarter), 5}, {append(others, quarter, month), 5}, {append(others, month, head(7, calendar.Months, september, october, "customer", growth.Net, 0)), 7}} {
		if x, ok := lastBefore(c.heads, this); !ok || x.ID != c.want {
			t.Errorf("the last close is seal %d, want %d", x.ID, c.want)
		}
	}
}
