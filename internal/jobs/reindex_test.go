package jobs

import (
	"log/slog"
	"testing"
	"time"
)

// At midnight UTC River rebuilds indexes, which a queue in a file has not by those names.
func TestAQueueInAFileRebuildsNoIndexes(t *testing.T) {
	q := &Queue{options: Options{Dir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}}
	s := q.config("").ReindexerSchedule
	if s == nil {
		t.Fatal("the default schedule rebuilds every midnight")
	}
	if now := time.Now(); s.Next(now).Before(now.AddDate(100, 0, 0)) {
		t.Errorf("it rebuilds on %v", s.Next(now))
	}
	q.options.Address = "postgres://127.0.0.1/throughline"
	if q.config("river").ReindexerSchedule != nil {
		t.Error("PostgreSQL keeps River's schedule")
	}
}
