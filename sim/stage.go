package sim

import (
	"context"
	"errors"
)

const (
	pieceSize  = 2048 // customers drawn at once
	drawnSteps = 500  // of progress, for drawing; as many again for writing
)

var errCrowd = errors.New("referrals.rate brings more than 500,000,000 customers; lower it")

// piece is a run of customers of one kind and month, numbered from first.
type piece struct {
	kind   kind
	month  int
	from   int64 // index of the first
	number int64 // its number
	n      int64
}

// pieces appends n customers after those with numbers up to last.
func pieces(parts []piece, k kind, month int, last, n int64) []piece {
	for from := int64(0); from < n; from += pieceSize {
		parts = append(parts, piece{k, month, from, last + from + 1, min(pieceSize, n-from)})
	}
	return parts
}

// harvest is what was drawn for one piece, to be gathered in order.
type harvest struct {
	lines     []line
	months    []int // of the lines
	mergeable []mergeable
	people    []customer
	rows      [rowBooks][]byte
	tally     *tally
}

// mergeable is a customer of the start who may get a second record: the day
// of the middle one of at least two orders, and where the lines stand.
type mergeable struct {
	link
	from, to int
}

func (h *harvest) empty() {
	h.lines, h.months, h.mergeable, h.people = h.lines[:0], h.months[:0], h.mergeable[:0], h.people[:0]
	for i := range h.rows {
		h.rows[i] = h.rows[i][:0]
	}
	h.tally.reset()
}

// stage draws pieces on all processors and gathers them in their order, so
// that the bytes do not hang on how many processors there are. Memory holds a
// few pieces. Progress goes from one step to another.
func (c *company) stage(ctx context.Context, parts []piece, from, to int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tickets := make(chan chan *harvest, c.width)
	go func() {
		defer close(tickets)
		for _, p := range parts {
			ticket := make(chan *harvest, 1)
			select {
			case tickets <- ticket:
			case <-ctx.Done():
				return
			}
			d, h := <-c.drawers, <-c.bins
			go func() {
				h.empty()
				d.piece(p, h)
				c.drawers <- d
				ticket <- h
			}()
		}
	}()
	var err error
	gathered := int64(0)
	for ticket := range tickets {
		h := <-ticket
		gathered++
		c.progress(from + (to-from)*gathered/int64(len(parts)))
		if err == nil {
			err = errors.Join(ctx.Err(), c.gather(h))
		}
		if err != nil {
			cancel()
		}
		c.bins <- h
	}
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// gather passes a piece on.
func (c *company) gather(h *harvest) error {
	for _, m := range h.mergeable {
		if int64(len(c.merged)) == c.Merged {
			break
		}
		if err := c.merge(h, m); err != nil {
			return err
		}
	}
	for _, row := range h.people {
		if err := c.sink.customer(row); err != nil {
			return err
		}
	}
	for i, l := range h.lines {
		if err := c.sink.line(h.months[i], l); err != nil {
			return err
		}
	}
	for of, text := range h.rows {
		if err := c.sink.rows(rowBook(of), text); err != nil {
			return err
		}
	}
	c.tally.add(h.tally)
	return nil
}

// merge gives a customer a second record from the middle one of the orders on.
func (c *company) merge(h *harvest, m mergeable) error {
	m.new = uint32(c.Customers + c.Excluded + int64(len(c.merged)) + 1)
	c.merged = append(c.merged, customer{number: m.new, acquired: m.since})
	for i := m.from; i < m.to; i++ {
		if l := &h.lines[i]; l.flags&unidentified == 0 && dayOfSeconds(l.at) >= m.since {
			l.customer = m.new
		}
	}
	return c.sink.link(m.link)
}
