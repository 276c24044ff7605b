// Package money holds amounts of money exactly. An [Amount] is a whole number
// of millionths of a currency unit, of any size, so that adding up a company's
// books neither rounds nor overflows; a [Currency] is an ISO 4217 code; a rate
// is an exact fraction until [FormatRate] prints it. The package owns reading,
// arithmetic, rounding and printing; it does not own conversion between
// currencies, and an Amount does not know its currency: whoever adds two
// amounts has made sure that they are in the same one. Invariant: no value
// ever passes through a floating-point number.
package money
