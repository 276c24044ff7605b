// Package calendar owns the periods of a company's books: days, months,
// quarters, weeks, years, and the fiscal years, quarters and periods that the
// company itself declares. It reads their names, says what came a year
// earlier, and divides spans of time into them. It does not own the clock: it
// never asks what day it is. Dates are of the proleptic Gregorian calendar and
// written as in ISO 8601. Invariant: the end of a period is always excluded,
// and the periods of one kind, ranges aside, neither overlap nor leave a
// gap.
package calendar
