// Package ledger keeps a journal of postings in memory, in one currency. Each
// posting runs from one account to another, so that a journal that does not
// balance cannot be written. It owns what a valid account is and how any text
// becomes one ([Name]), balances at the end of any day, locked periods and
// their corrections, and the journal as Beancount, hledger and CSV text. It
// does not own which accounts a company has, what is posted, or any file.
//
// What the two programs read is what Beancount 2.3 ("Beancount Language
// Syntax") and hledger 1.25 ("Journal format") document; the tests have both
// read every journal that they draw.
//
// Invariant: the balances of all accounts sum to zero at the end of every day.
// Sums are exact: an addition that could leave the range of the integers is
// refused before anything is posted.
package ledger
