package sealed

import "github.com/throughline/throughline/evidence"

// TouchpointBlock is each touchpoint, TouchpointWhole all of them together.
const (
	TouchpointBlock Block = "touchpoints"
	TouchpointWhole Block = "touchpoint_coverage"
)

// OnTouchpoints are places where customers meet the company.
const OnTouchpoints Unit = "touchpoints"

const (
	kish        = "Wilson, JASA 22 (1927); Kish, Survey Sampling (1965); Korn & Graubard, Survey Methodology 24 (1998)"
	mantel      = "Mantel & Haenszel, Journal of the National Cancer Institute 22 (1959); Sato, Biometrics 45 (1989)"
	vanderweele = "VanderWeele & Ding, Annals of Internal Medicine 167 (2017)"
	rocks       = "Reichheld, Harvard Business Review (December 2003); Rocks, The American Statistician 70 (2016)"
	kaplan      = "Kaplan & Meier, JASA 53 (1958)"
)

// touchpointDefinitions are the figures of one touchpoint. They are of each, and none is the document's.
var touchpointDefinitions = []Definition{
	{
		Name: "identified", Label: "Contacts that name a customer", Unit: Contacts, Source: ours,
		Meaning: "How many of the contacts the books can lead to a customer. What the others did next nobody knows.",
	},
	{
		Name: "wait_mean", Label: "Seconds waited", Unit: Multiple, On: Contacts, Source: kish, Formula: "Σ wait_seconds ÷ contacts of which it is known",
		Meaning: "How long customers waited in the mean. Its interval allows for customers who come again; the middle and the nine tenths stand beside it.",
	},
	{
		Name: "within_SECONDS", Label: "Served in time", Unit: Share, On: Contacts, Source: kish, Formula: "contacts not given up that waited no longer than the standard allows ÷ contacts whose wait is known or that were given up",
		Meaning: "How many contacts were served within the seconds that the standard promises. Who gave up was not served, however short they waited.",
	},
	{
		Name: "abandoned", Label: "Given up", Unit: Share, On: Contacts, Source: kish, Formula: "abandoned ÷ contacts of which it is known",
		Meaning: "How many contacts customers gave up before they were served. Where a fifth or more are not known, bounds stand beside it.",
	},
	{
		Name: "contained", Label: "Kept from a person", Unit: Share, On: Contacts, Source: kish, Formula: "contained ÷ contacts of which it is known",
		Meaning: "How many contacts automation kept from a person. Whether that was well done, those who came again say.",
	},
	{
		Name: "came_again", Label: "Kept from a person, came again", Unit: Share, On: Contacts, Source: ours, Formula: "contained contacts whose customer came to a person within 7 days ÷ contained contacts that name a customer, 7 days old",
		Meaning: "How many of the contacts that were kept from a person did not do: their customer came again within seven days.",
	},
	{
		Name: "resolved", Label: "Settled", Unit: Share, On: Contacts, Source: kish, Formula: "resolved ÷ contacts of which it is known",
		Meaning: "How many contacts settled what the customer came for.",
	},
	{
		Name: "reopened", Label: "Came up again", Unit: Share, On: Contacts, Source: kish, Formula: "reopened ÷ contacts of which it is known",
		Meaning: "How many contacts were about something that had been taken for settled.",
	},
	{
		Name: "transfers", Label: "Hand-offs a contact", Unit: Multiple, On: Contacts, Source: kish, Formula: "Σ transfers ÷ contacts of which it is known",
		Meaning: "How often a customer was passed on, in the mean.",
	},
	{
		Name: "nps", Label: "Net promoter score", Unit: Multiple, Source: rocks, Formula: "100 × (promoters − detractors) ÷ answers",
		Meaning: "Of those asked about this touchpoint, promoters less detractors, in points from −100 to 100. Who answers is not drawn by lot.",
	},
	{
		Name: "csat", Label: "Satisfied", Unit: Share, Source: kish, Formula: "answers in the top two of the scale ÷ answers",
		Meaning: "How many of those who answered about this touchpoint gave one of the two best answers.",
	},
	{
		Name: "ces", Label: "Ease", Unit: Multiple, Source: "Dixon, Freeman & Toman, Harvard Business Review (July–August 2010); " + kish, Formula: "Σ scores ÷ answers",
		Meaning: "How easy it was, in the mean of the answers; more is easier.",
	},
	{
		Name: "lost_customers", Label: "Customers lost", Unit: Customers, Source: ours, Formula: "customers who gave up, and came through at no touchpoint within 7 days",
		Meaning: "Customers who gave up here and did not come through anywhere within seven days. They stand in no score, because nobody asks them.",
	},
	{
		Name: "put_right", Label: "Put right", Unit: Share, Source: kaplan, Formula: "1 − S(t) by Kaplan–Meier over the customers who were left with something",
		Meaning: "Of the customers whose contact was given up, not settled or came up again, how many had it put right within a day, a week, a month; who is last seen without is taken out of those who wait.",
	},
	{
		Name: "cost_to_serve", Label: "Cost to serve", Unit: Worth, On: Contacts, Source: ours, Formula: "Σ costs of kind serve under the touchpoint’s names in the books",
		Meaning: "What serving here cost in the period, by the statement of profit.",
	},
	{
		Name: "cost_per_contact", Label: "Cost of a contact", Unit: Worth, On: Contacts, Source: ours, Formula: "cost to serve ÷ contacts",
		Meaning: "What serving cost for each contact.",
	},
	{
		Name: "next.difference", Label: "Came back more often than others like them", Unit: Share, Source: mantel, Formula: "Σ (x1·n0 − x0·n1)/N ÷ Σ n1·n0/N over the strata",
		Meaning: "By how many points more often, or below zero less often, customers bought in the last ninety days who had passed this touchpoint in the ninety before, than others of the same segment and brand, as long with us, who had bought as often and as lately. An association: who passes is not drawn by lot. Refused where too few came back, or too few did not.",
	},
	{
		Name: "next.e_value", Label: "What it would take", Unit: Multiple, Source: vanderweele, Formula: "r + √(r·(r − 1)), r the Mantel–Haenszel ratio or one over it",
		Meaning: "How strong something unseen would have to be tied both to passing here and to buying again, as a ratio, to explain the difference away. Near 1, little would do.",
	},
	{
		Name: "next.revenue_not_seen", Label: "Revenue not seen", Unit: Expected, Source: ours, Formula: "− difference × customers who passed × what one of the matched others who bought again spent",
		Meaning: "What those who passed would have bought besides if they had come back like the others. Below zero, they came back more. An association, and no saving that a change here would bring.",
	},
}

// togetherDefinitions are the figures of all touchpoints.
var togetherDefinitions = func() []Definition {
	var out []Definition
	for _, w := range TouchpointStates {
		out = append(out, Definition{
			Name: "states." + w.Name + ".n", Label: w.Label, Unit: OnTouchpoints, Source: ours, Formula: stateFormulas[w.Name], Meaning: "How many touchpoints are in this state by the worst of their standards: " + stateMeanings[w.Name] + ".",
			value: func(d *Document, _ Block) (Value, bool) { return Value{Count: d.Covers.Count(w.Name)}, true },
		})
	}
	unit := map[string]Unit{"lost_customers": Customers, "lost_nameless": Contacts, "came_again": Contacts}
	for _, w := range Unreached {
		out = append(out, Definition{
			Name: "unreached." + w.Name + ".n", Label: w.Label, Unit: unit[w.Name], Source: ours, Meaning: unreachedMeanings[w.Name], Formula: "Σ over touchpoints",
			value: func(d *Document, _ Block) (Value, bool) {
				l, ok := TouchpointVolume{Unreached: d.Covers.Unreached}.Lost(w.Name)
				return Value{Count: l.N}, ok
			},
		})
	}
	return append(out, Definition{
		Name: "next.clear_by_chance", Label: "Differences expected by chance", Unit: Multiple, On: OnTouchpoints, Source: "Benjamini & Hochberg, Journal of the Royal Statistical Society B 57 (1995)", Formula: "touchpoints compared ÷ 20",
		Meaning: "How many touchpoints would differ on their own if customers came back alike after all of them: with many compared, some always do.",
		value: func(d *Document, _ Block) (Value, bool) {
			if d.Covers.Next == nil || d.Covers.Next.Chance == nil {
				return Value{}, false
			}
			return Value{Figure: *d.Covers.Next.Chance}, *d.Covers.Next.Chance != (evidence.Figure{})
		},
	})
}()

var stateFormulas = map[string]string{
	"well_below": "interval < standard − margin", "below": "interval < standard", "at": "the interval holds the standard", "above": "interval > standard", "well_above": "interval > standard + margin",
	"few": "n < 30", "unmeasured": "", "unjudged": "",
}

var stateMeanings = map[string]string{
	"well_below": "the whole interval of what is measured is on the wrong side, by more than the standard’s margin", "below": "the whole interval is on the wrong side", "at": "the interval holds what is promised",
	"above": "the whole interval is on the good side", "well_above": "the whole interval is on the good side by more than the margin", "few": "fewer than thirty of what the standard counts, so that nothing is said",
	"unmeasured": "nothing in the books measures it", "unjudged": "something measures it, and no standard says what is promised",
}

var unreachedMeanings = map[string]string{
	"lost_customers": "Customers who gave up at a touchpoint and did not come through at any within seven days, added up over the touchpoints.",
	"lost_nameless":  "Contacts that were given up and name nobody: who they were, and whether they came back, nobody knows.",
	"came_again":     "Contacts that automation kept from a person, and whose customer came again within seven days all the same.",
}
