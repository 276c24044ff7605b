package access

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
)

// secret draws 32 random bytes as text for a cookie, a link or a token.
// 256 bits cannot be guessed, so plain SHA-256 is enough to keep them by.
func (g *Gate) secret() (string, error) {
	raw, err := g.random(32)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

func (g *Gate) random(n int) ([]byte, error) {
	raw := make([]byte, n)
	if _, err := io.ReadFull(g.Chance, raw); err != nil {
		return nil, fmt.Errorf("draw a secret: %w", err)
	}
	return raw, nil
}

// kept is the form in which a secret is stored.
func kept(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
