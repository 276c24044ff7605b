package journey

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// accept takes a whole proposal into the map.
func accept(m *Map, key string, p Proposal) {
	b, _ := m.Brand(key)
	b.AtTouchpoints, b.AtInterviews, b.AtPulses = append(b.AtTouchpoints, p.AtTouchpoints...), append(b.AtInterviews, p.AtInterviews...), append(b.AtPulses, p.AtPulses...)
	m.Standards = append(m.Standards, p.Standards...)
	m.order()
}

// TestProposalsHold: for every promise over every template they pass Check, are the same again, and once taken nothing is left to propose.
func TestProposalsHold(t *testing.T) {
	for _, s := range Templates() {
		for _, promise := range PromiseNames() {
			m, err := Template(s.Name)
			if err != nil {
				t.Fatal(err)
			}
			m.Standards = nil
			m.Brands = []Brand{{Key: "ours", Name: "Ours", Promise: promise, Words: "We come when we say."}}
			was := m.text(t)
			p := Propose(m.Brands[0], &m)
			if again := Propose(m.Brands[0], &m); !reflect.DeepEqual(p, again) || m.text(t) != was {
				t.Errorf("%s, %s: proposed twice, or the map was changed", s.Name, promise)
			}
			bound := map[string]bool{}
			for _, x := range p.Standards {
				for _, key := range x.Touchpoints {
					bound[key] = true
				}
			}
			if len(bound) != len(m.Touchpoints) || len(p.AtTouchpoints) < 2 || len(p.AtInterviews) < 2 || len(p.AtPulses) < 2 || p.Means == "" {
				t.Errorf("%s, %s: %d of %d touchpoints, %+v", s.Name, promise, len(bound), len(m.Touchpoints), p)
			}
			accept(&m, "ours", p)
			for _, problem := range m.Check() {
				t.Errorf("%s, %s: %v", s.Name, promise, problem)
			}
			if rest := Propose(m.Brands[0], &m); !rest.Empty() {
				t.Errorf("%s, %s: still proposes %+v", s.Name, promise, rest)
			}
		}
	}
}

// TestTwoPromisesDifferInEverything: no touchpoint is judged alike by two, whatever it is; a fun airline and a hotel of luxury share nothing.
func TestTwoPromisesDifferInEverything(t *testing.T) {
	all := Promises()
	for i, p := range all {
		for _, kind := range PlaceKinds {
			x, ok := p.standards[kind]
			if !ok {
				t.Errorf("%s has no standard for %s", p.Name, kind)
			}
			for _, o := range all[:i] {
				y := o.standards[kind]
				if x.notices == y.notices || x.measure == y.measure && x.target == y.target {
					t.Errorf("%s and %s have the same for %s: %s", p.Name, o.Name, kind, x.notices)
				}
			}
		}
		for _, o := range all[:i] {
			for _, lists := range [][2][]string{{p.AtTouchpoints, o.AtTouchpoints}, {p.AtInterviews, o.AtInterviews}, {p.AtPulses, o.AtPulses}} {
				if slices.ContainsFunc(lists[0], func(q string) bool { return slices.Contains(lists[1], q) }) {
					t.Errorf("%s and %s ask the same", p.Name, o.Name)
				}
			}
		}
	}
	m := two()
	m.Brands = []Brand{{Key: "airline", Name: "Airline", Promise: Fun, Entities: []string{"air"}}, {Key: "hotel", Name: "Hotel", Promise: Luxury}}
	airline, hotel := Propose(m.Brands[0], &m), Propose(m.Brands[1], &m)
	accept(&m, "airline", airline)
	accept(&m, "hotel", hotel)
	if problems := m.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	of := func(brand string) (notices string, measure Measure) {
		for _, s := range m.Standards {
			if s.Brand == brand && s.Binds("phone", 100) {
				return s.Notices, s.Measure
			}
		}
		return "", Measure{}
	}
	fun, first := of("airline")
	luxury, second := of("hotel")
	if fun == "" || luxury == "" || fun == luxury || first == second {
		t.Errorf("the phone is judged by %q and %q", fun, luxury)
	}
}

// TestProposalsMindWhatIsThere: brands' journeys, ended touchpoints, standards and questions that are there.
func TestProposalsMindWhatIsThere(t *testing.T) {
	m := two()
	m.Brands = []Brand{{Key: "a", Name: "A", Promise: Simple, AtPulses: []string{" my tools are quick enough."}, Entities: []string{"a"}}, {Key: "b", Name: "B", Promise: Own, Words: "as at home"}}
	m.Standards = []Standard{{Key: "a-phone", Brand: "a", Notices: "ours", Measure: Measure{Kind: Resolved}, Target: Target{AtLeast: "0.5"}, Touchpoints: []string{"phone"}}}
	if err := m.Retire("counter", 100, ""); err != nil {
		t.Fatal(err)
	}
	p := Propose(m.Brands[0], &m)
	for _, s := range p.Standards {
		if slices.Contains(s.Touchpoints, "phone") || slices.Contains(s.Touchpoints, "counter") {
			t.Errorf("proposes %+v", s)
		}
	}
	if len(p.AtPulses) != 3 {
		t.Errorf("asks %v", p.AtPulses)
	}
	own := Propose(m.Brands[1], &m)
	if !strings.Contains(own.Means+own.AtTouchpoints[0]+own.AtInterviews[0]+own.AtPulses[0], "as at home") {
		t.Errorf("its own words are not in %+v", own)
	}
	m.Journeys[0].Brand = "b"
	if p := Propose(m.Brands[0], &m); len(p.Standards) != 0 {
		t.Errorf("proposes for another brand's journey: %+v", p.Standards)
	}
	if p := Propose(Brand{Key: "a", Promise: "cheap"}, &m); !p.Empty() {
		t.Errorf("an unknown promise proposes %+v", p)
	}
}

func TestKindsOfTouchpoints(t *testing.T) {
	for name, want := range map[string]PlaceKind{
		"Phone menu": AtMenu, "Customer phone": AtPhone, "Web chat": AtChat, "Home delivery": AtDelivery, "Invoice": AtInvoice, "Till": AtCounter, "Room service": AtRoom, "Breakfast": AtTable,
		"Cleanliness of the shop": AtClean, "Website": AtWebsite, "Applying for a job": AtJob, "Bereavement": AtOther, "Telephonist": AtOther, "Reminder letters": AtCredit, "Counter for returns": AtComplain,
	} {
		if got := (Touchpoint{Name: name}).Kind(); got != want {
			t.Errorf("%s is a %s, want %s", name, got, want)
		}
	}
	if got := (Touchpoint{Name: "Bereavement", About: "A phone call."}).Kind(); got != AtPhone {
		t.Errorf("what is said about it tells %s", got)
	}
}
