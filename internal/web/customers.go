package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/money"
)

// customersView is a page of customers, all of them or those that were looked for.
type customersView struct {
	Query      string
	Identified bool // the visitor may see who they are
	Nearly     bool // what finds customers is still being made
	NoQueue    bool // and nobody here makes it
	Count      string
	Rows       []customerRow
	Names      bool // some of them have a name or an address
	Segments   bool // some of them have a segment
	Turn       turn
	NoBooks    bool          // nothing has been imported
	Since      *calendar.Day // of the lines that are kept; nil: all of them
	MayBooks   bool
}

// customerRow is a customer in a list.
type customerRow struct {
	Customer    called
	PartOf      *called // the customer that this id was merged into, who has its lines and revenue
	Name, Email string
	Segment     string
	Origin      string
	Came        *calendar.Day
	Last        *calendar.Day
	Lines       int64
	Revenue     []engine.Total
	Excluded    string
}

// turn leads through a list that is longer than a page.
type turn struct {
	First string // the first page; empty on it
	Next  string // the next page; empty on the last
}

// called is how a page names a customer: by its id for who may see it, by its
// pseudonym for others, and always with an address that tells nobody anything.
type called struct{ Path, Text string }

var customersPage = page[customersView]("customers.html")

// seer is who asks, as the engine has to know.
func (v *visit) seer() engine.Seer {
	return engine.Seer{Identified: v.may(access.ReadCustomers), Veil: engine.NewVeil(v.server.Key)}
}

// called names a customer. Addresses carry pseudonyms: an id may be a mail
// address, and addresses stay in histories, in logs and on screens.
func (v *visit) called(c engine.Customer) called {
	text := c.Pseudonym
	if c.Identity != nil {
		text = shown(c.Identity.ID)
	}
	return called{Path: customerPath(c.Pseudonym), Text: text}
}

func customerPath(pseudonym string) string { return "/customers/" + url.PathEscape(pseudonym) }

// shownLength is how much of an id or a name stands in a row; a customer's own
// page has all of it.
const shownLength = 80

// shown is a text of the books made fit for one line of a page. Of marks that
// stand on one letter, beyond what any language writes, the rest is left out:
// they would grow over other rows.
func shown(text string) string {
	var b strings.Builder
	n, marks := 0, 0
	for _, r := range text {
		if marks++; !unicode.Is(unicode.Mn, r) {
			marks = 0
		}
		if marks > mostMarks {
			continue
		}
		if n++; n > shownLength {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}

// mostMarks is how many marks may stand on one letter.
const mostMarks = 4

func (s *Server) customers(v *visit) error {
	q := v.r.URL.Query()
	if id := q.Get("id"); id != "" {
		return s.customerOf(v, id)
	}
	asked := strings.TrimSpace(strings.ToValidUTF8(q.Get("q"), "\uFFFD"))
	view := customersView{Query: asked, Identified: v.may(access.ReadCustomers), MayBooks: v.may(access.ReadBooks)}
	found, err := s.Office.Search(v.r.Context(), engine.Search{Text: asked, After: q.Get("after"), Seer: v.seer()})
	switch {
	case errors.Is(err, engine.ErrUnready):
		view.Nearly = true
		if _, err := s.Office.PrepareBooks(v.r.Context(), v.user().ID); errors.Is(err, office.ErrNoQueue) {
			view.NoQueue = true
		} else if err != nil {
			return err
		}
		return customersPage.render(v, http.StatusOK, title{Text: v.t("Customers"), Refresh: waitSeconds}, view)
	case errors.Is(err, engine.ErrCursor):
		return v.badPlace("/customers")
	case err != nil:
		return err
	}
	view.NoBooks = asked == "" && len(found.Found) == 0
	view.Count, view.Since = v.howMany(found), since(found.Since)
	for _, c := range found.Found {
		row := v.customerRow(c, view.Since)
		view.Names, view.Segments = view.Names || row.Name != "" || row.Email != "", view.Segments || row.Segment != ""
		view.Rows = append(view.Rows, row)
	}
	place := url.Values{}
	if asked != "" {
		place.Set("q", asked)
	}
	if q.Get("after") != "" {
		view.Turn.First = at("/customers", place)
	}
	if found.Next != "" {
		place.Set("after", found.Next)
		view.Turn.Next = at("/customers", place)
	}
	return customersPage.render(v, http.StatusOK, title{Text: v.t("Customers")}, view)
}

// waitSeconds is after how long a page asks again for what is being prepared.
const waitSeconds = 3

// customerOf leads from an id, as another system may know it, to the customer's page.
func (s *Server) customerOf(v *visit, id string) error {
	if v.may(access.ReadCustomers) {
		found, err := s.Office.Search(v.r.Context(), engine.Search{Text: id, Limit: 1, Seer: v.seer()})
		if err != nil {
			return err
		}
		if len(found.Found) == 1 && found.Found[0].Identity != nil && found.Found[0].Identity.ID == id {
			return v.goTo(customerPath(found.Found[0].Pseudonym))
		}
	}
	return v.noCustomer()
}

// badPlace answers an address that says where in a list to go on and was given
// by no page of the list.
func (v *visit) badPlace(list string) error {
	return v.refuse(http.StatusBadRequest, v.t("This is no place in the list"), v.t("The address was changed on its way, or the list has been made anew since. Begin at its first page."), door{Path: list, Text: v.t("The first page")})
}

func (v *visit) noCustomer() error {
	return v.refuse(http.StatusNotFound, v.t("The books hold no such customer"), v.t("The address may be mistyped, or the customer has been erased."), door{Path: "/customers", Text: v.t("All customers")})
}

// howMany says how many were found. Where ids are merged it is ids that are
// counted: a customer may be found by several.
func (v *visit) howMany(found engine.Customers) string {
	n := count(found.Count)
	_, merges := v.company.Config.Books["customer_links"]
	switch {
	case merges && found.More:
		return v.t("More than %s customer ids", n)
	case merges:
		return v.locale.tn(found.Count, "1 customer id", "%s customer ids", onlyMany(found.Count, n)...)
	case found.More:
		return v.t("More than %s customers", n)
	}
	return v.locale.tn(found.Count, "1 customer", "%s customers", onlyMany(found.Count, n)...)
}

// onlyMany are the arguments of a sentence whose singular has none.
func onlyMany(n int64, args ...any) []any {
	if n == 1 {
		return nil
	}
	return args
}

func (v *visit) customerRow(c engine.Customer, kept *calendar.Day) customerRow {
	row := customerRow{
		Customer: v.called(c), Segment: shown(c.Segment), Origin: v.origins(c.Via), Came: came(c, kept), Last: c.LastLine, Lines: c.Lines, Revenue: v.totals(c.Revenue),
		Excluded: v.excluded(c.Excluded),
	}
	if c.Identity != nil {
		row.Name, row.Email = shown(c.Identity.Name), shown(c.Identity.Email)
	}
	if c.PartOf != nil {
		whole := v.called(*c.PartOf)
		row.PartOf = &whole
	}
	return row
}

// totals name their currency where it is not the books' own; nothing bought is
// nothing in the books' currency.
func (v *visit) totals(revenue []engine.Total) []engine.Total {
	if len(revenue) == 0 {
		return []engine.Total{{Amount: money.Amount{}}}
	}
	out := make([]engine.Total, 0, len(revenue))
	for _, t := range revenue {
		if t.Currency == v.company.Currency {
			t.Currency = ""
		}
		out = append(out, t)
	}
	return out
}

// origins says how somebody came, in the words of a page.
func (v *visit) origins(via string) string {
	switch via {
	case "":
		return ""
	case "referral":
		return v.t("sent by a customer")
	case "reputation":
		return v.t("by reputation")
	case "paid":
		return v.t("by promotion")
	case "sales":
		return v.t("by our sales")
	case "partner":
		return v.t("by a partner")
	}
	return v.t("nobody asked")
}

// excluded says why somebody is in no statement.
func (v *visit) excluded(why string) string {
	switch why {
	case "":
		return ""
	case "test":
		return v.t("a test, in no statement")
	case "staff":
		return v.t("staff, in no statement")
	}
	return v.t("the company itself, in no statement")
}

// at is an address with its query.
func at(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
