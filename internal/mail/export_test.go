package mail

import (
	"bytes"

	"github.com/throughline/throughline/internal/office"
)

// Bytes is a letter as it goes to the server.
func (p *Post) Bytes(l office.Letter) ([]byte, error) {
	m, err := p.message(l)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = m.WriteTo(&b)
	return b.Bytes(), err
}
