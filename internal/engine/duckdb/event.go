package duckdb

import (
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
)

// What of a row is shown as what.
var (
	subjects = map[string]string{
		"orders": "product", "subscriptions": "plan", "interactions": "touchpoint", "answers": "question", "remarks": "touchpoint",
	}
	amounts = map[string]string{"orders": "amount", "subscriptions": "monthly_amount"}
)

// written are the columns that hold what somebody wrote or said, or who
// somebody is, in words of their own.
var written = map[string][]string{
	"customers": {"name", "email"}, "subscriptions": {"end_reason"}, "interactions": {"reason"}, "answers": {"comment"}, "remarks": {"text"}, "pulses": {"comment"},
}

// shown is an event as its seer may see it.
func (h happened) shown(to engine.Seer) engine.Event {
	e := engine.Event{Book: h.book, Kind: h.kind, Key: h.key, Currency: h.cells["currency"]}
	if h.At == undated {
		e.Undated = true
	} else {
		e.Day = calendar.Day(floorDiv(h.At, dayMicros))
		if rest := h.At - midnight(e.Day); rest > 0 {
			e.Clock = time.UnixMicro(rest).UTC().Format(time.TimeOnly)
		}
	}
	if text := h.cells[amounts[h.book]]; text != "" {
		a := amount(text)
		e.Amount = &a
	}
	taken := map[string]bool{"currency": true, amounts[h.book]: true}
	e.Subject, taken[subjects[h.book]] = h.cells[subjects[h.book]], true
	shape, _ := fact.Find(h.book)
	for _, name := range written[h.book] {
		taken[name] = true
		switch text := h.cells[name]; {
		case text == "":
		case to.Identified:
			e.Text = text
		default:
			e.Withheld = true
		}
	}
	for _, c := range shape.Columns {
		value := h.cells[c.Name]
		if value == "" || taken[c.Name] || c.Name == shape.Time || c.Refers != "" || c.Type == fact.ID && !to.Identified {
			continue
		}
		if c.Type == fact.Money || c.Type == fact.Number {
			value = amount(value).String()
		}
		e.Details = append(e.Details, engine.Detail{Column: c.Name, Value: value})
	}
	return e
}
