package books

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/books/expr"
)

var update = flag.Bool("update", false, "write the golden files")

// folder writes files below a fresh folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Muster GmbH")
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// repeat writes n lines, each made from its number.
func repeat(header string, n int, line func(i int) string) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		b.WriteString(line(i) + "\n")
	}
	return b.String()
}

func proposeText(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := folder(t, files)
	p := &Proposer{Dir: dir, To: filepath.Join(dir, "books.yaml")}
	proposal, err := p.Propose(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return string(proposal.Text)
}

// Small files as companies export them, and lines that the proposal must
// hold.
func TestProposals(t *testing.T) {
	plainLine := func(i int) string { return fmt.Sprintf("C%d,2024-01-%02d,%d.50", i%7, i%28+1, i+1) }
	cases := []struct {
		name  string
		files map[string]string
		want  []string
		not   []string
	}{
		{"iso dates need nothing", map[string]string{"sales.csv": repeat("cust_id,order_date,net_sales\n", 30, plainLine)},
			[]string{"from: sales.csv", "customer_id: cust_id", "ordered_at: order_date", "amount: net_sales", "currency: EUR # CHANGE ME"}, []string{"dates:", "source:", "join:"}},
		{"german export", map[string]string{"umsatz.csv": repeat("Kundennummer;Rechnungsdatum;Nettobetrag\n", 30, func(i int) string {
			return fmt.Sprintf("%d;%02d.03.2024;1.%03d,50", 100+i%5, i%28+1, i)
		})},
			[]string{"customer_id: Kundennummer", `dates: "%d.%m.%Y"`, "so it is the day", `decimal: ","`, "thousands: "}, []string{"AMBIGUOUS"}},
		{"month first by a value above 12", map[string]string{"orders.csv": repeat("Client,Date,Total\n", 30, func(i int) string {
			return fmt.Sprintf("k%d,%d/%d/2024 %d:05,%d.00", i%4, i%3+1, i%28+1, i%24, i+1)
		})},
			[]string{`dates: "%m/%d/%Y %H:%M"`, "the second number goes beyond 12"}, []string{"AMBIGUOUS"}},
		{"ambiguous order of day and month", map[string]string{"orders.csv": repeat("client,date,total\n", 24, func(i int) string {
			return fmt.Sprintf("k%d,%02d/%02d/2024,%d.00", i%4, i%12+1, i%3+1, i+1)
		})},
			[]string{`dates: "%d/%m/%Y"`, "AMBIGUOUS", "days vary more"}, nil},
		{"quantity times price", map[string]string{"lines.csv": repeat("Invoice,StockCode,Quantity,InvoiceDate,Unit Price,Customer ID\n", 30, func(i int) string {
			return fmt.Sprintf("%d,S%d,%d,2024-02-01 10:00,2.50,%d", i/3, i%5, i%6-1, 9000+i%9)
		})},
			[]string{`amount: "Quantity * \"Unit Price\""`, "customer_id: Customer ID", "order_id: Invoice", "unit_price: Unit Price"}, nil},
		{"natural key", map[string]string{"orders.csv": repeat("line_id,client,date,total\n", 30, func(i int) string { return fmt.Sprintf("L%d,", i) + plainLine(i) })},
			[]string{"line_id: line_id # natural key"}, nil},
		{"no header", map[string]string{"log.csv": repeat("", 40, plainLine)},
			[]string{"header: false", "names: [customer_id, date, amount]", "customer_id: customer_id", "ordered_at: date", "amount: amount"}, nil},
		{"tab separated", map[string]string{"sales.tsv": strings.ReplaceAll(repeat("client,date,amount\n", 30, plainLine), ",", "\t")},
			[]string{"from: sales.tsv", "customer_id: client"}, []string{"delimiter"}},
		{"blanks", map[string]string{"master.txt": repeat(" customer_id  date number_of_cds  dollar_value\n", 30, func(i int) string {
			return fmt.Sprintf(" %05d 199701%02d  %d   %d.77", i%9, i%28+1, i%3+1, i)
		})},
			[]string{`dates: "%Y%m%d"`, "amount: dollar_value", "currency: USD # by the name", "quantity: number_of_cds"}, nil},
		{"two files of one header", map[string]string{"sales-2023.csv": repeat("client,date,amount\n", 30, plainLine), "sales-2024.csv": repeat("client,date,amount\n", 30, plainLine),
			"stock.csv": "sku,on_hand\nA,1\nB,2\n"},
			[]string{"from: sales-*.csv # 2 files of the same header", "#   stock.csv: no book"}, nil},
		{"files that no pattern covers alone", map[string]string{"a1.csv": repeat("client,date,amount\n", 30, plainLine), "a3.csv": repeat("client,date,amount\n", 30, plainLine),
			"a2.csv": "sku,on_hand\nA,1\nB,2\n"},
			[]string{"- a1.csv\n      - a3.csv"}, nil},
		{"folders", map[string]string{"2023/x.csv": repeat("client,date,amount\n", 30, plainLine), "2023/y.csv": repeat("client,date,amount\n", 30, plainLine), "2024/x.csv": repeat("client,date,amount\n", 30, plainLine)},
			[]string{`- "2023/*.csv"`, `- "2024/x.csv"`}, nil},
		{"names that patterns and variables would take", map[string]string{"$HOME [1].csv": repeat("client,date,amount\n", 30, plainLine)},
			[]string{`from: "?HOME ?1?.csv"`}, nil},
		{"signs of currency", map[string]string{"sales.csv": repeat("client,date,amount\n", 30, func(i int) string { return fmt.Sprintf("k%d,2024-05-01,£%d.20", i%3, i) })},
			[]string{`amount: "replace(amount, '£', '')"`, "currency: GBP # the amounts carry £"}, nil},
		{"column of currencies", map[string]string{"sales.csv": repeat("client,date,amount,currency\n", 30, func(i int) string { return plainLine(i) + ",SEK" })},
			[]string{"currency: SEK # the only currency", "      currency: currency"}, nil},
		{"ids that went through a float", map[string]string{"sales.csv": repeat("customer_id,date,amount\n", 30, func(i int) string { return fmt.Sprintf("%d.0,2024-05-01,%d.20", 17850+i%3, i) })},
			[]string{`customer_id: "replace(customer_id, '.0', '')"`, "every id ends in .0"}, nil},
		{"customers beside orders", map[string]string{"sales.csv": repeat("client,date,amount\n", 30, plainLine),
			"clients.csv": repeat("id,name,email,acquired_via,first_purchase\n", 9, func(i int) string { return fmt.Sprintf("C%d,N %d,n%d@x.org,referral,2023-04-05", i, i, i) })},
			[]string{"  customers:", "customer_id: id", "acquired_via: acquired_via", "acquired_on: first_purchase", "email: email"}, nil},
		{"an amount in another file than the customer", map[string]string{
			"order_items.csv": repeat("order_id,item_no,product_id,price\n", 30, func(i int) string { return fmt.Sprintf("o%d,%d,p%d,%d.10", i/2, i%2, i%5, i) }),
			"orders.csv":      repeat("order_id,customer_id,order_date\n", 15, func(i int) string { return fmt.Sprintf("o%d,c%d,2024-01-%02d", i, i%4, i+1) })},
			[]string{"from: order_items.csv", "- from: orders.csv", `on: "order_id = order_id"`, "ordered_at: order_date", "amount: price", "#   orders.csv: joined"}, nil},
		{"one column a period", map[string]string{"wide.csv": repeat("client,Y2023Q1,Y2023Q2,Y2023Q3,Y2023Q4\n", 9, func(i int) string { return fmt.Sprintf("c%d,1,2,3,4", i) }),
			"sales.csv": repeat("client,date,amount\n", 30, plainLine)},
			[]string{"#   wide.csv: one column a period"}, nil},
		{"quarters in place of days", map[string]string{"long.csv": repeat("CustomerID,YearQuarter,Spend\n", 30, func(i int) string { return fmt.Sprintf("c%d,y2016_q%d,%d.5", i%9, i%4+1, i) })},
			[]string{"substr(YearQuarter, 2, 4)", "each row stands on its first day"}, nil},
		{"no amounts", map[string]string{"elog.csv": repeat("cust,date\n", 30, func(i int) string { return fmt.Sprintf("%d,2024-01-%02d", i%9, i%28+1) })},
			[]string{`amount: "1" # CHANGE ME`}, nil},
		{"answers", map[string]string{"sales.csv": repeat("client,date,amount\n", 30, plainLine),
			"nps.csv": repeat("response_id,submitted_at,score,comment,client\n", 33, func(i int) string { return fmt.Sprintf("r%d,2024-03-01,%d,fine,C%d", i, i%11, i%7) })},
			[]string{"  answers:", `question: "'nps'"`, "answered_at: submitted_at"}, nil},
		{"dates of two kinds in one book", map[string]string{"subs.csv": repeat("subscription_id,customer_id,start_date,end_date,mrr\n", 30, func(i int) string {
			return fmt.Sprintf("s%d,c%d,2024-01-%02d,%02d.02.2024,9.90", i, i%6, i%28+1, i%28+1)
		})},
			[]string{"started_on: start_date", `ended_on: "strptime(end_date, '%d.%m.%Y')"`}, []string{"    dates:"}},
		{"empty and broken files are named", map[string]string{"sales.csv": repeat("client,date,amount\n", 30, plainLine), "empty.csv": "", "torn.csv.gz": "\x1f\x8b", "old.xlsx": "PK\x03\x04", "letter.xlsx": "this is a letter"},
			[]string{"#   empty.csv: cannot be read: is empty", "#   torn.csv.gz: cannot be read", "#   old.xlsx: cannot be read: is a torn workbook", "letter.xlsx: is no workbook, whatever its name says"}, nil},
		{"hostile names stay in their comment", map[string]string{"sales.csv": repeat("client,date,amount,\"x\n# injected: yes\"\n", 30, func(i int) string { return plainLine(i) + ",1" })},
			[]string{"# Columns that nothing uses: x # injected: yes"}, []string{"\n# injected"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := proposeText(t, c.files)
			for _, w := range c.want {
				if !strings.Contains(got, w) {
					t.Errorf("lacks %q:\n%s", w, got)
				}
			}
			for _, w := range c.not {
				if strings.Contains(got, w) {
					t.Errorf("holds %q:\n%s", w, got)
				}
			}
		})
	}
}

// A whole proposal as its author reads it.
func TestProposalGolden(t *testing.T) {
	files := map[string]string{
		"exports/sales-2023.csv": repeat("Order No,Kunde,Date,Quantity,Price,Channel,Notes\n", 40, func(i int) string {
			return fmt.Sprintf("%d,K%d,%d/%d/2023,%d,4.95,web,", i/2, i%9, i%12+1, i%28+1, i%3+1)
		}),
		"exports/sales-2024.csv": repeat("Order No,Kunde,Date,Quantity,Price,Channel,Notes\n", 40, func(i int) string {
			return fmt.Sprintf("%d,K%d,%d/%d/2024,%d,4.95,shop,", 100+i/2, i%9, i%12+1, i%28+1, i%3+1)
		}),
		"kunden.csv": repeat("Kunde;Name;E-Mail;Segment\n", 9, func(i int) string { return fmt.Sprintf("K%d;N %d;n%d@x.org;B2B", i, i, i) }),
		"stock.csv":  "sku,on_hand\nA,1\nB,2\n", "readme.md": "hello",
	}
	got := proposeText(t, files)
	path := filepath.Join("testdata", "proposal.yaml")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the proposal is not %s; run with -update and read the difference:\n%s", path, got)
	}
}

func TestProposalRefusesAFolderWithoutBooks(t *testing.T) {
	dir := folder(t, map[string]string{"stock.csv": "sku,on_hand\nA,1\nB,2\n"})
	for _, d := range []string{dir, filepath.Join(dir, "none"), filepath.Join(dir, "stock.csv")} {
		_, err := (&Proposer{Dir: d, To: filepath.Join(dir, "books.yaml")}).Propose(context.Background())
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Do == "" {
			t.Errorf("%s: %v", d, err)
		}
	}
}

// The order of day and month is looked for beyond the sample: a file sorted
// by time holds one month for long.
func TestDateOrderIsDecidedByALaterRow(t *testing.T) {
	got := proposeText(t, map[string]string{"sales.csv": repeat("client,date,amount\n", 30_000, func(i int) string {
		return fmt.Sprintf("c%d,1/%d/2024,%d.10", i%50, i/2500+1, i)
	}) + "c1,1/25/2024,5.00\n"})
	if !strings.Contains(got, `dates: "%m/%d/%Y"`) || strings.Contains(got, "AMBIGUOUS") {
		t.Errorf("the order is not decided:\n%s", got)
	}
}

func TestWriteNewNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.yaml")
	if err := WriteNew(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	err := WriteNew(path, []byte("two"))
	var refusal *Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Do, "--to") {
		t.Errorf("an existing file: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "one" {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".books-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMoments(t *testing.T) {
	for text, want := range map[string]string{
		"2011-01-05": "iso", "2011-01-05 08:26": "iso", "2011-01-05T08:26:00Z": "iso", "2011-01-05 08:26:00.123": "iso",
		"2011-1-5": "%Y-%m-%d", "2011/01/05": "%Y/%m/%d", "20110105": "%Y%m%d", "20110105082600": "%Y%m%d%H%M%S",
		"1/5/2011": "%1/%2/%Y", "05.01.2011": "%1.%2.%Y", "05.01.11": "%1.%2.%y", "12/1/2010 8:26": "%1/%2/%Y %H:%M",
		"12/1/2010 8:26:10 PM": "%1/%2/%Y %I:%M:%S %p", "5 Jan 2011": "%d %b %Y", "05-JAN-11": "%d-%b-%y", "Jan 5, 2011": "%b %d, %Y",
		"January 5, 2011": "%B %d, %Y", "5 March 2011": "%d %B %Y",
		"": "", "17850": "", "489434": "", "2.50": "", "1234567890": "", "2011-13-05": "", "45/45/2011": "", "2011-01-05x": "", "13/13/2011": "", "99999999": "", "12.5.6": "", "Foo 5, 2011": "",
	} {
		m, ok := readMoment(text)
		got := m.format
		if m.iso {
			got = "iso"
		}
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestNumerals(t *testing.T) {
	for text, want := range map[string]string{
		"12": "whole", "-12": "whole", "1.5": ".", "1,5": ",", "1,234": "? ,", "1.234": "? .", "0.123": ".", "1.234,56": ", thousands .", "1,234.56": ". thousands ,",
		"1,234,567": "whole thousands ,", "1 234,50": ", thousands  ", "1'234.50": ". thousands '", "€ 12,30": ",", "12.30 EUR": ".", "-£5.00": ".", "1e5": "", ".5": ".",
		"abc": "none", "1.2.3": "none", "1,23,456": "none", "": "none", "1-2": "none", "0x1p2": "none", "1,2.3,4": "none",
	} {
		n, ok := readNumeral(text)
		got := n.decimal
		if n.whole {
			got = "whole"
		}
		if n.unsure {
			got = "? " + got
		}
		if n.thousands != "" {
			got += " thousands " + n.thousands
		}
		if !ok {
			got = "none"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzShapes(f *testing.F) {
	for _, s := range []string{"2011-01-05T08:26:00Z", "1/5/2011 8:26 PM", "1.234,56", "€ 12", "y2016_q2", "Jan 5, 2011", "'", " "} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		readMoment(text)
		readNumeral(text)
		spanShape(text)
		c := newColumn(expr.Column{Name: "x"})
		c.see(text)
	})
}

// Whatever a file is called and holds, the proposal parses, covers its file
// and nothing else, or is refused in our words.
func FuzzProposal(f *testing.F) {
	f.Add("sales.csv", "client,date,amount\na,2024-01-01,5\nb,2024-01-02,6\nb,2024-01-02,7\n")
	f.Add("a b's [x]$y.csv", "\"cu\"\"st\",\"order: date\",\"# amount\"\n1,01/02/2024,\"1,5\"\n2,01/03/2024,\"2,5\"\n")
	f.Add("sales.csv", "customer,date,\"quan\ntity\",unit price\nx,Jan 2 2024,1,€ 5\n")
	f.Add("log.txt", " 1 20240101 5.5\n 2 20240102 6.5\n")
	f.Add("x.ndjson", "{\"cust_id\":\"ü\u2028\",\"date\":\"2024-01-01\",\"amount\":1}\n")
	f.Add("s.csv", "null,date,amount\nclient,2024-01-01,5\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		if name == "" || strings.ContainsAny(name, "/\x00") || strings.HasPrefix(name, ".") || len(name) > 100 || strings.ToValidUTF8(name, "") != name {
			t.Skip()
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), []byte(text), 0o644); err != nil {
			t.Skip()
		}
		_, err := (&Proposer{Dir: dir, To: filepath.Join(dir, "books.yaml")}).Propose(context.Background())
		var refusal *Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
	})
}
