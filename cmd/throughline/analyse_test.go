package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/calendar"
)

// plain writes a file and gives its path.
func plain(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// fourColumns are one column of each kind.
func fourColumns() (*numbers, *labels, *days, *moments, []column) {
	y := &numbers{ask: ask{"outcome", "y", blankLeftOut}}
	who := &labels{ask: ask{"unit", "who", blankRefused}}
	day := &days{ask: ask{"date", "day", blankKept}}
	at := &moments{ask: ask{"time", "t", blankRefused}}
	return y, who, day, at, []column{y, who, day, at}
}

const fourKinds = "t,who,y,day,other\n2011-02,NA,1.5,2011-02-03,x\n2011-01,b,NA,20110102,\n2011-03,NA,-2e3,,x\n2011-03,b,TRUE,2011-03-01 14:30,x\n"

func checkFour(t *testing.T, path string) {
	t.Helper()
	y, who, day, at, columns := fourColumns()
	r, err := readColumns(context.Background(), path, columns)
	if err != nil {
		t.Fatal(err)
	}
	if r.n != 3 || r.out["y"] != 1 || !slices.Equal(y.values, []float64{1.5, -2000, 1}) {
		t.Errorf("%s: %d rows, left out %v, numbers %v", path, r.n, r.out, y.values)
	}
	if got := []string{who.names[who.codes[0]], who.names[who.codes[1]], who.names[who.codes[2]]}; !slices.Equal(got, []string{"NA", "NA", "b"}) {
		t.Errorf("%s: names %v", path, got)
	}
	if want := []calendar.Day{calendar.DayOf(2011, 2, 3), noDay, calendar.DayOf(2011, 3, 1)}; !slices.Equal(day.values, want) {
		t.Errorf("%s: days %v", path, day.values)
	}
	if at.at[1]-at.at[0] != 1 || at.at[1] != at.at[2] || at.label(0) != "2011-02" {
		t.Errorf("%s: moments %v", path, at.at)
	}
}

func TestColumnsAreReadAlikeFromTextAndParquet(t *testing.T) {
	checkFour(t, plain(t, "rows.csv", fourKinds))
	checkFour(t, plain(t, "rows.tsv", strings.ReplaceAll(fourKinds, ",", "\t")))
	path := filepath.Join(t.TempDir(), "rows.parquet")
	writeParquet(t, path, `SELECT * FROM (VALUES ('2011-02','NA',1.5::DOUBLE,DATE '2011-02-03'),('2011-01','b',NULL,DATE '2011-01-02'),
		('2011-03','NA',-2000,NULL),('2011-03','b',1,DATE '2011-03-01')) v(t, who, y, day)`)
	checkFour(t, path)
}

func writeParquet(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "COPY ("+query+") TO '"+path+"' (FORMAT parquet)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestCellsThatCannotBeReadAreRefusedWithTheirPlace(t *testing.T) {
	for content, want := range map[string]string{
		"who,y,day\na,1,\n":                                    `has no column "t", which --time names` + "\n  → its columns are who, y, day",
		"t,who,y,day\n1,a,1,\n2,a,\"12,3\",\n":                 `line 3: column y: "12,3" is not a number`,
		"t,who,y,day\n1,a,Inf,\n":                              `line 2: column y: "Inf" is not a number`,
		"t,who,y,day\n1,a,0x1p-2,\n":                           `"0x1p-2" is not a number`,
		"t,who,y,day\n1,a,1e999,\n":                            `"1e999" is too large`,
		"t,who,y,day\n1,a,1-2,\n":                              `"1-2" is not a number`,
		"t,who,y,day\n1,,1,\n":                                 `line 2: column who: is blank`,
		"t,who,y,day\n1,a,1,01/02/2011\n":                      `line 2: column day: "01/02/2011" is not a day`,
		"t,who,y,day\n1,a,1,\n2011-05-01,a,1,\n":               `line 3: column t: "2011-05-01" is a day, but the rows before have a number`,
		"t,who,y,day\nsoon,a,1,\n":                             `"soon" is neither a number, nor a day`,
		"t,who,y,day\n1,a,1\n2,a,1,\n":                         `line 2: has 3 cells`,
		"t,who,y,day\n1,a,NA,\n":                               `no row is left: of 1 row`,
		"t,who,y,day\n":                                        "holds no rows",
		"":                                                     "the file is empty",
		"t,who,y,day\n1,a,1,2011-01-01\n2,a,1,2011-13-01\n":    `line 3: column day: "2011-13-01" is not a day`,
		"t,who,y,day\n2011-01-01 25:00,a,1,\n":                 `has no time after the day`,
		"t,who,y,day\n1,a,1,\n\n\n5,c,\"1\n\",\n6,c,\"x\",,\n": `line 7: has 5 cells`,
	} {
		_, _, _, _, columns := fourColumns()
		path := plain(t, "rows.csv", content)
		_, err := readColumns(context.Background(), path, columns)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%q: %v, want %s", content, err, want)
		}
	}
	_, _, _, _, columns := fourColumns()
	if _, err := readColumns(context.Background(), filepath.Join(t.TempDir(), "none.csv"), columns); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("no file: %v", err)
	}
	if _, err := readColumns(context.Background(), plain(t, "torn.parquet", "PAR1 and no more"), columns); err == nil || !strings.Contains(err.Error(), "Parquet") {
		t.Errorf("torn Parquet: %v", err)
	}
}

func TestNumbersPrintTwelveDigitsOrTheirRefusal(t *testing.T) {
	got, err := encoded(object{{"b", parOf(1.0/3, math.NaN())}, {"a <", num(1e21)}, {"t", testOf(1, 2, math.Copysign(0, -1))}, {"r", noNumber("one row")}})
	want := `{"b":{"value":0.333333333333,"se":{"refused":"cannot be computed from these rows"}},"a <":1e+21,"t":{"statistic":1,"df":2,"p":0},"r":{"refused":"one row"}}`
	if err != nil || string(got) != want {
		t.Errorf("%s (%v), want %s", got, err, want)
	}
	if got := fmt.Sprint(num(123456789.4), num(0.00012345678), num(12.5), noNumber("x"), refusedTest("one group")); got != "123456789 0.000123457 12.5 – not tested: one group" {
		t.Errorf("in a table: %s", got)
	}
}

func TestAnalyseWithoutAnInstrumentIsAWrongCall(t *testing.T) {
	if c := call(t, "analyse", "astrology", "x.csv"); c.code != exitUsage || !strings.Contains(c.err, `no instrument "astrology"`) {
		t.Errorf("exit %d, %s", c.code, c.err)
	}
	if c := call(t, "analyse"); c.code != exitDone || !strings.Contains(c.out, "analyse INSTRUMENT FILE") {
		t.Errorf("exit %d, %s", c.code, c.out)
	}
}

// Times of different offsets stand in their order; one without an offset is as it is written.
func TestTimesWithOffsetsStandInTheirOrder(t *testing.T) {
	at := func(cell string) float64 {
		t.Helper()
		x, _, err := readMoment(cell)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	utc := at("2024-05-01 18:30:00")
	for _, cell := range []string{"2024-05-01T18:30:00Z", "2024-05-01T23:30:00+05:00", "2024-05-01T15:30:00-03:00", "2024-05-02T00:30+06:00", "2024-05-01 18:30:00+00"} {
		if got := at(cell); math.Abs(got-utc) > 1e-9 {
			t.Errorf("%s is %v days, want %v", cell, got, utc)
		}
	}
}
