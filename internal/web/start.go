package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/money"
)

// startView is the first page of the first run: whose books these will be.
type startView struct {
	Steps   []stop
	Version int64
	Founded bool // there are books already
	Company settingField
	Lists   []listedField
	Year    settingField
	Sample  sampleView
	Stale   *meanwhile
	Wrongs  []settingField
}

// listedField is a field whose browser proposes what others write into it.
type listedField struct {
	settingField
	Known []string
}

// sampleView is the offer of a simulated company, and how to be rid of it.
type sampleView struct {
	Offered, Standing bool
}

// stop is one stop of the first run.
type stop struct {
	Text, Path string
	State      string // done, now or later
}

var startPage = page[startView]("start.html")

// stepsAt are the steps with one of them as the present.
func (v *visit) stepsAt(now int) []stop {
	texts := []stop{
		{v.t("The company"), "/start", ""}, {v.t("Files"), "/start/files", ""}, {v.t("Books"), "/start/books", ""}, {v.t("First close"), "/start/close", ""}, {v.t("People"), "/people", ""},
	}
	for i := range texts {
		switch {
		case i == now:
			texts[i].State = "now"
		case i < now:
			texts[i].State = "done"
		default:
			texts[i].State = "later"
		}
	}
	return texts
}

func (s *Server) start(v *visit) error {
	d, err := s.Office.Draft(v.r.Context())
	if err != nil {
		return err
	}
	setup := d.Setup()
	if setup.Company == "" {
		setup = v.guess()
	}
	return s.showStart(v, http.StatusOK, startView{Version: d.Version}, setup, nil)
}

func (s *Server) showStart(v *visit, status int, view startView, setup office.Setup, wrong *access.Refusal) error {
	view.Steps, view.Founded = v.stepsAt(0), v.founded
	view.Sample = sampleView{Offered: s.Sample.Offered(), Standing: s.Sample.Standing()}
	view.Company = settingField{Name: "company", Label: v.t("The company's name"), Help: v.t("As it shall stand over the statements."), Value: setup.Company, Required: true}
	view.Lists = []listedField{
		{settingField{Name: "currency", Label: v.t("Currency of the statements"), Help: v.t("A code of three letters. Lines in other currencies are converted by rates."), Value: setup.Currency, Required: true}, currencies},
		{settingField{Name: "timezone", Label: v.t("Time zone"), Help: v.t("Periods begin at its midnight."), Value: setup.TimeZone, Required: true}, zones},
	}
	view.Year = settingField{Name: "fiscal_year_starts", Label: v.t("The fiscal year starts on"), Kind: "choice", Options: v.yearStarts(setup.FiscalYearStarts)}
	if wrong != nil {
		for _, f := range []*settingField{&view.Company, &view.Lists[0].settingField, &view.Lists[1].settingField, &view.Year} {
			if f.Name == wrong.Field {
				f.Wrong, f.Do = wrong.What, wrong.Do
				view.Wrongs = append(view.Wrongs, *f)
			}
		}
	}
	return startPage.render(v, status, title{Text: v.t("Set up your books")}, view)
}

// yearStarts are the first days of the months, and what is chosen otherwise.
func (v *visit) yearStarts(chosen string) []option {
	if chosen == "" {
		chosen = "01-01"
	}
	var out []option
	found := false
	for m := range 12 {
		first := calendar.Month(2023*12 + m).First()
		value := first.String()[5:]
		_, month, _ := first.Date()
		out = append(out, option{value, v.t("1 %s", v.t(month.String())), value == chosen})
		found = found || value == chosen
	}
	if !found {
		out = append(out, option{chosen, chosen, true})
	}
	return out
}

// startSent takes the company's settings.
func (s *Server) startSent(v *visit) error {
	version, err := v.version()
	if err != nil {
		return v.notWhole("/start")
	}
	setup := office.Setup{
		Company: valid(v.r.PostFormValue("company")), Currency: valid(v.r.PostFormValue("currency")),
		TimeZone: valid(v.r.PostFormValue("timezone")), FiscalYearStarts: valid(v.r.PostFormValue("fiscal_year_starts")),
	}
	_, err = s.Office.SaveSetup(v.r.Context(), version, v.user().ID, setup)
	var wrong *access.Refusal
	var clash *office.Clashing
	switch {
	case errors.As(err, &wrong):
		return s.showStart(v, http.StatusUnprocessableEntity, startView{Version: version}, setup, wrong)
	case errors.As(err, &clash):
		now, err := s.Office.Draft(v.r.Context())
		if err != nil {
			return err
		}
		return s.showStart(v, http.StatusConflict, startView{Version: now.Version, Stale: v.clashes(clash.Clashes)}, setup, nil)
	case err != nil:
		return err
	}
	return v.goTo("/start/files")
}

// clashes are what others changed, beside what was typed.
func (v *visit) clashes(list []books.Clash) *meanwhile {
	met := &meanwhile{}
	for _, c := range list {
		met.Fields = append(met.Fields, changedField{Label: v.settingLabel(c.Key), After: shown(c.Their), Yours: shown(c.Yours), Clash: true})
	}
	return met
}

// version is the version that a form was opened at.
func (v *visit) version() (int64, error) {
	return strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
}

func valid(text string) string { return strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")) }

// noted writes an act into the audit log.
func (v *visit) noted(what, object string) error {
	return v.server.Gate.Record(v.r.Context(), access.Entry{Who: v.user().ID, What: what, Object: object})
}

// guess proposes the settings of where the browser's languages are spoken.
func (v *visit) guess() office.Setup {
	for part := range strings.SplitSeq(v.r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
		for _, key := range []string{tag, strings.SplitN(tag, "-", 2)[0]} {
			if place, ok := places[key]; ok {
				return office.Setup{Currency: place[0], TimeZone: place[1]}
			}
		}
	}
	return office.Setup{Currency: string(money.Currency("EUR")), TimeZone: "UTC"}
}

// places are the currency and the largest time zone of where a language is
// spoken, where one can be told.
var places = map[string][2]string{
	"en-us": {"USD", "America/New_York"}, "en-gb": {"GBP", "Europe/London"}, "en-ie": {"EUR", "Europe/Dublin"}, "en-au": {"AUD", "Australia/Sydney"},
	"en-ca": {"CAD", "America/Toronto"}, "fr-ca": {"CAD", "America/Toronto"}, "en-nz": {"NZD", "Pacific/Auckland"}, "en-in": {"INR", "Asia/Kolkata"}, "en-za": {"ZAR", "Africa/Johannesburg"},
	"de": {"EUR", "Europe/Berlin"}, "de-at": {"EUR", "Europe/Vienna"}, "de-ch": {"CHF", "Europe/Zurich"}, "fr": {"EUR", "Europe/Paris"}, "fr-ch": {"CHF", "Europe/Zurich"},
	"es": {"EUR", "Europe/Madrid"}, "es-mx": {"MXN", "America/Mexico_City"}, "it": {"EUR", "Europe/Rome"}, "nl": {"EUR", "Europe/Amsterdam"}, "pt": {"EUR", "Europe/Lisbon"}, "pt-br": {"BRL", "America/Sao_Paulo"},
	"pl": {"PLN", "Europe/Warsaw"}, "sv": {"SEK", "Europe/Stockholm"}, "da": {"DKK", "Europe/Copenhagen"}, "nb": {"NOK", "Europe/Oslo"}, "fi": {"EUR", "Europe/Helsinki"},
	"cs": {"CZK", "Europe/Prague"}, "hu": {"HUF", "Europe/Budapest"}, "ja": {"JPY", "Asia/Tokyo"}, "tr": {"TRY", "Europe/Istanbul"}, "el": {"EUR", "Europe/Athens"}, "en": {"USD", "America/New_York"},
}

var currencies = strings.Fields("EUR USD GBP CHF SEK NOK DKK PLN CZK HUF RON BGN TRY CAD AUD NZD JPY CNY HKD SGD INR KRW BRL MXN ZAR AED SAR ILS")

var zones = strings.Fields("UTC Europe/London Europe/Dublin Europe/Lisbon Europe/Berlin Europe/Paris Europe/Madrid Europe/Rome Europe/Amsterdam Europe/Brussels Europe/Vienna Europe/Zurich " +
	"Europe/Stockholm Europe/Oslo Europe/Copenhagen Europe/Helsinki Europe/Warsaw Europe/Prague Europe/Budapest Europe/Bucharest Europe/Athens Europe/Istanbul Europe/Kyiv " +
	"America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Toronto America/Vancouver America/Mexico_City America/Bogota America/Sao_Paulo America/Argentina/Buenos_Aires " +
	"Africa/Johannesburg Africa/Lagos Africa/Cairo Africa/Nairobi Asia/Dubai Asia/Riyadh Asia/Jerusalem Asia/Kolkata Asia/Singapore Asia/Hong_Kong Asia/Shanghai Asia/Tokyo Asia/Seoul Australia/Sydney Australia/Perth Pacific/Auckland")

// sampleSent has a simulated company made.
func (s *Server) sampleSent(v *visit) error {
	if !s.Sample.Offered() {
		return v.refuse(http.StatusConflict, v.t("There is no sample company to be had here"), v.t("It is for looking before there are books of one's own."), door{Path: "/start", Text: v.t("The first run")})
	}
	job, err := s.Office.Ask(v.r.Context(), office.Task{Kind: office.SampleJob, By: v.user().ID})
	if err == nil {
		err = v.noted("sample company asked for", "sample")
	}
	if err != nil {
		return err
	}
	return v.goTo("/start/sample?job=" + strconv.FormatInt(job.ID, 10))
}

// sampleRemoved takes the simulated company away.
func (s *Server) sampleRemoved(v *visit) error {
	if s.Sample == nil {
		return v.goTo("/start")
	}
	if err := s.Sample.Leave(); err != nil {
		return err
	}
	if _, err := s.Office.Ask(v.r.Context(), office.Task{Kind: office.SampleRemoveJob, By: v.user().ID}); err != nil {
		return err
	}
	if err := v.noted("sample company removed", "sample"); err != nil {
		return err
	}
	return v.goTo("/start")
}

// waitView is a page that waits for a job.
type waitView struct {
	Steps   []stop
	Heading string
	Act     string
	Done    int64
	Total   int64
	Waiting bool // for its turn
	Why     string
	advice
	Back  door
	Again string // the form's action by which it is tried again
}

var waitPage = page[waitView]("start-wait.html")

// sampleWait shows how far the simulated company is.
func (s *Server) sampleWait(v *visit) error {
	job, err := s.jobAsked(v)
	if errors.Is(err, program.ErrNone) || err == nil && job.Kind != office.SampleJob {
		return v.goTo("/start")
	}
	if err != nil {
		return err
	}
	if job.State == office.Done {
		return v.goTo("/room")
	}
	view := waitView{Steps: v.stepsAt(0), Heading: v.t("A company is being simulated"), Back: door{Path: "/start", Text: v.t("Back")}, Again: "/sample"}
	return v.wait(view, job)
}

// jobAsked is the job that the address names.
func (s *Server) jobAsked(v *visit) (office.Job, error) {
	id, err := strconv.ParseInt(v.r.URL.Query().Get("job"), 10, 64)
	if err != nil {
		return office.Job{}, program.ErrNone
	}
	return s.Office.Job(v.r.Context(), id)
}

// wait shows a job that is not done.
func (v *visit) wait(view waitView, job office.Job) error {
	head := title{Text: view.Heading}
	view.Act, view.Done, view.Total = job.Progress.Act, job.Progress.Done, job.Progress.Total
	switch job.State {
	case office.Refused, office.Failed:
		view.Why, view.advice = job.Outcome.Text, v.advise(job.Outcome, orderOfJob(job))
	default:
		view.Waiting = job.State == office.Waiting
		head.Refresh = 2
	}
	return waitPage.render(v, http.StatusOK, head, view)
}
