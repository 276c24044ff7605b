package closing

// What a close is refused for, so that a page can say in its own words what to
// do, and lead there; Do of a refusal is in the words of the command line. The
// names are kept with jobs and never changed.
const (
	NoLines       = "no_lines"      // the book of the basis is not kept, or is empty
	NoCustomerID  = "no_customer"   // no line of the book can be led to a customer
	GrainUnknown  = "grain"         // no column of the book tells the grain
	Overlapping   = "overlaps"      // two files of the book seem to hold the same rows
	ManyRefused   = "many_refused"  // too many rows of the book could not be read
	EmptyPeriod   = "empty_period"  // the book does not reach the period
	NoComparison  = "no_comparison" // no period is a year earlier
	NothingSealed = "not_sealed"    // there is no seal that could be restated
	BooksChanged  = "changed"       // a figure of the seal would move
	NotKept       = "not_kept"      // rows of the book that it needs are no longer kept
)

// Kinds are all of them.
var Kinds = []string{NoLines, NoCustomerID, GrainUnknown, Overlapping, ManyRefused, EmptyPeriod, NoComparison, NothingSealed, BooksChanged, NotKept}
