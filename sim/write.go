package sim

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"github.com/goccy/go-yaml"

	"github.com/throughline/throughline/calendar"
)

//go:embed books.yaml.tmpl
var booksText string

var booksTemplate = template.Must(template.New(booksFile).Parse(booksText))

// Write writes the company's files into dir, which must be new, empty or
// written by an earlier simulation, and returns the truth about them. Each
// file appears whole; world.yaml comes first and truth.json last, so a folder
// without truth.json is not complete. Memory holds one month of lines.
// Progress, which may be nil, hears how much of a total is done.
func (w World) Write(ctx context.Context, dir string, progress func(done, total int64)) (Truth, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	if err := w.Check(); err != nil {
		return Truth{}, err
	}
	if err := w.prepare(dir); err != nil {
		return Truth{}, err
	}
	truth, err := w.write(ctx, dir, progress)
	if err != nil {
		return Truth{}, fmt.Errorf("write the simulated company into %s: %w", dir, err)
	}
	return truth, nil
}

func (w World) write(ctx context.Context, dir string, progress func(done, total int64)) (Truth, error) {
	world, err := yaml.Marshal(w)
	if err != nil {
		return Truth{}, err
	}
	head := marker + "\n" + markers + strings.Join(w.files(), ", ") + "\n# The world as used; docs/sim.md describes every key.\n"
	if err := writeWhole(filepath.Join(dir, worldFile), append([]byte(head), world...)); err != nil {
		return Truth{}, err
	}
	out, err := newExport(w, dir)
	if err != nil {
		return Truth{}, err
	}
	truth, err := out.all(ctx, progress)
	if err := errors.Join(err, out.discard()); err != nil {
		return Truth{}, err
	}
	text, err := json.MarshalIndent(truth, "", "  ")
	if err != nil {
		return Truth{}, err
	}
	return truth, writeWhole(filepath.Join(dir, truthFile), append(text, '\n'))
}

// export is the sink of a company: it writes customers as they come and lines
// month by month.
type export struct {
	w                World
	dir              string
	sheaves          *sheaves
	customers, links *file
	orders, late     *file
	books            [rowBooks]*file
	year             int
	row              []byte

	lineNumber, orderNumber int64 // given so far
	last                    line  // of the last order
}

func newExport(w World, dir string) (*export, error) {
	e := &export{w: w, dir: dir}
	err := func() (err error) {
		if e.sheaves, err = newSheaves(dir, w.months()); err != nil {
			return err
		}
		if e.customers, err = e.begin(customersFile, customersHead); err != nil {
			return err
		}
		if e.links, err = e.begin(linksFile, "old_id,new_id,since"); err != nil {
			return err
		}
		for i, f := range rowFiles {
			if e.books[i], err = e.begin(f.name, f.head); err != nil {
				return err
			}
		}
		if w.Late > 0 {
			e.late, err = e.begin(lateFile, ordersHead+",exported_on")
		}
		return err
	}()
	if err != nil {
		return nil, errors.Join(err, e.discard())
	}
	return e, nil
}

const (
	customersHead = "customer_id,acquired_on,acquired_via,acquired_how,referred_by,excluded,segment"
	ordersHead    = "line_id,order_id,customer_id,ordered_at,product,quantity,unit_price,amount,list_price,cost,currency,touchpoint"
)

func (e *export) begin(name, head string) (*file, error) {
	f, err := create(filepath.Join(e.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	if _, err := f.WriteString(head + "\n"); err != nil {
		return nil, errors.Join(err, f.discard())
	}
	return f, nil
}

func (e *export) discard() error {
	var err error
	for _, f := range e.open() {
		err = errors.Join(err, f.discard())
	}
	if e.sheaves != nil {
		err = errors.Join(err, e.sheaves.remove())
	}
	return err
}

// open are the files that are being written, or nil.
func (e *export) open() []*file {
	return append([]*file{e.customers, e.links, e.orders, e.late}, e.books[:]...)
}

func (e *export) all(ctx context.Context, progress func(done, total int64)) (Truth, error) {
	const total = 2*drawnSteps + 2
	progress(0, total)
	c := newCompany(e.w, e, func(done int64) { progress(done, total) })
	if err := c.draw(ctx); err != nil {
		return Truth{}, err
	}
	truth, err := c.tally.truth(e.w.files())
	if err != nil {
		return Truth{}, err
	}
	if err := e.months(ctx, func(m int) { progress(1+drawnSteps+drawnSteps*int64(m+1)/int64(e.w.months()), total) }); err != nil {
		return Truth{}, err
	}
	for _, f := range e.open() {
		if f != nil {
			if err := f.keep(); err != nil {
				return Truth{}, err
			}
		}
	}
	if err := e.small(c, &truth); err != nil {
		return Truth{}, err
	}
	progress(total, total)
	return truth, nil
}

// months writes the lines of one month after the other; the next is sorted
// meanwhile, so memory holds the lines of two or three.
func (e *export) months(ctx context.Context, done func(m int)) error {
	type sorted struct {
		lines []line
		err   error
	}
	ready, spare := make(chan sorted, 1), make(chan []line, 3)
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		for range ready { //nolint:revive // the sheaves must not go while one is read
		}
	}()
	go func() {
		defer close(ready)
		for m := range e.w.months() {
			var room []line
			select {
			case room = <-spare:
			default:
			}
			lines, err := e.sheaves.take(m, room[:0])
			select {
			case ready <- sorted{lines, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	m := 0
	for next := range ready {
		if err := errors.Join(ctx.Err(), next.err); err != nil {
			return err
		}
		if err := e.month(e.w.first()+calendar.Month(m), next.lines); err != nil {
			return err
		}
		spare <- next.lines
		done(m)
		m++
	}
	return ctx.Err()
}

// rows takes rows of a book as they are written.
func (e *export) rows(of rowBook, text []byte) error {
	_, err := e.books[of].Write(text)
	return err
}

func (e *export) customer(c customer) error {
	b := appendCustomer(e.row[:0], c.number)
	b = append(b, ',')
	b = append(b, c.acquired.String()...)
	for _, text := range []string{c.via, c.how} {
		b = append(append(b, ','), text...)
	}
	b = append(b, ',')
	if c.referredBy != 0 {
		b = appendCustomer(b, c.referredBy)
	}
	b = append(append(append(b, ','), c.excluded...), ',')
	e.row = append(append(b, c.segment...), '\n')
	_, err := e.customers.Write(e.row)
	return err
}

func (e *export) link(l link) error {
	b := appendCustomer(e.row[:0], l.old)
	b = appendCustomer(append(b, ','), l.new)
	e.row = append(append(append(b, ','), l.since.String()...), '\n')
	_, err := e.links.Write(e.row)
	return err
}

// line takes one line of the company; it is written when its month is.
func (e *export) line(month int, l line) error { return e.sheaves.add(month, l) }

// month writes the lines of one month, which are sorted.
func (e *export) month(m calendar.Month, lines []line) error {
	year, _, _ := m.First().Date()
	if year != e.year {
		if e.orders != nil {
			if err := e.orders.keep(); err != nil {
				return err
			}
		}
		f, err := e.begin(fmt.Sprintf("orders-%04d.csv", year), ordersHead)
		if err != nil {
			return err
		}
		e.orders, e.year = f, year
	}
	exported := (m + 2).First().String() // a month later than the first of the next
	for _, l := range lines {
		if e.lineNumber++; e.orderNumber == 0 || l.customer != e.last.customer || l.order != e.last.order || l.at != e.last.at {
			e.orderNumber++
		}
		e.last = l
		e.row = e.appendLine(e.row[:0], l)
		to := e.orders
		if l.flags&late != 0 {
			e.row, to = append(append(e.row, ','), exported...), e.late
		}
		e.row = append(e.row, '\n')
		for range 1 + int(l.flags&again/again) {
			if _, err := to.Write(e.row); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *export) appendLine(b []byte, l line) []byte {
	currency := e.w.Currency
	if l.flags&foreign != 0 {
		currency = e.w.Foreign.Currency
	}
	places := currency.Places()
	b = appendPadded(append(b, 'L'), e.lineNumber, 7)
	b = appendPadded(append(b, ",O"...), e.orderNumber, 7)
	b = append(b, ',')
	if l.flags&unidentified == 0 {
		b = appendCustomer(b, l.customer)
	}
	b = appendTime(append(b, ','), l.at)
	b = appendPadded(append(b, ",product "...), int64(l.product)+1, 2)
	b = strconv.AppendInt(append(b, ','), int64(l.quantity), 10)
	b = appendUnits(append(b, ','), l.price, places)
	b = appendUnits(append(b, ','), l.amount(), places)
	b = appendUnits(append(b, ','), l.list, places)
	b = appendUnits(append(b, ','), int64(l.quantity)*l.cost, places)
	b = append(append(append(b, ','), currency...), ',')
	return append(b, e.w.Touchpoints[l.touchpoint].Name...)
}

func appendCustomer(b []byte, number uint32) []byte {
	return appendPadded(append(b, "customer-"...), int64(number), 6)
}

func appendPadded(b []byte, n int64, width int) []byte {
	for limit, digits := int64(10), 1; digits < width; limit, digits = limit*10, digits+1 {
		if n < limit {
			b = append(b, "00000000000"[:width-digits]...)
			break
		}
	}
	return strconv.AppendInt(b, n, 10)
}

func appendTime(b []byte, at int64) []byte {
	day := dayOfSeconds(at)
	year, month, date := day.Date()
	b = appendPadded(b, int64(year), 4)
	b = appendPadded(append(b, '-'), int64(month), 2)
	b = appendPadded(append(b, '-'), int64(date), 2)
	rest := at - int64(day)*daySeconds
	b = appendPadded(append(b, ' '), rest/3600, 2)
	b = appendPadded(append(b, ':'), rest/60%60, 2)
	return appendPadded(append(b, ':'), rest%60, 2)
}

// appendUnits writes smallest units as a decimal with that many places.
func appendUnits(b []byte, n int64, places int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	scale := int64(1)
	for range places {
		scale *= 10
	}
	b = strconv.AppendInt(b, n/scale, 10)
	if places == 0 {
		return b
	}
	return appendPadded(append(b, '.'), n%scale, places)
}
