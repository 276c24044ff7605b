package program

import (
	"context"
	"errors"
	"time"
)

// UploadState is how far an upload is.
type UploadState string

// The states of uploads.
const (
	Receiving UploadState = "receiving"
	Complete  UploadState = "complete"  // all bytes are there and their digest is known
	Taken     UploadState = "taken"     // it has become a source of a book
	Discarded UploadState = "discarded" // given up; its bytes may be deleted
)

// Upload is a file that somebody sends in pieces.
type Upload struct {
	ID       int64
	Name     string    // as the sender calls the file; never a path to write to
	Size     int64     // that it will have
	Received int64     // bytes that are on disk
	Digest   string    // SHA-256 in hex; empty until it is complete
	By       int64     // as in Change
	At       time.Time // begun
	Changed  time.Time
	State    UploadState
}

// ErrMoved is returned when another request has moved an upload on or ended it.
var ErrMoved = errors.New("this upload has been moved on meanwhile, perhaps in another tab; ask how far it is and go on from there")

// Uploads keeps how far uploads are.
type Uploads interface {
	// BeginUpload keeps a new upload with nothing received.
	BeginUpload(ctx context.Context, u Upload) (Upload, error)
	// Upload is one upload, or ErrNone.
	Upload(ctx context.Context, id int64) (Upload, error)
	// Uploads lists those in one of the states, or all when none is named, newest first.
	Uploads(ctx context.Context, states ...UploadState) ([]Upload, error)
	// MoveUpload keeps u.Received, u.Digest, u.State and u.Changed. It returns
	// ErrMoved unless the upload was as in from (state and bytes received).
	MoveUpload(ctx context.Context, from, u Upload) error
}
