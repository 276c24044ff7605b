package books

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/money"
)

// Config is a books.yaml: a company, its settings and how its files become
// books.
type Config struct {
	Company  string             `yaml:"company"`
	Settings Settings           `yaml:"settings"`
	Books    map[string]Mapping `yaml:"books"`
	Engine   string             `yaml:"engine"`

	// Simulated tells that the file says of itself, in its first line, that a simulation wrote it; a copy and a backup of it say so too.
	Simulated bool `yaml:"-"`

	path string
}

// simulatedLine begins the books.yaml that the simulator writes.
const simulatedLine = "# Simulated company: no row here is real"

// Settings are the company's choices that figures depend on.
type Settings struct {
	Currency          string            `yaml:"currency"`
	TimeZone          string            `yaml:"timezone"`
	FiscalYearStarts  string            `yaml:"fiscal_year_starts"`
	FiscalYearNamed   string            `yaml:"fiscal_year_named"`
	Calendar          string            `yaml:"calendar"`
	CalendarFile      string            `yaml:"calendar_file"`
	WeekStarts        string            `yaml:"week_starts"`
	DiscountRate      *Decimal          `yaml:"discount_rate"`
	Margin            map[string]string `yaml:"margin"`
	HoursPerYear      *Decimal          `yaml:"hours_per_year"`
	MinimumGroup      int               `yaml:"minimum_group"`
	Training          *Training         `yaml:"training"`
	ExitKinds         map[string]List   `yaml:"exit_kinds"` // voluntary, involuntary, other: the company's words
	StatementBasis    string            `yaml:"statement_basis"`
	ReturnsCounted    string            `yaml:"returns_counted"`
	OrdersCounted     string            `yaml:"orders_counted"`
	Grain             string            `yaml:"grain"`
	RefusedThreshold  *Decimal          `yaml:"refused_threshold"`
	ReconcileAccounts List              `yaml:"reconcile_accounts"`
	AcquireEarned     List              `yaml:"acquire_earned"` // departments or touchpoints
	IncomeStatement   *IncomeStatement  `yaml:"income_statement"`
}

// Mapping says where a book's rows come from and which expression gives each
// of its columns.
type Mapping struct {
	From     List              `yaml:"from"`
	Source   SourceOptions     `yaml:"source"`
	Names    []string          `yaml:"names"`
	Join     []JoinMapping     `yaml:"join"`
	Where    string            `yaml:"where"`
	Columns  map[string]string `yaml:"columns"`
	Dates    List              `yaml:"dates"`
	Overlaps string            `yaml:"overlaps"`
	Tax      *Tax              `yaml:"tax" json:",omitempty"` // as Unpivot, in no older signature
}

// SourceOptions hold only what cannot be detected.
type SourceOptions struct {
	Format    string `yaml:"format"`
	Delimiter string `yaml:"delimiter"`
	Header    *bool  `yaml:"header"`
	Encoding  string `yaml:"encoding"`
	Decimal   string `yaml:"decimal"`
	Thousands string `yaml:"thousands"`
	Sheet     string `yaml:"sheet"`
	// Several sheets of a workbook, each a source of its own; as Unpivot, in no
	// older signature.
	Sheets    List `yaml:"sheets" json:",omitempty"`
	HeaderRow int  `yaml:"header_row" json:",omitempty"` // of a sheet; 0: its first that is not blank
	// Not in the signature of a mapping that has none, so that older copies
	// need not be read again.
	Unpivot *Unpivot `yaml:"unpivot" json:",omitempty"`
}

// JoinMapping looks a second file up by equality: "customer_id = id" compares
// the source's customer_id with the joined file's id.
type JoinMapping struct {
	From   string        `yaml:"from"`
	On     string        `yaml:"on"`
	Source SourceOptions `yaml:"source"`
	Names  []string      `yaml:"names"`
}

// List is one text or several.
type List []string

// UnmarshalYAML reads a text or a list of texts.
func (l *List) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*l = List{one}
		return nil
	}
	return unmarshal((*[]string)(l))
}

// Decimal is an exact number of a setting, kept as it was written.
type Decimal struct{ big.Rat }

// UnmarshalYAML reads a plain decimal.
func (d *Decimal) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	a, err := money.Parse(text)
	if err != nil {
		return err
	}
	d.Rat = *a.Rat()
	return nil
}

// Refusal is an input that was refused: where, what, and what to do about it.
type Refusal struct {
	Where string // file and line, or the book
	What  string
	Do    string // what the user can do, in the words of the command line; may be empty
	Kind  string // one of Kinds; empty: there is no other advice
	Book  string // that the kind is about; empty: none
}

func (r *Refusal) Error() string {
	text := r.Where + ": " + r.What
	if r.Do != "" {
		text += "\n  → " + r.Do
	}
	return text
}

// maxConfig bounds a books.yaml; a hostile one must not exhaust memory.
const maxConfig = 1 << 20

// ReadConfig reads and checks a books.yaml.
func ReadConfig(path string) (*Config, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, &Refusal{Where: path, What: "there is no such file", Do: "run `throughline init FOLDER` to have one proposed, or name it with --books"}
	case err != nil:
		return nil, fmt.Errorf("read settings: %w", err)
	case info.IsDir():
		return nil, &Refusal{Where: path, What: "is a folder", Do: "name the books.yaml file itself"}
	case info.Size() > maxConfig:
		return nil, &Refusal{Where: path, What: "is larger than 1 MiB, which no books.yaml is"}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &Refusal{Where: path, What: "cannot be read: no permission", Do: "give yourself the right to read it"}
	}
	return ParseConfig(path, data)
}

// ParseConfig reads a books.yaml from memory; path names it and is what its
// relative paths start from.
func ParseConfig(path string, data []byte) (*Config, error) {
	c, err := parseConfig(path, data)
	if err == nil {
		c.Simulated = bytes.HasPrefix(data, []byte(simulatedLine))
		err = c.check()
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// ParseDraft reads a books.yaml that is not finished: books may be missing,
// and what a book needs may not be mapped yet.
func ParseDraft(path string, data []byte) (*Config, error) {
	c, err := parseConfig(path, data)
	if err == nil {
		err = c.checkDraft()
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func parseConfig(path string, data []byte) (*Config, error) {
	if err := harmless(path, data); err != nil {
		return nil, err
	}
	c := &Config{path: path}
	if err := yaml.UnmarshalWithOptions(data, c, yaml.Strict(), yaml.DisallowUnknownField()); err != nil {
		return nil, &Refusal{Where: path, What: strings.TrimSpace(yaml.FormatError(err, false, true)), Do: "docs/books.md lists every key of books.yaml"}
	}
	c.path = path // which an empty file takes away
	return c, c.saysNothing(data)
}

// maxNesting bounds the lists and maps within each other, and maxAnchors the
// repetitions: a parser pays for both beyond all measure, and no books.yaml
// needs them.
const (
	maxNesting = 40
	maxAnchors = 20
)

// harmless refuses text that would cost a parser more than it is worth. It
// counts brackets and dashes without regard to quotes, which only makes it
// stricter.
func harmless(path string, data []byte) error {
	refuse := func(line int, what string) error {
		return &Refusal{Where: fmt.Sprintf("%s:%d", path, line), What: what, Do: "docs/books.md shows what a books.yaml looks like"}
	}
	depth, anchors := 0, 0
	for i, line := range strings.Split(string(data), "\n") {
		dashes := strings.Count(line, "- ")
		depth += strings.Count(line, "[") + strings.Count(line, "{") - strings.Count(line, "]") - strings.Count(line, "}")
		deepest := strings.Count(line, "[") + strings.Count(line, "{")
		if max(depth, deepest, dashes) > maxNesting || len(line)-len(strings.TrimLeft(line, " ")) > 8*maxNesting {
			return refuse(i+1, "is nested more deeply than any books.yaml")
		}
		if anchors += strings.Count(line, " &") + strings.Count(line, " *") + strings.Count(line, "[*") + strings.Count(line, ",*"); anchors > maxAnchors && strings.ContainsAny(line, "&") {
			return refuse(i+1, "repeats itself by anchors and aliases more often than any books.yaml")
		}
	}
	return nil
}

// Dir is the folder that relative paths in the file start from.
func (c *Config) Dir() string { return filepath.Dir(c.path) }

// Path is the file that the settings were read from.
func (c *Config) Path() string { return c.path }

// Mapped lists the mapped books in the order of their shapes.
func (c *Config) Mapped() []string {
	var names []string
	for _, b := range fact.Books {
		if _, ok := c.Books[b.Name]; ok {
			names = append(names, b.Name)
		}
	}
	return names
}

func (c *Config) refuse(what, do string, args ...any) error {
	return &Refusal{Where: c.path, What: fmt.Sprintf(what, args...), Do: do}
}

func (c *Config) check() error {
	if c.Settings.Currency == "" {
		return &Refusal{
			Where: c.path, What: "settings: currency is missing", Do: "write the ISO 4217 code of the currency that the statements are in, such as `currency: EUR`",
			Kind: NoCurrency,
		}
	}
	if err := c.checkSettings(); err != nil {
		return err
	}
	if len(c.Books) == 0 {
		return &Refusal{Where: c.path, What: "names no books", Do: "add a book under `books:`; `throughline init FOLDER` proposes them", Kind: NoBooks}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Books)) {
		if err := c.checkMapping(name, c.Books[name], true); err != nil {
			return err
		}
	}
	return nil
}

// checkDraft checks what is there already.
func (c *Config) checkDraft() error {
	if err := c.checkSettings(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Books)) {
		if err := c.checkMapping(name, c.Books[name], false); err != nil {
			return err
		}
	}
	return nil
}

// choice refuses a setting outside its closed list and fills in its default.
func (c *Config) choice(name string, value *string, options ...string) error {
	if *value == "" {
		*value = options[0]
	}
	if !slices.Contains(options, *value) {
		return c.refuse("settings: %s: %q is not one of %s", "", name, *value, strings.Join(options, ", "))
	}
	return nil
}

func (c *Config) checkSettings() error {
	s := &c.Settings
	if _, err := money.ParseCurrency(s.Currency); s.Currency != "" && err != nil {
		return c.refuse("settings: currency: %v", "write an ISO 4217 code such as EUR", err)
	}
	if s.TimeZone == "" {
		s.TimeZone = "UTC"
	}
	if _, err := calendar.LoadZone(s.TimeZone); err != nil {
		return c.refuse("settings: timezone: %v", "write a name such as Europe/London", err)
	}
	for _, check := range []error{
		c.choice("calendar", &s.Calendar, "gregorian", "4-4-5", "4-5-4", "5-4-4", "file"),
		c.choice("week_starts", &s.WeekStarts, "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
		c.choice("statement_basis", &s.StatementBasis, "orders", "subscriptions", "both"),
		c.choice("returns_counted", &s.ReturnsCounted, "when returned", "at the sale"),
		c.choice("orders_counted", &s.OrdersCounted, "by order id", "by day", "by quantity"),
		c.choice("grain", &s.Grain, "customer", "account", "household", "entity"),
		c.choice("engine", &c.Engine, "duckdb"),
	} {
		if check != nil {
			return check
		}
	}
	if t := s.RefusedThreshold; t != nil && (t.Sign() < 0 || t.Cmp(big.NewRat(1, 1)) > 0) {
		return c.refuse("settings: refused_threshold: must be a share between 0 and 1", "")
	}
	if rate := s.Discount(); rate != nil && (rate.Sign() <= 0 || rate.Cmp(big.NewRat(1, 1)) > 0) {
		return c.refuse("settings: discount_rate: %s is not a rate a year above 0 and up to 1", "write a share such as 0.10", rate.FloatString(2))
	}
	if _, err := s.Margins(); err != nil {
		return c.refuse("settings: %v", "write a share such as {default: 0.35}", err)
	}
	if _, err := c.NewCalendar(); err != nil {
		return err
	}
	if _, err := s.Exits(); err != nil {
		return c.refuse("settings: %v", "write such as {voluntary: [quit], involuntary: [dismissed], other: [retired]}", err)
	}
	if _, err := c.TrainingPolicies(); err != nil {
		return c.refuse("settings: %v", "docs/training.md lists what can stand there", err)
	}
	if _, err := s.Income(); err != nil {
		return c.refuse("settings: %v", "docs/income.md lists what can stand there", err)
	}
	return nil
}

// Exits are the kinds of leaving by the company's words, in lower letters.
func (s Settings) Exits() (map[string]string, error) {
	out := map[string]string{}
	for _, kind := range slices.Sorted(maps.Keys(s.ExitKinds)) {
		if !slices.Contains([]string{"voluntary", "involuntary", "other"}, kind) {
			return nil, fmt.Errorf("exit_kinds: %s is not voluntary, involuntary or other", kind)
		}
		for _, word := range s.ExitKinds[kind] {
			word = strings.ToLower(strings.TrimSpace(word))
			if was, ok := out[word]; ok && was != kind {
				return nil, fmt.Errorf("exit_kinds: %s is both %s and %s", word, was, kind)
			}
			out[word] = kind
		}
	}
	return out, nil
}

// Margins are the gross margins by product or segment, "default" for all
// others, as shares between −1 and 1 of at most six places.
func (s Settings) Margins() (map[string]money.Amount, error) {
	out := map[string]money.Amount{}
	for _, name := range slices.Sorted(maps.Keys(s.Margin)) {
		share, err := money.Parse(s.Margin[name])
		if err != nil {
			return nil, fmt.Errorf("margin: %s: %w", name, err)
		}
		if share.Abs().Cmp(money.FromMicros(1_000_000)) > 0 {
			return nil, fmt.Errorf("margin: %s: %s is not a share between -1 and 1", name, s.Margin[name])
		}
		out[name] = share
	}
	return out, nil
}

// Discount is the discount rate a year, nil where none is stated.
func (s Settings) Discount() *big.Rat {
	if s.DiscountRate == nil {
		return nil
	}
	return &s.DiscountRate.Rat
}

// Threshold is the share of a book's rows that may be refused before a close
// refuses: 1% unless the settings say otherwise.
func (s Settings) Threshold() *big.Rat {
	if s.RefusedThreshold == nil {
		return big.NewRat(1, 100)
	}
	return &s.RefusedThreshold.Rat
}

// NewCalendar makes the company's calendar.
func (c *Config) NewCalendar() (*calendar.Calendar, error) {
	s := c.Settings
	days := []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	settings := calendar.Settings{
		FiscalYearStarts: s.FiscalYearStarts, FiscalYearNamed: s.FiscalYearNamed,
		Calendar: s.Calendar, WeekStarts: time.Weekday(slices.Index(days, s.WeekStarts)),
	}
	if s.Calendar == "file" {
		f, err := os.Open(c.resolve(s.CalendarFile))
		if err != nil {
			return nil, c.refuse("settings: calendar_file: %q cannot be read", "name a CSV file with the columns period, start, end", s.CalendarFile)
		}
		defer f.Close()
		if settings.File, err = calendar.ReadFile(f); err != nil {
			return nil, &Refusal{Where: s.CalendarFile, What: err.Error()}
		}
	}
	cal, err := calendar.New(settings)
	if err != nil {
		return nil, c.refuse("settings: %v", "", err)
	}
	return cal, nil
}

func (c *Config) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Dir(), path)
}

// checkMapping checks one book; a draft's need not be whole.
func (c *Config) checkMapping(name string, m Mapping, whole bool) error {
	book, ok := fact.Find(name)
	if !ok {
		var all []string
		for _, b := range fact.Books {
			all = append(all, b.Name)
		}
		return c.refuse("books: there is no book %q", "the books are "+strings.Join(all, ", "), name)
	}
	if len(m.From) == 0 && whole {
		return c.refuseBook(NoFile, name, "from is missing", "name a file, a pattern such as data/*.csv, or a list of them")
	}
	if err := book.CheckMapping(keys(m.Columns)); err != nil && (whole || len(unknownColumns(book, m)) > 0) {
		return c.refuse("books: %v", "", err)
	}
	if !slices.Contains([]string{"", "keep", "once"}, m.Overlaps) {
		return c.refuse("books: %s: overlaps: %q is not one of keep, once", "", name, m.Overlaps)
	}
	if d := m.Source.Decimal; d != "" && d != "." && d != "," {
		return c.refuse("books: %s: source: decimal: %q is not \".\" or \",\"", "", name, d)
	}
	if err := m.Source.checkSheets(); err != nil {
		return c.refuse("books: %s: %v", "docs/books.md says how the sheets of a workbook are named", name, err)
	}
	for _, j := range m.Join {
		if err := j.Source.checkSheets(); err != nil || len(j.Source.Sheets) > 0 {
			return c.refuse("books: %s: join: %s: one sheet is joined; name it with source.sheet", "docs/books.md says how the sheets of a workbook are named", name, j.From)
		}
	}
	if m.Tax != nil {
		if err := m.Tax.check(book); err != nil {
			return c.refuse("books: %s: %v", "docs/books.md says how tax is taken out", name, err)
		}
	}
	if u := m.Source.Unpivot; u != nil {
		if err := u.check(); err != nil {
			return c.refuse("books: %s: %v", "docs/books.md shows a table of a column a year", name, err)
		}
	}
	return nil
}

// unknownColumns are mapped ones that the book does not have.
func unknownColumns(book fact.Book, m Mapping) []string {
	return slices.DeleteFunc(keys(m.Columns), func(name string) bool { _, ok := book.Column(name); return ok })
}

func keys(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

// variable is ${VAR}; a bare $ belongs to a file's name.
var variable = regexp.MustCompile(`\$\{\w+\}`)

// expand replaces ${VAR} by the environment's value and refuses one not set.
func (c *Config) expand(book, text string) (string, error) {
	var missing string
	out := variable.ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-1]
		value, ok := os.LookupEnv(name)
		if !ok && missing == "" {
			missing = name
		}
		return value
	})
	if missing != "" {
		return "", c.refuse("books: %s: from: ${%s} is not set in the environment", "set it to the folder that holds the data, for example `export "+missing+"=/data`", book, missing)
	}
	return out, nil
}
