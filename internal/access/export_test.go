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

// Hashed notes what every hash costs until restore.
func Hashed(note func(memory, passes uint32)) (restore func()) {
	was := idKey
	idKey = func(password, salt []byte, passes, memory uint32, threads uint8, bytes uint32) []byte {
		note(memory, passes)
		return was(password, salt, passes, memory, threads, bytes)
	}
	return func() { idKey = was }
}
