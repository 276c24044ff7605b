package journey

import (
	"slices"
	"strings"
	"unicode"
)

// PlaceKind is what kind of touchpoint one is, as far as words tell.
type PlaceKind string

// The kinds that promises have standards for.
const (
	AtMenu     PlaceKind = "phone menu"
	AtChat     PlaceKind = "chat"
	AtPhone    PlaceKind = "phone"
	AtComplain PlaceKind = "complaint"
	AtCredit   PlaceKind = "credit"
	AtInvoice  PlaceKind = "invoice"
	AtRepair   PlaceKind = "repair"
	AtClean    PlaceKind = "cleaning"
	AtTable    PlaceKind = "table"
	AtDelivery PlaceKind = "delivery"
	AtJob      PlaceKind = "hiring"
	AtPublic   PlaceKind = "advertising"
	AtStart    PlaceKind = "start"
	AtContract PlaceKind = "contract"
	AtWebsite  PlaceKind = "website"
	AtMail     PlaceKind = "mail"
	AtAdvice   PlaceKind = "advice"
	AtCounter  PlaceKind = "counter"
	AtRoom     PlaceKind = "room"
	AtOther    PlaceKind = "other"
)

// kindWords are by which words a kind is known, in the order in which they are asked: a complaint by phone is a complaint.
var kindWords = []struct {
	kind  PlaceKind
	words string
}{
	{AtMenu, "menu announcement ivr"},
	{AtChat, "chat messenger chatbot"},
	{AtComplain, "complaint complaints refund refunds return returns claim claims"},
	{AtCredit, "credit reminder reminders collection collections debt dunning instalment instalments"},
	{AtInvoice, "invoice invoices bill bills billing statement statements receipt fee fees"},
	{AtRepair, "repair repairs guarantee warranty maintenance fault incident incidents ticket outage"},
	{AtClean, "clean cleaning cleanliness hygiene laundry linen"},
	{AtTable, "breakfast restaurant kitchen bar banquet dinner lunch meal catering"},
	{AtDelivery, "delivery deliveries parcel shipping shipment courier carrier transport transfer packing flight"},
	{AtPhone, "phone phones telephone hotline call calls line centre"},
	{AtJob, "job jobs applying candidate candidates apprentice hiring recruiting"},
	{AtPublic, "advertising advertisement social newsletter campaign reviews directories signs"},
	{AtStart, "onboarding opening start registration trial welcome arrival check-in boarding"},
	{AtContract, "contract contracts offer offers quote quotes order orders confirmation renewal cancelling application"},
	{AtWebsite, "website web site page pages online app portal checkout booking shop-online payment"},
	{AtMail, "mail e-mail email letter letters form forms"},
	{AtAdvice, "advice consultation sales demonstration review visit meeting training account"},
	{AtCounter, "counter desk reception till floor branch store shop concierge lounge cabin"},
	{AtRoom, "room rooms suite ward spa"},
}

// PlaceKinds lists the kinds in the order in which words are asked.
var PlaceKinds = func() []PlaceKind {
	var out []PlaceKind
	for _, k := range kindWords {
		out = append(out, k.kind)
	}
	return append(out, AtOther)
}()

// Kind is what kind of touchpoint it is: by its name, and where that tells nothing by what is said about it.
func (t Touchpoint) Kind() PlaceKind {
	for _, text := range []string{t.Name, t.About} {
		words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
		for _, k := range kindWords {
			if slices.ContainsFunc(strings.Fields(k.words), func(w string) bool { return slices.Contains(words, w) }) {
				return k.kind
			}
		}
	}
	return AtOther
}
