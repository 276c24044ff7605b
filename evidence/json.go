package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/throughline/throughline/money"
)

// Locked is a statement that the books do not allow: why, and which file would allow it.
type Locked struct {
	Refused    string `json:"refused"`
	UnlockedBy string `json:"unlocked_by"`
}

// MarshalJSON writes {"refused", "unlocked_by"}; a locked statement that leaves one of them out is an error.
func (l Locked) MarshalJSON() ([]byte, error) {
	if l.Refused == "" || l.UnlockedBy == "" {
		return nil, errors.New("locked statement: it must say why and what unlocks it")
	}
	return object(member{"refused", quoted(l.Refused)}, member{"unlocked_by", quoted(l.UnlockedBy)}), nil
}

// MarshalJSON writes an estimate as {"value", "low", "high", "kind", "level", "method", "n"} in this order, without level
// for exact and bounds, or a refusal as {"refused", "need"}. A figure that is neither is an error.
func (f Figure) MarshalJSON() ([]byte, error) {
	if err := f.Err(); err != nil {
		return nil, err
	}
	if f.refusal != nil {
		return object(member{"refused", quoted(f.refusal.Reason)}, member{"need", quoted(f.refusal.Need)}), nil
	}
	e := f.estimate
	value := "null"
	if e.Value != nil {
		value = money.FormatRate(e.Value)
	}
	members := []member{{"value", value}, {"low", money.FormatRate(e.Low)}, {"high", money.FormatRate(e.High)}, {"kind", quoted(string(e.Kind))}}
	if e.Level != 0 {
		members = append(members, member{"level", strconv.FormatFloat(e.Level, 'f', -1, 64)})
	}
	return object(append(members, member{"method", quoted(e.Method)}, member{"n", strconv.FormatInt(e.N, 10)})...), nil
}

// UnmarshalJSON reads what MarshalJSON writes; printed again it has the same bytes. Unknown members, a figure that is both
// or neither, and an estimate that no constructor would make are errors.
func (f *Figure) UnmarshalJSON(data []byte) error {
	var w struct {
		Value   *json.Number `json:"value"`
		Low     *json.Number `json:"low"`
		High    *json.Number `json:"high"`
		Kind    *Kind        `json:"kind"`
		Level   *float64     `json:"level"`
		Method  *string      `json:"method"`
		N       *int64       `json:"n"`
		Refused *string      `json:"refused"`
		Need    *string      `json:"need"`
	}
	if err := strict(data, &w); err != nil {
		return fmt.Errorf("read figure: %w", err)
	}
	refusal := w.Refused != nil || w.Need != nil
	estimate := w.Value != nil || w.Low != nil || w.High != nil || w.Kind != nil || w.Level != nil || w.Method != nil || w.N != nil
	switch {
	case refusal && estimate:
		return errors.New("read figure: both an estimate and a refusal")
	case refusal:
		*f = Refuse(orZero(w.Refused), orZero(w.Need))
	case estimate:
		if w.N == nil {
			return errors.New("read figure: no n")
		}
		e := Estimate{Kind: orZero(w.Kind), Level: orZero(w.Level), Method: orZero(w.Method), N: *w.N}
		for _, end := range []struct {
			to   **big.Rat
			from *json.Number
		}{{&e.Value, w.Value}, {&e.Low, w.Low}, {&e.High, w.High}} {
			if end.from == nil {
				continue
			}
			x, err := parse(end.from.String())
			if err != nil {
				return fmt.Errorf("read figure: %w", err)
			}
			*end.to = x
		}
		*f = figure(e)
	default:
		*f = Figure{}
	}
	if err := f.Err(); err != nil {
		return fmt.Errorf("read figure: %w", err)
	}
	return nil
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more follows it")
	}
	return nil
}

func orZero[T any](p *T) (zero T) {
	if p == nil {
		return zero
	}
	return *p
}

type member struct{ key, value string }

func object(members ...member) []byte {
	b := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, quoted(m.key)+":"+m.value...)
	}
	return append(b, '}')
}

// quoted is s as a JSON string; whether < and & are escaped is left to the encoder of the document around it.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // a string always encodes
		panic(err)
	}
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}

// parse reads a JSON number. An exponent in the thousands is refused: written out, it would fill the memory.
func parse(number string) (*big.Rat, error) {
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		if e, err := strconv.Atoi(number[i+1:]); err != nil || max(e, -e) > 5000 {
			return nil, fmt.Errorf("number %q: the exponent is out of range", number)
		}
	}
	x, ok := new(big.Rat).SetString(number)
	if !ok {
		return nil, fmt.Errorf("number %q: not a number", number)
	}
	return x, nil
}
