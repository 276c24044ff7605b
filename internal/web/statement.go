package web

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/sealed"
)

// statementView is a sealed customer statement: what becomes of the seal stands above, the sealed figures below.
type statementView struct {
	Seal  sealLine
	Pages []door
	PDF   bool          // this server prints it
	Body  template.HTML // rendered once for all who may see the same of it
}

// sealLine says what a page is sealed as.
type sealLine struct {
	Name, Compared  string
	At, Fingerprint string
	Path            string // of the statement
	Closes          string // of the seal
	Early           string // the period was not over when it was sealed; empty: it was
	Notices         []notice
}

// notice is something that became of a seal.
type notice struct {
	Text string
	Door *door
}

var statementPage = page[statementView]("statement.html")

// newestStatement shows the statement that speaks for the company now.
func (s *Server) newestStatement(v *visit) error {
	heads, err := s.Office.Heads(v.r.Context())
	if err != nil {
		return err
	}
	newest, ok := office.Newest(heads)
	if !ok {
		return v.nothingClosed()
	}
	return s.showStatement(v, newest)
}

// nothingClosed says what to do before there is a first statement.
func (v *visit) nothingClosed() error {
	var doors []door
	if v.may(access.Close) {
		doors = append(doors, door{Path: "/closes", Text: v.t("Close a period")})
	}
	if v.may(access.ReadBooks) {
		doors = append(doors, door{Path: "/books", Text: v.t("Look at the books")})
	}
	return v.refuse(http.StatusNotFound, v.t("Nothing has been closed yet"), v.t("A close computes every statement that the books allow and seals it. The first one shows who came, who left and how much of the growth was earned."), doors...)
}

// head finds the seal that an address names, among all.
func (v *visit) head() (office.Head, []office.Head, error) {
	id, err := strconv.ParseInt(v.r.PathValue("seal"), 10, 64)
	if err != nil {
		return office.Head{}, nil, program.ErrNone
	}
	heads, err := v.server.Office.Heads(v.r.Context())
	if err != nil {
		return office.Head{}, nil, err
	}
	i := slices.IndexFunc(heads, func(h office.Head) bool { return h.ID == id })
	if i < 0 {
		return office.Head{}, nil, program.ErrNone
	}
	return heads[i], heads, nil
}

func (s *Server) statement(v *visit) error {
	h, _, err := v.head()
	if errors.Is(err, program.ErrNone) {
		return v.noSeal()
	}
	if err != nil {
		return err
	}
	return s.showStatement(v, h)
}

func (v *visit) noSeal() error {
	return v.refuse(http.StatusNotFound, v.t("There is no such seal"), v.t("The address may be mistyped. All seals are listed under closes."), door{Path: "/closes", Text: v.t("All closes")})
}

func (s *Server) showStatement(v *visit, h office.Head) error {
	body, err := s.statementBody(v, h)
	if err != nil {
		return err
	}
	name := v.locale.periodName(h.Kind, h.Period, h.Label)
	view := statementView{Seal: v.sealLine(h), Pages: v.sealPages(h.ID, ""), PDF: s.Print != nil, Body: body}
	return statementPage.render(v, http.StatusOK, title{Text: v.t("Customer statement, %s", name), Pictures: true}, view)
}

// sealHead is what a page is sealed as, without what became of it.
func (v *visit) sealHead(h office.Head) sealLine {
	l := sealLine{
		Name: v.locale.periodName(h.Kind, h.Period, h.Label), Compared: v.locale.periodName(h.Kind, h.Compared, ""), At: v.moment(h.At), Fingerprint: h.Fingerprint,
		Path: statementPath(h.ID), Closes: closePath(h.ID),
	}
	if !calendarNamed(h.Kind) || !wholePeriod(h.Kind, h.Compared) {
		l.Compared = v.locale.days(h.Compared)
	}
	if h.Early {
		l.Early = v.t("%s was not over when this was sealed: it holds what had happened until %s.", l.Name, v.locale.day(calendar.DayIn(h.At, v.company.Location())))
	}
	return l
}

// calendarNamed tells whether periods of a kind are called by the calendar.
func calendarNamed(k calendar.Kind) bool {
	return k == calendar.Months || k == calendar.Quarters || k == calendar.Years
}

// wholePeriod tells whether a period is one of its kind: a month may be compared with any days.
func wholePeriod(k calendar.Kind, p calendar.Period) bool {
	y, m, d := p.Start.Date()
	months := map[calendar.Kind]int{calendar.Months: 1, calendar.Quarters: 3, calendar.Years: 12}[k]
	return d == 1 && (int(m)-1)%months == 0 && p.End == calendar.DayOf(y, m+time.Month(months), 1)
}

// sealLine says what became of a seal, in the visitor's words.
func (v *visit) sealLine(h office.Head) sealLine {
	l := v.sealHead(h)
	if h.RestatedBy != 0 {
		l.Notices = append(l.Notices, notice{v.t("This seal no longer stands: the books changed, and a later seal restates it."), &door{Path: statementPath(h.RestatedBy), Text: v.t("The restatement")}})
	}
	if h.Restates != 0 {
		l.Notices = append(l.Notices, notice{v.t("This seal restates an earlier one; the statement says what moved and why."), &door{Path: statementPath(h.Restates), Text: v.t("The earlier seal")}})
	}
	if h.Active == growth.AnyLine {
		l.Notices = append(l.Notices, notice{v.t("Closed by any line: whoever has a line in a period is active in it, for comparison with published figures. By the usual definition it takes net revenue above zero."), nil})
	}
	if text := v.grain(h.Grain); text != "" {
		l.Notices = append(l.Notices, notice{text, nil})
	}
	switch {
	case h.Review != nil:
		l.Notices = append(l.Notices, notice{v.t("Reviewed by %s on %s.", v.whoever(h.Review.Reviewer), v.moment(h.Review.At)), nil})
	default:
		l.Notices = append(l.Notices, notice{v.t("Prepared by %s; nobody has reviewed it yet.", v.whoever(h.Preparer)), &door{Path: l.Closes, Text: v.t("Review")}})
	}
	return l
}

func orNobody(l *locale, name string) string {
	if name == "" {
		return l.t("nobody named")
	}
	return name
}

// grain says what one customer is, where it is not a customer id.
func (v *visit) grain(grain string) string {
	switch grain {
	case "account":
		return v.t("One customer here is an account: all customers with the same account id.")
	case "household":
		return v.t("One customer here is a household: all customers with the same household id.")
	case "entity":
		return v.t("One customer here is a customer of one brand or legal entity: whoever buys from two counts twice.")
	}
	return ""
}

// open reads a seal's document for a page in the visitor's language.
func (v *visit) open(h office.Head) (*opened, error) {
	doc, err := v.server.Office.Document(v.r.Context(), h.ID)
	if err != nil {
		return nil, err
	}
	o := &opened{
		teller: teller{v.locale, doc.Currency}, doc: doc, seal: h.ID, rows: v.may(access.ReadRows), lead: doc.Headline(),
		kind: h.Kind, name: v.locale.periodName(h.Kind, h.Period, h.Label),
	}
	if asked := sealed.Block(v.r.URL.Query().Get("of")); asked != "" && doc.Statement(asked).Open() && (asked == sealed.Period || asked == sealed.Trailing) {
		o.lead = asked
	}
	return o, nil
}

// statementBody is the sealed part of the page, which is the same for all who may see the same of it.
func (s *Server) statementBody(v *visit, h office.Head) (template.HTML, error) {
	o, err := v.open(h)
	if err != nil {
		return "", err
	}
	return s.bodies.once(bodyKey{page: "statement", seal: h.ID, lang: v.locale.lang, lead: o.lead, rows: o.rows}, func() (template.HTML, error) {
		return statementBody.main(v, o.sealedView())
	})
}

// columnPath is the same statement with another of its columns in front.
func columnPath(seal int64, b sealed.Block) string {
	return statementPath(seal) + "?" + url.Values{"of": {string(b)}}.Encode()
}
