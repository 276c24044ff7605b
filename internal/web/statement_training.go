package web

import (
	"net/http"
	"slices"

	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// trainingView is training as an asset: the roll-forward, who carries it, the same spend under both accountings, and what leaves with people.
type trainingView struct {
	Seal     sealLine
	Pages    []door
	Finding  string
	Span     string
	Currency string
	Locked   []lockedView
	Figures  []bigView
	Roll     []assetLine
	Filling  string
	Carpet   *carpetView
	Tables   []assetTable
	Leaving  []bigView
	Came     string
	Not      []notRow
	Cover    []noteRow
	Policies []policyRow
	Courses  []policyRow
	Reviews  []noteRow
	Effects  []noteRow
	Even     bool
	Journal  []door
	Notes    []noteView
}

// assetLine is a line of the roll-forward, its bar from the running sum before it to that after it.
type assetLine struct {
	Label, Amount string
	Note          string
	Total         bool
	At, Width     string
	Paint         string
}

// assetTable is the roll-forward by one dimension.
type assetTable struct {
	ID, Title, Of string
	Moves         bool // some of it went between them
	Restated      bool // some of it is of earlier months
	Rows          []assetRow
	All           *assetRow
}

// assetRow is that of one group. The bar is the closing, the mark the opening.
type assetRow struct {
	Name                                                                      string
	Own                                                                       bool
	Opening, Restated, Added, Moved, Amortised, WrittenOff, Impaired, Closing string
	Bar, Mark                                                                 string
}

// carpetView is the same spend month by month, as an expense and as an investment.
type carpetView struct {
	Said           string
	Rows           []carpetRow
	Spent, Charged string
	Difference     string
	Carried        string
}

// carpetRow is one month: what it costs as reported, and as an investment; Own months are the period's.
type carpetRow struct {
	Label                             string
	Spent, Charged, Carried           string
	SpentBar, ChargedBar, CarriedMark string
	Own                               bool
}

// notRow is training that is not carried, and why.
type notRow struct{ Why, Records, Cost string }

// policyRow is how courses of a kind, or one course, are treated.
type policyRow struct {
	Name, Kind, Life, Method string
	Own                      bool // the name is the books'
}

var trainingPage = page[trainingView]("training.html")

func (s *Server) training(v *visit, h office.Head, o *opened) error {
	view := o.trainingView()
	view.Seal, view.Pages = v.sealLine(h), v.sealPages(h.ID, "training")
	return trainingPage.render(v, http.StatusOK, title{Text: v.t("Training as an asset, %s", view.Seal.Name)}, view)
}

func (o *opened) trainingView() trainingView {
	view := trainingView{Currency: string(o.currency)}
	t := o.doc.TrainingAsset()
	if !t.Open() {
		lock := lockedView{What: o.t("Training as an asset"), Why: "this seal was made before the training asset was stated", Opens: "a close of a later period, or a restatement"}
		if t != nil {
			lock.Why, lock.Opens = t.Refused, t.UnlockedBy
		}
		view.Locked = []lockedView{lock}
		return view
	}
	b := sealed.TrainingBlock
	o.lead = b
	view.Span, view.Finding = o.monthSpan(t.First, t.Last), o.trainingFinding(t)
	view.Figures = o.bigs(b, "roll_forward.closing", "roll_forward.additions", "roll_forward.written_off", "contractors.roll_forward.closing")
	view.Roll = o.rollLines(t.Roll)
	if t.Cover.Filling {
		view.Filling = o.t("The books of trainings begin in %s. What was taught before is not in the asset, so it is still filling up, and less is amortised than would be.", o.spanName(t.Cover.Begin))
	}
	view.Carpet = o.carpet(t)
	view.Tables = o.rollTables(t)
	view.Leaving = o.bigs(b, "expected_write_offs.within_a_year", "expected_write_offs.while_lives_last", "expected_write_offs.expected_for_the_period", "expected_write_offs.written_off_of_the_opening")
	o.trainingTerms(&view, t)
	path := statementPath(o.seal) + "/journal."
	view.Journal = []door{{Path: path + "beancount", Text: "Beancount"}, {Path: path + "hledger", Text: "hledger"}, {Path: path + "csv", Text: "CSV"}, {Path: path + "xlsx", Text: "XLSX"}}
	view.Notes = o.notes
	return view
}

// monthSpan is the first and the last month, or one.
func (o *opened) monthSpan(first, last string) string {
	if first == last {
		return o.spanName(first)
	}
	return o.t("%s to %s", o.spanName(first), o.spanName(last))
}

// trainingFinding is the page in a sentence or two.
func (o *opened) trainingFinding(t *sealed.Training) string {
	out := o.t("Training of those employed here is carried at %s %s; it was %s when the period opened.", o.whole(t.Roll.Closing), string(o.currency), o.whole(t.Roll.Opening))
	if t.Roll.WrittenOff.Sign() > 0 {
		out += " " + o.t("%s left with people.", o.whole(t.Roll.WrittenOff))
	}
	return out
}

// whole is an amount without its small change.
func (o *opened) whole(a money.Amount) string { return a.Grouped(0) }

// taken is an amount that is subtracted; nothing is a dash.
func (o *opened) taken(a money.Amount) string {
	if a.Sign() == 0 {
		return "–"
	}
	return o.cash(a.Neg())
}

func (o *opened) rollLines(r sealed.TrainingRoll) []assetLine {
	lines := []assetLine{
		{Label: "roll_forward.opening", Total: true, Paint: "f-ink2"}, {Label: "roll_forward.restated", Paint: "f-ink2"}, {Label: "roll_forward.additions", Paint: "f-petrol"}, {Label: "roll_forward.came_over", Paint: "f-petrol"}, {Label: "roll_forward.went_over", Paint: "f-clay"},
		{Label: "roll_forward.amortised", Paint: "f-ink2"}, {Label: "roll_forward.written_off", Paint: "f-clay"}, {Label: "roll_forward.impaired", Paint: "f-clay"}, {Label: "roll_forward.closing", Total: true, Paint: "f-ink"},
	}
	amounts := []money.Amount{r.Opening, r.Restated, r.Additions, r.CameOver, r.WentOver.Neg(), r.Amortised.Neg(), r.WrittenOff.Neg(), r.Impaired.Neg(), r.Closing}
	most := inDrawing(money.Sum(r.Opening, r.Restated.Abs(), r.Additions, r.CameOver))
	var out []assetLine
	at := money.Amount{}
	for i, l := range lines {
		a := amounts[i]
		from, to := at, at.Add(a)
		if l.Total {
			from, to = money.Amount{}, a
		}
		at = to
		if i == 1 || i == 3 || i == 4 {
			if a.Sign() == 0 {
				continue // nothing of it
			}
		}
		low, high := inDrawing(from), inDrawing(to)
		if low > high {
			low, high = high, low
		}
		if most > 0 {
			l.At, l.Width = place(100*max(0, low)/most), place(100*(high-low)/most)
		}
		n, _, ok := o.num(sealed.TrainingBlock, l.Label)
		if ok {
			l.Note = n.Note
		}
		d, _ := sealed.Define(sealed.Key(sealed.TrainingBlock, l.Label))
		l.Label = o.t(d.Label)
		l.Amount = o.cash(a)
		out = append(out, l)
	}
	return out
}

// inDrawing is an amount as a place in a drawing, where exactness is not seen.
func inDrawing(a money.Amount) float64 {
	x, _ := a.Rat().Float64()
	return x
}

// carpet is the same spend under both accountings.
func (o *opened) carpet(t *sealed.Training) *carpetView {
	if len(t.Months) == 0 {
		return nil
	}
	most, mostCarried := 0.0, 0.0
	for _, m := range t.Months {
		most = max(most, inDrawing(m.Spent), inDrawing(m.Charged()))
		mostCarried = max(mostCarried, inDrawing(m.Own.Closing.Add(m.Contractors.Closing)))
	}
	if most == 0 {
		return nil
	}
	view := &carpetView{}
	var spent, charged money.Amount
	for _, m := range t.Months {
		carried := m.Own.Closing.Add(m.Contractors.Closing)
		row := carpetRow{Label: o.spanName(m.Name), Spent: o.cash(m.Spent), Charged: o.cash(m.Charged()), Carried: o.cash(carried), Own: m.Name >= t.First}
		row.SpentBar, row.ChargedBar = place(100*inDrawing(m.Spent)/most), place(100*inDrawing(m.Charged())/most)
		if mostCarried > 0 {
			row.CarriedMark = place(100 * inDrawing(carried) / mostCarried)
		}
		if row.Own {
			spent, charged = spent.Add(m.Spent), charged.Add(m.Charged())
		}
		if m.Name >= t.Cover.Begin {
			view.Rows = append(view.Rows, row)
		}
	}
	view.Spent, view.Charged, view.Difference = o.cash(spent), o.cash(charged), o.cash(spent.Sub(charged))
	switch spent.Cmp(charged) {
	case 1:
		view.Said = o.t("As carpet the period’s training costs %s %s. As an investment it costs %s: %s more has been put into people than was used up, left, or lost its use.", o.whole(spent), string(o.currency), o.whole(charged), o.whole(spent.Sub(charged)))
	case -1:
		view.Said = o.t("As carpet the period’s training costs %s %s. As an investment it costs %s: the company lives on %s of skill that it paid for earlier and has not renewed.", o.whole(spent), string(o.currency), o.whole(charged), o.whole(charged.Sub(spent)))
	default:
		view.Said = o.t("As carpet and as an investment the period’s training costs the same: %s %s.", o.whole(spent), string(o.currency))
	}
	return view
}

func (o *opened) rollTables(t *sealed.Training) []assetTable {
	var out []assetTable
	for _, x := range []struct {
		id, title, of string
		groups        []sealed.TrainingGroup
		all           sealed.TrainingRoll
	}{
		{"departments", o.t("Who carries it"), o.t("Department"), t.Departments, t.Roll}, {"courses", o.t("Which courses"), o.t("Course"), t.Courses, t.Roll},
		{"cohorts", o.t("When it was completed"), o.t("Year"), t.Cohorts, t.Roll}, {"entities", o.t("By brand or legal entity"), o.t("Brand or legal entity"), t.Entities, t.Roll},
		{"contractors", o.t("Carried of contractors’ workers"), o.t("Department"), t.Contractors.Departments, t.Contractors.Roll},
	} {
		if len(x.groups) > 1 || len(x.groups) == 1 && x.groups[0].Of != "not_given" {
			out = append(out, o.assetTable(x.id, x.title, x.of, x.groups, x.all))
		}
	}
	return out
}

func (o *opened) assetTable(id, title, of string, groups []sealed.TrainingGroup, all sealed.TrainingRoll) assetTable {
	table := assetTable{ID: id, Title: title, Of: of}
	most := 0.0
	for _, g := range groups {
		most = max(most, inDrawing(g.Closing), inDrawing(g.Opening))
		table.Restated = table.Restated || g.Restated.Sign() != 0
		table.Moves = table.Moves || g.CameOver.Sign() != 0 || g.WentOver.Sign() != 0
	}
	row := func(r sealed.TrainingRoll) assetRow {
		x := assetRow{Opening: o.cash(r.Opening), Restated: o.cash(r.Restated), Added: o.cash(r.Additions), Moved: o.cash(r.CameOver.Sub(r.WentOver)), Amortised: o.taken(r.Amortised), WrittenOff: o.taken(r.WrittenOff), Impaired: o.taken(r.Impaired), Closing: o.cash(r.Closing)}
		return x
	}
	for _, g := range groups {
		x := row(g.TrainingRoll)
		x.Name, x.Own = g.Name, true
		switch g.Of {
		case "not_given":
			x.Name, x.Own = o.t("Not known"), false
		case "rest":
			x.Name, x.Own = o.t("All others"), false
		case "small":
			x.Name, x.Own = o.t("Groups too small to be told apart"), false
		}
		x.Bar, x.Mark = barAndMark(inDrawing(g.Closing), inDrawing(g.Opening), most)
		table.Rows = append(table.Rows, x)
	}
	if len(groups) > 1 {
		sum := row(all)
		sum.Name = o.t("All")
		table.All = &sum
	}
	return table
}

// notCarriedSaid are the reasons for which training is an expense.
func (o *opened) notCarriedSaid(reason string) string {
	said := map[string]string{
		"person_unknown": o.t("The book of people does not know who it was"), "never_hired": o.t("A candidate who was not hired"), "not_employed": o.t("After they had left"),
		"not_passed": o.t("Not passed"), "compliance": o.t("Asked for by the law"), "kind_not_given": o.t("No kind is given, so it may be asked for by the law"), "by_policy": o.t("Not carried by policy"),
		"no_effect": o.t("Measured to bring less than it costs"), "cost_not_known": o.t("Neither a direct cost nor paid hours are known"), "cost_below_zero": o.t("A cost that was taken back"), "cost_too_large": o.t("A cost that no course has"),
	}
	return said[reason]
}

// trainingTerms are what the asset rests on: what is not carried, what is known of costs, and the policies.
func (o *opened) trainingTerms(view *trainingView, t *sealed.Training) {
	for _, n := range t.Not {
		view.Not = append(view.Not, notRow{o.notCarriedSaid(n.Name), count(n.Records), o.cash(n.Cost)})
	}
	c := t.Cover
	view.Cover = []noteRow{{Name: o.t("Courses completed in the period"), Value: count(c.Records)}, {Name: o.t("Their direct cost"), Value: o.cash(c.Direct)}, {Name: o.t("The pay of their hours"), Value: o.cash(c.Pay)}}
	if c.NoDirectCost > 0 {
		view.Cover = append(view.Cover, noteRow{Name: o.t("Without a direct cost"), Value: count(c.NoDirectCost)})
	}
	if c.HoursWithoutPay > 0 {
		why := o.t("With hours and no pay known for them")
		if t.Policies.Hours == nil {
			why = o.t("With hours that cannot be priced: the settings do not say how many hours a year’s pay is for")
		}
		view.Cover = append(view.Cover, noteRow{Name: why, Value: count(c.HoursWithoutPay)})
	}
	kinds := map[string]string{"role": o.t("For a role"), "general": o.t("General"), "compliance": o.t("Asked for by the law"), "": ""}
	methods := map[string]string{"individual": o.t("each person by itself"), "group": o.t("those of a month together")}
	row := func(p sealed.TrainingPolicy) policyRow {
		x := policyRow{Name: p.Name, Kind: kinds[p.Kind], Life: o.tn(int64(p.Life), "%s month", "%s months", count(int64(p.Life))), Method: methods[p.Method], Own: true}
		if !p.Capitalise {
			x.Life, x.Method = "", o.t("not carried")
		}
		return x
	}
	for _, p := range t.Policies.Kinds {
		x := row(p)
		x.Name, x.Own = kinds[p.Name], false
		view.Policies = append(view.Policies, x)
		view.Even = view.Even || t.Even
	}
	for _, p := range t.Policies.Courses {
		view.Courses = append(view.Courses, row(p))
	}
	for _, r := range t.Policies.Reviews {
		name := r.Name
		if r.Of == "kind" {
			name = kinds[r.Name]
		}
		view.Reviews = append(view.Reviews, noteRow{Name: name, Value: o.t("%s months from %s on", count(int64(r.Life)), o.spanName(r.From[:7]))})
	}
	for _, e := range t.Policies.Effects {
		view.Effects = append(view.Effects, noteRow{Name: e.Name, Value: o.t("measured %s to %s, break-even %s; impaired from %s on", e.Low, e.High, e.BreakEven, o.spanName(e.Measured[:7]))})
	}
	view.Effects = slices.Clip(view.Effects)
}
