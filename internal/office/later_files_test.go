package office_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/office"
)

func lines(from, n int, amount string) string {
	var b strings.Builder
	b.WriteString("order_id,customer_id,date,amount\n")
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&b, "%d,C-%d,2026-0%d-1%d,%s\n", i, i%7, 1+i%9, i%9, amount)
	}
	return b.String()
}

// Two exports of orders at the first run say nothing about the files that come
// later: none is read before somebody says so, and a file of customers is one.
func TestFilesThatComeLaterAreReadByNobodyUnseen(t *testing.T) {
	o, ctx := fresh(t), t.Context()
	d, err := o.SaveSetup(ctx, 0, lead, company)
	if err != nil {
		t.Fatal(err)
	}
	give := func(name, text string) {
		t.Helper()
		if _, err := o.ReceiveUpload(ctx, lead, name, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	propose := func() office.Looked {
		t.Helper()
		looked, err := o.Propose(ctx, d.Version, lead)
		if err != nil {
			t.Fatal(err)
		}
		d = looked.Draft
		return looked
	}
	give("sales 1.csv", lines(0, 40, "5.00"))
	give("sales 2.csv", lines(40, 40, "6.00"))
	if looked := propose(); !slices.Equal(looked.Books, []string{"orders"}) {
		t.Fatalf("proposed %v: %v", looked.Books, d.Notes)
	}
	clients := "customer_id,name,email\n"
	for i := range 30 {
		clients += fmt.Sprintf("C-%d,Client %[1]d,client%[1]d@example.com\n", i)
	}
	give("clients.csv", clients)
	if looked := propose(); !slices.Equal(looked.Books, []string{"customers"}) {
		t.Errorf("the file of customers is proposed as %v: %v", looked.Books, d.Notes)
	}
	if from := d.Config.Books["orders"].From; !slices.Equal(from, []string{"files/sales-1.csv", "files/sales-2.csv"}) {
		t.Errorf("orders are read from %q", from)
	}
	if err := o.Publish(ctx, d.Version, lead); err != nil {
		t.Fatal(err)
	}
	give("quotes.csv", lines(0, 50, "1000000"))
	report, err := o.Import(ctx, office.Wanted{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Read {
		if strings.Contains(s.Path, "quotes") {
			t.Errorf("%s was read before anybody said what it is", s.Path)
		}
	}
	// Said to be another book's, a file leaves the one that it was in.
	if d, err = o.Draft(ctx); err != nil {
		t.Fatal(err)
	}
	m := d.Config.Books["orders"]
	m.From = append(slices.Clone(m.From), "files/clients.csv")
	if d, err = o.Map(ctx, d.Version, lead, "orders", m); err != nil {
		t.Fatal(err)
	}
	looked, err := o.Assign(ctx, d.Version, lead, office.Assignment{File: "clients.csv", Book: "customers", Replace: true})
	if err != nil {
		t.Fatal(err)
	}
	if from := looked.Draft.Config.Books; slices.Contains(from["orders"].From, "files/clients.csv") || !slices.Contains(from["customers"].From, "files/clients.csv") {
		t.Errorf("the file is in orders %q and customers %q", from["orders"].From, from["customers"].From)
	}
}
