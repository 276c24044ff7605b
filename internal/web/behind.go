package web

import (
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"strconv"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/money"
)

// behindView is a page of the customers behind a sealed figure.
type behindView struct {
	Heading, Meaning string
	Seal             int64
	Label            string
	Span             string // the period
	Then             string // the comparison period
	SealedAt         string
	Fingerprint      string
	Nearly           bool
	NoQueue          bool // nobody here prepares anything
	Sealed, Found    behindSums
	Agrees           bool
	Nobody           bool // lines that belong to nobody
	New              bool // the line is of new customers, who came somehow
	Mixed            bool // the line has customers of several states
	Brought          bool // the line is of referrers
	Grouped          string
	Entities, Names  bool
	Paint            string // class of the bars; empty: none are drawn
	StakeName        string
	Rows             []behindRow
	Turn             turn
	Download         string
	Identified       bool
	Lines            []door
	Statement        string
}

// behindSums are a line's customers and amount; empty where there are none.
type behindSums struct{ Units, Sum, Lines string }

// behindRow is one customer, account or household behind a figure.
type behindRow struct {
	Rank           int64
	Customer       *called
	Name           string
	Group, Entity  string
	State, How     string
	Prior, Current money.Amount
	Stake          money.Amount
	Share          string
	Width          string // of the bar, in per cent of the line's largest
	Brought        string // of referrers: how many customers, and the steps of the longest chain below
	Depth          string
	Chain          money.Amount
}

var behindPage = page[behindView]("behind.html")

// behindPath leads to the customers behind a line of a seal's statement.
func behindPath(seal int64, block sealed.Block, line engine.Line) string {
	place := url.Values{}
	if block != "" {
		place.Set("of", string(block))
	}
	return at(behindList(seal, line), place)
}

// behindList is the address of a line's list, without its query.
func behindList(seal int64, line engine.Line) string {
	return "/statement/" + strconv.FormatInt(seal, 10) + "/behind/" + url.PathEscape(string(line))
}

// behindOf reads which line of which statement is asked for.
func (v *visit) behindOf() (office.Behind, error) {
	q := v.r.URL.Query()
	seal, err := strconv.ParseInt(v.r.PathValue("seal"), 10, 64)
	if err != nil {
		return office.Behind{}, program.ErrNone
	}
	return office.Behind{Seal: seal, Block: sealed.Block(q.Get("of")), Line: engine.Line(v.r.PathValue("line")), After: q.Get("after"), Seer: v.seer()}, nil
}

func (s *Server) behind(v *visit) error {
	asked, err := v.behindOf()
	if err != nil {
		return v.noFigure()
	}
	found, err := s.Office.Behind(v.r.Context(), asked)
	switch {
	case errors.Is(err, program.ErrNone):
		return v.noFigure()
	case errors.Is(err, engine.ErrCursor):
		return v.badPlace(behindPath(asked.Seal, asked.Block, asked.Line))
	case errors.Is(err, engine.ErrUnready):
		return s.behindNearly(v, asked, found)
	case err != nil:
		return err
	}
	view := v.behindView(asked, found)
	view.Found = v.sums(office.Line{Units: &found.Units, Sum: &found.Sum, Lines: &found.Lines}, found.Sealed)
	view.Agrees = found.Agrees()
	largest, err := s.largest(v, asked, found)
	if err != nil {
		return err
	}
	for _, row := range found.Rows {
		line := v.behindRow(row, found.Sum)
		if view.Paint != "" {
			line.Width = widthOf(row.Stake, largest)
		}
		view.Rows = append(view.Rows, line)
		view.Entities, view.Names = view.Entities || row.Entity != "", view.Names || line.Name != ""
	}
	list, place := behindList(asked.Seal, asked.Line), url.Values{"of": {string(found.Block)}}
	if len(found.Rows) > 0 {
		view.Download = at(list+"/csv", place)
	}
	if asked.After != "" {
		view.Turn.First = at(list, place)
	}
	if found.Next != "" {
		place.Set("after", found.Next)
		view.Turn.Next = at(list, place)
	}
	return behindPage.render(v, http.StatusOK, title{Text: view.Heading}, view)
}

// largest is the largest stake of a line, which is the whole width of a bar on
// every page of the list.
func (s *Server) largest(v *visit, asked office.Behind, found office.Standings) (money.Amount, error) {
	if asked.After != "" {
		asked.After, asked.Limit = "", 1
		first, err := s.Office.Behind(v.r.Context(), asked)
		if err != nil {
			return money.Amount{}, err
		}
		found = first
	}
	if len(found.Rows) == 0 {
		return money.Amount{}, nil
	}
	return found.Rows[0].Stake, nil
}

// widthOf is how wide a bar is; what is below zero has none.
func widthOf(stake, largest money.Amount) string {
	if largest.Sign() <= 0 || stake.Sign() <= 0 {
		return "0"
	}
	width, _ := new(big.Rat).Quo(stake.Rat(), largest.Rat()).Float64()
	return strconv.FormatFloat(min(100, 100*width), 'f', 2, 64)
}

// behindNearly asks for what is missing and says that it is being made.
func (s *Server) behindNearly(v *visit, asked office.Behind, found office.Standings) error {
	view := v.behindView(asked, found)
	view.Nearly = true
	_, err := s.Office.PrepareSeal(v.r.Context(), asked.Seal, v.user().ID)
	if errors.Is(err, office.ErrNoQueue) {
		view.NoQueue = true
	} else if err != nil {
		return err
	}
	return behindPage.render(v, http.StatusOK, title{Text: view.Heading, Refresh: waitSeconds}, view)
}

func (v *visit) noFigure() error {
	return v.refuse(http.StatusNotFound, v.t("There is no such sealed figure"), v.t("The address may be mistyped. Statements and their seals are listed under closes."), door{Path: "/closes", Text: v.t("All closes")})
}

// behindView is all that is known without the customers.
func (v *visit) behindView(asked office.Behind, found office.Standings) behindView {
	doc := found.Of.Read
	words := v.lineWords(asked.Line)
	view := behindView{
		Heading: words.heading, Meaning: words.meaning, StakeName: words.stake, Seal: asked.Seal, Label: found.Of.Label, SealedAt: v.moment(found.Of.At), Fingerprint: found.Of.Fingerprint,
		Sealed: v.sums(found.Sealed, found.Sealed), Nobody: asked.Line == engine.Unidentified, Identified: v.may(access.ReadCustomers),
		Statement: "/statement/" + strconv.FormatInt(asked.Seal, 10),
	}
	if s := found.Statement; s != nil && s.Period != nil && s.Compared != nil {
		view.Span, view.Then = v.span(*s.Period), v.span(*s.Compared)
	}
	switch asked.Line {
	case engine.NewEarned, engine.NewBought, engine.NewUnattributed, engine.NewCustomers, engine.NewSince:
		view.New = true
	case engine.Closing, engine.Other, engine.Prior, engine.Current, engine.Quiet:
		view.Mixed = true
	case engine.Referrers:
		view.Mixed, view.Brought = true, true
	}
	view.Paint = paints[asked.Line]
	switch {
	case view.Brought: // customers, whatever the grain
	case doc.Grain == "account":
		view.Grouped = v.t("Account")
	case doc.Grain == "household":
		view.Grouped = v.t("Household")
	}
	for _, line := range walked {
		view.Lines = append(view.Lines, door{Path: behindPath(asked.Seal, found.Block, line), Text: v.lineWords(line).heading, Current: line == asked.Line})
	}
	return view
}

// paints are the bars' classes: clay for what went against us, petrol for what
// customers gave, grey for what was bought, hatched for what nobody knows.
var paints = map[engine.Line]string{
	engine.Lost: "f-clay", engine.Contraction: "f-clay", engine.Expansion: "f-petrol", engine.Retained: "f-petrol", engine.Returning: "f-band s-petrol", engine.NewEarned: "f-petrol",
	engine.NewUnattributed: "f-hatch s-ink3", engine.NewBought: "f-bought", engine.NewCustomers: "f-ink", engine.NewSince: "f-ink", engine.Opening: "f-ink", engine.Closing: "f-ink",
	engine.Prior: "f-ink", engine.Current: "f-ink", engine.Excluded: "f-bought",
	engine.Referrers: "f-petrol", engine.Quiet: "f-clay",
}

// walked are the lines that a page leads on to.
var walked = []engine.Line{
	engine.Lost, engine.Contraction, engine.Expansion, engine.Returning, engine.NewEarned, engine.NewUnattributed, engine.NewBought, engine.Other, engine.Opening, engine.Closing,
}

// span is a period as it is said, both days within it.
func (v *visit) span(p calendar.Period) string { return v.locale.days(p) }

// sums prints what is known of a line, and of what was found only as much as
// is sealed too, except where nothing is.
func (v *visit) sums(l, like office.Line) (out behindSums) {
	if l.Units != nil {
		out.Units = count(*l.Units)
	}
	if l.Sum != nil {
		out.Sum = amount(*l.Sum)
	}
	if l.Lines != nil && like.Lines != nil {
		out.Lines = count(*l.Lines)
	}
	return out
}

func (v *visit) behindRow(s engine.Standing, sum money.Amount) behindRow {
	row := behindRow{
		Rank: s.Rank, Group: shown(s.Group), Entity: shown(s.Entity), State: v.state(s.State), How: v.origins(s.Via), Prior: s.Prior, Current: s.Current, Stake: s.Stake, Share: shareOf(s.Stake, sum),
	}
	if row.How == "" {
		row.How = v.t("nobody asked")
	}
	if b := s.Brought; b != nil {
		row.Brought, row.Depth, row.Chain = count(b.Customers), count(b.Depth), b.Chain
	}
	if s.Customer != nil {
		who := v.called(*s.Customer)
		row.Customer = &who
		if s.Customer.Identity != nil {
			row.Name = shown(s.Customer.Identity.Name)
		}
	}
	return row
}

// shareOf is a part of a sum in per cent; empty where the sum's parts have both signs
// enough to make it nothing.
func shareOf(part, sum money.Amount) string {
	if sum.IsZero() {
		return ""
	}
	share := new(big.Rat).Quo(part.Rat(), sum.Rat())
	if share.Sign() > 0 && share.Cmp(big.NewRat(1, 2000)) < 0 {
		return "< 0.1%"
	}
	return percent(share)
}

// state says what became of somebody between the two periods.
func (v *visit) state(state string) string {
	switch state {
	case "retained":
		return v.t("stayed")
	case "lost":
		return v.t("left")
	case "returning":
		return v.t("returned")
	case "new":
		return v.t("came")
	case "newbefore":
		return v.t("came in between")
	case "idle":
		return v.t("active in neither")
	}
	return ""
}
