package web

import (
	"net/http"
	"strconv"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// workforceView is who works here, who stays, and whether hiring returns. It is of groups of people.
type workforceView struct {
	Seal        sealLine
	Pages       []door
	Finding     []string
	Span        string
	Locked      []lockedView
	Figures     []bigView
	Roll        []headLine
	RollRefused []lockedView
	Apart       string // contractors' workers
	Parts       []workPart
	By          *workTable
	Staying     *stayTable
	Selection   *selectionView
	Offers      []workFigure
	NotRead     []string // words for exits that no table knows
	Notes       []noteView
}

// headLine is a line of the roll-forward, its bar from the running sum before it to that after it.
type headLine struct {
	Label            string
	Value            numView
	Total            bool
	At, Width, Paint string
}

// workPart are figures that a manager looks for together.
type workPart struct {
	ID, Title, Said string
	Figures         []workFigure
	Stages          []stageRow
}

// workFigure is a figure, or several that were refused for one reason.
type workFigure struct {
	bigView
	Names []numView // of those refused
}

// stageRow is the share of people who completed a course of a stage.
type stageRow struct{ Name, Share, Bar string }

var workforcePage = page[workforceView]("workforce.html")

func (s *Server) workforce(v *visit, h office.Head, o *opened) error {
	view := o.workforceView(v.r.URL.Query().Get("by"))
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "people")
	return workforcePage.render(v, http.StatusOK, title{Text: v.t("Who works here, and who stays, %s", view.Seal.Name)}, view)
}

func (o *opened) workforceView(by string) workforceView {
	var view workforceView
	w := o.doc.Workforce()
	if !w.Open() {
		lock := lockedView{What: o.t("Who works here, and who stays"), Why: "this seal was made before those who work here were stated", Opens: "a close of a later period, or a restatement"}
		if w != nil {
			lock.Why, lock.Opens = w.Refused, w.UnlockedBy
		}
		view.Locked = []lockedView{lock}
		return view
	}
	b := sealed.WorkforceBlock
	o.lead = b
	if w.Period != nil {
		view.Span = o.days(*w.Period)
	}
	view.Finding = o.workforceFinding(w)
	view.Figures = o.bigs(b, "company.headcount", "company.turnover", "staying.company.retention_1_year", "company.expected_stay")
	view.Roll = o.headLines(w)
	if r := w.Company.Roll; r != nil && r.Reason != "" {
		view.RollRefused = []lockedView{{What: o.t("Roll-forward"), Why: r.Reason, Opens: r.Need}}
	}
	view.Apart = o.contractorsSaid(w)
	view.Parts = o.workParts(w)
	view.By = o.workTable(w, by)
	if view.By != nil {
		by = view.By.by // both tables begin with the same groups
	}
	view.Staying = o.stayTable(w, by)
	view.Selection = o.selectionView(w)
	view.Offers = o.merged(b, "offers.pay", "offers.training", "offers.training_worth_pay")
	for _, x := range w.NotRead {
		view.NotRead = append(view.NotRead, x.Name)
	}
	view.Notes = o.notes
	return view
}

// workforceFinding is the page in a sentence or two.
func (o *opened) workforceFinding(w *sealed.Workforce) []string {
	var out []string
	turnover, left := w.Company.Figures["turnover"].Estimate()
	switch r := w.Company.Roll; {
	case !r.Told():
	case left && turnover.Value != nil:
		out = append(out, o.tn(r.Closing, "%s person works here; it was %s when the period began. %s left, %s of the mean headcount.", "%s people work here; it was %s when the period began. %s left, %s of the mean headcount.",
			count(r.Closing), count(r.Opening), count(r.Left), percent(turnover.Value)))
	default:
		out = append(out, o.tn(r.Closing, "%s person works here; it was %s when the period began.", "%s people work here; it was %s when the period began.", count(r.Closing), count(r.Opening)))
	}
	if e, ok := w.Staying.Company.Figures["retention_1_year"].Estimate(); ok && e.Value != nil {
		out = append(out, o.t("Of a hundred who are hired, %s to %s stay a year.", o.number(sealed.Foretold, ofHundred(e.Low), false), o.number(sealed.Foretold, ofHundred(e.High), false)))
	}
	return out
}

// headLines are the counts of the company, as they add up.
func (o *opened) headLines(w *sealed.Workforce) []headLine {
	r := w.Company.Roll
	if !r.Told() {
		return nil
	}
	names := []string{"opening", "hired", "came_over", "left", "went_over", "closing"}
	paints := []string{"f-ink2", "f-petrol", "f-petrol", "f-clay", "f-clay", "f-ink"}
	most := float64(max(r.Opening+r.Hired+r.CameOver, 1))
	var out []headLine
	at := 0.0
	for i, n := range r.Lines() {
		l := headLine{Total: i == 0 || i == 5, Paint: paints[i]}
		from, to := at, at+float64(n)
		if l.Total {
			from, to = 0, float64(n)
		}
		at = to
		if n == 0 && (i == 2 || i == 4) {
			continue // nobody went over
		}
		l.At, l.Width = place(100*max(0, min(from, to))/most), place(100*max(from-to, to-from)/most)
		name := "company.roll_forward." + names[i]
		if l.Total {
			l.Value, _, _ = o.num(sealed.WorkforceBlock, name)
		} else {
			l.Value, _, _ = o.line(sealed.WorkforceBlock, name)
		}
		d, _ := sealed.Define(sealed.Key(sealed.WorkforceBlock, name))
		l.Label = o.t(d.Label)
		out = append(out, l)
	}
	return out
}

// contractorsSaid is the roll-forward of those who are employed elsewhere.
func (o *opened) contractorsSaid(w *sealed.Workforce) string {
	c := w.Contractors
	switch {
	case c.Hidden:
		return o.t("Contractors’ workers are too few to be told of: it takes at least %s.", count(w.Minimum))
	case !c.Roll.Told() || c.Roll.Empty():
		return ""
	}
	r := c.Roll
	out := o.tn(r.Closing, "Contractors’ workers stand apart and are in no figure here: %s at the end, %s when the period began; %s came, %s left.", "Contractors’ workers stand apart and are in no figure here: %s at the end, %s when the period began; %s came, %s left.",
		count(r.Closing), count(r.Opening), count(r.Hired), count(r.Left))
	if r.WentOver > 0 {
		out += " " + o.tn(r.WentOver, "%s became an employee.", "%s became employees.", count(r.WentOver))
	}
	if r.CameOver > 0 {
		out += " " + o.tn(r.CameOver, "%s had been an employee.", "%s had been employees.", count(r.CameOver))
	}
	return out
}

// workParts are the figures of the company in the groups that managers look for.
func (o *opened) workParts(w *sealed.Workforce) []workPart {
	of := func(names ...string) []workFigure {
		for i := range names {
			names[i] = "company." + names[i]
		}
		return o.merged(sealed.WorkforceBlock, names...)
	}
	leaving := workPart{ID: "leaving", Title: o.t("Leaving"), Figures: of("turnover", "voluntary_turnover", "involuntary_turnover", "first_year_turnover"),
		Said: o.t("By choice and by the company’s choice need not sum to all: retirement, death and moves to another firm of the group are neither.")}
	staying := workPart{ID: "staying", Title: o.t("Staying"), Figures: append(o.merged(sealed.WorkforceBlock, "staying.company.retention_1_year", "staying.company.retention_2_years", "staying.company.retention_3_years"),
		of("expected_stay", "expected_stay_median", "tenure_mean", "tenure_median")...), Said: o.t("How long people stay from the day of hiring on, by all that the books know of stays.")}
	if n := w.Staying.Horizon; n > 0 {
		staying.Said += " " + o.tn(int64(n), "The expected stay is counted up to %s year.", "The expected stay is counted up to %s years.", strconv.Itoa(n))
	}
	learning := workPart{ID: "learning", Title: o.t("Learning"), Figures: of("training_hours_per_head", "training_cost_per_head", "training_hours_known", "training_cost_known", "trained")}
	for _, s := range w.Company.Stages {
		if e, ok := s.Figure.Estimate(); ok && e.Value != nil {
			learning.Stages = append(learning.Stages, stageRow{Name: s.Name, Share: percent(e.Value), Bar: place(100 * float(e.Value))})
		}
	}
	return []workPart{
		leaving, staying,
		{ID: "filling", Title: o.t("Filling places"), Figures: of("time_to_fill_median", "time_to_fill_mean", "opening_known", "candidates_per_hire", "offers_accepted", "filled_from_within", "moves_per_head")},
		learning,
		{ID: "leading", Title: o.t("Leading"), Figures: of("span_median", "span_mean", "span_largest", "manager_unknown")},
		{ID: "replacing", Title: o.t("Cost of replacing somebody"), Figures: o.merged(sealed.WorkforceBlock, "replacement.total", "replacement.hiring", "replacement.training"),
			Said: o.t("What hiring and the courses of a first year cost. An empty place, a slower start and others’ help are in no book and not in it.")},
	}
}

// merged are figures in their order; those that were refused for one reason stand as one.
func (o *opened) merged(b sealed.Block, names ...string) []workFigure {
	var out []workFigure
	at := map[string]int{}
	for _, x := range o.bigs(b, names...) {
		why := x.Refused + "\x00" + x.Opens
		name := numView{Text: x.Label, Note: x.Note}
		if i, ok := at[why]; ok && x.Refused != "" {
			out[i].Names = append(out[i].Names, name)
			continue
		}
		f := workFigure{bigView: x}
		if x.Refused != "" {
			at[why], f.Names = len(out), []numView{name}
		}
		out = append(out, f)
	}
	return out
}

// selectionView is whether the money spent on hiring returns.
type selectionView struct {
	Reading string
	Figures []workFigure
}

func (o *opened) selectionView(w *sealed.Workforce) *selectionView {
	readings := map[string]string{
		"higher_scores_go_with_staying": o.t("Those with higher scores in the interview left less in their first year. It need not be because of what the score measures."),
		"higher_scores_go_with_leaving": o.t("Those with higher scores in the interview left more in their first year. It need not be because of what the score measures."),
		"not_told_apart_from_none":      o.t("Whether scores of the interview go with staying at all cannot be told from chance."),
		"not_known":                     o.t("Whether the interview tells who stays is not known."),
	}
	return &selectionView{Reading: readings[w.Selection.Reading], Figures: o.merged(sealed.WorkforceBlock, "selection.spent", "selection.cost_per_stayer", "selection.early_leaving",
		"selection.stay_hazard_ratio", "selection.stay_correlation", "selection.course_correlation")}
}

// peopleInstead is what stands in place of a customer statement, where the books are of people alone.
type peopleInstead struct {
	Said    []string
	Figures []bigView
	Door    door
}

// peopleInstead is nil where there is a customer statement, or none of people.
func (o *opened) peopleInstead() *peopleInstead {
	w := o.doc.Workforce()
	if !w.Open() || o.seal == 0 || o.doc.Statement(o.doc.Headline()).Open() {
		return nil
	}
	return &peopleInstead{Said: o.workforceFinding(w), Figures: o.bigs(sealed.WorkforceBlock, "company.headcount", "company.turnover", "staying.company.retention_1_year", "company.expected_stay"),
		Door: door{Path: statementPath(o.seal) + "/people", Text: o.t("Who works here, and who stays")}}
}
