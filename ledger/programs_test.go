package ledger_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/ledger"
	"github.com/throughline/throughline/money"
)

// program finds bean-check or hledger. Where one is not installed the test is
// skipped, but not where everything must be checked.
func program(t *testing.T, name string) string {
	t.Helper()
	found, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("%s is not installed here; .ci/journal installs it from Debian", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// run has a program read in UTF-8 whatever the machine's locale is, and leave no cache.
func run(t *testing.T, name string, args ...string) (stdout string, err error) {
	t.Helper()
	var out, problems bytes.Buffer
	c := exec.CommandContext(t.Context(), name, args...)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "BEANCOUNT_DISABLE_LOAD_CACHE=1")
	c.Stdout, c.Stderr = &out, &problems
	if err = c.Run(); err != nil {
		err = fmt.Errorf("%s %s: %w\n%.4000s%.4000s", name, strings.Join(args, " "), err, out.String(), problems.String())
	}
	return out.String(), err
}

// batch are journals drawn from fixed seeds, and three that were made to hurt.
func batch(t *testing.T) []*drawn {
	t.Helper()
	n := 40
	if os.Getenv("THROUGHLINE_THOROUGH") != "" {
		n = 400
	}
	out := []*drawn{{journal: journal(t, "EUR")}, everyText(t), everyLetter(t)}
	for seed := range n {
		out = append(out, journals().Example(seed))
	}
	return out
}

// everyText has each hostile text in each place.
func everyText(t *testing.T) *drawn {
	t.Helper()
	d := &drawn{journal: journal(t, "KWD")}
	for i, text := range hostile {
		d.post(ledger.Transaction{
			Day: 20454, ID: fmt.Sprint(text, i), Text: text, Marks: map[string]string{"course": text},
			Postings: []ledger.Posting{{From: name(t, "Income", text), To: name(t, "Assets", "Training", text), Amount: money.FromMicros(int64(i) + 1), Memo: text}},
		})
	}
	if d.refused > 0 {
		t.Fatalf("%d of the hostile texts were refused", d.refused)
	}
	return d
}

// everyLetter has accounts of all the letters that stand for themselves: each
// capital at a beginning, and all of them within.
func everyLetter(t *testing.T) *drawn {
	t.Helper()
	var within, capitals []rune
	for r := rune(0x80); r <= 0xFFFF; r++ {
		if name(t, "Assets", "A"+string(r)) != ledger.Account("Assets:A"+string(r)) {
			continue
		}
		within = append(within, r)
		if name(t, "Assets", string(r)) == ledger.Account("Assets:"+string(r)) {
			capitals = append(capitals, r)
		}
	}
	if len(within) < 30000 || len(capitals) < 400 {
		t.Fatalf("%d letters and %d capitals stand for themselves", len(within), len(capitals))
	}
	x := ledger.Transaction{Day: 20454, ID: "letters"}
	for _, r := range capitals {
		x.Postings = append(x.Postings, ledger.Posting{From: "Income:X", To: name(t, "Assets", string(r)), Amount: money.FromMicros(1)})
	}
	for chunk := range slices.Chunk(within, 1000) {
		x.Postings = append(x.Postings, ledger.Posting{From: "Income:X", To: name(t, "Assets", "A"+string(chunk)), Amount: money.FromMicros(1)})
	}
	d := &drawn{journal: journal(t, "EUR")}
	d.post(x)
	if d.refused > 0 {
		t.Fatal("the letters were refused")
	}
	return d
}

func save(t *testing.T, path string, write func(*os.File) error) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// loader does what bean-check does for many files, because it takes a quarter
// of a second to begin, and prints every account's balance in exact decimals.
const loader = `
import sys
from beancount import loader
from beancount.core import data, realization
for path in sys.argv[1:]:
    entries, errors, options = loader.load_file(path)
    for e in errors:
        print("error\t%s\t%s" % (path, repr(e)[:600]))
    for account in realization.iter_children(realization.realize(entries)):
        for position in account.balance:
            print("balance\t%s\t%s\t%s" % (path, account.account, position.units.number))
    for e in entries:
        if isinstance(e, data.Transaction):
            print("transaction\t%s\t%d" % (path, len(e.postings)))
`

func TestBeancountAcceptsEveryJournal(t *testing.T) {
	t.Parallel()
	check := program(t, "bean-check")
	dir := t.TempDir()
	var paths []string
	drawn := map[string]*drawn{}
	for i, d := range batch(t) {
		path := filepath.Join(dir, fmt.Sprintf("%d.beancount", i))
		save(t, path, func(f *os.File) error { return d.journal.WriteBeancount(f) })
		paths, drawn[path] = append(paths, path), d
	}
	for _, path := range paths[:5] {
		if _, err := run(t, check, path); err != nil {
			t.Errorf("%v\n%.3000s", err, read(t, path))
		}
	}
	python, err := interpreter(check)
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, python, append([]string{"-c", loader}, paths...)...)
	if err != nil {
		t.Fatal(err)
	}
	held, postings := map[string]map[string]string{}, map[string]int{}
	for line := range strings.Lines(out) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		switch cells[0] {
		case "error":
			t.Fatalf("%s\n%.3000s", line, read(t, cells[1]))
		case "balance":
			if held[cells[1]] == nil {
				held[cells[1]] = map[string]string{}
			}
			held[cells[1]][cells[2]] = cells[3]
		case "transaction":
			var n int
			if _, err := fmt.Sscan(cells[2], &n); err != nil {
				t.Fatal(err)
			}
			postings[cells[1]] += n
		}
	}
	for path, d := range drawn {
		want := 0
		for _, x := range d.posted {
			want += 2 * len(x.Postings)
		}
		if postings[path] != want {
			t.Errorf("%s: Beancount read %d postings, want %d", path, postings[path], want)
		}
		same(t, path, d.journal, d.journal.Balances(ever), held[path])
	}
}

// ever is after every day of a journal.
var ever = calendar.DayOf(9999, 12, 31)

// same holds a program's balances to ours; those of zero may be left out.
func same(t *testing.T, path string, j *ledger.Journal, ours []ledger.Balance, theirs map[string]string) {
	t.Helper()
	seen := 0
	for _, b := range ours {
		text, ok := theirs[string(b.Account)]
		if !ok && b.Amount.IsZero() {
			continue
		}
		seen++
		got, err := money.Parse(text)
		if err != nil || !got.Equal(b.Amount) {
			t.Errorf("%s: %.200s is read as %q (%v), and is %s", path, b.Account, text, err, b.Amount.Text(j.Currency().Places()))
		}
	}
	if seen != len(theirs) {
		t.Errorf("%s: %d balances were read, want %d", path, len(theirs), seen)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// interpreter is the Python that bean-check runs under, which knows Beancount.
func interpreter(script string) (string, error) {
	text, err := os.ReadFile(script)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if fields := strings.Fields(strings.TrimPrefix(first, "#!")); len(fields) > 0 {
		return fields[len(fields)-1], nil
	}
	return "", fmt.Errorf("%s names no interpreter", script)
}

func TestHledgerAcceptsEveryJournalAndReadsItsBalances(t *testing.T) {
	t.Parallel()
	hledger := program(t, "hledger")
	dir := t.TempDir()
	for i, d := range batch(t) {
		path := filepath.Join(dir, fmt.Sprintf("%d.journal", i))
		save(t, path, func(f *os.File) error { return d.journal.WriteHledger(f) })
		if i < 4 { // the others are held to the same by the strict mode below
			if _, err := run(t, hledger, "-f", path, "check", "--strict"); err != nil {
				t.Fatalf("%v\n%.3000s", err, read(t, path))
			}
		}
		ends := []calendar.Day{ever - 1}
		if len(d.posted) > 0 {
			ends = append(ends, d.posted[len(d.posted)/2].Day)
		}
		for _, at := range ends {
			same(t, path, d.journal, d.journal.Balances(at), balancesOf(t, hledger, path, at, d.journal.Currency()))
		}
	}
}

// balancesOf has hledger tell the balances at the end of a day.
func balancesOf(t *testing.T, hledger, path string, at calendar.Day, c money.Currency) map[string]string {
	t.Helper()
	out, err := run(t, hledger, "-f", path, "bal", "--strict", "--flat", "-E", "-N", "-e", (at + 1).String(), "-O", "csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]string{}
	for _, row := range rows[1:] {
		held[row[0]] = strings.TrimSuffix(row[1], " "+string(c))
	}
	return held
}
