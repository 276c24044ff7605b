package closing

import (
	"errors"
	"time"
)

// Review is that a second person has looked at a seal.
type Review struct {
	Reviewer string
	At       time.Time
	Note     string
}

// Sealed is a seal with its review, when it has one.
type Sealed struct {
	Seal
	RestatedBy int64 // 0: it stands
	Review     *Review
}

// ErrReviewed is returned when a seal has been reviewed before.
var ErrReviewed = errors.New("this seal has been reviewed already")

// ErrOwnReview is returned when the preparer would review the own close.
var ErrOwnReview = errors.New("the preparer of a close cannot review it; a second person must")
