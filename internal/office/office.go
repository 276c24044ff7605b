// Package office is what a person at a page, a schedule or a verb can have done with one company's books: import, check,
// close, review, read what is sealed. It owns the order of these acts and that they never run into one another; it owns no
// figure, no page and no storage, and learns who asks from its caller.
//
// The invariant: an act is done whole or leaves everything as it was, and every act that changes something says who asked
// for it.
package office

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/snapshot"
)

// Store is the system of record, as far as the office writes in it.
type Store interface {
	snapshot.Manifest
	closing.Seals
	Sealings
	Heads
}

// Sealings are the seals with what became of them.
type Sealings interface {
	// Seals lists every seal in the order in which they were made.
	Seals(ctx context.Context) ([]closing.Sealed, error)
	// Sealed is one seal with its review, or program.ErrNone.
	Sealed(ctx context.Context, id int64) (closing.Sealed, error)
	// Review records a second person's look at a seal.
	Review(ctx context.Context, seal closing.Seal, r closing.Review) error
	// Company is whose books the store holds; empty before anybody said.
	Company(ctx context.Context) (string, error)
	// SetCompany says whose books the store holds.
	SetCompany(ctx context.Context, name string) error
}

// Things keeps what people edit one by one, with what was changed lately of
// everything.
type Things interface {
	program.Items
	program.History
}

// Engine is a columnar engine that imports, checks and answers the statements'
// questions, one thing at a time.
type Engine interface {
	books.Engine
	books.Asker
	books.Inspector
	books.Sampler
	books.Trier
	books.Rewriter
	books.Emptier
	Close() error
}

// Office is one company's.
type Office struct {
	Store  Store
	Config string // path of books.yaml, which may not be there yet
	Dir    string // the data folder
	Now    func() time.Time
	// Engine opens an engine for one act.
	Engine func(ctx context.Context, timeZone string) (Engine, error)
	// Customers answers about single customers while others act.
	Customers Customers
	// Things keeps the journey map and what else people edit one by one; nil:
	// that is not offered.
	Things Things
	Intake // the files and settings that people give
	Memory // whom it has forgotten
	Later  // what is done later, on a schedule or by letter
	// Warn hears what an import has to say beside how far it is; nil: that is
	// heard as progress.
	Warn func(text string)

	acting    sync.Mutex // held by the act that uses an engine
	reader    configReader
	seals     openSeals
	documents readDocuments
	asked     askedLately
	erasing   erasures
	downloads slots
	journey   keptMap
	intake
}

// ErrNoCompany is returned by every act before the first run has said whose
// books these are.
var ErrNoCompany = errors.New("there are no books yet; the first run sets them up")

// Company is whose books these are, as the pages say it.
type Company struct {
	Name      string
	Currency  string
	TimeZone  string
	Simulated bool // every row is simulated; each page and print says so
	Config    *books.Config
}

// Company reads the settings as they are now. It returns ErrNoCompany before
// there are any.
func (o *Office) Company(_ context.Context) (Company, error) {
	config, simulated, err := o.reader.read(o.Config)
	if errors.Is(err, os.ErrNotExist) {
		return Company{}, ErrNoCompany
	}
	if err != nil {
		return Company{}, err
	}
	return Company{Name: config.Company, Currency: config.Settings.Currency, TimeZone: config.Settings.TimeZone, Simulated: simulated, Config: config}, nil
}

// Location is the company's time zone.
func (c Company) Location() *time.Location { return calendar.ZoneOrUTC(c.TimeZone) }
