package report

import "github.com/throughline/throughline/internal/sealed"

// document is a sealed document as it is printed.
type document struct{ *sealed.Document }

func read(data []byte) (*document, error) {
	d, err := sealed.Read(data)
	if err != nil {
		return nil, err
	}
	return &document{d}, nil
}

func has(s *sealed.Statement) bool { return s.Open() }
