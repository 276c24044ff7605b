package books

import "fmt"

// What an import is refused for, where a page can do something about it: Do of
// a refusal is in the words of books.yaml and the command line. The names are
// kept with jobs and never changed.
const (
	NoBooks     = "no_books"     // no file has been said to be a book
	NoFile      = "no_file"      // no file of the book is there
	FileGone    = "file_gone"    // a file of the book that must be read again is gone
	FileErased  = "file_erased"  // the same, because an erasure removed it
	FileEmpty   = "file_empty"   // a file of the book holds nothing
	FileStays   = "file_stays"   // a file of the book that shall be forgotten is still there
	FileUnknown = "file_unknown" // a file that shall be forgotten was never read
	Unmappable  = "unmappable"   // the mapping of the book does not fit its files
	FileOutside = "file_outside" // a setting names a file that pages may not name
	NoCurrency  = "no_currency"  // the settings do not say the statements' currency
)

// Kinds are all of them.
var Kinds = []string{NoBooks, NoFile, FileGone, FileErased, FileEmpty, FileStays, FileUnknown, Unmappable, FileOutside, NoCurrency}

// refuseBook refuses a book for a reason that pages know.
func (c *Config) refuseBook(kind, book, what, do string, args ...any) error {
	return &Refusal{Where: c.path, What: fmt.Sprintf("books: "+book+": "+what, args...), Do: do, Kind: kind, Book: book}
}
