package web

import (
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/journey"
)

// standardView is one standard.
type standardView struct {
	pieceView
	Notices, Says string
	Brand         door
	State         string
	Next          []door // what it goes on as
	Binds         []door
}

var standardPage = page[standardView]("standard.html")

// measures say what each kind of measure is.
var measures = map[journey.Kind]string{
	journey.NPS: "NPS, in points", journey.CSAT: "CSAT: satisfied, in per cent", journey.CES: "CES: how easy it was, mean", journey.Top: "an own question: the best two answers, in per cent",
	journey.Within: "served within a time, in per cent", journey.Reached: "got through, in per cent", journey.Abandoned: "gave up, in per cent", journey.Contained: "settled without a person, in per cent",
	journey.Resolved: "settled, in per cent", journey.Reopened: "came up again, in per cent", journey.Transfers: "hand-offs a contact", journey.ByHand: "a figure of the book measures",
}

// shares are the kinds of measures that pages write in per cent.
func shares(k journey.Kind) bool {
	return !slices.Contains([]journey.Kind{journey.NPS, journey.CES, journey.Transfers, journey.ByHand}, k)
}

// fewer are the kinds of which less is better.
func fewer(k journey.Kind) bool {
	return slices.Contains([]journey.Kind{journey.Abandoned, journey.Reopened, journey.Transfers}, k)
}

// goalText is a value of a target as a page has it.
func goalText(k journey.Kind, text string) string {
	x, ok := new(big.Rat).SetString(text)
	if !ok || !shares(k) {
		return text
	}
	return plain(x.Mul(x, hundred))
}

// goalOf is a value of a target as the map has it.
func goalOf(k journey.Kind, text string) string {
	text = strings.Replace(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%")), ",", ".", 1)
	x, ok := new(big.Rat).SetString(text)
	if !ok || !shares(k) || strings.ContainsAny(text, "/eExXpP_") {
		return text
	}
	return plain(x.Quo(x, hundred))
}

var standardPiece = piece[journey.Standard]{
	kind:   journey.KindStandard,
	find:   (*journey.Map).Standard,
	path:   func(x journey.Standard) string { return standardAddress(x.Brand, x.Key) },
	facets: func(e *editor, x journey.Standard) []mapField { return e.standardBody() },
	says:   standardTexts,
	show:   showStandard,
	lost: func(v *visit) error {
		return v.refuse(http.StatusNotFound, v.t("There is no such standard"), v.t("All of them stand with the brand whose they are."), door{Path: "/promise", Text: v.t("What we promise")})
	},
	acts: []act[journey.Standard]{
		{
			heading: "Change it", about: "A change of the measure, the target, the margin or the touchpoints holds from a day on: this standard ends on that day and a new one begins, so that what was before stays judged by what was promised then. Other changes hold as they are.", button: "Save", noted: "standard changed",
			fields: func(e *editor, _ journey.Standard) []mapField {
				return append(e.standardBody(), mapField{Name: "since", Label: e.v.t("The change holds from"), Help: e.v.t("The first day on which it is judged anew."), Kind: "day", Required: true})
			},
			texts: func(e *editor, x journey.Standard) map[string]string {
				x.Touchpoints, _ = e.tickable(x.Touchpoints)
				out := standardTexts(e, x)
				out["since"] = e.today.String()
				return out
			},
			apply: changeStandard,
		},
		{
			name: "end", heading: "End it", about: "From that day on nothing is judged by it. What was judged before stays.", button: "End it", noted: "standard ended",
			fits:   func(_ *editor, x journey.Standard) bool { return x.Until == nil },
			fields: func(e *editor, _ journey.Standard) []mapField { return []mapField{e.fromField()} },
			texts: func(e *editor, _ journey.Standard) map[string]string {
				return map[string]string{"from": e.today.String()}
			},
			apply: func(e *editor, key string, typed map[string]string) error {
				var wrong mistyped
				from := e.beginsOn(&wrong, "from", typed["from"])
				x, _ := e.m.Standard(key)
				x.Until = &from
				return wrong.err()
			},
		},
	},
}

func (e *editor) standardBody() []mapField {
	kinds := make([]mapOption, len(journey.Kinds))
	for i, k := range journey.Kinds {
		kinds[i] = mapOption{Value: string(k), Text: e.v.t(measures[k])}
	}
	waits := []mapOption{{Text: e.v.t("of no wait")}}
	for _, w := range journey.Waits {
		waits = append(waits, mapOption{Value: strconv.FormatInt(w, 10), Text: e.v.locale.lasting(w)})
	}
	return []mapField{
		{Name: "notices", Label: e.v.t("What a customer would notice"), Kind: "text", Required: true},
		{Name: "kind", Label: e.v.t("Measured by"), Kind: "choice", Options: kinds},
		{Name: "question", Label: e.v.t("The own question"), Help: e.v.t("Only for an own question: its key in the book of answers."), Kind: "text"},
		{Name: "seconds", Label: e.v.t("Within"), Help: e.v.t("Only for what is served within a time."), Kind: "choice", Options: waits},
		{Name: "named", Label: e.v.t("The figure"), Help: e.v.t("Only for a figure of the book measures: its name there."), Kind: "text"},
		{Name: "way", Label: e.v.t("The target is"), Help: e.v.t("Only a figure of the book measures can be either; all others follow from what is better."), Kind: "choice", Options: []mapOption{
			{Value: "least", Text: e.v.t("at least")}, {Value: "most", Text: e.v.t("at most")},
		}},
		{Name: "target", Label: e.v.t("Target"), Help: e.v.t("In the unit of the measure: 90 for 90 per cent, 40 for 40 points."), Kind: "number", Required: true},
		{Name: "well", Label: e.v.t("Well off is off by more than"), Help: e.v.t("Empty: 10 per cent, 10 points, or a tenth of the target."), Kind: "number"},
		{Name: "touchpoints", Label: e.v.t("Touchpoints that it binds"), Kind: "ticks", Groups: e.reached()},
		{Name: "from", Label: e.v.t("Holds from"), Help: e.v.t("Empty: always, also where an earlier period is closed."), Kind: "day"},
		{Name: "until", Label: e.v.t("Up to and without"), Help: e.v.t("Empty: without end."), Kind: "day"},
	}
}

func standardTexts(_ *editor, x journey.Standard) map[string]string {
	goal, way := x.Target.AtLeast, "least"
	if goal == "" && x.Target.AtMost != "" {
		goal, way = x.Target.AtMost, "most"
	}
	seconds := ""
	if x.Measure.Seconds != 0 {
		seconds = strconv.FormatInt(x.Measure.Seconds, 10)
	}
	return map[string]string{
		"notices": x.Notices, "kind": string(x.Measure.Kind), "question": x.Measure.Question, "seconds": seconds, "named": x.Measure.Named, "way": way,
		"target": goalText(x.Measure.Kind, goal), "well": goalText(x.Measure.Kind, x.Target.Well), "touchpoints": tickText(x.Touchpoints), "from": dayText(x.From), "until": dayText(x.Until),
	}
}

// standardOf reads the form.
func (e *editor) standardOf(x journey.Standard, typed map[string]string) (journey.Standard, error) {
	var wrong mistyped
	if typed["notices"] == "" {
		wrong.add(e.v, "notices", "This is needed")
	}
	if typed["target"] == "" {
		wrong.add(e.v, "target", "This is needed")
	}
	kind := journey.Kind(typed["kind"])
	x.Notices, x.Measure, x.Target = typed["notices"], journey.Measure{Kind: kind}, journey.Target{Well: goalOf(kind, typed["well"])}
	switch kind {
	case journey.Top:
		x.Measure.Question = typed["question"]
		if typed["question"] == "" {
			wrong.add(e.v, "question", "An own question is named by its key")
		}
	case journey.Within:
		n, err := strconv.ParseInt(typed["seconds"], 10, 64)
		if err != nil {
			wrong.add(e.v, "seconds", "Say within which time")
		}
		x.Measure.Seconds = n
	case journey.ByHand:
		x.Measure.Named = typed["named"]
		if typed["named"] == "" {
			wrong.add(e.v, "named", "A figure of the book measures is named")
		}
		if typed["way"] != "least" && typed["way"] != "most" {
			wrong.add(e.v, "way", "Say whether more or less is better")
		}
	}
	if goal := goalOf(kind, typed["target"]); fewer(kind) || kind == journey.ByHand && typed["way"] == "most" {
		x.Target.AtMost = goal
	} else {
		x.Target.AtLeast = goal
	}
	e.goalFits(&wrong, kind, typed)
	_, kept := e.tickable(x.Touchpoints)
	x.Touchpoints = append(linesOf(typed["touchpoints"]), kept...)
	for field, day := range map[string]**calendar.Day{"from": &x.From, "until": &x.Until} {
		d, err := dayOf(typed[field])
		if err != nil {
			wrong.add(e.v, field, "This is no day; write it as %s", e.today)
		}
		*day = d
	}
	return x, wrong.err()
}

// goalFits wants numbers, and of a share 0 to 100.
func (e *editor) goalFits(wrong *mistyped, kind journey.Kind, typed map[string]string) {
	for _, field := range []string{"target", "well"} {
		text := goalOf(kind, typed[field])
		if text == "" {
			continue
		}
		x, ok := new(big.Rat).SetString(text)
		switch {
		case !ok || strings.ContainsAny(text, "/eExXpP_"):
			wrong.add(e.v, field, "%q is no number", shown(typed[field]))
		case shares(kind) && (x.Sign() < 0 || x.Cmp(big.NewRat(1, 1)) > 0):
			wrong.add(e.v, field, "A share lies between 0 and 100 per cent")
		case field == "target" && shares(kind) && x.Sign() > 0 && x.Cmp(big.NewRat(1, 100)) < 0 && !strings.Contains(typed[field], "%"):
			wrong.add(e.v, field, "%q is less than one per cent; write 80 for 80 per cent, or the sign %% behind it if that is meant", shown(typed[field]))
		}
	}
}

// changeStandard changes what a customer reads in place, and what is judged by ending the standard and beginning another.
func changeStandard(e *editor, key string, typed map[string]string) error {
	old, _ := e.m.Standard(key)
	next, err := e.standardOf(*old, typed)
	if err != nil {
		return err
	}
	was, is := standardTexts(e, *old), standardTexts(e, next)
	judged := slices.ContainsFunc([]string{"kind", "question", "seconds", "named", "way", "target", "well", "touchpoints"}, func(f string) bool { return was[f] != is[f] })
	if !judged {
		*old = next
		return nil
	}
	var wrong mistyped
	since := e.beginsOn(&wrong, "since", typed["since"])
	if err := wrong.err(); err != nil {
		return err
	}
	if old.From != nil && *old.From >= since {
		*old = next // it had not begun
		return nil
	}
	if old.Until != nil && *old.Until <= since {
		return mistyped{{"since", e.v.t("It had ended on %s; name an earlier day, or add another standard", *old.Until)}}
	}
	old.Until = &since
	next.Key, next.From = fresh(next.Notices, func(k string) bool { _, ok := e.m.Standard(k); return ok }), &since
	e.m.Standards = append(e.m.Standards, next)
	return nil
}

func showStandard(v *visit, status int, e *editor, x journey.Standard, p pieceView) error {
	view := standardView{pieceView: p, Notices: x.Notices, Says: v.locale.promise(x), Brand: door{Path: brandAddress(x.Brand), Text: x.Brand}}
	if b, ok := e.m.Brand(x.Brand); ok {
		view.Brand.Text = b.Name
	}
	switch {
	case x.From != nil && x.Until != nil:
		view.State = v.t("It holds from %s up to and without %s.", v.locale.day(*x.From), v.locale.day(*x.Until))
	case x.From != nil:
		view.State = v.t("It holds from %s on.", v.locale.day(*x.From))
	case x.Until != nil:
		view.State = v.t("It holds up to and without %s.", v.locale.day(*x.Until))
	}
	for _, o := range e.m.Standards {
		if x.Until != nil && o.From != nil && *o.From == *x.Until && o.Brand == x.Brand && o.Notices == x.Notices {
			view.Next = append(view.Next, door{Path: standardAddress(o.Brand, o.Key), Text: v.locale.promise(o)})
		}
	}
	for _, key := range x.Touchpoints {
		view.Binds = append(view.Binds, door{Path: touchpointAddress(key), Text: e.called(key)})
	}
	return standardPage.render(v, status, title{Text: x.Notices}, view)
}

func (s *Server) standard(v *visit) error { return standardPiece.get(s, v) }

// standardSent takes one of the forms of the standard's page.
func (s *Server) standardSent(name string) func(*visit) error {
	return func(v *visit) error { return standardPiece.post(s, v, name) }
}

// newStandard is how a standard of a brand is made.
func newStandard(brand string) maker {
	return maker{
		path: brandAddress(brand) + "/standards/new", heading: "A new standard", about: "What customers can expect of this brand, how it is measured, and where it binds.", button: "Add it", kind: journey.KindStandard, noted: "standard added",
		back:   door{Path: brandAddress(brand), Text: "The brand"},
		fields: func(e *editor) []mapField { return e.standardBody() },
		texts: func(e *editor) map[string]string {
			return map[string]string{"touchpoints": e.v.r.URL.Query().Get("touchpoint")}
		},
		make: func(e *editor, typed map[string]string) (string, error) {
			x, err := e.standardOf(journey.Standard{Brand: brand}, typed)
			if err != nil {
				return "", err
			}
			x.Key = fresh(x.Notices, func(k string) bool { _, ok := e.m.Standard(k); return ok })
			e.m.Standards = append(e.m.Standards, x)
			return x.Key, nil
		},
		made: func(key string) string { return standardAddress(brand, key) + "?done=saved" },
	}
}

func (s *Server) standardNew(v *visit) error { return newStandard(v.r.PathValue("brand")).get(s, v) }

func (s *Server) standardMade(v *visit) error { return newStandard(v.r.PathValue("brand")).post(s, v) }
