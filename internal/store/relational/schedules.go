package relational

import (
	"context"
	"encoding/json"
	"time"

	"github.com/throughline/throughline/internal/program"
)

// set is how a version of a schedule stands in the history; due moments come
// and go and are no part of it.
type set struct {
	Kind   string          `json:"kind"`
	Spec   json.RawMessage `json:"spec"`
	Paused bool            `json:"paused"`
}

func setOf(x program.Schedule) set { return set{x.Kind, x.Spec, x.Due.IsZero()} }

const scheduleColumns = "id, version, kind, spec, due, at, who"

func readSchedule(scan scanner) (x program.Schedule, err error) {
	var spec, due, at string
	if err := scan(&x.ID, &x.Version, &x.Kind, &spec, &due, &at, &x.By); err != nil {
		return x, err
	}
	x.Spec = json.RawMessage(spec)
	return x, moments([]string{due, at}, &x.Due, &x.At)
}

// Schedules lists all, by id.
func (s *Store) Schedules(ctx context.Context) ([]program.Schedule, error) {
	out, err := all(ctx, s.ask(ctx), readSchedule, "SELECT "+scheduleColumns+" FROM schedule ORDER BY id")
	return out, s.plain(ctx, "read schedules in", err)
}

// Schedule is one of them, or program.ErrNone.
func (s *Store) Schedule(ctx context.Context, id int64) (program.Schedule, error) {
	x, found, err := first(ctx, s.ask(ctx), readSchedule, "SELECT "+scheduleColumns+" FROM schedule WHERE id = ?", id)
	if err == nil && !found {
		return x, program.ErrNone
	}
	return x, s.plain(ctx, "read a schedule in", err)
}

// SaveSchedule keeps a new schedule or the next version of one.
func (s *Store) SaveSchedule(ctx context.Context, x program.Schedule) (kept program.Schedule, err error) {
	if len(x.Spec) == 0 {
		x.Spec = json.RawMessage("{}")
	}
	err = s.change(ctx, "save a schedule in", func(c conn) error {
		kept = x
		var before any
		if x.ID != 0 {
			has, err := c.scheduleHeld(ctx, x)
			if err != nil {
				return err
			}
			before = setOf(has)
		}
		kept.Version++
		if x.ID != 0 {
			err = c.run(ctx, "UPDATE schedule SET version = ?, kind = ?, spec = ?, due = ?, at = ?, who = ? WHERE id = ?",
				kept.Version, kept.Kind, string(kept.Spec), stamped(kept.Due), stamped(kept.At), kept.By, kept.ID)
		} else {
			kept.Version = 1
			kept.ID, err = c.insert(ctx, "INSERT INTO schedule (version, kind, spec, due, at, who) VALUES (?, ?, ?, ?, ?, ?)",
				kept.Version, kept.Kind, string(kept.Spec), stamped(kept.Due), stamped(kept.At), kept.By)
		}
		if err != nil {
			return err
		}
		return c.record(ctx, changeOf(kept), before, setOf(kept))
	})
	return kept, err
}

func changeOf(x program.Schedule) program.Change {
	return program.Change{Entity: program.Entity{Kind: program.KindSchedule, ID: x.ID}, Version: x.Version, At: x.At, By: x.By}
}

// scheduleHeld is the schedule as it is, held until the transaction ends, when its
// version is the one that x was made from.
func (c conn) scheduleHeld(ctx context.Context, x program.Schedule) (program.Schedule, error) {
	has, found, err := first(ctx, c, readSchedule, "SELECT "+scheduleColumns+" FROM schedule WHERE id = ?"+c.d.Hold, x.ID)
	switch {
	case err != nil:
		return has, err
	case !found:
		return has, program.ErrNone
	case has.Version != x.Version:
		return has, c.stale(ctx, changeOf(has).Entity, x.Version, has.Version)
	}
	return has, nil
}

// RemoveSchedule removes it; its runs and its history stay.
func (s *Store) RemoveSchedule(ctx context.Context, x program.Schedule) error {
	return s.change(ctx, "remove a schedule from", func(c conn) error {
		has, err := c.scheduleHeld(ctx, x)
		if err != nil {
			return err
		}
		if err := c.run(ctx, "DELETE FROM schedule WHERE id = ?", x.ID); err != nil {
			return err
		}
		gone := changeOf(x)
		gone.Version++
		return c.record(ctx, gone, setOf(has), nil)
	})
}

const runColumns = "id, schedule, due, began, ended, outcome, note, link"

func readRun(scan scanner) (r program.Run, err error) {
	var due, began, ended string
	if err := scan(&r.ID, &r.Schedule, &due, &began, &ended, &r.Outcome, &r.Note, &r.Link); err != nil {
		return r, err
	}
	return r, moments([]string{due, began, ended}, &r.Due, &r.Began, &r.Ended)
}

// BeginRun keeps a run as running and makes the schedule due at next. A due
// moment that somebody has edited meanwhile stays as it was edited.
func (s *Store) BeginRun(ctx context.Context, r program.Run, next time.Time) (program.Run, error) {
	r.Outcome, r.Ended = program.Running, time.Time{}
	err := s.change(ctx, "begin a run in", func(c conn) (err error) {
		r.ID, err = c.insert(ctx, "INSERT INTO run (schedule, due, began, ended, outcome, note, link) VALUES (?, ?, ?, ?, ?, ?, ?)",
			r.Schedule, stamped(r.Due), stamped(r.Began), "", r.Outcome, r.Note, r.Link)
		if s.taken(err) {
			return program.ErrTaken
		}
		if err != nil {
			return err
		}
		return c.run(ctx, "UPDATE schedule SET due = ? WHERE id = ? AND due = ?", stamped(next), r.Schedule, stamped(r.Due))
	})
	return r, err
}

// EndRun keeps how a run ended; one that has ended stays as it is.
func (s *Store) EndRun(ctx context.Context, r program.Run) error {
	return s.change(ctx, "end a run in", func(c conn) error {
		n, err := c.exec(ctx, "UPDATE run SET ended = ?, outcome = ?, note = ?, link = ? WHERE id = ? AND outcome = ?",
			stamped(r.Ended), r.Outcome, r.Note, r.Link, r.ID, program.Running)
		if err == nil && n == 0 {
			return program.ErrNone
		}
		return err
	})
}

// Runs lists the newest runs, newest first.
func (s *Store) Runs(ctx context.Context, schedule int64, limit int) ([]program.Run, error) {
	where, args := "", []any{}
	if schedule != 0 {
		where, args = " WHERE schedule = ?", append(args, schedule)
	}
	out, err := all(ctx, s.ask(ctx), readRun, "SELECT "+runColumns+" FROM run"+where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
	return out, s.plain(ctx, "read runs in", err)
}
