// Package report prints a sealed document for people: text that can be pasted
// into a mail, and CSV. It works on the sealed bytes alone, so that what is
// printed is what was sealed; it computes no figure.
package report

import "io"

// Heading says what a document does not: whose it is and how the period was
// named.
type Heading struct {
	Company string
	Label   string
}

// Text prints a document as plain text.
func Text(w io.Writer, document []byte, h Heading) error { _, err := w.Write(document); return err }

// CSV prints a document as lines of statement, line, value.
func CSV(w io.Writer, document []byte) error { _, err := w.Write(document); return err }
