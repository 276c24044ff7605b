package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/engine/duckdb"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/sealed"
)

// keeping is a company whose orders go five years back.
func keeping(t *testing.T) (c testCompany, year int) {
	year = time.Now().UTC().Year()
	orders := "who,day,eur,line,what\n"
	for y := year - 5; y < year; y++ {
		orders += fmt.Sprintf("ann,%d-03-05,10,a%d,Marzipan-%[1]d\nbo,%[1]d-09-05,11,b%[1]d,tea\n", y, y)
	}
	return newCompany(t, `
company: Example Ltd
settings: {currency: EUR, timezone: Europe/Berlin}
books:
  orders:
    from: data/orders.csv
    columns: {customer_id: who, ordered_at: day, amount: eur, line_id: line, product: what}
`, map[string]string{"data/orders.csv": orders}), year
}

// keep saves how long orders are kept.
func (c testCompany) keep(months int) {
	c.within(func(a *app, co *company) error {
		_, err := co.office.SaveRetention(context.Background(), office.Retention{Months: map[string]int{"orders": months}})
		return err
	})
}

// traces lists the files of ours that hold a marker, by their bytes and by the
// values of stored parts.
func (c testCompany) traces(marker string) (out []string) {
	c.t.Helper()
	c.within(func(_ *app, co *company) (err error) {
		e, err := openEngine(context.Background(), co.dir, "")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, e.Close()) }()
		found, err := e.Traces(context.Background(), "parts", []string{marker})
		for _, f := range found {
			out = append(out, f.String())
		}
		return err
	})
	err := filepath.WalkDir(c.path(".throughline"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(marker)) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// TestRowsAreKeptAsLongAsTheSettingsSay: every verb that imports drops what is
// older, and says so once; what is sealed is printed as it was.
func TestRowsAreKeptAsLongAsTheSettingsSay(t *testing.T) {
	c, year := keeping(t)
	old, last := fmt.Sprint(year-4), fmt.Sprint(year-1)
	sealed := map[string]string{old: c.done("close", "--period", old, "--json"), last: c.done("close", "--period", last, "--json")}
	marker := "Marzipan-" + old
	if len(c.traces(marker)) == 0 {
		t.Fatal("the test would prove nothing")
	}
	// 24 whole months and those of this year: the two years before this one stay.
	c.keep(24 + int(time.Now().UTC().Month()) - 1)
	said := call(t, c.args("import")...)
	if want := fmt.Sprintf("orders before %d-01 are no longer kept: dropped 6 rows and 0 refused ones", year-2); said.code != exitDone || !strings.Contains(said.err, want) {
		t.Errorf("the import says %s%s", said.out, said.err)
	}
	for i, again := range []string{"the first time", "after importing the source again"} {
		if found := c.traces(marker); len(found) > 0 {
			t.Errorf("%s there is still %v", again, found)
		}
		for period, was := range sealed {
			now := call(t, c.args("close", "--period", period, "--json")...)
			if now.code != exitDone || now.out != was || !strings.Contains(now.err, "no longer kept") {
				t.Errorf("%s, %s: exit %d, %s", again, period, now.code, now.err)
			}
		}
		if said := c.refused("close", "--period", fmt.Sprint(year-2)); !strings.Contains(said, fmt.Sprintf("orders before %d-01 are no longer kept (settings: how long rows are kept)", year-2)) || !strings.Contains(said, "close a later period") {
			t.Errorf("%s: %s", again, said)
		}
		if i == 0 {
			c.write("data/orders.csv", string(mustRead(t, c.path("data/orders.csv")))+fmt.Sprintf("cy,%d-01-01,1,z1,tea\n", year))
			c.done("close", "--period", last, "--dry-run")
		}
	}
}

// TestWhoIsBehindDroppedRowsIsRefused: on an office that had the seal open while
// its rows were dropped by somebody else.
func TestWhoIsBehindDroppedRowsIsRefused(t *testing.T) {
	c, year := keeping(t)
	c.done("close", "--period", fmt.Sprint(year-4))
	c.done("close", "--period", fmt.Sprint(year-1))
	c.within(func(a *app, co *company) (err error) {
		ctx := context.Background()
		o := co.office
		reader, err := duckdb.OpenReader(ctx, duckdb.ReaderOptions{Dir: co.dir, MemoryLimit: "300MB", BuildMemory: "300MB"})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, reader.Close()) }()
		o.Customers = reader
		ask := func(seal int64) (office.Standings, error) {
			return o.Behind(ctx, office.Behind{Seal: seal, Block: sealed.Period, Line: engine.Retained, Seer: engine.Seer{Identified: true, Veil: engine.NewVeil([]byte("secret"))}})
		}
		for _, seal := range []int64{1, 2} {
			if found, err := ask(seal); err != nil || found.Units != 2 || !found.Agrees() {
				t.Errorf("before, behind seal %d: %+v, %v", seal, found.Standings, err)
			}
		}
		other := a.officeOver(co.store, o.Config, co.dir) // as another process would have it
		if _, err := other.SaveRetention(ctx, office.Retention{Months: map[string]int{"orders": 24 + int(time.Now().UTC().Month()) - 1}}); err != nil {
			return err
		}
		if dropped, err := other.Retain(ctx, nil); err != nil || dropped.Rows["orders"] != 6 {
			t.Errorf("dropped %+v, %v", dropped, err)
		}
		var refusal *closing.Refusal
		if _, err := ask(1); !errors.As(err, &refusal) || !strings.Contains(refusal.What, "no longer kept") {
			t.Errorf("behind the old seal: %v", err)
		}
		if found, err := ask(2); err != nil || found.Units != 2 || !found.Agrees() {
			t.Errorf("behind the later seal: %+v, %v", found.Standings, err)
		}
		verified, err := o.Verify(ctx)
		if err != nil || len(verified) != 2 {
			t.Errorf("verified %+v, %v", verified, err)
		}
		for _, v := range verified {
			if v.Equal || len(v.Dropped) != 1 || len(v.Changed) != 0 {
				t.Errorf("verified %+v", v)
			}
		}
		return nil
	})
}

// TestBooksWhoseRowsLastAreKeptForGood: dropping customers, links, contracts or
// employees by their age would change what later months say.
func TestBooksWhoseRowsLastAreKeptForGood(t *testing.T) {
	c, _ := keeping(t)
	c.within(func(a *app, co *company) error {
		for _, book := range []string{"customers", "customer_links", "subscriptions", "people", "controls"} {
			var refusal *books.Refusal
			if _, err := co.office.SaveRetention(context.Background(), office.Retention{Months: map[string]int{book: 12}}); !errors.As(err, &refusal) {
				t.Errorf("%s: %v", book, err)
			}
		}
		return nil
	})
}
