package journey

// The promises that Throughline knows, and a brand's own.
const (
	Fun    = "fun"    // fun and friendly
	Luxury = "luxury" // nothing is too much
	Care   = "care"   // somebody minds
	Simple = "simple" // simple, easy, efficient
	Own    = "own"    // in its own words
)

// PromiseNames lists them.
func PromiseNames() []string { return []string{Fun, Luxury, Care, Simple, Own} }

func knownPromise(p string) bool {
	for _, x := range PromiseNames() {
		if x == p {
			return true
		}
	}
	return false
}
