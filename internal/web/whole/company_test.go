package whole_test

import (
	"flag"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/throughline/throughline/internal/office"
)

// long is an id of ten thousand signs.
var long = "long" + strings.Repeat("x", 10_000)

// small is a company of few rows that somebody can count.
var small = map[string]string{
	"books.yaml": `# ours, by hand
company: Example Ltd # the name over the statements
settings:
  currency: EUR
  timezone: Europe/Berlin # where the shop stands
books:
  customers:
    from: customers.csv
    columns: {customer_id: id, name: name, email: mail, acquired_on: since, acquired_via: via, referred_by: by, segment: segment}
  orders:
    from: [orders-a.csv, orders-b.csv]
    columns: {customer_id: id, ordered_at: day, amount: amount, product: product}
  answers:
    from: answers.csv
    columns: {answer_id: n, answered_at: day, question: question, score: score, customer_id: id, comment: comment}
  remarks:
    from: remarks.csv
    columns: {remark_id: n, received_at: day, text: text, customer_id: id}
`,
	"customers.csv": "id,name,mail,since,via,by,segment\n" +
		"A-1,Ada Quill,ada@example.com,2025-03-02,referral,A/2,cafe\n" +
		"A/2,Bertrand Ó Néill,bert@example.com,2025-01-10,paid,,school\n" +
		"../..,Dot Dot,dot@example.com,2025-05-01,,,\n" +
		long + ",Long Id,long@example.com,2025-05-01,,,\n",
	"orders-a.csv": "id,day,amount,product\n" +
		"A-1,2025-03-02,20.00,soup\nA-1,2025-06-02,30.00,bread\nA/2,2025-01-10,100.00,soup\nA/2,2025-02-11,50.00,soup\n../..,2025-05-01,5.00,tea\n" + long + ",2025-05-01,7.00,tea\n,2025-07-01,3.00,tea\nA-1,2025-07-07,2x.00,tea\n",
	"orders-b.csv": "id,day,amount,product\n" +
		"A/2,2025-02-11,50.00,soup\nA-1,2026-03-02,45.50,soup\nA-1,2026-04-02,-5.50,soup\nNEW,2026-05-02,60.00,tea\n",
	"answers.csv": "n,day,question,score,id,comment\n1,2025-06-03,nps,9,A-1,Please keep the kitchen\n",
	"remarks.csv": "n,day,text,id\n1,2026-04-03,\"You told us what the soup had in it\",A-1\n",
}

// shared is the small company for tests that change nothing of it.
var shared struct {
	once  sync.Once
	house *house
}

// ending ends what tests share.
var ending = func() {}

func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	ending()
	os.Exit(status)
}

// company is the small company, imported and looked at, that nobody changes.
func company(t *testing.T) *house {
	t.Helper()
	shared.once.Do(func() {
		folder, err := os.MkdirTemp("", "throughline-whole-")
		if err != nil {
			t.Fatal(err)
		}
		h, end := begin(t, folder, small)
		before := ending
		shared.house, ending = h, func() {
			before()
			end()
			_ = os.RemoveAll(folder) // a folder for temporary files
		}
	})
	if shared.house == nil {
		t.Fatal("the company could not be opened")
	}
	h := *shared.house
	h.t = t
	return &h
}

// own is the small company for one test alone.
func own(t *testing.T) *house {
	t.Helper()
	h, end := begin(t, t.TempDir(), small)
	t.Cleanup(end)
	return h
}

// unread is the small company for one test alone, before anything is imported.
func unread(t *testing.T) *house {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, small)
	return open(t, folder)
}

// begin writes a company, opens it, and has it imported and looked at.
func begin(t *testing.T, folder string, files map[string]string) (*house, func()) {
	t.Helper()
	write(t, folder, files)
	h, end := start(t, folder)
	if got := h.do(office.Task{Kind: office.ImportJob}); got.State != office.Done {
		t.Fatalf("the import: %+v", got)
	}
	h.looked()
	return h, end
}

// looked has the books looked at as they are.
func (h *house) looked() {
	h.t.Helper()
	job, err := h.office.PrepareBooks(h.t.Context(), 0)
	if err != nil {
		h.t.Fatal(err)
	}
	if got := h.settled(job).Outcome; got.State != office.Done {
		h.t.Fatalf("the look at the books: %+v", got)
	}
}
