package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Roots are the accounts that every other lies below, as Beancount and hledger
// know them without being told.
var Roots = []string{"Assets", "Liabilities", "Equity", "Income", "Expenses"}

// Account names an account: a root and at least one part, with colons between.
// Valid ones are those that [Name] makes; text that already reads so may be
// converted: Account("Expenses:Training").
type Account string

// Name makes the account of any texts below a root. It is injective: other
// texts, or texts parted otherwise, give another account, and [Account.Parts]
// gives the texts back. Beancount and hledger both accept it.
//
// A part keeps its letters and the ten digits. A space between two words
// becomes a hyphen and a hyphen between them becomes two. Every other
// character is written X and its code point in hexadecimal, set apart by a
// hyphen where a space stood and by two where nothing did; those that touch
// follow one another. A bare X stands for nothing: it is the empty text, and it comes before a first letter that is
// not a capital, with which a part may not begin.
//
//	"Customer Service"          Customer-Service
//	"Sign-up"                   Sign--up
//	"sales"                     X--sales
//	"Müller & Söhne / Küche #2" Müller-X26-Söhne-X2F-Küche-X23--2
func Name(root string, parts ...string) (Account, error) {
	if !slices.Contains(Roots, root) {
		return "", fmt.Errorf("account below %s: the root is one of %s", quote(root), strings.Join(Roots, ", "))
	}
	if len(parts) == 0 {
		return "", fmt.Errorf("account below %s: it has no name", root)
	}
	var b strings.Builder
	b.WriteString(root)
	for _, p := range parts {
		b.WriteByte(':')
		encode(&b, p)
	}
	return Account(b.String()), nil
}

// Parts gives back the root and the texts that an account was made of, or says
// why it is not valid.
func (a Account) Parts() (root string, parts []string, err error) {
	root, rest, found := strings.Cut(string(a), ":")
	if !slices.Contains(Roots, root) {
		return "", nil, fmt.Errorf("account %s does not begin with %s", quote(string(a)), strings.Join(Roots, ", "))
	}
	if !found {
		return "", nil, fmt.Errorf("account %s names nothing below its root", quote(string(a)))
	}
	for _, p := range strings.Split(rest, ":") {
		text, ok := decode(p)
		if !ok {
			return "", nil, fmt.Errorf("account %s: %s is not how a part is written; ledger.Name makes one of any text", quote(string(a)), quote(p))
		}
		parts = append(parts, text)
	}
	return root, parts, nil
}

// label is the account in its own words, or nothing where its name says them
// but for the hyphens between.
func (a Account) label() string {
	_, parts, err := a.Parts()
	if err != nil {
		return ""
	}
	_, name, _ := strings.Cut(string(a), ":")
	if label := strings.Join(parts, ": "); label != strings.NewReplacer(":", ": ", "-", " ").Replace(name) {
		return label
	}
	return ""
}

// invalid is added to a byte that is not UTF-8, so that its code is none of a
// character's.
const invalid = unicode.MaxRune + 1

// codes are the characters of a text; a byte that is not UTF-8 is one of its own.
func codes(text string) []rune {
	out := make([]rune, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			r = invalid + rune(text[i])
		}
		out = append(out, r)
		i += size
	}
	return out
}

// stable are blocks whose letters have been letters since long before the
// oldest tables of Unicode that a reader may have, so that both agree on them.
var stable = [][2]rune{
	{0x00AA, 0x021F}, {0x0391, 0x03CE}, {0x0401, 0x0481}, {0x048C, 0x04C4}, {0x0531, 0x0556}, {0x0561, 0x0586}, {0x05D0, 0x05EA},
	{0x0621, 0x063A}, {0x0641, 0x064A}, {0x0905, 0x0939}, {0x0E01, 0x0E30}, {0x10D0, 0x10F0}, {0x1E00, 0x1E99}, {0x1EA0, 0x1EF9},
	{0x3041, 0x3094}, {0x30A1, 0x30FA}, {0x3105, 0x312C}, {0x4E00, 0x9FA5}, {0xAC00, 0xD7A3},
}

// kept tells whether a character stands for itself.
func kept(r rune) bool {
	if r < utf8.RuneSelf {
		return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	}
	for _, block := range stable {
		if block[0] <= r && r <= block[1] {
			return unicode.IsLetter(r)
		}
	}
	return false
}

// leads tells whether a part may begin with a character that is kept.
func leads(r rune) bool { return '0' <= r && r <= '9' || unicode.IsUpper(r) }

// escaped tells whether a word reads like an escape: X alone, or one or more
// of X and capital hexadecimal digits.
func escaped(word string) bool {
	codes, found := strings.CutPrefix(word, "X")
	if !found || codes == "" {
		return found
	}
	for _, code := range strings.Split(codes, "X") {
		if code == "" || strings.Trim(code, "0123456789ABCDEF") != "" {
			return false
		}
	}
	return true
}

// encode writes a part.
func encode(b *strings.Builder, text string) {
	rs := codes(text)
	plain := plainly(rs)
	between := func(i int, fits func(int) bool) bool { return i > 0 && i+1 < len(rs) && fits(i-1) && fits(i+1) }
	word := func(i int) bool { return rs[i] != ' ' }
	before := '-' // what stands before: a separator or nothing, a kept character (k), an escape (e)
	if len(rs) == 0 || plain[0] && !leads(rs[0]) {
		b.WriteByte('X')
		before = 'e'
	}
	for i, r := range rs {
		switch {
		case plain[i]:
			if before == 'e' {
				b.WriteString("--")
			}
			b.WriteRune(r)
			before = 'k'
		case r == ' ' && between(i, word):
			b.WriteByte('-')
			before = '-'
		case r == '-' && between(i, func(k int) bool { return plain[k] }):
			b.WriteString("--")
			before = '-'
		default:
			if before == 'k' {
				b.WriteString("--")
			}
			b.WriteByte('X')
			b.WriteString(strings.ToUpper(strconv.FormatInt(int64(r), 16)))
			before = 'e'
		}
	}
}

// plainly tells of each character whether it stands for itself: it is kept, and
// it is not the X of a word that would read like an escape.
func plainly(rs []rune) []bool {
	plain := make([]bool, len(rs))
	for i := 0; i < len(rs); {
		end := i
		for end < len(rs) && kept(rs[end]) {
			plain[end] = true
			end++
		}
		if end > i && rs[i] == 'X' && escaped(string(rs[i:end])) {
			plain[i] = false
		}
		i = max(end, i+1)
	}
	return plain
}

// decode reads a part, and refuses what encode does not write.
func decode(part string) (text string, ok bool) {
	if simple(part) {
		return strings.ReplaceAll(part, "-", " "), true
	}
	var b strings.Builder
	separator, wasEscape := "", false
	for i, piece := range pieces(part) {
		if i%2 == 1 {
			separator = piece
			continue
		}
		isEscape := escaped(piece)
		switch {
		case separator == "-":
			b.WriteByte(' ')
		case separator == "--" && !isEscape && !wasEscape:
			b.WriteByte('-')
		case separator != "" && separator != "--":
			return "", false
		}
		if !isEscape {
			b.WriteString(piece)
		} else if unescape(&b, piece) != nil {
			return "", false
		}
		wasEscape = isEscape
	}
	text = b.String()
	// There is one way to write a text.
	var again strings.Builder
	encode(&again, text)
	return text, again.String() == part
}

// simple tells of the common case: words of ASCII without X, which is no
// escape then, and one hyphen between them.
func simple(part string) bool {
	if part == "" || !leads(rune(part[0])) {
		return false
	}
	hyphen := false
	for i := range len(part) {
		c := part[i]
		if c == 'X' || c == '-' && hyphen || c != '-' && (c >= utf8.RuneSelf || !kept(rune(c))) {
			return false
		}
		hyphen = c == '-'
	}
	return !hyphen
}

// pieces are words and the hyphens between them in turn.
func pieces(part string) []string {
	var out []string
	for start, i := 0, 0; i <= len(part); i++ {
		if i == len(part) || (part[i] == '-') != (len(out)%2 == 1) {
			out = append(out, part[start:i])
			start = i
		}
	}
	return out
}

func unescape(b *strings.Builder, piece string) error {
	if piece == "X" {
		return nil
	}
	for _, code := range strings.Split(piece[1:], "X") {
		r, err := strconv.ParseInt(code, 16, 32)
		switch {
		case err != nil:
			return err
		case r >= invalid && r < invalid+256:
			b.WriteByte(byte(r - invalid))
		case r > unicode.MaxRune:
			return errors.New("no character has this code")
		default:
			b.WriteRune(rune(r))
		}
	}
	return nil
}

// quote quotes text for an error, shortened so that hostile input cannot fill a log.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		return strconv.Quote(text[:most] + "…")
	}
	return strconv.Quote(text)
}
