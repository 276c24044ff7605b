package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/engine/duckdb"
)

// markers are what must not be found again of the person in the tests below.
var markers = []string{"CUST-77821-X", "OLD-77821-Y", "Quaintrelle Zebulon", "zq.marker@example.com"}

// marked is a company of which one customer is known by id, an older id, name, address and words. The customers came by
// upload, into a folder of ours; the orders and remarks lie in files of the company's own.
func marked(t *testing.T) testCompany {
	return newCompany(t, `
company: Example Ltd
settings: {currency: EUR, timezone: Europe/Berlin}
books:
  customers:
    from: files/customers.csv
    columns: {customer_id: id, name: name, email: mail, referred_by: by, acquired_on: since, acquired_via: via, acquired_how: how}
  customer_links:
    from: files/links.csv
    columns: {old_id: old, new_id: new, since: since}
  orders:
    from: data/orders.csv
    columns: {customer_id: who, ordered_at: day, amount: eur, line_id: line}
  remarks:
    from: data/remarks.csv
    columns: {remark_id: id, received_at: at, text: text, customer_id: who}
`, map[string]string{
		"files/customers.csv": "id,name,mail,by,since,via,how\nCUST-77821-X,Quaintrelle Zebulon,zq.marker@example.com,,2022-10-01,referral,asked\nb,Bee Other,b@example.com,CUST-77821-X,2022-11-03,paid,tracked\n",
		"files/links.csv":     "old,new,since\nOLD-77821-Y,CUST-77821-X,2023-01-01\n",
		"data/orders.csv":     "who,day,eur,line\nCUST-77821-X,2022-10-03,100,1\nb,2022-11-03,50,2\nOLD-77821-Y,2023-10-03,80,3\nb,2023-11-04,60,4\nCUST-77821-X,never,1,5\n",
		"data/remarks.csv":    "id,at,text,who\n1,2023-10-04,the soup was cold,CUST-77821-X\n2,2023-10-05,please thank Quaintrelle Zebulon at zq.marker@example.com,b\n",
	})
}

// bytesWith lists the files of ours whose raw bytes hold a marker, and the stored parts of which a value does.
func bytesWith(t *testing.T, c testCompany) (out []string) {
	t.Helper()
	for _, folder := range []string{".throughline", "files"} {
		err := filepath.WalkDir(c.path(folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			for _, m := range markers {
				if bytes.Contains(bytes.ToLower(content), []byte(strings.ToLower(m))) {
					out = append(out, m+" in the bytes of "+path)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	e, err := duckdb.Open(t.Context(), duckdb.Options{Dir: c.path(".throughline")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	traces, err := e.Traces(t.Context(), "parts", markers)
	if err != nil {
		t.Fatal(err)
	}
	for _, trace := range traces {
		out = append(out, trace.String())
	}
	return out
}

func TestErasedPersonIsInNoByteOfOurs(t *testing.T) {
	c := marked(t)
	threshold := strings.Replace(string(mustRead(t, c.path("books.yaml"))), "{currency", "{refused_threshold: 0.5, currency", 1)
	c.write("books.yaml", threshold)
	sealed := c.done("close", "--period", "2023", "--json")
	if len(bytesWith(t, c)) == 0 {
		t.Fatal("the markers are not in the books to begin with")
	}
	all := c.done("export", "customer", "OLD-77821-Y")
	for _, m := range markers[:3] {
		if !strings.Contains(all, m) {
			t.Errorf("the export lacks %s:\n%s", m, all)
		}
	}
	var receipt receiptBlock
	if err := json.Unmarshal([]byte(c.done("erase", "customer", "OLD-77821-Y", "--yes", "--json")), &receipt); err != nil {
		t.Fatal(err)
	}
	if left := bytesWith(t, c); len(left) != 0 {
		t.Errorf("after the erasure there is still\n%s", strings.Join(left, "\n"))
	}
	if len(receipt.Left) != 0 || len(receipt.Removed) != 2 || len(receipt.Elsewhere) != 2 || !strings.HasPrefix(receipt.Tombstone, "erased-") {
		t.Errorf("the receipt says %+v", receipt)
	}
	if again := c.done("close", "--period", "2023", "--json"); again != sealed {
		t.Errorf("closed again after the erasure:\n%s\nwas\n%s", again, sealed)
	}
	// The company's own file still names the person, and brings a line more.
	orders := string(mustRead(t, c.path("data/orders.csv")))
	c.write("data/orders.csv", orders+"CUST-77821-X,2024-01-05,7,6\n")
	c.done("import")
	if left := bytesWith(t, c); len(left) != 0 {
		t.Errorf("an import brought back\n%s", strings.Join(left, "\n"))
	}
	if again := c.done("close", "--period", "2023", "--json"); again != sealed {
		t.Errorf("closed again after the import:\n%s\nwas\n%s", again, sealed)
	}
	if said := c.refused("erase", "customer", "CUST-77821-X", "--yes"); !strings.Contains(said, "none of our books") {
		t.Errorf("erasing again says %s", said)
	}
	if said := c.refusedUsage("erase", "customer", "b"); !strings.Contains(said, "--yes") {
		t.Errorf("erasing without --yes says %s", said)
	}
	if said := c.done("audit"); strings.Contains(said, "CUST") {
		t.Errorf("the audit log says %s", said)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// refusedUsage runs a wrong call and returns what it says.
func (c testCompany) refusedUsage(verb string, more ...string) string {
	c.t.Helper()
	var out, errOut bytes.Buffer
	if code := run(c.t.Context(), c.args(verb, more...), &out, &errOut); code != exitUsage {
		c.t.Fatalf("%s ended with %d: %s", verb, code, errOut.String())
	}
	return errOut.String()
}
