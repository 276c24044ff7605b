package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/sealed"
)

// sealedView is what a sealed customer statement says.
type sealedView struct {
	Finding  []string
	Covers   string // how much of the revenue it sees
	Lead     string // heads of its columns; Beside is empty where there is one
	Beside   string
	Columns  []door // the same statement with the other column in front
	Spans    string // the days of the column in front, and those that it is compared with
	Refused  []lockedView
	People   *peopleInstead
	Restated *restatedView
	Rates    ratesView
	Warnings []warningView
	Bridge   bridgeView
	Roll     []rollRow
	Tenure   []tenureRow
	Earned   *earnedView
	Cohorts  *cohortsView
	Coverage coverageView
	Ledger   *ledgerView
	Doors    []door // downloads
	Notes    []noteView
	Trial    *trialMoves // of a close that was not sealed
}

var statementBody = page[sealedView]("statement-body.html")

// lockedView is a part that the books do not allow: drawn like a figure, with what would open it.
type lockedView struct{ What, Why, Opens string }

// warningView is something to read the figures with, in the words that were sealed.
type warningView struct{ Name, Text, Column string }

func (o *opened) sealedView() sealedView {
	view := sealedView{Lead: o.head(o.lead), Doors: o.downloads()}
	other, two := o.doc.Beside(o.lead)
	if two {
		view.Beside = o.head(other)
		for _, b := range o.doc.Blocks(sealed.Period) {
			view.Columns = append(view.Columns, door{Path: columnPath(o.seal, b), Text: o.head(b), Current: b == o.lead})
		}
	} else {
		view.Lead = o.name
	}
	if s := o.doc.Statement(o.lead); s != nil && s.Period != nil && s.Compared != nil {
		view.Spans = o.t("%s, compared with %s", o.days(*s.Period), o.days(*s.Compared))
	}
	view.Finding = o.finding(o.lead)
	view.Refused, view.People = o.locked(), o.peopleInstead()
	view.Restated = o.restated()
	if s := o.doc.Statement(o.lead); s.Open() {
		view.Covers = o.covers(s)
		view.Rates = o.rates()
		view.Bridge = o.bridge()
		view.Roll = o.roll()
		view.Earned = o.earnedShare()
		view.Coverage = o.coverage()
		view.Ledger = o.ledger()
	}
	view.Warnings = o.warnings(two)
	view.Cohorts, view.Tenure = o.cohorts(), o.tenures()
	view.Notes = o.notes
	return view
}

// locked are the statements and parts that the books did not allow.
func (o *opened) locked() []lockedView {
	var out []lockedView
	add := func(what string, l sealed.Locked) {
		if l.Refused != "" {
			out = append(out, lockedView{what, l.Refused, l.UnlockedBy})
		}
	}
	if s := o.doc.Customer; s != nil {
		add(o.t("Customer statement"), s.Locked)
	}
	if s := o.doc.Trailing; s != nil {
		add(o.t("Year to %s", o.name), s.Locked)
	}
	if c := o.doc.Cohorts; c != nil && (o.doc.Customer == nil || c.Locked != o.doc.Customer.Locked) {
		add(o.t("Who stays"), c.Locked)
	}
	return out
}

// covers says how much the statement sees.
func (o *opened) covers(s *sealed.Statement) string {
	share, ok := o.estimate(o.lead, "coverage.identified_share")
	if !ok {
		return ""
	}
	with, all := s.Counted["lines_identified"], s.Counted["lines_identified"]+s.Counted["lines_unidentified"]
	text := o.t("Covers %s of revenue: %s of %s order lines carry a customer id.", percent(share.Value), count(with), count(all))
	if n := s.Counted["lines_refused"]; n > 0 {
		text += " " + o.tn(n, "%s line was refused, with its reason.", "%s lines were refused, with reasons.", count(n))
	}
	return text
}

func (o *opened) warnings(two bool) []warningView {
	var out []warningView
	sorted := slices.Clone(o.doc.Warnings)
	slices.SortStableFunc(sorted, func(a, b sealed.Warning) int { return cmp.Compare(o.place(a.Block()), o.place(b.Block())) })
	for _, w := range sorted {
		x := warningView{Name: o.warningName(w.Code), Text: warned(w)}
		if two {
			x.Column = o.head(w.Block())
		}
		out = append(out, x)
	}
	return out
}

// warned is a warning without where the command line lists its rows; a seal keeps its words for good.
func warned(w sealed.Warning) string {
	text, _, _ := strings.Cut(w.Plain(), "; `throughline ")
	return text
}

// place is 0 for the column in front.
func (o *opened) place(b sealed.Block) int {
	if b == o.lead {
		return 0
	}
	return 1
}

// warningName is a warning in two or three words.
func (o *opened) warningName(code string) string {
	switch code {
	case "short_history":
		return o.t("Short history")
	case "comparison_incomplete":
		return o.t("The comparison period is not whole")
	case "period_open":
		return o.t("The period was not over")
	case "period_lengths":
		return o.t("Periods of unequal length")
	case "identified_share_moved":
		return o.t("More or fewer lines carry an id")
	case "origin_inferred":
		return o.t("Some origins are guesses")
	case "refused_rows":
		return o.t("Rows were refused")
	case "refused_undated":
		return o.t("Refused rows without a date")
	case "rounded":
		return o.t("Amounts were rounded")
	case "returning":
		return o.t("Customers who returned")
	case "equity_orders":
		return o.t("Subscriptions are not in the worth of the base")
	case "course_names":
		return o.t("A course of the settings that nobody took")
	case "margin_names":
		return o.t("A margin that nothing has")
	}
	return code
}

func (o *opened) downloads() []door {
	path := statementPath(o.seal) + "/download."
	return []door{{Path: path + "txt", Text: o.t("Text")}, {Path: path + "csv", Text: o.t("CSV")}, {Path: path + "json", Text: o.t("JSON")}}
}
