package web

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/journey"
)

// takeProposalsAct takes what a promise proposes to its brand: as it is, changed, or not at all.
var takeProposalsAct = act[journey.Brand]{
	name: "take", heading: "What the promise proposes", about: "Standards and questions that follow from it, each to take, to change or to leave. What the brand has already is not proposed again; a standard proposes only touchpoints that nothing measures by the same yet.", button: "Take what says so", noted: "proposals taken",
	fits: func(e *editor, b journey.Brand) bool { return b.Retired == nil && !journey.Propose(b, e.m).Empty() },
	fields: func(e *editor, b journey.Brand) []mapField {
		p := journey.Propose(b, e.m)
		var out []mapField
		if len(p.Standards) > 0 {
			out = append(out, e.proposedStandards(p), mapField{Name: "from", Label: e.v.t("The standards hold from"), Help: e.v.t("Empty: always, also where an earlier period is closed."), Kind: "day"})
		}
		for _, l := range e.asks(p) {
			out = append(out, mapField{Name: l.name, Label: l.label, Help: e.v.t("Change the words as you like."), Kind: "rows", Columns: []formColumn{
				e.takeColumn(),
				{Name: "text", Label: e.v.t("Question"), Kind: "text"},
			}})
		}
		return out
	},
	texts: func(e *editor, b journey.Brand) map[string]string {
		p, out := journey.Propose(b, e.m), map[string]string{}
		var standards [][]string
		for _, x := range p.Standards {
			standards = append(standards, []string{"yes", oneLine(e.v.t(x.Notices)), standardTexts(e, x)["target"], x.Key})
		}
		out["standards"] = rowsText(standards)
		for _, l := range e.asks(p) {
			var rows [][]string
			for _, text := range l.texts {
				rows = append(rows, []string{"yes", oneLine(e.v.t(text))})
			}
			out[l.name] = rowsText(rows)
		}
		return out
	},
	apply: takeProposals,
}

func (e *editor) takeColumn() formColumn {
	return formColumn{Name: "take", Label: e.v.t("Take it"), Kind: "choice", Short: true, Options: []mapOption{{Value: "yes", Text: e.v.t("take")}, {Value: "no", Text: e.v.t("leave")}}}
}

// proposedStandards are rows of standards: what a customer notices and the target can be changed, the measure and where it binds are
// said, and can be changed once it is taken.
func (e *editor) proposedStandards(p journey.Proposal) mapField {
	var which []mapOption
	for _, x := range p.Standards {
		names := make([]string, len(x.Touchpoints))
		for i, key := range x.Touchpoints {
			names[i] = e.called(key)
		}
		which = append(which, mapOption{Value: x.Key, Text: e.v.t("%s, at %s", e.v.locale.promise(x), strings.Join(names, ", "))})
	}
	return mapField{Name: "standards", Label: e.v.t("Standards"), Help: e.v.t("The target is in the unit of the measure: 90 for 90 per cent."), Kind: "rows", Columns: []formColumn{
		e.takeColumn(), {Name: "notices", Label: e.v.t("What a customer would notice"), Kind: "text"}, {Name: "target", Label: e.v.t("Target"), Kind: "number", Short: true},
		{Name: "which", Label: e.v.t("Measured by, and where"), Kind: "choice", Options: which},
	}}
}

// askList is one of the lists of proposed questions.
type askList struct {
	name, label string
	texts       []string
}

// asks are the lists that propose something.
func (e *editor) asks(p journey.Proposal) []askList {
	return slices.DeleteFunc([]askList{
		{"asktouchpoints", e.v.t("To ask customers at touchpoints"), p.AtTouchpoints}, {"askinterviews", e.v.t("To ask in interviews"), p.AtInterviews}, {"askpulses", e.v.t("To ask our people"), p.AtPulses},
	}, func(l askList) bool { return len(l.texts) == 0 })
}

func takeProposals(e *editor, key string, typed map[string]string) error {
	b, _ := e.m.Brand(key)
	p := journey.Propose(*b, e.m)
	var wrong mistyped
	from, err := dayOf(typed["from"])
	if err != nil {
		wrong.add(e.v, "from", "This is no day; write it as %s", e.today)
	}
	for _, row := range rowsOf(typed["standards"], 4) {
		i := slices.IndexFunc(p.Standards, func(x journey.Standard) bool { return x.Key == row[3] })
		if row[0] != "yes" || i < 0 {
			continue
		}
		fields := standardTexts(e, p.Standards[i])
		fields["notices"], fields["target"] = row[1], row[2]
		next, err := e.standardOf(p.Standards[i], fields)
		if err != nil {
			wrong.add(e.v, "standards", "%q is no target of this measure", shown(row[2]))
		}
		next.From = from
		e.m.Standards = append(e.m.Standards, next)
	}
	for name, into := range map[string]*[]string{"asktouchpoints": &b.AtTouchpoints, "askinterviews": &b.AtInterviews, "askpulses": &b.AtPulses} {
		for _, row := range rowsOf(typed[name], 2) {
			if row[0] == "yes" && row[1] != "" && !slices.Contains(*into, row[1]) {
				*into = append(*into, row[1])
			}
		}
	}
	return wrong.err()
}
