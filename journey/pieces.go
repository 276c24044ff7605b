package journey

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// The kinds of pieces in which a map is kept, so that two people can edit two of them at once.
const (
	KindBrand      = "brand"
	KindStandard   = "standard"
	KindJourney    = "journey"
	KindDepartment = "department"
	KindTouchpoint = "touchpoint"
	KindRole       = "role"
	KindAside      = "aside"
)

// PieceKinds lists them.
var PieceKinds = []string{KindBrand, KindStandard, KindJourney, KindDepartment, KindTouchpoint, KindRole, KindAside}

// Piece is one thing of a map as JSON.
type Piece struct {
	Kind, Key string
	Body      json.RawMessage
}

// Pieces takes a map apart, by kind and in the order of its lists.
func (m *Map) Pieces() ([]Piece, error) {
	var out []Piece
	var failed error
	add := func(kind, key string, x any) {
		body, err := json.Marshal(x)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("write %s %s: %w", kind, key, err))
		}
		out = append(out, Piece{kind, key, body})
	}
	for _, x := range m.Brands {
		add(KindBrand, x.Key, x)
	}
	for _, x := range m.Standards {
		add(KindStandard, x.Key, x)
	}
	for _, x := range m.Journeys {
		add(KindJourney, x.Key, x)
	}
	for _, x := range m.Departments {
		add(KindDepartment, x.Key, x)
	}
	for _, x := range m.Touchpoints {
		add(KindTouchpoint, x.Key, x)
	}
	for _, x := range m.Roles {
		add(KindRole, x.Key, x)
	}
	for _, x := range m.Aside {
		add(KindAside, asideKey(x.Name), x)
	}
	return out, failed
}

// KeyOf is the key of a piece, which its body tells.
func KeyOf(kind string, body json.RawMessage) (string, error) {
	var x struct{ Key, Name string }
	if err := json.Unmarshal(body, &x); err != nil {
		return "", fmt.Errorf("read a %s: %w", kind, err)
	}
	if kind == KindAside {
		return asideKey(x.Name), nil
	}
	return x.Key, nil
}

// asideKey is the name as Fold has it, or a digest of it where it is longer than what a store looks up, or has spaces or signs that it does not.
func asideKey(name string) string {
	key := Fold(name)
	if len(key) <= 150 && !strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:16])
}

// Assemble makes a map of its pieces, whatever their order. Pieces of other kinds are an error.
func Assemble(pieces []Piece) (Map, error) {
	var m Map
	for _, p := range pieces {
		var err error
		switch p.Kind {
		case KindBrand:
			err = grow(&m.Brands, p.Body)
		case KindStandard:
			err = grow(&m.Standards, p.Body)
		case KindJourney:
			err = grow(&m.Journeys, p.Body)
		case KindDepartment:
			err = grow(&m.Departments, p.Body)
		case KindTouchpoint:
			err = grow(&m.Touchpoints, p.Body)
		case KindRole:
			err = grow(&m.Roles, p.Body)
		case KindAside:
			err = grow(&m.Aside, p.Body)
		default:
			err = errors.New("no map has a piece of this kind")
		}
		if err != nil {
			return m, fmt.Errorf("read %s %s: %w", p.Kind, p.Key, err)
		}
	}
	m.order()
	return m, nil
}

func grow[T any](list *[]T, body json.RawMessage) error {
	var x T
	if err := json.Unmarshal(body, &x); err != nil {
		return err
	}
	*list = append(*list, x)
	return nil
}

// order sorts the lists as a map has them.
func (m *Map) order() {
	slices.SortFunc(m.Brands, func(a, b Brand) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(m.Standards, func(a, b Standard) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(m.Journeys, func(a, b Journey) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Key, b.Key)) })
	slices.SortFunc(m.Departments, func(a, b Department) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Key, b.Key)) })
	slices.SortFunc(m.Touchpoints, func(a, b Touchpoint) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Key, b.Key)) })
	slices.SortFunc(m.Roles, func(a, b Role) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(m.Aside, func(a, b Aside) int { return cmp.Compare(Fold(a.Name), Fold(b.Name)) })
}
