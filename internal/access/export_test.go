package access

import "context"

// Cheap makes hashes cost next to nothing, for tests that make thousands.
func Cheap() (restore func()) {
	was := today
	today = cost{memory: 8, passes: 1, threads: 1}
	return func() { today = was }
}

// Choosable is what a password is held to when it is chosen.
func (g *Gate) Choosable(password, email string) error { return g.choosable(password, email) }

// Recognise is what is made of a provider's claims.
func (g *Gate) Recognise(ctx context.Context, c Claims) (u User, err error) {
	err = g.Together(ctx, func(ctx context.Context) error {
		u, err = g.recognise(ctx, c)
		return err
	})
	return u, err
}

// Dear makes hashes cost what they do outside of tests, until the test ends.
func Dear() { today = cost{memory: 19 * 1024, passes: 2, threads: 1} }
