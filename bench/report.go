package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// spread is the middle of some numbers and how far they reach.
type spread struct{ median, low, high float64 }

func spreadOf(xs []float64) spread {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	return spread{(s[(n-1)/2] + s[n/2]) / 2, s[0], s[n-1]}
}

func (s spread) text(places int) string {
	f := func(x float64) string { return strconv.FormatFloat(x, 'f', places, 64) }
	if f(s.low) == f(s.high) {
		return f(s.median)
	}
	return fmt.Sprintf("%s (%s–%s)", f(s.median), f(s.low), f(s.high))
}

func each(us []usage, value func(usage) float64) spread {
	xs := make([]float64, len(us))
	for i, u := range us {
		xs[i] = value(u)
	}
	return spreadOf(xs)
}

func wall(u usage) float64 { return u.wall.Seconds() }
func cpu(u usage) float64  { return u.cpu.Seconds() }

func over(value func(usage) float64) func(usage) float64 {
	return func(u usage) float64 { return value(u) / value(*u.against) }
}

// report writes the Markdown.
func (b *bench) report(w io.Writer) {
	fmt.Fprintf(w, "%d lines of %d customers in %d yearly Parquet files of %s, simulated; rounds: %d; memory limit %s, %d threads\n\n",
		b.lines, b.customers, years, gigabytes(b.bytes), b.done, b.memory, b.threads)
	fmt.Fprintf(w, "%s; %s\n\n", machine(), time.Now().UTC().Format(time.DateOnly))
	fmt.Fprintln(w, "| whole process | wall s | CPU s | peak MB | wall ÷ bare | CPU ÷ bare |")
	fmt.Fprintln(w, "| --- | ---: | ---: | ---: | ---: | ---: |")
	for _, name := range measures {
		if us := b.took[name]; len(us) > 0 {
			fmt.Fprintln(w, b.row(name, us))
		}
	}
	b.pairs(w)
	fmt.Fprintln(w, "\nEvery answer was equal: customers opening, retained, returning and closing; revenue before, now, kept and new.")
	fmt.Fprintln(w, "Medians; in brackets the least and the most. Each ratio to bare is taken with the bare query that ran just before.")
	if b.postgres != nil {
		fmt.Fprintf(w, "PostgreSQL %s needed %.0f s to load the lines from CSV (COPY, VACUUM ANALYZE), which counts nowhere; its CPU is the server's.\n", b.postgres.version, b.postgres.loaded.Seconds())
	}
	for _, n := range b.notes {
		fmt.Fprintf(w, "Note: %s.\n", n)
	}
	if query, err := year2018.question("read_parquet('lines/*.parquet')"); err == nil {
		fmt.Fprintf(w, "\nThe bare query:\n\n```sql\n%s```\n", query)
	}
}

func (b *bench) row(name string, us []usage) string {
	cells := []string{name, each(us, wall).text(2), each(us, cpu).text(2), "", "", ""}
	if peak := each(us, func(u usage) float64 { return float64(u.peak >> 20) }); peak.high > 0 {
		cells[3] = peak.text(0)
	}
	if name != bareQuery {
		cells[4] = each(us, over(wall)).text(2)
		if each(us, cpu).low > 0 {
			cells[5] = each(us, over(cpu)).text(2)
		}
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// pairs writes the ratios of what was measured in the same round.
func (b *bench) pairs(w io.Writer) {
	head := false
	for _, p := range []struct{ text, one, other string }{
		{"one more month ÷ cold close of a year", monthClose, coldClose},
		{"one more month where the month before was closed ÷ cold close of a year", monthAgain, coldClose},
		{"PostgreSQL's group-by ÷ warm close", postgresRun, warmClose},
		{"PostgreSQL's group-by ÷ first close of imported books", postgresRun, firstClose},
		{"PostgreSQL's group-by ÷ cold close", postgresRun, coldClose},
	} {
		one, other := b.took[p.one], b.took[p.other]
		if len(one) == 0 || len(one) != len(other) {
			continue
		}
		if !head {
			fmt.Fprint(w, "\n| ratio | wall | CPU |\n| --- | ---: | ---: |\n")
			head = true
		}
		paired := slices.Clone(one)
		for i := range paired {
			paired[i].against = &other[i]
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", p.text, each(paired, over(wall)).text(2), each(paired, over(cpu)).text(2))
	}
}

// machine says in numbers what this ran on.
func machine() string {
	text := fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for line := range bytes.Lines(contents("/proc/meminfo")) {
		var kilobytes int64
		if n, _ := fmt.Sscanf(string(line), "MemTotal: %d kB", &kilobytes); n == 1 {
			text += fmt.Sprintf(", %d GiB", (kilobytes+1<<19)>>20)
		}
	}
	if f := strings.Fields(string(contents("/proc/loadavg"))); len(f) > 0 {
		text += ", load average " + f[0] + " at the end"
	}
	return text
}

// contents is a file's text, or nothing where there is no such file.
func contents(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return data
}
