package program

import (
	"context"
	"errors"
	"time"
)

// Submission is a form that was sent: its key was drawn when the form was
// shown, so sending the same form twice shows the same key.
type Submission struct {
	Key      string
	By       int64 // as in Change
	At       time.Time
	Location string // where the outcome is shown; empty while it is being worked on
}

// Patience is after how long an unfinished submission counts as given up,
// because the process that worked on it has ended.
const Patience = 2 * time.Minute

// ErrUnfinished is returned when the same form is being worked on at this
// moment.
var ErrUnfinished = errors.New("this form has been sent already and is being worked on; wait a moment and look at the result")

// Once keeps submitted forms, so that sending one twice does it once.
type Once interface {
	// Claim says that s.By begins to work on s.Key at s.At. First tells that
	// nobody did before; else the submission is the first one with its
	// Location. It returns ErrUnfinished while the first is younger than
	// Patience and has no Location.
	Claim(ctx context.Context, s Submission) (got Submission, first bool, err error)
	// Settle keeps the Location of a claimed submission.
	Settle(ctx context.Context, s Submission) error
	// Release takes a claim back, because the form was refused and may be sent
	// again when it has been corrected.
	Release(ctx context.Context, s Submission) error
	// Sweep forgets submissions from before a moment.
	Sweep(ctx context.Context, before time.Time) error
}
