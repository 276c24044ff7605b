package office

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/throughline/throughline/internal/program"
)

// Happening is something that people should hear of though they have not asked
// for it. What a letter tells by mail stands on a page by this.
type Happening struct {
	At    time.Time
	What  NoticeKind
	Kind  JobKind
	Label string // of the period
	Seal  Head   // what was sealed; zero: nothing was
	Link  string // the page that says more
}

// latelyFor is how long something is news.
const latelyFor = 45 * 24 * time.Hour

// Lately is what was sealed of late, and what schedules were refused, failed
// or are overdue with and nobody has mended since; newest first.
func (o *Office) Lately(ctx context.Context, heads []Head) ([]Happening, error) {
	since := o.Now().Add(-latelyFor)
	var out []Happening
	for _, h := range heads {
		if h.Stands() && h.At.After(since) {
			out = append(out, Happening{At: h.At, What: SealedNotice, Kind: CloseJob, Label: h.Label, Seal: h, Link: "/closes/" + strconv.FormatInt(h.ID, 10)})
		}
	}
	all, err := o.Schedules(ctx)
	if err != nil && !errors.Is(err, ErrNoTimetable) {
		return nil, err
	}
	for _, s := range all {
		more, err := o.unmended(ctx, s, since)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	slices.SortStableFunc(out, func(a, b Happening) int { return b.At.Compare(a.At) })
	return out, nil
}

// unmended is the last turn of a schedule, when it came to nothing: an import
// or a backup that was done since has mended it, and so has a seal.
func (o *Office) unmended(ctx context.Context, s Schedule, since time.Time) ([]Happening, error) {
	runs, err := o.Times.Runs(ctx, s.ID, 1)
	if err != nil || len(runs) == 0 || !s.On {
		return nil, err
	}
	r := runs[0]
	h := Happening{At: r.Ended, Kind: s.Kind, Link: r.Link}
	switch r.Outcome {
	case program.Refused:
		h.What = RefusedNotice
	case program.Failed:
		h.What = FailedNotice
	default:
		return nil, nil
	}
	p, err := o.pace(ctx, s.Rhythm)
	if err != nil {
		return nil, err
	}
	t, err := p.of(r.Due)
	if err != nil || r.Ended.Before(since) {
		return nil, err
	}
	h.Label = t.Label
	if s.Kind == CloseJob {
		if _, sealed, err := o.Current(ctx, s.order(t)); err != nil || sealed {
			return nil, err
		}
		if s.pastDue(r, o.Now()) {
			h.What, h.Link = Overdue, "/closes"
		}
	}
	return []Happening{h}, nil
}
