package office

import (
	"time"

	"github.com/throughline/throughline/calendar"
)

// day is a date in the company's time zone: "3 October 2011".
func (w *writing) day(t time.Time) string { return w.date(calendar.DayIn(t, w.company.Location())) }

func (w *writing) date(d calendar.Day) string {
	year, month, day := d.Date()
	return w.t("%d %s %d", day, w.t(months[month-1]), year)
}

// moment is a date and the time of the day in the company's time zone.
func (w *writing) moment(t time.Time) string {
	return w.t("%s at %s", w.day(t), t.In(w.company.Location()).Format("15:04"))
}

// days are the first and the last day of a period.
func (w *writing) days(p calendar.Period) string {
	return w.t("%s to %s", w.date(p.Start), w.date(p.End-1))
}
