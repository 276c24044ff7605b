package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

// Shelf is the company's books as they are: what was read, and what a check
// has found in them.
type Shelf struct {
	Company  Company
	Snapshot snapshot.Snapshot
	Gone     []snapshot.Source // no longer in place; our copy is kept
	Removed  map[int64]books.Removal
	Today    calendar.Day
	// Examined is what the last check found; nil before the first one.
	Examined *Examined
	// Current tells whether that check saw this snapshot under these settings.
	Current bool
}

// Examined is what a check found, and of what. It may quote ids and values of
// the sources, so it is personal data.
type Examined struct {
	At       time.Time      `json:"at"`
	Settings string         `json:"settings"` // digest of the books.yaml
	Found    *books.Checked `json:"found"`
}

// examinedFile keeps the last check, below the data folder. It is no document
// with a history, because it must go whole when somebody is erased.
const examinedFile = "examined.json"

// Shelf reads what is known of the books without looking at their rows.
func (o *Office) Shelf(ctx context.Context) (Shelf, error) {
	c, err := o.Company(ctx)
	if err != nil {
		return Shelf{}, err
	}
	s := Shelf{Company: c, Today: calendar.DayIn(o.Now(), c.Location())}
	if s.Snapshot, err = o.Store.Latest(ctx); err != nil {
		return s, err
	}
	s.Gone = c.Config.Gone(s.Snapshot)
	if s.Removed, err = o.removals(ctx); err != nil {
		return s, err
	}
	if s.Examined, err = o.examined(); err != nil {
		return s, err
	}
	digest, err := o.settingsDigest()
	if err != nil {
		return s, err
	}
	s.Current = s.Examined != nil && s.Examined.Found.Snapshot == s.Snapshot.ID && s.Examined.Settings == digest
	return s, nil
}

// examined is the check that was kept; nil when none was, or none that this
// release can read.
func (o *Office) examined() (*Examined, error) {
	data, err := os.ReadFile(filepath.Join(o.Dir, examinedFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last check: %w", err)
	}
	var e Examined
	if json.Unmarshal(data, &e) != nil || e.Found == nil {
		return nil, nil //nolint:nilerr // it is made again
	}
	return &e, nil
}

// keepExamined puts a check in the place of the last one, whole.
func (o *Office) keepExamined(e Examined) (err error) {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("keep the check: %w", err)
	}
	f, err := os.CreateTemp(o.Dir, examinedFile+".*")
	if err != nil {
		return fmt.Errorf("keep the check: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(o.Dir, examinedFile))
	}
	if err != nil {
		return fmt.Errorf("keep the check: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// ForgetExamined takes away what the last check quoted, because somebody is
// being erased. The next check makes it again.
func (o *Office) ForgetExamined() error {
	o.asked.mu.Lock()
	o.asked.jobs = nil
	o.asked.mu.Unlock()
	err := os.Remove(filepath.Join(o.Dir, examinedFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func (o *Office) settingsDigest() (string, error) {
	text, err := os.ReadFile(o.Config)
	if err != nil {
		return "", fmt.Errorf("read settings: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

// importing says what an import job forgets.
type importing struct {
	Forget []string `json:"forget"` // paths of sources that are gone
}

// Importing is the task of an import that drops our copy of sources that are
// gone.
func Importing(by int64, forget ...string) (Task, error) {
	arguments, err := json.Marshal(importing{Forget: forget})
	if err != nil {
		return Task{}, fmt.Errorf("ask for an import: %w", err)
	}
	return Task{Kind: ImportJob, Arguments: arguments, By: by}, nil
}

// importLater does an import job.
func (o *Office) importLater(ctx context.Context, j Job, heard Heard) (report books.Report, err error) {
	var order importing
	if len(j.Arguments) > 0 {
		if err := strict(j.Arguments, &order); err != nil {
			return report, fmt.Errorf("read what to import: %w", err)
		}
	}
	err = o.act(ctx, func(c Company, e Engine) error {
		report, err = o.bring(ctx, c, e, Wanted{Forget: order.Forget}, heard)
		return err
	})
	if err == nil {
		err = o.ahead(ctx, 0, j.By)
	}
	return report, err
}

// Refused hands the refused rows of a book to visit, source by source.
func (o *Office) Refused(ctx context.Context, book string, visit func(books.RefusedRow) error) error {
	s, err := o.Store.Latest(ctx)
	if err != nil {
		return err
	}
	for _, source := range s.Of(book) {
		if err := books.ReadRefused(o.Dir, source, visit); err != nil {
			return err
		}
	}
	return nil
}

// Month is how many rows a book has in one month.
type Month struct {
	Month       calendar.Month
	Rows        int64
	First, Last calendar.Day
}

// Months lists the months of a book from its first to its last, those without
// rows too; undated are its rows without a day.
func (s Shelf) Months(book string) (months []Month, undated int64) {
	at := map[calendar.Month]Month{}
	for _, p := range s.Snapshot.Effective(book) {
		if p.Month == engine.Undated {
			undated += p.Rows
			continue
		}
		if p.Rows == 0 {
			continue // its rows are no longer kept
		}
		m, ok := at[p.Month]
		if !ok {
			m = Month{Month: p.Month, First: p.First, Last: p.Last}
		}
		m.Rows, m.First, m.Last = m.Rows+p.Rows, min(m.First, p.First), max(m.Last, p.Last)
		at[p.Month] = m
	}
	if len(at) == 0 {
		return nil, undated
	}
	first, last := calendar.Month(0), calendar.Month(0)
	for i, m := range sortedMonths(at) {
		if i == 0 {
			first = m
		}
		last = m
	}
	for m := first; m <= last; m++ {
		if found, ok := at[m]; ok {
			months = append(months, found)
		} else {
			months = append(months, Month{Month: m})
		}
	}
	return months, undated
}

func sortedMonths(at map[calendar.Month]Month) []calendar.Month {
	out := make([]calendar.Month, 0, len(at))
	for m := range at {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

// Checked is what the last check found in a book; nil when it saw none.
func (s Shelf) Checked(book string) *books.CheckedBook {
	if s.Examined == nil {
		return nil
	}
	for i, b := range s.Examined.Found.Books {
		if b.Book == book {
			return &s.Examined.Found.Books[i]
		}
	}
	return nil
}

// Overlap is two sources of a book that seem to hold the same rows.
type Overlap struct {
	A, B        string
	Rows        int64
	First, Last calendar.Day
	Undated     bool // their rows have no day
}

// Overlaps lists the suspected overlaps of a book that nobody has decided on.
func (s Shelf) Overlaps(book string) []Overlap {
	var out []Overlap
	for _, o := range s.Snapshot.Overlaps {
		if o.Book != book {
			continue
		}
		i := slices.IndexFunc(out, func(x Overlap) bool { return x.A == o.A && x.B == o.B })
		if i < 0 {
			i = len(out)
			out = append(out, Overlap{A: o.A, B: o.B, First: o.First, Last: o.Last})
		}
		out[i].Rows += o.Rows
		out[i].First, out[i].Last = min(out[i].First, o.First), max(out[i].Last, o.Last)
		out[i].Undated = out[i].Undated || o.Month == engine.Undated
	}
	return out
}

// Reach is the last day that the lines of the statement reach; ok is false
// while there are none.
func (s Shelf) Reach() (last calendar.Day, ok bool) {
	for _, book := range []string{"orders", "subscriptions"} {
		if months, _ := s.Months(book); len(months) > 0 {
			last, ok = max(last, months[len(months)-1].Last), true
		}
	}
	return last, ok
}

// Freshness says how old a book's newest row is, against how often rows usually
// come.
type Freshness struct {
	Newest calendar.Day
	Days   int64 // since then
	Usual  int64 // days between files, or between days with rows; 0: unknown
	Files  bool  // it is files that come so often
	Late   bool
}

// Freshness is how old a book's newest row is; ok is false for a book without
// dates.
func (s Shelf) Freshness(book string) (f Freshness, ok bool) {
	months, _ := s.Months(book)
	if len(months) == 0 {
		return f, false
	}
	f.Newest = months[len(months)-1].Last
	f.Days = max(0, int64(s.Today-f.Newest))
	var rows float64
	if c := s.Checked(book); c != nil && c.Days >= fewDays && c.FirstDay != nil {
		rows = float64(*c.LastDay-*c.FirstDay) / float64(c.Days-1)
	}
	files := s.deliveries(book)
	f.Files = files > rows
	if usual := max(rows, files); usual > 0 {
		f.Usual = max(1, int64(usual+0.5))
		f.Late = float64(f.Days) > 2*usual+grace
	}
	return f, true
}

// A rhythm is told of no fewer days with rows than fewDays, and of files at
// most longestDelivery days apart: one that grows for a year has no rhythm of
// its own. Nothing is late before grace days are over.
const (
	fewDays         = 30
	longestDelivery = 100
	grace           = 7
)

// Newest is the last day in each source of a book that has days.
func (s Shelf) Newest(book string) map[int64]calendar.Day {
	out := map[int64]calendar.Day{}
	for _, p := range s.Snapshot.With(book, snapshot.Rows) {
		if p.Month != engine.Undated && p.Rows > 0 {
			out[p.Source] = max(out[p.Source], p.Last)
		}
	}
	return out
}

// deliveries is the usual number of days between the newest rows of a book's
// files, when there are enough files to tell: who exports once a month is not
// late after a week.
func (s Shelf) deliveries(book string) float64 {
	var days []calendar.Day
	for _, d := range s.Newest(book) {
		days = append(days, d)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	if len(days) < 3 {
		return 0
	}
	var gaps []int64
	for i, d := range days[1:] {
		gaps = append(gaps, int64(d-days[i]))
	}
	slices.Sort(gaps)
	if usual := gaps[len(gaps)/2]; usual <= longestDelivery {
		return float64(usual)
	}
	return 0
}

// IsBook tells whether there is a book of that name.
func IsBook(name string) bool {
	_, ok := fact.Find(name)
	return ok
}
