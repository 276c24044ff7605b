package office

import (
	"context"
	"errors"

	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/program"
	"github.com/throughline/throughline/internal/sealed"
)

// Questions is what an engine may know besides: which question it asks for a
// line of a statement.
type Questions interface {
	Question(ctx context.Context, of engine.Statement, line engine.Line) (engine.Question, error)
}

// ErrNoQuestion is returned where nothing here tells its questions.
var ErrNoQuestion = errors.New("the engine that answers here does not tell its questions")

// Question is the question behind a line of a sealed statement, as it can be
// asked of the parts of the seal's snapshot.
func (o *Office) Question(ctx context.Context, seal int64, b sealed.Block, line engine.Line) (engine.Question, error) {
	q, ok := o.Customers.(Questions)
	if !ok {
		return engine.Question{}, ErrNoQuestion
	}
	opened, err := o.seals.open(ctx, o, seal)
	if err != nil {
		return engine.Question{}, err
	}
	of, ok := opened.statements[b]
	if !ok && b != sealed.Period && b != sealed.Trailing {
		// The statements beside the customer statement are of the windows of its headline.
		line = engine.Line(b)
		if of, ok = opened.statements[sealed.Trailing]; !ok {
			of, ok = opened.statements[sealed.Period]
		}
	}
	if !ok {
		return engine.Question{}, program.ErrNone
	}
	return q.Question(ctx, of, line)
}
