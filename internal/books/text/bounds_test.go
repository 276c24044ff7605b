package text

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// lengthy is a stream that is never in memory as a whole.
func lengthy(head, body string, times int, tail string) io.Reader {
	return io.MultiReader(strings.NewReader(head), &repeating{body: body, left: times}, strings.NewReader(tail))
}

type repeating struct {
	body string
	at   int
	left int
}

func (r *repeating) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && r.left > 0 {
		m := copy(p[n:], r.body[r.at:])
		n, r.at = n+m, r.at+m
		if r.at == len(r.body) {
			r.at, r.left = 0, r.left-1
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// TestMemoryDoesNotGrowWithTheFile bounds all that is ever allocated, also for what is read and thrown away.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	block := strings.Repeat("x", 1<<16)
	for name, test := range map[string]struct {
		stream        io.Reader
		o             Options
		rows, refused int
		last          int64
	}{
		"a line of 100 MB":           {lengthy("a,b\n1,2\n", block, 1600, "\n3,4\n"), Options{}, 2, 1, 4},
		"a line of 100 MB in quotes": {lengthy("a,b\n1,\"", block, 1600, "\n3,4\n"), Options{}, 1, 1, 3},
		"no newline, no header":      {lengthy("", block, 1600, "\n3\n"), Options{Names: []string{"a"}}, 1, 1, 2},
		"objects":                    {lengthy("{\"a\":1}\n{\"a\":\"", block, 1600, "\"}\n{\"a\":3}\n"), Options{}, 2, 1, 3},
		"commas":                     {lengthy("a,b\n", strings.Repeat(",", MaxRecord)+"\n", 4, "3,4\n"), Options{}, 1, 4, 6},
		"UTF-16":                     {lengthy("\xff\xfea\x00\n\x00", "x\x00", 50_000_000, "\n\x003\x00\n\x00"), Options{}, 1, 1, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			r, err := OpenReader("x", test.stream, test.o)
			if err != nil {
				t.Fatal(err)
			}
			rows, refusals, last := 0, 0, int64(0)
			for {
				row, err := r.Next()
				var refused *Refused
				if err == io.EOF {
					break
				} else if errors.As(err, &refused) {
					refusals++
				} else if err != nil {
					t.Fatal(err)
				} else {
					rows, last = rows+1, row.Line
				}
			}
			runtime.ReadMemStats(&after)
			if rows != test.rows || refusals != test.refused || last != test.last {
				t.Errorf("%d rows, %d refused, the last on line %d, want %d, %d, %d", rows, refusals, last, test.rows, test.refused, test.last)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 20<<20 {
				t.Errorf("allocated %d MiB in all", used>>20)
			}
			t.Logf("%v, %d KiB allocated", time.Since(began).Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>10)
		})
	}
}

// TestQuotesOutOfStepAreNotReadAgainAndAgain: every line of this leaves a quote open, read alone or after another.
func TestQuotesOutOfStepAreNotReadAgainAndAgain(t *testing.T) {
	const lines = 200_000
	r, err := OpenReader("x", lengthy("a,b,c\n", "x\",,\"\n", lines, ""), Options{Delimiter: ","})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for {
		_, err := r.Next()
		var refused *Refused
		if err == io.EOF {
			break
		} else if err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		seen++
	}
	if seen != lines {
		t.Errorf("%d rows and refusals of %d lines", seen, lines)
	}
}

func BenchmarkReader(b *testing.B) {
	plain := "489434,85048,15CM CHRISTMAS GLASS BALL 20 LIGHTS,12,2009-12-01 07:45:00,6.95,13085,United Kingdom\n"
	header := "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
	quoted := `"489434","85048","15CM CHRISTMAS GLASS BALL, 20 ""LIGHTS""","12","2009-12-01 07:45:00","6.95","13085","United Kingdom"` + "\n"
	object := `{"invoice":"489434","stock":{"code":"85048","text":"15CM CHRISTMAS GLASS BALL"},"quantity":12,"price":6.95,"customer":13085,"country":"United Kingdom"}` + "\n"
	blanks := " 00001 19970101  1   11.77\r\n"
	const size = 64 << 20
	for _, c := range []struct{ name, header, row string }{
		{"plain", header, plain}, {"quoted", header, quoted}, {"ndjson", "", object}, {"whitespace", " id date cds value\r\n", blanks},
	} {
		for _, encoding := range []string{"utf-8", "latin-1"} {
			b.Run(fmt.Sprintf("%s/%s", c.name, encoding), func(b *testing.B) {
				times := size / len(c.row)
				b.SetBytes(int64(times * len(c.row)))
				for b.Loop() {
					r, err := OpenReader("x", lengthy(c.header, strings.Repeat(c.row, 1000), times/1000, ""), Options{Encoding: encoding})
					if err != nil {
						b.Fatal(err)
					}
					rows := 0
					for {
						if _, err := r.Next(); err == io.EOF {
							break
						} else if err != nil {
							b.Fatal(err)
						}
						rows++
					}
					if rows != times/1000*1000 {
						b.Fatalf("%d rows of %d", rows, times)
					}
				}
			})
		}
	}
}
