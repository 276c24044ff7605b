package office_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// data is a file of the real data sets; without them the test is skipped.
func data(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("THROUGHLINE_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(root, name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the real data sets are not here: ", path)
	}
	return path
}

// mistakes is a real ledger of order lines, every tenth row of it, with the
// mistakes that exports have: of every hundred rows one has a total in place
// of a line, two their prices with a sign, three their dates in words of
// another system.
func mistakes(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open(data(t, "online_retail_y1/online_retail_2009_2010.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(unpacked)
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	price, date, quantity := slices.Index(header, "Price"), slices.Index(header, "InvoiceDate"), slices.Index(header, "Quantity")
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	write := func(cells []string) {
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	write(header)
	for i := 0; ; i++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if i%10 != 0 {
			continue
		}
		switch n := i / 10 % 100; {
		case n == 7:
			cells[date], cells[quantity] = "", "1"
		case n == 20 || n == 60:
			cells[price] = "£" + cells[price]
		case n == 30 || n == 31 || n == 77: // 2009-12-01 07:45:00 → 01.12.2009 07:45
			d := cells[date]
			cells[date] = d[8:10] + "." + d[5:7] + "." + d[:4] + " " + d[11:16]
		}
		write(cells)
	}
	if w.Flush(); w.Error() != nil {
		t.Fatal(w.Error())
	}
	return out.Bytes()
}

var company = office.Setup{Company: "Example Gifts Ltd", Currency: "gbp", TimeZone: "Europe/London", FiscalYearStarts: "04-01"}

// The whole first run of somebody who knows nothing of YAML: settings, a file
// full of mistakes, one suggestion after the other, a close.
func TestFirstRunFromAFileFullOfMistakesToAStatement(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	d, err := o.SaveSetup(ctx, 0, lead, company)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.ReceiveUpload(ctx, lead, "retail 2010.csv", bytes.NewReader(mistakes(t))); err != nil {
		t.Fatal(err)
	}
	looked, err := o.Propose(ctx, d.Version, lead)
	if err != nil || !slices.Equal(looked.Books, []string{"orders"}) {
		t.Fatal(looked.Books, looked.Draft.Notes, err)
	}
	d = looked.Draft
	trial, err := o.Try(ctx, d, "orders")
	if err != nil {
		t.Fatal(err)
	}
	if trial.Refused == 0 || trial.Whole != true {
		t.Fatalf("%d refused, whole %t: %+v", trial.Refused, trial.Whole, trial.Reasons)
	}
	var codes []string
	for _, s := range trial.Suggestions {
		t.Logf("%d refused: %s (mends %d)", trial.Refused, s.Text, s.Mends)
		codes = append(codes, s.Code)
	}
	if d, err = o.Apply(ctx, d.Version, lead, "orders", codes...); err != nil {
		t.Fatal(err)
	}
	if trial, err = o.Try(ctx, d, "orders"); err != nil {
		t.Fatal(err)
	}
	if trial.Refused != 0 {
		t.Fatalf("%+v", trial.Reasons)
	}
	if err := o.Publish(ctx, d.Version, lead); err != nil {
		t.Fatal(err)
	}
	found, report, err := o.Check(ctx, nil)
	if err != nil || len(report.Read) != 1 || report.Read[0].Rows != trial.Rows || !found.Allowed {
		t.Fatalf("%+v %v %+v", report, err, found.Refusals)
	}
	next := office.Periods(found)
	if len(next) == 0 || next[0].Order.Period != "2010-11" || next[0].Order.Compare != "2010-10" {
		t.Fatalf("proposed %+v", next)
	}
	outcome, err := o.Close(ctx, next[0].Order, nil)
	if err != nil || outcome.Seal.ID == 0 {
		t.Fatal(outcome.Seal.ID, err)
	}
	text, err := os.ReadFile(o.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"company: Example Gifts Ltd", "currency: GBP", "timezone: Europe/London", `fiscal_year_starts: "04-01"`, "from: files/retail-2010.csv"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	history, err := o.SettingsHistory(ctx, 10)
	if err != nil || len(history) != 1 || history[0].By != lead {
		t.Errorf("history %+v, %v", history, err)
	}
}

// small is an office with settings, one file of orders and the draft for it.
func small(t *testing.T) (*office.Office, office.Draft) {
	t.Helper()
	o, ctx := fresh(t), context.Background()
	d, err := o.SaveSetup(ctx, 0, lead, company)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("client,date,amount,origin\n")
	for i := range 400 {
		fmt.Fprintf(&text, "k%d,20%02d-%02d-%02d,%d.50,%s\n", i%17, 23+i%2, i%12+1, i%28+1, i+1, []string{"friend", "advert", "?"}[i%3])
	}
	send(t, o, "sales.csv", text.String())
	looked, err := o.Propose(ctx, d.Version, lead)
	if err != nil {
		t.Fatal(err)
	}
	return o, looked.Draft
}

func TestNothingIsImportedBeforeADraftIsPublished(t *testing.T) {
	o, d := small(t)
	if _, err := o.Company(context.Background()); !errors.Is(err, office.ErrNoCompany) {
		t.Errorf("there is a company: %v", err)
	}
	if _, err := o.Try(context.Background(), d, "orders"); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(o.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if !strings.HasPrefix(filepath.Base(path), "throughline.db") {
			t.Errorf("a trial left %s", path)
		}
	}
}

func TestWrongSettingsAreRefusedByField(t *testing.T) {
	o := fresh(t)
	for field, s := range map[string]office.Setup{
		"company":            {Company: "  ", Currency: "EUR", TimeZone: "UTC"},
		"currency":           {Company: "A", Currency: "euros", TimeZone: "UTC"},
		"timezone":           {Company: "A", Currency: "EUR", TimeZone: "Middle Earth"},
		"fiscal_year_starts": {Company: "A", Currency: "EUR", TimeZone: "UTC", FiscalYearStarts: "31-01"},
	} {
		var refusal *access.Refusal
		if _, err := o.SaveSetup(context.Background(), 0, lead, s); !errors.As(err, &refusal) || refusal.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func orders(t *testing.T, d office.Draft, change func(*books.Mapping)) books.Mapping {
	t.Helper()
	c, err := books.ParseDraft("books.yaml", d.Text)
	if err != nil {
		t.Fatal(err)
	}
	m := c.Books["orders"]
	change(&m)
	return m
}

func TestTwoPeopleChangeDifferentThings(t *testing.T) {
	o, d := small(t)
	ctx := context.Background()
	if _, err := o.Map(ctx, d.Version, lead, "orders", orders(t, d, func(m *books.Mapping) { m.Columns["touchpoint"] = "origin" })); err != nil {
		t.Fatal(err)
	}
	// The second began from the same page.
	now, err := o.SaveSetup(ctx, d.Version, lead+1, office.Setup{Company: "Other Ltd", Currency: "GBP", TimeZone: "Europe/London", FiscalYearStarts: "04-01"})
	if err != nil {
		t.Fatal(err)
	}
	if now.Config.Company != "Other Ltd" || now.Config.Books["orders"].Columns["touchpoint"] != "origin" {
		t.Errorf("got\n%s", now.Text)
	}
}

func TestTwoPeopleChangeTheSame(t *testing.T) {
	o, d := small(t)
	ctx := context.Background()
	if _, err := o.Map(ctx, d.Version, lead, "orders", orders(t, d, func(m *books.Mapping) { m.Columns["amount"] = "amount * 2" })); err != nil {
		t.Fatal(err)
	}
	_, err := o.Map(ctx, d.Version, lead+1, "orders", orders(t, d, func(m *books.Mapping) { m.Columns["amount"] = "amount * 3" }))
	var clash *office.Clashing
	if !errors.As(err, &clash) || len(clash.Clashes) != 1 || clash.Clashes[0] != (books.Clash{Key: "books.orders.columns.amount", Yours: `amount * 3`, Their: `amount * 2`}) {
		t.Errorf("got %v: %+v", err, clash.Clashes)
	}
}

func TestPublishingAnOldPageIsRefused(t *testing.T) {
	o, d := small(t)
	ctx := context.Background()
	if _, err := o.Decide(ctx, d.Version, lead, "orders", "once"); err != nil {
		t.Fatal(err)
	}
	var stale *program.Stale
	if err := o.Publish(ctx, d.Version, lead); !errors.As(err, &stale) {
		t.Errorf("got %v", err)
	}
}

// A person edits books.yaml by hand while others work on the pages.
func TestWhatAHandWroteIsKept(t *testing.T) {
	o, d := small(t)
	ctx := context.Background()
	if err := o.Publish(ctx, d.Version, lead); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(o.Config)
	if err != nil {
		t.Fatal(err)
	}
	byHand := strings.Replace(string(text), "settings:\n", "settings:\n  # agreed with the auditors\n  minimum_group: 8\n", 1)
	if err := os.WriteFile(o.Config, []byte(byHand), 0o644); err != nil {
		t.Fatal(err)
	}
	if d, err = o.Decide(ctx, 0, lead, "orders", "once"); err != nil { // the page is of before
		t.Fatal(err)
	}
	if err := o.Publish(ctx, d.Version, lead); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(o.Config)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(byHand, "\n    columns:", "\n    columns:", 1)
	if !strings.Contains(string(after), "  # agreed with the auditors\n  minimum_group: 8\n") || !strings.Contains(string(after), "overlaps: once # set in the page on ") || len(after) < len(want) {
		t.Errorf("got\n%s", after)
	}
	history, err := o.SettingsHistory(ctx, 10)
	if err != nil || len(history) != 3 || history[1].By != 0 || history[0].By != lead {
		t.Fatalf("history %+v, %v", history, err)
	}
	if c := history[1].Changed; len(c) != 1 || c[0].Key != "settings.minimum_group" || c[0].Their != "8" {
		t.Errorf("the hand's change is %+v", c)
	}
}

// A crash between the history and the file is ended by whoever reads next.
func TestKilledWhilePublishing(t *testing.T) {
	o, d := small(t)
	ctx := context.Background()
	if err := o.Publish(ctx, d.Version, lead); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(o.Config)
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(filepath.Dir(o.Config), ".books.yaml.next")
	after := strings.Replace(string(before), "Example Gifts", "New Gifts", 1)
	if err := os.WriteFile(next, []byte(after), 0o644); err != nil { // killed before the history had it
		t.Fatal(err)
	}
	if s, err := o.Settings(ctx); err != nil || s.Config.Company != company.Company {
		t.Fatal(s.Config, err)
	}
	if err := os.WriteFile(next, []byte(after), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Documents.SaveDocument(ctx, program.Document{Name: "books.yaml", Version: 1, Text: after, At: o.Now(), By: lead}); err != nil { // killed after it
		t.Fatal(err)
	}
	if s, err := o.Settings(ctx); err != nil || s.Config.Company != "New Gifts Ltd" || s.Version != 2 || s.By != lead {
		t.Fatal(s, err)
	}
	if text, err := os.ReadFile(o.Config); err != nil || string(text) != after {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestWordsOfTheSourceAreGivenAMeaning(t *testing.T) {
	o, ctx := fresh(t), context.Background()
	d, err := o.SaveSetup(ctx, 0, lead, company)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("customer_id,email,acquired_via,first_purchase\n")
	for i := range 60 {
		fmt.Fprintf(&text, "k%d,m%d@example.com,%s,2024-01-%02d\n", i, i, []string{"Friend's tip", "Google Ads", "referral"}[i%3], i%28+1)
	}
	send(t, o, "customers.csv", text.String())
	looked, err := o.Assign(ctx, d.Version, lead, office.Assignment{File: "customers.csv", Book: "customers"})
	if err != nil {
		t.Fatal(err)
	}
	m := looked.Draft.Config.Books["customers"]
	m.Columns["acquired_via"] = "acquired_via"
	if d, err = o.Map(ctx, looked.Draft.Version, lead, "customers", m); err != nil {
		t.Fatal(err)
	}
	trial, err := o.Try(ctx, d, "customers")
	if err != nil || trial.Refused != 40 {
		t.Fatalf("%+v, %v\n%s", trial.Tried, err, d.Text)
	}
	d, err = o.Words(ctx, d.Version, lead, office.Wording{Book: "customers", Column: "acquired_via", Means: map[string]string{"Friend's tip": "referral", "Google Ads": "paid"}})
	if err != nil {
		t.Fatal(err)
	}
	if trial, err = o.Try(ctx, d, "customers"); err != nil || trial.Refused != 0 {
		t.Fatalf("%+v, %v\n%s", trial.Tried, err, d.Text)
	}
}

func TestThresholdIsRaisedWithItsReason(t *testing.T) {
	o, d := small(t)
	var refusal *access.Refusal
	if _, err := o.RaiseThreshold(context.Background(), d.Version, lead, big.NewRat(3, 100), " "); !errors.As(err, &refusal) || refusal.Field != "reason" {
		t.Errorf("got %v", err)
	}
	d, err := o.RaiseThreshold(context.Background(), d.Version, lead, big.NewRat(3, 100), "the till prints totals\n# and: more")
	if err != nil || !strings.Contains(string(d.Text), "refused_threshold: 0.03 # set in the page on ") || !strings.Contains(string(d.Text), ": the till prints totals # and: more\n") {
		t.Errorf("%v\n%s", err, d.Text)
	}
}

func TestFilesFindTheirBooks(t *testing.T) {
	o, d := small(t)
	ctx := context.Background()
	send(t, o, "sales-2.csv", "client,date,amount,origin\nk1,2025-01-01,5.00,friend\n")
	send(t, o, "other.csv", "a,b\n1,2\n")
	looked, err := o.Propose(ctx, d.Version, lead)
	if err != nil || !slices.Equal(looked.Books, []string{"orders"}) {
		t.Fatal(looked.Books, err)
	}
	files, err := o.Files(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, fmt.Sprintf("%s %v %.15s", f.Name, f.Books, f.Note))
	}
	if want := "other.csv [] no book has col, sales-2.csv [orders] , sales.csv [orders] "; strings.Join(got, ", ") != want {
		t.Errorf("got %q", strings.Join(got, ", "))
	}
	refusedAs(t, o.RemoveFile(ctx, "sales.csv"), "is read for the book orders")
	if err := o.RemoveFile(ctx, "../books.yaml"); !errors.Is(err, program.ErrNone) {
		t.Errorf("got %v", err)
	}
	_, err = o.Assign(ctx, looked.Draft.Version, lead, office.Assignment{File: "other.csv", Book: "orders"})
	refusedAs(t, err, "a book has one mapping")
	if looked, err = o.Assign(ctx, looked.Draft.Version, lead, office.Assignment{File: "sales.csv"}); err != nil {
		t.Fatal(err)
	}
	if from := looked.Draft.Config.Books["orders"].From; !slices.Equal(from, books.List{"files/sales-2.csv"}) {
		t.Errorf("from %v\n%s", from, looked.Draft.Text)
	}
	if err := o.RemoveFile(ctx, "sales.csv"); err != nil {
		t.Error(err)
	}
}
