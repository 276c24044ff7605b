package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/program"
)

// retentionName is the document that says how long rows are kept.
const retentionName = "retention"

// Retention says how many months the rows of each book are kept after the
// month that they are of. A book that is not named is kept for good, and some
// can be limited by nothing (books.Lasting).
type Retention struct {
	Version int64
	At      time.Time
	By      int64 // a user; 0: the program
	Months  map[string]int
}

// longestKept bounds what can be said: a hundred years.
const longestKept = 1200

// Retention reads how long rows are kept.
func (o *Office) Retention(ctx context.Context) (Retention, error) {
	if o.Documents == nil {
		return Retention{Months: map[string]int{}}, nil
	}
	d, err := o.Documents.Document(ctx, retentionName)
	if err != nil {
		return Retention{}, err
	}
	return retentionOf(d)
}

// RetentionAt is what it said at an older version, or program.ErrNone.
func (o *Office) RetentionAt(ctx context.Context, version int64) (Retention, error) {
	if version == 0 {
		return Retention{Months: map[string]int{}}, nil
	}
	d, err := o.Documents.DocumentAt(ctx, retentionName, version)
	if err != nil {
		return Retention{}, err
	}
	return retentionOf(d)
}

func retentionOf(d program.Document) (Retention, error) {
	r := Retention{Version: d.Version, At: d.At, By: d.By, Months: map[string]int{}}
	if d.Version == 0 {
		return r, nil
	}
	if err := strict([]byte(d.Text), &r.Months); err != nil {
		return r, fmt.Errorf("read how long rows are kept: %w", err)
	}
	return r, nil
}

// SaveRetention keeps the next version, by r.By. It returns *program.Stale when
// r.Version is not the newest.
func (o *Office) SaveRetention(ctx context.Context, r Retention) (Retention, error) {
	if o.Documents == nil {
		return r, errors.New("this office keeps no settings")
	}
	for book, months := range r.Months {
		if _, ok := fact.Find(book); !ok {
			return r, &books.Refusal{Where: "how long rows are kept", What: fmt.Sprintf("there is no book %q", book)}
		}
		if why := books.Lasting(book); why != "" {
			return r, &books.Refusal{Where: "how long rows are kept", What: fmt.Sprintf("%s: %s", book, why), Do: "leave it empty; to take out a person, erase them"}
		}
		if months < 1 || months > longestKept {
			return r, &books.Refusal{Where: "how long rows are kept", What: fmt.Sprintf("%s: %d months are out of range", book, months), Do: "write a number of months from 1 to 1,200, or nothing for good"}
		}
	}
	text, err := json.Marshal(r.Months)
	if err != nil {
		return r, fmt.Errorf("write how long rows are kept: %w", err)
	}
	d, err := o.Documents.SaveDocument(ctx, program.Document{Name: retentionName, Version: r.Version, Text: string(text), At: o.Now().UTC(), By: r.By})
	if err != nil {
		return r, err
	}
	return retentionOf(d)
}
