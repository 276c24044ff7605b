package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// journeySettings are the flags of journey.
type journeySettings struct {
	settings
	met
	folder, built string // books that stand, a program that is built
	rate          float64
	requests      int
	seconds       int
}

func readJourney(args []string) (journeySettings, error) {
	var s journeySettings
	f := flag.NewFlagSet("bench journey", flag.ContinueOnError)
	s.register(f)
	f.StringVar(&s.dir, "dir", "", "folder to work in (default: a temporary one)")
	f.BoolVar(&s.keep, "keep", false, "leave the folder as it is at the end")
	f.StringVar(&s.folder, "again", "", "measure the books in a folder that an earlier run with --keep left")
	f.StringVar(&s.memory, "memory", "3GB", "memory limit of the engine")
	f.IntVar(&s.threads, "threads", runtime.NumCPU(), "threads of the engine")
	f.IntVar(&s.requests, "requests", 100, "requests of each page, one after another")
	f.Float64Var(&s.rate, "rate", 10, "requests a second, beside each other")
	f.IntVar(&s.seconds, "seconds", 20, "for how long, each page")
	f.StringVar(&s.built, "program", "", "a throughline that is built already (default: it is built)")
	f.StringVar(&s.out, "out", "", "also write the report, as Markdown, to this file")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	s.settings.customers = s.met.customers
	if f.NArg() > 0 || s.contacts < 1000 || s.touchpoints < 20 || s.touchpoints > 2000 || s.roles < 1 || s.roles > 20_000 || s.departments < 2 || s.departments > 100 || s.people < 1 || s.answers < 1 || s.remarks < 1 ||
		s.met.customers < 100 || s.met.customers > 99_999_999 || s.threads < 1 || s.requests < 1 || s.rate <= 0 || s.seconds < 1 || s.seconds > 600 {
		return s, errors.New("usage: go run ./bench journey [--contacts 1000 or more] [--touchpoints 20 to 2000] [--roles 1 to 20000] [--rate above 0] [--seconds 1 to 600]; --help lists all")
	}
	return s, nil
}

// What a contact takes on disk, rounded up, as for diskLine.
const diskContact = 130

// journeyPages measures the pages of the journey over a company of size, as a browser on the same machine gets them from one server process.
func journeyPages(ctx context.Context, args []string, out io.Writer) (err error) {
	s, err := readJourney(args)
	if err != nil {
		return err
	}
	b := &bench{settings: s.settings, program: s.built}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	done, err := b.booksIn(s.folder, func() error { return s.room(b.dir) }, func() error { return b.journeyBooks(ctx, s) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if b.program == "" {
		b.program = b.path("throughline")
	}
	var report strings.Builder
	for _, line := range b.notes {
		fmt.Fprintln(&report, line)
	}
	if err := b.journeyServed(ctx, s, &report); err != nil {
		return err
	}
	fmt.Fprintf(&report, "\n%s; %s\n", machine(), time.Now().UTC().Format(time.DateOnly))
	return s.publish(report.String(), out)
}

// room refuses when the disk is too small.
func (s journeySettings) room(dir string) error {
	need := diskBase + s.contacts*diskContact + (s.answers+s.remarks)*2*diskLine
	free, err := freeDisk(dir)
	if err == nil && free < need {
		err = fmt.Errorf("%d contacts need about %s of disk below %s, and %s are free: name another folder with --dir, or fewer --contacts", s.contacts, gigabytes(need), dir, gigabytes(free))
	}
	return err
}

// journeyBooks simulates, imports the books and the map, and closes a year.
func (b *bench) journeyBooks(ctx context.Context, s journeySettings) error {
	for _, name := range []string{"interactions", "data", "data/books", "scratch"} {
		if err := os.Mkdir(b.path(name), 0o755); err != nil {
			return err
		}
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	b.say("simulate %d contacts at %d touchpoints", s.contacts, s.touchpoints)
	if _, _, err := command(ctx, nil, b.self, b.engineArgs("places", append(s.args(), "--dir", b.dir)...)...); err != nil {
		return err
	}
	if err := os.WriteFile(b.path("books.yaml"), []byte(journeyBooks), 0o644); err != nil {
		return err
	}
	b.notes = append(b.notes, fmt.Sprintf("%d contacts, %d answers and %d remarks in three years at %d touchpoints of %d departments; %d roles, %d people, %d customers.\n",
		s.contacts, s.answers, s.remarks, s.touchpoints, s.departments, s.roles, s.people, s.met.customers))
	for _, verb := range [][]string{{"import"}, {"journey", "import", b.path("map.json")}, {"close", "--period", fmt.Sprint(metClosed)}} {
		b.say("%s", strings.Join(verb, " "))
		_, u, err := b.throughline(ctx, b.path("data", "books"), verb...)
		if err != nil {
			return err
		}
		b.notes = append(b.notes, fmt.Sprintf("`%s`: %.0f s, %.0f s of CPU, %d MB at most.", strings.Join(verb[:min(2, len(verb))], " "), u.wall.Seconds(), u.cpu.Seconds(), u.peak>>20))
	}
	return nil
}

// knownIn is what the generator left in a folder.
func knownIn(dir string) (out known, err error) {
	data, err := os.ReadFile(filepath.Join(dir, "known.json"))
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return out, err
	}
	if len(out.Touchpoints) == 0 {
		return out, errors.New("known.json knows no touchpoint")
	}
	return out, nil
}
