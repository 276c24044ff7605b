package office

import (
	"context"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/engine"
)

// Customers answers about single customers, a page at a time and in
// milliseconds. It returns engine.ErrUnready for what must be prepared first
// and is too large to be made while somebody waits.
type Customers interface {
	Touched
	// Search looks customers up in a view of the books.
	Search(ctx context.Context, view engine.View, s engine.Search) (engine.Customers, error)
	// Timeline is what happened with one customer.
	Timeline(ctx context.Context, view engine.View, t engine.Timeline) (engine.History, error)
	// Behind is who is behind a line of a statement.
	Behind(ctx context.Context, b engine.Behind) (engine.Standings, error)
	// Prepare makes what Search and Timeline need, when it is not there.
	Prepare(ctx context.Context, view engine.View) error
	// Employee is the work that a person does on a day; ok is false when the books do not know them then.
	Employee(ctx context.Context, view engine.View, person string, on calendar.Day) (p engine.Post, ok bool, err error)
	// PrepareBehind makes what Behind needs of a statement.
	PrepareBehind(ctx context.Context, s engine.Statement) error
}

// Search looks customers up in the books as they are now.
func (o *Office) Search(ctx context.Context, s engine.Search) (engine.Customers, error) {
	view, err := o.view(ctx)
	if err != nil {
		return engine.Customers{}, err
	}
	return o.Customers.Search(ctx, view, s)
}

// Timeline is what the books as they are now say about one customer.
func (o *Office) Timeline(ctx context.Context, t engine.Timeline) (engine.History, error) {
	view, err := o.view(ctx)
	if err != nil {
		return engine.History{}, err
	}
	return o.Customers.Timeline(ctx, view, t)
}

// view is the newest snapshot as questions about single customers see it.
func (o *Office) view(ctx context.Context) (engine.View, error) {
	c, err := o.Company(ctx)
	if err != nil {
		return engine.View{}, err
	}
	s, err := o.Store.Latest(ctx)
	if err != nil {
		return engine.View{}, err
	}
	return books.View(c.Config, s), nil
}

// Employee is the work that a person does on a day, as the books have it now; ok is false when they do not know them then.
func (o *Office) Employee(ctx context.Context, person string, on calendar.Day) (p engine.Post, ok bool, err error) {
	if person == "" || o.Customers == nil {
		return p, false, nil
	}
	view, err := o.view(ctx)
	if err != nil {
		return p, false, err
	}
	return o.Customers.Employee(ctx, view, person, on)
}
