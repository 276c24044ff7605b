package whole_test

import (
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// What a schedule could not do stands in the room for who may look into it,
// until it is mended; and so does what else was sealed.
func TestTheRoomTellsWhatALetterWould(t *testing.T) {
	h, end := begin(t, t.TempDir(), spring)
	t.Cleanup(end)
	h.closing("2026-03", "close")
	ctx := t.Context()
	s, err := h.office.SaveSchedule(ctx, office.Schedule{Kind: office.CloseJob, By: 1, Rhythm: office.Rhythm{On: true, Every: "month", Day: 3, At: "06:00"}})
	if err != nil {
		t.Fatal(err)
	}
	run, err := h.office.Times.BeginRun(ctx, program.Run{Schedule: s.ID, Due: s.Due, Began: h.office.Now(), Outcome: program.Running}, s.Due.Add(30*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	run.Ended, run.Outcome, run.Link = h.office.Now(), program.Refused, "/runs/77"
	if err := h.office.Times.EndRun(ctx, run); err != nil {
		t.Fatal(err)
	}
	p := h.get(access.Finance, "/room")
	p.shows(t, "The scheduled close of", "was refused", `href="/runs/77"`)
	if p := h.get(access.Employee, "/room"); strings.Contains(p.text, "was refused") {
		t.Error("who may not see the books is told of what was refused")
	}
	h.closing("2025-03", "close")
	h.get(access.Employee, "/room").shows(t, "Also sealed of late", "March 2025 was sealed")
}
