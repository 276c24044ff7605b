package fact

import (
	"slices"
	"strings"
	"testing"
)

// The fifteen books of the product's documentation, with the columns that it
// prints in bold.
func TestFifteenBooksRequireTheirBoldColumns(t *testing.T) {
	bold := map[string]string{
		"customers": "customer_id", "customer_links": "old_id new_id", "orders": "ordered_at amount",
		"subscriptions": "subscription_id customer_id started_on monthly_amount",
		"interactions":  "interaction_id started_at touchpoint", "answers": "answer_id answered_at question",
		"remarks": "remark_id received_at text", "people": "person_id valid_from department role",
		"trainings": "record_id person_id course completed_at", "pulses": "pulse_id answered_on question score",
		"measures": "period measure value", "costs": "period department kind amount",
		"budgets": "period department line amount", "controls": "period account amount", "rates": "date from to rate",
	}
	if len(Books) != len(bold) {
		t.Fatalf("%d books, want %d", len(Books), len(bold))
	}
	for name, want := range bold {
		b, ok := Find(name)
		if !ok {
			t.Errorf("no book %s", name)
			continue
		}
		if got := strings.Join(b.Required(), " "); got != want {
			t.Errorf("%s requires %q, want %q", name, got, want)
		}
	}
}

func TestShapesAreSound(t *testing.T) {
	for _, b := range Books {
		fields, names := map[int]bool{}, map[string]bool{}
		for _, c := range b.Columns {
			if c.Field <= 0 || fields[c.Field] {
				t.Errorf("%s.%s: field %d is missing or used twice", b.Name, c.Name, c.Field)
			}
			if names[c.Name] {
				t.Errorf("%s.%s stands twice", b.Name, c.Name)
			}
			fields[c.Field], names[c.Name] = true, true
			if (c.Type == Choice) != (len(c.Choices) > 0) {
				t.Errorf("%s.%s: a choice has choices, and only a choice", b.Name, c.Name)
			}
		}
		for _, k := range append(slices.Clone(b.Key), b.OneOf...) {
			if !names[k] {
				t.Errorf("%s: key column %s does not exist", b.Name, k)
			}
		}
		if b.Time != "" {
			c, ok := b.Column(b.Time)
			if !ok || (c.Type != Day && c.Type != Instant) {
				t.Errorf("%s is filed by %q, which is no date", b.Name, b.Time)
			}
		}
	}
}

// Pulses never carry a person, so that an answer cannot be led back.
func TestPulsesHaveNoPerson(t *testing.T) {
	b, _ := Find("pulses")
	if _, ok := b.Column("person_id"); ok {
		t.Error("pulses have a person_id")
	}
}

func TestMappingIsRefusedWithWhatIsMissing(t *testing.T) {
	orders, _ := Find("orders")
	if err := orders.CheckMapping([]string{"customer_id", "ordered_at"}); err == nil || !strings.Contains(err.Error(), `needs a column "amount"`) {
		t.Errorf("missing amount: %v", err)
	}
	if err := orders.CheckMapping([]string{"ordered_at", "amount", "amuont"}); err == nil || !strings.Contains(err.Error(), `no column "amuont"`) {
		t.Errorf("unknown column: %v", err)
	}
	if err := orders.CheckMapping([]string{"ordered_at", "amount"}); err != nil {
		t.Errorf("a good mapping is refused: %v", err)
	}
	answers, _ := Find("answers")
	if err := answers.CheckMapping([]string{"answer_id", "answered_at", "question"}); err == nil || !strings.Contains(err.Error(), "one of score, choice") {
		t.Errorf("an answer without score or choice: %v", err)
	}
}
