package duckdb

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/throughline/throughline/internal/engine"
)

// cardBlock is how many keys share a compressed block: reading one card costs
// unpacking so many.
const cardBlock = 64

// The two files of a card box: blocks end to end, and where each begins.
const (
	cardsFile = "cards.zst"
	cardsAt   = "cards.at"
)

// cardWriter writes what is known of each customer, so that a page of them is
// read by their keys in as many small reads: a columnar file would unpack
// thousands of rows for each.
type cardWriter struct {
	folder string
	data   *os.File
	to     *bufio.Writer
	starts []uint64
	packer *zstd.Encoder
	packed []byte
}

func newCardWriter(folder string) (*cardWriter, error) {
	f, err := os.Create(filepath.Join(folder, cardsFile))
	if err != nil {
		return nil, err
	}
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, closing(err, f.Close)
	}
	return &cardWriter{folder: folder, data: f, to: bufio.NewWriterSize(f, 1<<20), starts: []uint64{0}, packer: packer}, nil
}

// block adds the cards of a block, a line each. Blocks come in their order;
// those without a card may be left out.
func (w *cardWriter) block(n int64, lines []byte) error {
	last := w.starts[len(w.starts)-1]
	for int64(len(w.starts)) <= n {
		w.starts = append(w.starts, last)
	}
	w.packed = w.packer.EncodeAll(lines, w.packed[:0])
	w.starts = append(w.starts, last+uint64(len(w.packed)))
	_, err := w.to.Write(w.packed)
	return err
}

func (w *cardWriter) close() (err error) {
	defer func() { err = closing(err, w.data.Close) }()
	if err := w.to.Flush(); err != nil {
		return err
	}
	var at bytes.Buffer
	if err := binary.Write(&at, binary.LittleEndian, w.starts); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.folder, cardsAt), at.Bytes(), 0o644)
}

// cards reads a card box.
type cards struct {
	path   string
	starts []uint64
}

// unpacker is safe for many goroutines.
var unpacker = func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		panic(err) // the options are constants
	}
	return d
}()

func openCards(folder string) (*cards, error) {
	raw, err := os.ReadFile(filepath.Join(folder, cardsAt))
	if err != nil {
		return nil, err
	}
	c := &cards{path: filepath.Join(folder, cardsFile), starts: make([]uint64, len(raw)/8)}
	return c, binary.Read(bytes.NewReader(raw), binary.LittleEndian, c.starts)
}

// lines hands the line of each key to visit, in the order of keys.
func (c *cards) lines(keys []engine.Key, visit func(key engine.Key, line []byte) error) (err error) {
	f, err := os.Open(c.path)
	if err != nil {
		return err
	}
	defer func() { err = closing(err, f.Close) }()
	blocks := map[int64][][]byte{}
	for _, key := range keys {
		n := int64(key) / cardBlock
		if _, read := blocks[n]; !read {
			if blocks[n], err = c.read(f, n); err != nil {
				return err
			}
		}
		line := lineOf(blocks[n], key)
		if line == nil {
			return fmt.Errorf("customer %d: %w", key, engine.ErrUnknown)
		}
		if err := visit(key, line); err != nil {
			return err
		}
	}
	return nil
}

// read unpacks a block into its lines.
func (c *cards) read(f io.ReaderAt, n int64) ([][]byte, error) {
	if n < 0 || n+1 >= int64(len(c.starts)) || c.starts[n] == c.starts[n+1] {
		return nil, nil
	}
	packed := make([]byte, c.starts[n+1]-c.starts[n])
	if _, err := f.ReadAt(packed, int64(c.starts[n])); err != nil {
		return nil, err
	}
	text, err := unpacker.DecodeAll(packed, nil)
	if err != nil {
		return nil, errors.Join(errors.New("a derived file is damaged; delete the folder derived of the data folder, it is made again"), err)
	}
	return bytes.Split(text, []byte("\n")), nil
}

// lineOf finds a key's card; every card begins with its key.
func lineOf(lines [][]byte, key engine.Key) []byte {
	begin := fmt.Appendf(nil, `{"k":%d,`, key)
	for _, line := range lines {
		if bytes.HasPrefix(line, begin) {
			return line
		}
	}
	return nil
}
