package text

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// encodingNamed spells an encoding in our way; "" and "utf-16" leave something to detect.
func encodingNamed(name string) (string, error) {
	switch strings.ToLower(strings.ReplaceAll(name, "_", "-")) {
	case "":
		return "", nil
	case "utf-8", "utf8", "ascii", "us-ascii":
		return "utf-8", nil
	case "utf-16", "utf16":
		return "utf-16", nil
	case "utf-16le", "utf16le":
		return "utf-16le", nil
	case "utf-16be", "utf16be":
		return "utf-16be", nil
	case "latin-1", "latin1", "iso-8859-1":
		return "latin-1", nil
	case "windows-1252", "cp1252":
		return "windows-1252", nil
	}
	return "", fmt.Errorf("encoding %q is not one of utf-8, utf-16, utf-16le, utf-16be, latin-1, windows-1252", name)
}

var marks = []struct{ bytes, encoding string }{
	{"\xff\xfe\x00\x00", "utf-32"}, // before utf-16le, whose mark it begins with
	{"\x00\x00\xfe\xff", "utf-32"},
	{"\xef\xbb\xbf", "utf-8"},
	{"\xff\xfe", "utf-16le"},
	{"\xfe\xff", "utf-16be"},
}

// detectEncoding gives the encoding of a file by its first bytes and the length of its byte order mark. A mark decides;
// without one, NULs in every other place mean UTF-16; then valid UTF-8 is UTF-8, as is text in which sequences of
// UTF-8 outnumber the bytes that are none (a damaged UTF-8 file: its bad rows are refused); anything else is
// Windows-1252. What asked says goes before the detection, but not before a mark that contradicts it.
func detectEncoding(sample []byte, asked string) (encoding string, mark int, err error) {
	for _, m := range marks {
		if !bytes.HasPrefix(sample, []byte(m.bytes)) {
			continue
		}
		if m.encoding == "utf-32" {
			return "", 0, fmt.Errorf("is in UTF-32, which is not read; save it as UTF-8")
		}
		if asked != "" && asked != m.encoding && !(asked == "utf-16" && m.encoding != "utf-8") {
			return "", 0, fmt.Errorf("begins with the mark of %s, but source.encoding says %s", m.encoding, asked)
		}
		return m.encoding, len(m.bytes), nil
	}
	if asked != "" && asked != "utf-16" {
		return asked, 0, nil
	}
	if found := wide(sample); found != "" {
		return found, 0, nil
	}
	if asked == "utf-16" && len(sample) > 0 {
		return "", 0, fmt.Errorf("source.encoding says utf-16, but which half of a character comes first cannot be told; say utf-16le or utf-16be")
	}
	if sequences, others := multibyte(sample); others > 0 && others >= sequences {
		return "windows-1252", 0, nil
	}
	return "utf-8", 0, nil
}

// wide tells UTF-16 by its NULs: at least a tenth of the second (little endian) or first halves, hardly any others.
func wide(sample []byte) string {
	var nul [2]int
	for i, b := range sample {
		if b == 0 {
			nul[i%2]++
		}
	}
	pairs := len(sample) / 2
	switch {
	case pairs == 0 || len(sample) < sampleSize && len(sample)%2 != 0:
		return ""
	case nul[1]*10 >= pairs && nul[0]*10 <= nul[1]:
		return "utf-16le"
	case nul[0]*10 >= pairs && nul[1]*10 <= nul[0]:
		return "utf-16be"
	}
	return ""
}

// multibyte counts the characters of several bytes and the bytes that are no UTF-8; one cut by the end counts as neither.
func multibyte(sample []byte) (sequences, others int) {
	for len(sample) > 0 {
		if sample[0] < utf8.RuneSelf {
			sample = sample[1:]
			continue
		}
		c, size := utf8.DecodeRune(sample)
		switch {
		case c != utf8.RuneError || size > 1:
			sequences++
		case len(sample) < utf8.UTFMax && !utf8.FullRune(sample):
			return sequences, others
		default:
			others++
		}
		sample = sample[size:]
	}
	return sequences, others
}

// decoded gives r as UTF-8. What is not valid in the encoding comes out as bytes that are not valid UTF-8, so that the
// row in which it stands is refused.
func decoded(r io.Reader, encoding string) io.Reader {
	switch encoding {
	case "utf-16le":
		return &decoder{r: r, decode: utf16Decoder(binary.LittleEndian)}
	case "utf-16be":
		return &decoder{r: r, decode: utf16Decoder(binary.BigEndian)}
	case "latin-1":
		return &decoder{r: r, decode: bytewise(func(b byte) rune { return rune(b) })}
	case "windows-1252":
		return &decoder{r: r, decode: bytewise(charmap.Windows1252.DecodeByte)}
	}
	return r
}

// decoder decodes in chunks; decode appends what it can of in to out and says how much of in it took. At the end of
// the file it takes everything.
type decoder struct {
	r      io.Reader
	decode func(out, in []byte, atEnd bool) ([]byte, int)
	in     []byte // not yet decoded
	out    []byte // decoded, not yet given
	space  []byte
	err    error
}

func (d *decoder) Read(p []byte) (int, error) {
	if d.space == nil {
		d.in, d.space = make([]byte, 0, 32<<10), make([]byte, 0, 100<<10)
	}
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		n, err := d.r.Read(d.in[len(d.in):cap(d.in)])
		d.in, d.err = d.in[:len(d.in)+n], err
		out, took := d.decode(d.space[:0], d.in, err == io.EOF)
		d.space, d.out = out[:0], out
		d.in = d.in[:copy(d.in, d.in[took:])]
		if n == 0 && err == nil {
			return 0, nil
		}
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

func bytewise(rune func(byte) rune) func(out, in []byte, atEnd bool) ([]byte, int) {
	var table [256][]byte
	for b := range table {
		table[b] = utf8.AppendRune(nil, rune(byte(b)))
	}
	return func(out, in []byte, _ bool) ([]byte, int) {
		for i := 0; i < len(in); {
			if i+8 <= len(in) && binary.NativeEndian.Uint64(in[i:])&0x8080808080808080 == 0 { // eight of ASCII
				out = append(out, in[i:i+8]...)
				i += 8
				continue
			}
			out = append(out, table[in[i]]...)
			i++
		}
		return out, len(in)
	}
}

// utf16Decoder decodes surrogate pairs; half a pair becomes 0xFF, and so does an odd byte at the end, which no UTF-8 has.
func utf16Decoder(order binary.ByteOrder) func(out, in []byte, atEnd bool) ([]byte, int) {
	return func(out, in []byte, atEnd bool) ([]byte, int) {
		i := 0
		for ; i+2 <= len(in); i += 2 {
			c := rune(order.Uint16(in[i:]))
			if c < utf8.RuneSelf {
				out = append(out, byte(c))
				continue
			}
			if !utf16.IsSurrogate(c) {
				out = utf8.AppendRune(out, c)
				continue
			}
			if i+4 > len(in) && !atEnd {
				return out, i
			}
			pair := utf8.RuneError
			if i+4 <= len(in) {
				pair = utf16.DecodeRune(c, rune(order.Uint16(in[i+2:])))
			}
			if pair == utf8.RuneError {
				out = append(out, 0xff)
				continue
			}
			out = utf8.AppendRune(out, pair)
			i += 2
		}
		if atEnd && i < len(in) {
			return append(out, 0xff), len(in)
		}
		return out, i
	}
}
