package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/jobs"
	"github.com/throughline/throughline/internal/office"
)

// founding is a site before its first run, with a real engine and a real queue
// that works.
func founding(t *testing.T) *site {
	t.Helper()
	s := open(t)
	o := s.server.Office
	options := duckdb.Options{Dir: o.Dir, MemoryLimit: "1GB", Threads: 2}
	o.Engine = func(ctx context.Context, zone string) (office.Engine, error) {
		options.TimeZone = zone
		return duckdb.Open(ctx, options)
	}
	reader, err := duckdb.OpenReader(t.Context(), duckdb.ReaderOptions{Dir: o.Dir, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	o.Customers = reader
	queue, err := jobs.Open(t.Context(), jobs.Options{Dir: o.Dir, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	o.Later = office.Later{Queue: queue, Hooks: map[office.JobKind]office.Hook{office.PrepareJob: o.PrepareLater}}
	if err := queue.Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		within, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := queue.Stop(within); err != nil {
			t.Error(err)
		}
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// messy are orders of two years; of every hundred rows three have another
// date, two a sign before the amount and one is a total.
func messy(rows int) string {
	var b strings.Builder
	b.WriteString("Order,Customer,Order date,Net,Item\n")
	for i := range rows {
		day := fmt.Sprintf("%d-%02d-%02d", 2024+i*2/rows, i*24/rows%12+1, i%28+1)
		if i == rows-2 {
			day = "2025-12-31"
		}
		net := fmt.Sprintf("%d.%02d", i%90+5, i%100)
		switch i % 100 {
		case 10, 40, 70:
			day = day[8:] + "." + day[5:7] + "." + day[:4]
		case 20, 60:
			net = "£" + net
		case 99:
			day = ""
		}
		fmt.Fprintf(&b, "o%d,c%d,%s,%s,thing %d\n", i/2, i%97, day, net, i%13)
	}
	return b.String()
}

// send gives files by the plain form, as a browser without script does.
func (b *guest) send(path string, files map[string]string) answer {
	b.site.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, text := range files {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			b.site.t.Fatal(err)
		}
		if _, err := io.WriteString(part, text); err != nil {
			b.site.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.site.t.Fatal(err)
	}
	return b.read(b.Post(b.site.url+path, w.FormDataContentType(), &body))
}

// settled follows a page that asks again until it no longer does.
func (b *guest) settled(a answer) answer {
	b.site.t.Helper()
	for range 300 {
		if !strings.Contains(a.body, `http-equiv="refresh"`) {
			return a
		}
		time.Sleep(100 * time.Millisecond)
		a = b.get(a.path)
	}
	b.site.t.Fatalf("%s still asks again:\n%s", a.path, main(a.body))
	return a
}

var ticked = regexp.MustCompile(`name="suggestion" value="([^"]*)" checked`)

// A customer-experience lead without an engineer, without script: from the
// first page to a closed statement, counting every action. Aim: at most twelve.
func TestFirstRunWithoutScriptInTwelveActions(t *testing.T) {
	s := founding(t)
	lead := s.signedIn(s.user("lead@example.com", access.Administrator, access.ProgramLead))
	actions := 0
	act := func(a answer) answer { actions++; return a }

	a := act(lead.get("/"))
	a.has(t, 200, "Set up your books", "Go on to the files")
	actions++ // the company's name is typed; the rest is filled in
	a = act(lead.post("/start", a.form("/start", url.Values{"company": {"Example & Söhne"}, "currency": {"GBP"}, "timezone": {"Europe/London"}, "fiscal_year_starts": {"04-01"}})))
	a.has(t, 200, "Give your files", "No file is here yet")
	actions++ // the file is chosen
	a = act(lead.send("/start/files", map[string]string{`C:\exports\..\Orders 2024.csv`: messy(6000)}))
	a.has(t, 200, "What your files come to", "5,640", "360", "more than the 1.0% that a close allows", "Orders-2024.csv", "Do what is ticked")
	var codes []string
	for _, m := range ticked.FindAllStringSubmatch(a.body, -1) {
		codes = append(codes, html.UnescapeString(m[1]))
	}
	if len(codes) != 3 {
		t.Fatalf("ticked are %q in\n%s", codes, main(a.body))
	}
	a = act(lead.post("/start/books/orders/suggestions", a.form("/start/books/orders/suggestions", url.Values{"suggestion": codes, "from": {"all"}})))
	a.has(t, 200, "5,940", "every row was read", "60", "as the mapping says")
	a = act(lead.post("/start/books", a.form("/start/books", nil)))
	a = lead.settled(a)
	a.has(t, 200, "The first close", "December 2025", "compared with the same period a year earlier", "2025-Q4")
	a = act(lead.post("/start/close", a.form("/start/close", url.Values{"period": {"2025-12 "}})))
	a = lead.settled(a)
	if a.status != 200 || !strings.HasPrefix(a.path, "/statement/") {
		t.Fatalf("it ended at %s (%d):\n%s", a.path, a.status, main(a.body))
	}
	a.has(t, 200, "December 2025")
	if actions > 12 {
		t.Errorf("%d actions", actions)
	}
	t.Logf("%d actions", actions)
	text, err := os.ReadFile(s.server.Office.Config)
	if err != nil || !strings.Contains(string(text), `company: "Example & Söhne"`) {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestFirstRunKeepsWhatWasTypedAndSaysWhatIsWrong(t *testing.T) {
	s := founding(t)
	lead := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	a := lead.get("/start")
	a = lead.post("/start", a.form("/start", url.Values{"company": {"<b>Bold</b> Ltd"}, "currency": {"pounds"}, "timezone": {"Europe/London"}, "fiscal_year_starts": {"01-01"}}))
	a.has(t, 422, "Nothing was saved yet", "&lt;b&gt;Bold&lt;/b&gt; Ltd", `value="pounds"`, `aria-invalid="true"`)
	a = lead.send("/start/files", map[string]string{"old.xls": "x"})
	a.has(t, 422, "Not every file could be taken", "save it as .xlsx or .csv")
	a = lead.send("/start/files", map[string]string{"empty.csv": ""})
	a.has(t, 422, "is empty")
	a = lead.send("/start/files", nil)
	a.has(t, 422, "No file was chosen")
}

// A form that breaks off or cannot be read is refused, and says what of it is
// kept already.
func TestAFormOfFilesThatBreaksOffSaysWhichHaveArrived(t *testing.T) {
	s := founding(t)
	lead := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	const good = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"ok.csv\"\r\n\r\nwho,day,paid\nc1,2024-01-05,5.00\n"
	second := func(name string) string {
		return "\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\nwho,day,paid\nc2,2024-01-05,6.00\n"
	}
	for what, body := range map[string]string{
		"a name that no header holds":    good + second("x\x00.csv") + "\r\n--edge--\r\n",
		"an end in the middle of a file": good + second("late.csv"),
	} {
		a := lead.sends("/start/files", "multipart/form-data; boundary=edge", body)
		a.has(t, 400, "The rest of the form could not be read", "ok.csv")
		if strings.Contains(a.body, "late.csv") || strings.Contains(a.body, "defect") {
			t.Errorf("%s: %s", what, main(a.body))
		}
	}
	if files, err := s.server.Office.Files(t.Context()); err != nil || len(files) != 1 || files[0].Name != "ok.csv" {
		t.Errorf("%+v, %v", files, err)
	}
}

// A person changes what a column means on the page of the book.
func TestMappingIsChangedOnItsPage(t *testing.T) {
	s := founding(t)
	lead := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	a := lead.get("/start")
	lead.post("/start", a.form("/start", url.Values{"company": {"Example Ltd"}, "currency": {"EUR"}, "timezone": {"UTC"}, "fiscal_year_starts": {"01-01"}}))
	lead.send("/start/files", map[string]string{"a.csv": "who,day,paid,how\n" + strings.Repeat("c1,2024-01-05,5.00,friend\nc2,2024-02-05,7.00,ad\n", 30)}).has(t, 200, "What your files come to")
	a = lead.get("/start/books/orders")
	if a.status == 404 { // nothing told that these are orders
		a = lead.get("/start/books")
		a = lead.post("/start/files/book", a.form("/start/files/book", url.Values{"file": {"a.csv"}, "book": {"orders"}}))
	}
	a.has(t, 200, "Book: orders", `name="column.amount"`, `value="=paid"`)
	fields := url.Values{"column.customer_id": {"=who"}, "column.ordered_at": {"=day"}, "column.amount": {"=paid"}, "expression.amount": {"paid * 2"}, "column.touchpoint": {"=how"}, "header": {"auto"}, "dates": {""}, "where": {""}}
	old := a.form("/start/books/orders", fields)
	a = lead.post("/start/books/orders", old)
	a.has(t, 200, "720.00", "set in the page on", `value="paid * 2"`) // 30·(5+7)·2
	// The same form from another tab that was opened before: both changed the
	// amount, and nothing typed is lost.
	old.Del("once")
	old.Set("expression.amount", "paid * 3")
	a = lead.post("/start/books/orders", old)
	a.has(t, 409, "This was changed meanwhile", "paid * 2", `value="paid * 3"`)
	// What cannot be read is said beside the form, which keeps it.
	again := a.form("/start/books/orders", fields)
	again.Set("expression.amount", "paid * * 3")
	a = lead.post("/start/books/orders", again)
	a.has(t, 200, "columns: amount", `value="paid * * 3"`)
	// Words of the source get their meaning.
	again = a.form("/start/books/orders", fields)
	a = lead.post("/start/books/orders", again)
	a.has(t, 200, "every row was read")
	a = lead.get("/start/books/orders/refused.csv")
	a.has(t, 200, "file,line,column,value,reason")
}

// Uploads in pieces speak tus: made, asked, moved on, and belong to one
// person.
func TestUploadInPieces(t *testing.T) {
	s := founding(t)
	lead := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	text := messy(2000)
	request := func(b *guest, method, path, body string, header map[string]string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Tus-Resumable", "1.0.0")
		for k, v := range header {
			r.Header.Set(k, v)
		}
		return b.read(b.Do(r))
	}
	made := request(lead, "POST", "/uploads", "", map[string]string{"Upload-Length": strconv.Itoa(len(text)), "Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte("../größe.csv"))})
	at := made.header.Get("Location")
	if made.status != 201 || at == "" {
		t.Fatal(made)
	}
	piece := map[string]string{"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
	if a := request(lead, "PATCH", at, text[:1000], piece); a.status != 204 || a.header.Get("Upload-Offset") != "1000" {
		t.Fatal(a)
	}
	if a := request(lead, "PATCH", at, text[:1000], piece); a.status != 409 {
		t.Errorf("the same piece again answers %d", a.status)
	}
	other := s.signedIn(s.user("other@example.com", access.ProgramLead))
	if a := request(other, "HEAD", at, "", nil); a.status != 404 {
		t.Errorf("somebody else asks and is answered %d", a.status)
	}
	if a := request(s.browser(), "PATCH", at, "x", piece); a.status != 401 {
		t.Errorf("nobody is answered %d", a.status)
	}
	lead.get("/start/files").has(t, 200, "Not yet whole", "größe.csv")
	if a := request(lead, "HEAD", at, "", nil); a.status != 200 || a.header.Get("Upload-Offset") != "1000" || a.header.Get("Upload-Length") != strconv.Itoa(len(text)) {
		t.Fatal(a)
	}
	piece["Upload-Offset"] = "1000"
	if a := request(lead, "PATCH", at, text[1000:], piece); a.status != 204 {
		t.Fatal(a)
	}
	got, err := os.ReadFile(filepath.Join(s.server.Office.FilesDir(), "größe.csv"))
	if err != nil || string(got) != text {
		t.Errorf("%v, %d bytes", err, len(got))
	}
	for _, wrong := range []struct {
		status int
		say    string
		header map[string]string
	}{
		{422, "one file may", map[string]string{"Upload-Length": "99999999999999", "Upload-Metadata": "filename YS5jc3Y="}},
		{422, "is empty", map[string]string{"Upload-Length": "0", "Upload-Metadata": "filename YS5jc3Y="}},
		{400, "size of the file is missing", map[string]string{"Upload-Metadata": "filename YS5jc3Y="}},
		{422, "not a kind of file", map[string]string{"Upload-Length": "5", "Upload-Metadata": "filename YS5leGU="}},
		{412, "tus", map[string]string{"Tus-Resumable": "0.2"}},
	} {
		a := request(lead, "POST", "/uploads", "", wrong.header)
		if a.status != wrong.status || !strings.Contains(a.body, strings.TrimPrefix(wrong.say, "one ")) {
			t.Errorf("%v answers %d %q", wrong.header, a.status, a.body)
		}
	}
	huge := request(lead, "PATCH", at, "", map[string]string{"Content-Type": "text/plain", "Upload-Offset": "0"})
	if huge.status != 415 {
		t.Errorf("another type is answered %d", huge.status)
	}
}

// Who may set up books but not see customers sees counts and reasons, and no
// value.
func TestPreviewShowsNoValueToWhoMayNotSeeCustomers(t *testing.T) {
	s := founding(t)
	admin := s.signedIn(s.user("admin@example.com", access.Administrator))
	a := admin.get("/start")
	admin.post("/start", a.form("/start", url.Values{"company": {"Example Ltd"}, "currency": {"EUR"}, "timezone": {"UTC"}, "fiscal_year_starts": {"01-01"}}))
	admin.send("/start/files", map[string]string{"orders.csv": "customer_id,date,amount\n" + strings.Repeat("secretary,2024-01-05,5.00\n", 40) + strings.Repeat("hidden person,2024-01-05,kaputt\n", 4)})
	for _, path := range []string{"/start/books", "/start/books/orders"} {
		a = admin.get(path)
		a.has(t, 200, "is not a number", "not for your role")
		for _, secret := range []string{"secretary", "hidden person", "kaputt"} {
			if strings.Contains(a.body, secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
	}
}

// The time zone of the first form holds from then on, not from the first
// books.yaml.
func TestTimesStandInTheZoneOfTheFirstForm(t *testing.T) {
	s := founding(t)
	lead := s.signedIn(s.user("lead@example.com", access.ProgramLead))
	a := lead.get("/start")
	lead.post("/start", a.form("/start", url.Values{"company": {"Example Ltd"}, "currency": {"EUR"}, "timezone": {"Asia/Kolkata"}, "fiscal_year_starts": {"01-01"}})).has(t, 200)
	zone, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	lead.get("/account").has(t, 200, s.now().In(zone).Format("15:04"))
}

// An administrator erases and exports by an id that is brought to them; the
// address of a pseudonym tells them none.
func TestAPseudonymGivesNoIDToWhoMayNotSeeCustomers(t *testing.T) {
	s := open(t)
	admin := s.signedIn(s.user("admin@example.com", access.Administrator))
	pseudonym := engine.NewVeil(s.server.Key).Cover(1)
	for _, path := range []string{"/erase", "/export"} {
		admin.get("/customers/"+pseudonym+path).has(t, http.StatusForbidden, "You may not see who this customer is", "Write their id here")
	}
}
