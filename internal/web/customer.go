package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
)

// customerView is one customer and what happened with them.
type customerView struct {
	Pseudonym  string
	ID         string // whole, for who may see it
	Heading    string
	Identified bool
	Name       string
	Email      string
	Account    string
	Household  string
	SentBy     *called
	Referrer   string // as the book says it, where it knows nobody of that id
	Sent       []called
	SentMore   string // how many more there are
	Story      string // in a sentence or two
	Lines      int64
	First      *calendar.Day
	Last       *calendar.Day
	Revenue    []engine.Total
	Since      *calendar.Day // of the lines that are kept; nil: all of them
	Older      []string      // the books of which older rows are no longer kept
	Facts      []said
	Merged     []called
	Unknown    bool // no row in the book of customers
	Books      []bookChoice
	Chosen     bool // not all books
	Days       []customerDay
	Turn       turn
	Erase      string
	Export     string
	Outlook    *outlookView
}

// said is a name and what it holds.
type said struct{ Name, Value string }

// bookChoice is a book that a timeline may be bounded to.
type bookChoice struct {
	Name, Text string
	On         bool
}

// customerDay is what happened on one day.
type customerDay struct {
	Day    calendar.Day
	Dated  bool
	Gap    string // how long nothing happened after it; empty: not long
	Events []customerEvent
}

// customerEvent is one row of a book as a line of a day.
type customerEvent struct {
	Clock    string
	Mark     string // came: what customers give; left: what they give back
	What     string // bought, returned, said
	Subject  string
	Amount   *money.Amount
	Currency string
	Words    string
	Withheld bool
	Whose    *called // another of the merged ids
	Details  []said
}

// eventsShown is how many events stand on a page: each may lie in a part of its
// own, and the parts of many years are not opened for a first look.
const eventsShown = 25

var customerPage = page[customerView]("customer.html")

func (s *Server) customer(v *visit) error {
	seer := v.seer()
	pseudonym := v.r.PathValue("customer")
	key, ok := seer.Veil.Uncover(pseudonym)
	if !ok {
		return v.noCustomer()
	}
	q := v.r.URL.Query()
	chosen := slices.DeleteFunc(q["book"], func(name string) bool { return !slices.Contains(eventful, name) })
	history, err := s.Office.Timeline(v.r.Context(), engine.Timeline{Key: key, Books: chosen, After: q.Get("after"), Limit: eventsShown, Seer: seer})
	switch {
	case errors.Is(err, engine.ErrUnknown):
		return v.noCustomer()
	case errors.Is(err, engine.ErrCursor):
		return v.badPlace(customerPath(seer.Veil.Cover(key)))
	case err != nil:
		return err
	}
	view := v.customerView(history)
	for _, name := range eventful {
		if _, mapped := v.company.Config.Books[name]; mapped {
			view.Books = append(view.Books, bookChoice{Name: name, Text: v.t(bookName(name)), On: slices.Contains(chosen, name)})
		}
	}
	view.Chosen = len(chosen) > 0
	place := url.Values{"book": chosen}
	if len(chosen) == 0 {
		place.Del("book")
	}
	own := view.Path()
	if q.Get("after") != "" {
		view.Turn.First = at(own, place)
	}
	if history.Next != "" {
		place.Set("after", history.Next)
		view.Turn.Next = at(own, place)
	}
	if q.Get("after") == "" { // what came before is read for it, as far back as it goes
		if view.Outlook, err = s.outlook(v, history.Customer); err != nil {
			return err
		}
	}
	return customerPage.render(v, http.StatusOK, title{Text: v.t("Customer %s", view.Pseudonym)}, view)
}

// Path is the customer's own page.
func (c customerView) Path() string { return customerPath(c.Pseudonym) }

// eventful are the books whose rows happen to a customer.
var eventful = []string{"orders", "subscriptions", "interactions", "answers", "remarks", "customers", "customer_links"}

// bookName is a book's name as a page says it: customer links.
func bookName(name string) string { return strings.ReplaceAll(name, "_", " ") }

func (v *visit) customerView(h engine.History) customerView {
	c := h.Customer
	view := customerView{
		Pseudonym: c.Pseudonym, Heading: v.t("Customer %s", c.Pseudonym), Lines: c.Lines, First: c.FirstLine, Last: c.LastLine, Revenue: v.totals(c.Revenue),
		Unknown: !c.Known, Story: v.story(c, since(h.Since)), Since: since(h.Since),
	}
	if c.Identity != nil {
		v.identity(&view, *c.Identity)
	}
	for _, f := range []said{{v.t("Segment"), c.Segment}, {v.t("Brand or legal entity"), c.Entity}, {v.t("Known how they came"), v.known(c.How)}, {v.t("Left out"), v.excluded(c.Excluded)}} {
		if f.Value != "" {
			view.Facts = append(view.Facts, f)
		}
	}
	for _, name := range eventful {
		if day, dropped := h.Since[name]; dropped {
			view.Older = append(view.Older, v.t("%s before %s", v.t(bookName(name)), v.locale.day(day)))
		}
	}
	if h.SentBy != nil {
		who := v.called(*h.SentBy)
		view.SentBy = &who
	}
	for _, c := range h.Sent {
		view.Sent = append(view.Sent, v.called(c))
	}
	if more := h.SentCount - int64(len(h.Sent)); more > 0 {
		view.SentMore = count(more)
	}
	for _, m := range h.Merged {
		view.Merged = append(view.Merged, v.called(m))
	}
	view.Days = v.days(h)
	own := view.Path()
	if v.may(access.Erase) && v.may(access.ReadCustomers) {
		view.Erase = own + "/erase"
	}
	if v.may(access.Export) && v.may(access.ReadCustomers) {
		view.Export = own + "/export"
	}
	return view
}

// identity adds who the customer is.
func (v *visit) identity(view *customerView, i engine.Identity) {
	view.Identified, view.ID, view.Heading = true, i.ID, v.t("Customer %s", shown(i.ID))
	view.Name, view.Email, view.Account, view.Household = i.Name, i.Email, i.AccountID, i.HouseholdID
	view.Referrer = i.ReferredBy
}

// known says how it is known in which way somebody came.
func (v *visit) known(how string) string {
	switch how {
	case "asked":
		return v.t("they were asked")
	case "tracked":
		return v.t("it was tracked")
	case "declared":
		return v.t("it was declared")
	case "inferred":
		return v.t("it was inferred")
	}
	return ""
}

// since is the day from which order lines are kept; nil: all are.
func since(days map[string]calendar.Day) *calendar.Day {
	if day, dropped := days["orders"]; dropped {
		return &day
	}
	return nil
}

// came is since when a customer is one: the first sale says it only where all
// sales are kept.
func came(c engine.Customer, kept *calendar.Day) *calendar.Day {
	on := c.AcquiredOn
	if c.FirstSale != nil && (on == nil && kept == nil || on != nil && *c.FirstSale < *on) {
		on = c.FirstSale
	}
	return on
}

// story is a customer in a sentence; kept is since when order lines are.
func (v *visit) story(c engine.Customer, kept *calendar.Day) string {
	since := came(c, kept)
	said := v.t("When they came is not known.")
	switch how := v.origins(c.Via); {
	case since != nil && how != "" && c.Via != "unknown":
		said = v.t("Came on %s, %s.", v.locale.day(*since), how)
	case since != nil:
		said = v.t("Came on %s; nobody asked how.", v.locale.day(*since))
	}
	switch {
	case c.LastLine == nil && kept != nil:
		return said + " " + v.t("Order lines before %s are no longer kept, and since then the books hold none of theirs.", v.locale.day(*kept))
	case c.LastLine == nil:
		return said + " " + v.t("The books hold no order of theirs.")
	case kept != nil:
		said += " " + v.t("Order lines before %s are no longer kept.", v.locale.day(*kept))
	}
	return said + " " + v.locale.tn(c.Lines, "One order line, on %[2]s.", "%[1]s order lines, the last on %[2]s.", count(c.Lines), v.locale.day(*c.LastLine))
}

// days gathers events by day, in their order.
func (v *visit) days(h engine.History) []customerDay {
	names := map[engine.Key]called{}
	for _, m := range h.Merged {
		names[m.Key] = v.called(m)
	}
	var out []customerDay
	for _, e := range h.Events {
		if n := len(out); n == 0 || out[n-1].Dated == e.Undated || !e.Undated && out[n-1].Day != e.Day {
			next := customerDay{Day: e.Day, Dated: !e.Undated}
			if n > 0 && next.Dated && out[n-1].Dated {
				next.Gap = v.gap(out[n-1].Day, e.Day)
			}
			out = append(out, next)
		}
		day := &out[len(out)-1]
		event := customerEvent{
			Clock: clock(e.Clock), What: v.happened(e.Kind), Subject: e.Subject, Amount: e.Amount, Words: e.Text, Withheld: e.Withheld,
		}
		if e.Currency != v.company.Currency {
			event.Currency = e.Currency
		}
		if who, other := names[e.Key]; other {
			event.Whose = &who
		}
		for _, d := range e.Details {
			event.Details = append(event.Details, said{v.t(bookName(d.Column)), shown(d.Value)})
		}
		switch e.Kind {
		case engine.Acquired, engine.Bought, engine.Subscribed:
			event.Mark = "came"
		case engine.Returned, engine.Ended:
			event.Mark = "left"
		}
		day.Events = append(day.Events, event)
	}
	return out
}

// clock is a time of the day to the minute.
func clock(text string) string {
	if len(text) == len("15:04:05") {
		return text[:len("15:04")]
	}
	return text
}

// gap says how long nothing happened between two days, when it is long.
func (v *visit) gap(later, earlier calendar.Day) string {
	if months := int64(later-earlier) / 30; months >= 3 {
		return v.t("%s months without anything", count(months))
	}
	return ""
}

// happened says what an event is.
func (v *visit) happened(kind engine.Kind) string {
	switch kind {
	case engine.Acquired:
		return v.t("Came")
	case engine.Bought:
		return v.t("Bought")
	case engine.Returned:
		return v.t("Gave back")
	case engine.Subscribed:
		return v.t("Subscribed")
	case engine.Ended:
		return v.t("Ended")
	case engine.Served:
		return v.t("Was served")
	case engine.Answered:
		return v.t("Answered")
	case engine.Remarked:
		return v.t("Said")
	case engine.Merged:
		return v.t("Merged")
	}
	return v.t("Noted")
}
