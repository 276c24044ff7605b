package web

import (
	"context"
	"math"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/sealed"
	"github.com/throughline/throughline/journey"
)

// tiles draws every open touchpoint of a journey, in their order.
func (s *Server) tiles(ctx context.Context, v *visit, m *journey.Map, shown *journey.Journey, day calendar.Day, states map[string]tileState, query string) ([]tile, error) {
	var versions map[string]int64
	if v.may(access.ChangeJourney) {
		var err error
		if versions, err = s.Office.PieceVersions(ctx, journey.KindTouchpoint); err != nil {
			return nil, err
		}
	}
	var out []tile
	for i := range m.Touchpoints {
		t := &m.Touchpoints[i]
		if t.Journey != shown.Key || !t.Open(day) {
			continue
		}
		state, ok := states[t.Key]
		if !ok {
			state.State = journey.Unmeasured
		}
		look := stateLook[state.State]
		x := tile{Key: t.Key, Name: t.Name, Path: touchpointAddress(t.Key) + query, Class: look.class, Glyph: look.glyph, Value: state.Value, Said: v.t(look.text), Worst: state.Worst, Owner: t.Owner(day), Version: versions[t.Key]}
		if x.Value == "" {
			x.Value = x.Said
		}
		if d, ok := m.Department(t.Department(day)); ok {
			x.Department = d.Name
		}
		out = append(out, x)
	}
	return out, nil
}

// mapRows lays tiles out by department and stage. Departments that hold nothing anywhere stand below, unless they say why.
func mapRows(v *visit, m *journey.Map, shown *journey.Journey, day calendar.Day, tiles []tile) []mapRow {
	holds := map[string]bool{}             // of any journey
	at := map[string]*journey.Touchpoint{} // by key
	for i := range m.Touchpoints {
		t := &m.Touchpoints[i]
		at[t.Key] = t
		if t.Open(day) {
			holds[t.Department(day)] = true
		}
	}
	cells := map[[2]string][]tile{} // by department and stage
	here := map[string]bool{}
	for _, x := range tiles {
		department := at[x.Key].Department(day)
		cell := [2]string{department, at[x.Key].Stage}
		cells[cell], here[department] = append(cells[cell], x), true
	}
	row := func(d journey.Department) mapRow {
		r := mapRow{Key: d.Key, Name: d.Name, Contractor: d.Contractor, Path: departmentAddress(d.Key)}
		for _, st := range shown.Stages {
			r.Cells = append(r.Cells, gridCell{Stage: st.Key, Tiles: cells[[2]string{d.Key, st.Key}]})
		}
		return r
	}
	var held, bare []mapRow
	for _, d := range m.Departments {
		switch {
		case here[d.Key]:
			held = append(held, row(d))
		case d.Open(day) && d.Apart == "" && !holds[d.Key]:
			bare = append(bare, mapRow{Key: d.Key, Name: d.Name, Contractor: d.Contractor, Path: departmentAddress(d.Key), None: true})
		}
	}
	if here[""] {
		r := row(journey.Department{Name: v.t("No department")})
		r.Nameless = true
		held = append(held, r)
	}
	return append(held, bare...)
}

// listed lays tiles out by stage.
func listed(m *journey.Map, shown *journey.Journey, tiles []tile) []listStage {
	stage := make(map[string]string, len(tiles))
	for _, t := range m.Touchpoints {
		stage[t.Key] = t.Stage
	}
	var out []listStage
	for _, st := range shown.Stages {
		x := listStage{Name: st.Name}
		for _, t := range tiles {
			if stage[t.Key] == st.Key {
				x.Tiles = append(x.Tiles, t)
			}
		}
		out = append(out, x)
	}
	return out
}

// A printed sheet: what is left of A4 across for the map's rows, in millimetres, and what a line and a letter of it take.
const (
	sheetHeight, sheetWidth = 112.0, 235.0
	lineHeight, letterWidth = 3.6, 1.7
)

// fit is the size, in steps of five per cent, at which the rows stand on one sheet.
func fit(rows []mapRow, stages int) int {
	letters := max(6, sheetWidth/float64(stages)/letterWidth-3)
	height := 0.0
	for _, r := range rows {
		most := math.Ceil(float64(len([]rune(r.Name)))/14) * lineHeight
		for _, c := range r.Cells {
			cell := 0.0
			for _, t := range c.Tiles {
				cell += 1.5 + lineHeight*(math.Ceil(float64(len([]rune(t.Name)))/letters)+math.Ceil(float64(len([]rune(t.Value)))/letters))
			}
			most = max(most, cell)
		}
		height += most + 1.5
	}
	if height <= sheetHeight {
		return 100
	}
	// Smaller letters need fewer lines, so this is rather too small than too large.
	return max(10, int(100*math.Sqrt(sheetHeight/height)*math.Min(1, math.Sqrt(sheetHeight/height)*1.1))/5*5)
}

// tileStates are the states of a close by touchpoint. Framed are those after which customers came back less, where it is clear.
func (o *opened) tileStates() map[string]tileState {
	out := map[string]tileState{}
	if !o.doc.Touchpoints.Open() {
		return out
	}
	worst := map[string]bool{}
	if c := o.doc.Covers; c.Open() && c.Next != nil {
		for _, less := range c.Next.Less {
			if !less.Nothing && len(worst) < mostFramed {
				worst[less.Name] = true
			}
		}
	}
	for i := range o.doc.Touchpoints.Lines {
		l := &o.doc.Touchpoints.Lines[i]
		out[l.Name] = tileState{State: journey.State(l.State), Value: o.tileValue(l), Worst: worst[l.Name]}
	}
	return out
}

// mostFramed is how many touchpoints are framed as those that cost most.
const mostFramed = 3

// tileValue is what stands on a tile: the value, the standard, and how much it rests on.
func (o *opened) tileValue(l *sealed.Touchpoint) string {
	if l.Value == nil {
		return ""
	}
	f := o.touchFigure(l.Headline).short()
	e, ok := l.Value.Estimate()
	switch few := journey.State(l.State) == journey.Few; {
	case few && (!ok || e.N >= journey.Least):
		return o.t("of too few customers")
	case few:
		return o.t("%s answers or contacts, too few", count(e.N))
	case !ok:
		return ""
	}
	if b := l.Part(l.Brand); b != nil {
		for _, st := range b.Standards {
			switch promised := f.promised(st.AtLeast, st.AtMost); {
			case st.Name != l.Standard:
			case st.AtMost != "":
				return o.t("%s, %s · n %s", f.value(*l.Value), promised, count(e.N))
			default:
				return o.t("%s of %s · n %s", f.value(*l.Value), promised, count(e.N))
			}
		}
	}
	return o.t("%s · n %s", f.value(*l.Value), count(e.N))
}

// Thread names the part of the thread over a stage.
func (m mapStage) Thread() string {
	switch {
	case m.First && m.Last:
		return "only"
	case m.First:
		return "first"
	case m.Last:
		return "last"
	}
	return "middle"
}

// manyTiles is how many one walks through with the Tab key without wishing for another way.
const manyTiles = 40

// Many tells that the map has so many tiles that one wants to pass them with the Tab key.
func (view journeyView) Many() bool {
	n := 0
	for _, r := range view.Rows {
		for _, c := range r.Cells {
			n += len(c.Tiles)
		}
	}
	return n > manyTiles
}

// Dense tells whether names alone are drawn in print.
func (view journeyView) Dense() bool { return view.Fit < 50 }
