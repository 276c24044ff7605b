package office_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// victim names the folder that a process of this test works in until it is
// killed.
const victim = "THROUGHLINE_TEST_VICTIM"

// letters are the content of the n-th file.
func letters(n int) []byte { return bytes.Repeat([]byte{'a' + byte(n%26)}, 300_000+n) }

// TestVictim is no test: it is what a killed server does. It gives files in
// pieces and whole, and writes settings, for as long as it lives.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victim)
	if dir == "" {
		t.Skip("for TestKilledAtAnyMoment")
	}
	o, ctx := opened(t, dir), context.Background()
	for n := 0; ; n++ {
		text := letters(n)
		u, err := o.NewUpload(ctx, lead, fmt.Sprintf("p%d.csv", n), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		for u.State == program.Receiving {
			if u, err = o.AppendUpload(ctx, u, bytes.NewReader(text[u.Received:min(u.Received+40_000, u.Size)]), ""); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := o.ReceiveUpload(ctx, lead, fmt.Sprintf("w%d.csv", n), bytes.NewReader(append([]byte("w"), text...))); err != nil {
			t.Fatal(err)
		}
		d, err := o.Draft(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d, err = o.SaveSetup(ctx, d.Version, lead, office.Setup{Company: fmt.Sprintf("Company %d", n), Currency: "EUR", TimeZone: "UTC"}); err != nil {
			t.Fatal(err)
		}
		if d, err = o.Map(ctx, d.Version, lead, "orders", books.Mapping{From: books.List{"files/p0.csv"}, Columns: map[string]string{"ordered_at": "day", "amount": fmt.Sprintf("paid * %d", 1000*os.Getpid()+n)}}); errors.Is(err, program.ErrNone) {
			continue // the first time there is no book to map; the test has written one
		} else if err != nil {
			t.Fatal(err)
		}
		if err := o.Publish(ctx, d.Version, lead); err != nil {
			t.Fatal(err)
		}
		fmt.Println("a turn") // the first tells that it is at work
	}
}

// Between the moment that an upload is kept and that its part is made lies one
// at which the program may end.
func TestAnUploadWhosePartWasNeverMadeGoesOn(t *testing.T) {
	dir := t.TempDir()
	o, ctx := opened(t, dir), t.Context()
	u, err := o.NewUpload(ctx, lead, "p1.csv", 12)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range incoming(t, o) {
		if err := os.Remove(filepath.Join(o.FilesDir(), ".incoming", name)); err != nil {
			t.Fatal(err)
		}
	}
	if u, err = o.AppendUpload(ctx, u, strings.NewReader("a,b,c\n1,2,3\n"), ""); err != nil || u.State != program.Complete {
		t.Errorf("it does not go on: %v, %s", err, u.State)
	}
}

// Killed with -9 at any moment, a server leaves no half file under a name, no
// half settings, and every acknowledged byte.
func TestKilledAtAnyMoment(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, ctx := t.TempDir(), context.Background()
	if err := os.WriteFile(filepath.Join(dir, "books.yaml"), []byte("# by hand\ncompany: Company\nsettings: {currency: EUR}\nbooks: {orders: {from: files/p0.csv, columns: {ordered_at: day, amount: paid}}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 9))
	rounds := 4
	if os.Getenv("THROUGHLINE_THOROUGH") != "" {
		rounds = 12
	}
	for round := range rounds {
		c := exec.Command(self, "-test.run=^TestVictim$")
		c.Env = append(os.Environ(), victim+"="+dir)
		said, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		// On a busy machine it may be long before it does anything, so the moment is counted from its first whole turn.
		if _, err := bufio.NewReader(said).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(r.IntN(400)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("round %d: it was not killed: %v", round, err)
		}
		survives(t, opened(t, dir), ctx)
		if err := os.RemoveAll(filepath.Join(dir, "files")); err != nil { // so that names are free again
			t.Fatal(err)
		}
	}
	if s, err := opened(t, dir).Settings(ctx); err != nil || s.Version < 4 {
		t.Errorf("in all rounds the settings came to version %d, so nothing was killed in the midst of anything: %v", s.Version, err)
	}
}

// number is which file a name is of; a name that was taken gets a number of
// its own: w0.csv, w0-7.csv.
func number(t *testing.T, name string) int {
	t.Helper()
	digits := regexp.MustCompile(`^[pw]([0-9]+)(-[0-9]+)?\.csv$`).FindStringSubmatch(name)
	if digits == nil {
		t.Fatalf("there is a file %q, which nobody gave", name)
	}
	n, err := strconv.Atoi(digits[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// survives checks what a killed server has left.
func survives(t *testing.T, o *office.Office, ctx context.Context) {
	t.Helper()
	if err := o.RecoverUploads(ctx); err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t, o) {
		got, err := os.ReadFile(filepath.Join(o.FilesDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		n := number(t, name)
		want := letters(n)
		if name[0] == 'w' {
			want = append([]byte("w"), want...)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is half a file: %d bytes of %d", name, len(got), len(want))
		}
	}
	unfinished, err := o.Unfinished(ctx, lead)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range unfinished {
		text := letters(number(t, u.Name))
		if u.Name[0] == 'w' { // given whole, and killed between its last byte and its name
			text = append([]byte("w"), text...)
		}
		if u, err = o.AppendUpload(ctx, u, bytes.NewReader(text[u.Received:]), digest(text)); err != nil || u.State != program.Complete {
			t.Errorf("%s does not go on: %v", u.Name, err)
		}
	}
	s, err := o.Settings(ctx)
	if err != nil {
		t.Fatal("the settings are torn:", err)
	}
	if !strings.HasPrefix(string(s.Text), "# by hand\n") {
		t.Errorf("the settings lost a line:\n%s", s.Text)
	}
	if left := slices.DeleteFunc(incoming(t, o), func(name string) bool { return strings.HasPrefix(name, "form-") }); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(o.Config), ".books.yaml.next")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the coming settings: %v", err)
	}
	if _, err := o.Draft(ctx); err != nil {
		t.Error("the draft is torn:", err)
	}
}
