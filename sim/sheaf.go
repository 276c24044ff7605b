package sim

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// sheaves hold lines by month in temporary files, so that they can be drawn
// by customer, written by date, and are never all in memory.
type sheaves struct {
	folder string
	months []*sheaf
}

type sheaf struct {
	*bufio.Writer
	file *os.File
}

const lineSize = 50

func newSheaves(dir string, months int) (*sheaves, error) {
	s := &sheaves{folder: filepath.Join(dir, temporary+"lines")}
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		return nil, err
	}
	for m := range months {
		f, err := os.Create(filepath.Join(s.folder, strconv.Itoa(m)))
		if err != nil {
			return nil, errors.Join(err, s.remove())
		}
		s.months = append(s.months, &sheaf{bufio.NewWriterSize(f, 1<<16), f})
	}
	return s, nil
}

func (s *sheaves) add(month int, l line) error {
	var b [lineSize]byte
	binary.LittleEndian.PutUint64(b[0:], uint64(l.at))
	binary.LittleEndian.PutUint32(b[8:], l.customer)
	binary.LittleEndian.PutUint32(b[12:], l.order)
	binary.LittleEndian.PutUint16(b[16:], l.nth)
	binary.LittleEndian.PutUint16(b[18:], l.product)
	binary.LittleEndian.PutUint32(b[20:], uint32(l.quantity))
	binary.LittleEndian.PutUint64(b[24:], uint64(l.price))
	binary.LittleEndian.PutUint64(b[32:], uint64(l.list))
	binary.LittleEndian.PutUint64(b[40:], uint64(l.cost))
	b[48], b[49] = l.touchpoint, l.flags
	_, err := s.months[month].Write(b[:])
	return err
}

// take reads one month back, by time.
func (s *sheaves) take(month int, lines []line) ([]line, error) {
	f := s.months[month]
	if err := f.Flush(); err != nil {
		return nil, err
	}
	size, err := f.file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if n := int(size / lineSize); n > cap(lines) {
		lines = make([]line, 0, n+n/8) // grown by appending, it would be held twice; the next month is often a little larger
	}
	in := bufio.NewReaderSize(f.file, 1<<18)
	var b [lineSize]byte
	for {
		switch _, err := io.ReadFull(in, b[:]); {
		case errors.Is(err, io.EOF):
			slices.SortFunc(lines, byTime)
			return lines, nil
		case err != nil:
			return nil, err
		}
		lines = append(lines, line{
			at: int64(binary.LittleEndian.Uint64(b[0:])), customer: binary.LittleEndian.Uint32(b[8:]),
			order: binary.LittleEndian.Uint32(b[12:]), nth: binary.LittleEndian.Uint16(b[16:]), product: binary.LittleEndian.Uint16(b[18:]),
			quantity: int32(binary.LittleEndian.Uint32(b[20:])), price: int64(binary.LittleEndian.Uint64(b[24:])),
			list: int64(binary.LittleEndian.Uint64(b[32:])), cost: int64(binary.LittleEndian.Uint64(b[40:])), touchpoint: b[48], flags: b[49],
		})
	}
}

// byTime is a total order: the last three identify a line.
func byTime(a, b line) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.customer, b.customer), cmp.Compare(a.order, b.order), cmp.Compare(a.nth, b.nth))
}

func (s *sheaves) remove() error {
	var err error
	for _, f := range s.months {
		err = errors.Join(err, f.file.Close())
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}
