package sim

import (
	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/money"
)

// cents is an amount of that many hundredths.
func cents(n int64) money.Amount { return money.FromMicros(n * 10_000) }

// Default is the world of the demonstration.
func Default() World {
	return World{
		Seed: 1, Company: "Simulated Example Ltd", Currency: "EUR", TimeZone: "Europe/Berlin",
		Start: calendar.DayOf(2024, 1, 1), End: calendar.DayOf(2026, 11, 1),
		Customers: 1000, HistoryYears: 1, Arrivals: Arrivals{PerMonth: 70, Growth: 0.006},
		Purchases: Purchases{Model: ParetoNBD, R: 0.9, Alpha: 45, S: 1.2, Beta: 900, A: 0.7, B: 6},
		Season:    Season{Amplitude: 0.25, Peak: 12},
		Spend:     Spend{Model: Lognormal, Median: cents(4200), Sigma: 0.8, Between: 0.5, P: 6, Q: 4, Gamma: 21, ParetoShape: 1.6},

		LinesPerOrder: 2, Products: 40, Returns: 0.04, Unidentified: 0.08,
		Prices:  Prices{Listed: true, Yearly: 0.03, Spread: 0.04, Elasticity: -0.8, Promoted: 0.15, Discount: 0.1, Margin: 0.45, MarginSpread: 0.15},
		Foreign: Foreign{Share: 0.03, Currency: "USD", Rate: cents(92), Volatility: 0.08},
		Origins: Origins{Referral: 0.24, Reputation: 0.18, Paid: 0.36, Sales: 0.14, Partner: 0.08},
		Known:   Known{Tracked: 0.36, Declared: 0.20, Asked: 0.12, Inferred: 0.04, Nobody: 0.28, InferredRight: 0.7},

		ReferralsFollowHappiness: true,

		Referrals:     Referrals{Rate: 0.012, Contagion: 2, ContagionBackwards: 1, Complaints: 1, ComplaintsBackwards: 1, ComplaintDays: 365},
		Service:       Service{PerMonth: 0.25, FailureEffect: 2.5, MemoryDays: 60, Reopened: 0.04, Transferred: 0.12},
		Touchpoints:   defaultTouchpoints(),
		Voice:         Voice{NPSPerYear: 0.5, CSAT: 0.4, CES: 0.2, Responds: 0.35, DiscontentResponds: 1.6, Comments: 0.3, Remarks: 0.03, RemarksFailed: 0.25},
		Subscriptions: Subscriptions{Share: 0.06, Monthly: cents(900), Changes: 0.02, Pauses: 0.01, Annual: 0.25},
		Departments:   defaultDepartments(),
		Staff:         Staff{Turnover: 0.22, FirstYear: 2, EmptyDays: 40, Candidates: 4, Declined: 0.15, Validity: 0.3, ManagerChange: 1, Promoted: 0.1, Pulse: 0.7},
		Training:      Training{PerYear: 2, Role: 0.6, Effect: 0.08, HalfLife: 270, Hours: 8, DirectCost: cents(18_000)},
		Spending:      Spending{PerBought: cents(2400), PerReferred: cents(500), Retain: cents(15), PerHire: cents(350_000), Fixed: cents(800_000)},

		Excluded: 6, Merged: 12,
		LedgerDifference: LedgerDifference{Month: calendar.MonthOf(calendar.DayOf(2026, 8, 1)), Amount: cents(125_000)},
	}
}

func defaultTouchpoints() []Touchpoint {
	return []Touchpoint{
		{Name: "website", Department: "product", Stage: "choose", Channel: "web", Contacts: 0.30, Sells: 0.65, Quality: 0.70, Contained: 0.7, WaitSeconds: 20, HandleSeconds: 240, CostPerHour: cents(5400), CostPerContact: cents(12), People: 4},
		{Name: "phone", Department: "service", Stage: "ask", Channel: "phone", Contacts: 0.25, Sells: 0.05, Quality: 0.66, Contained: 0.1, Abandoned: 0.12, WaitSeconds: 180, HandleSeconds: 420, CostPerHour: cents(4800), CostPerContact: cents(60), People: 12},
		{Name: "chat", Department: "service", Stage: "ask", Channel: "chat", Contacts: 0.15, Quality: 0.62, Contained: 0.35, Abandoned: 0.08, WaitSeconds: 60, HandleSeconds: 330, CostPerHour: cents(4500), CostPerContact: cents(25), People: 6},
		{Name: "shop", Department: "shops", Stage: "buy", Channel: "in person", Contacts: 0.12, Sells: 0.30, Quality: 0.80, WaitSeconds: 120, HandleSeconds: 300, CostPerHour: cents(4200), People: 10},
		{Name: "delivery", Department: "delivery", Stage: "receive", Channel: "in person", Contacts: 0.12, Quality: 0.72, WaitSeconds: 600, HandleSeconds: 180, CostPerHour: cents(3600), CostPerContact: cents(350), People: 8},
		{Name: "invoice", Department: "finance", Stage: "pay", Channel: "email", Contacts: 0.06, Quality: 0.68, WaitSeconds: 7200, HandleSeconds: 540, CostPerHour: cents(5700), CostPerContact: cents(90), People: 3},
	}
}

func defaultDepartments() []Department {
	return []Department{
		{Name: "service", Employer: "own", People: 2, AnnualCost: cents(4_200_000),
			Pays:   []Pay{{"handle_seconds", -0.7}, {"resolved", 0.3}},
			Levers: []Lever{{"take the time that a question needs", 5, []float64{4, 3}}, {"answer sooner", 1, []float64{-2, 0.5}}}},
		{Name: "marketing", Employer: "own", People: 5, AnnualCost: cents(5_200_000),
			Pays:   []Pay{{"new_customers", 1}},
			Levers: []Lever{{"buy advertising", 1, []float64{6}}, {"make referring easy", 4, []float64{1}}}},
		{Name: "shops", Employer: "own", People: 1, AnnualCost: cents(3_400_000),
			Pays:   []Pay{{"revenue", 0.6}, {"csat", 0.4}},
			Levers: []Lever{{"advise", 3, []float64{2, 3}}, {"promote", -1, []float64{3, 0}}}},
		{Name: "delivery", Employer: "contractor", People: 1, AnnualCost: cents(3_000_000),
			Pays:   []Pay{{"handle_seconds", -1}},
			Levers: []Lever{{"hand over in person", 4, []float64{3}}, {"leave at the door", -2, []float64{-4}}}},
		{Name: "product", Employer: "own", People: 6, AnnualCost: cents(6_400_000),
			Pays:   []Pay{{"contained", 0.5}, {"resolved", 0.5}},
			Levers: []Lever{{"mend what breaks", 5, []float64{2, 4}}, {"hide the telephone number", -3, []float64{4, -1}}}},
		{Name: "finance", Employer: "own", People: 4, AnnualCost: cents(5_600_000),
			Pays:   []Pay{{"costs", -1}},
			Levers: []Lever{{"write invoices that can be read", 3, []float64{0.5}}, {"shorten the time to pay", -2, []float64{-2}}}},
		{Name: "people", Employer: "own", People: 3, AnnualCost: cents(5_400_000),
			Pays:   []Pay{{"training_hours", 0.5}, {"turnover", -0.5}},
			Levers: []Lever{{"train at the touchpoint", 4, []float64{3, -1}}, {"cut courses", -3, []float64{-4, 0.5}}}},
	}
}
