package program

import (
	"context"

	"github.com/throughline/throughline/closing"
)

// Closes lists what has been sealed and takes reviews.
type Closes interface {
	// Seals lists every seal in the order in which they were made, those that
	// are restated with what restated them.
	Seals(ctx context.Context) ([]closing.Sealed, error)
	// Sealed is one seal with its review, or ErrNone.
	Sealed(ctx context.Context, id int64) (closing.Sealed, error)
	// Review records that somebody other than the preparer has looked at a
	// seal, or returns closing.ErrOwnReview or closing.ErrReviewed.
	Review(ctx context.Context, seal closing.Seal, r closing.Review) error
}

// Owner keeps whose books the store holds.
type Owner interface {
	// Company is whose books these are; empty before anybody said.
	Company(ctx context.Context) (string, error)
	// SetCompany says whose books these are.
	SetCompany(ctx context.Context, name string) error
}
