package web_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/access"
)

// peopleAlone is a close of books of people alone: every statement of customers is locked, as closing has it.
func peopleAlone(t *testing.T) kept {
	t.Helper()
	k := small(t, "workforce")
	var d map[string]any
	if err := json.Unmarshal([]byte(k.Document), &d); err != nil {
		t.Fatal(err)
	}
	for _, block := range []string{"customer", "cohorts", "views", "subscriptions", "referrals", "profit", "equity", "contracts", "loyalty", "behaviour", "price_elasticity"} {
		d[block] = map[string]string{"refused": "the books are of people alone: there are no lines of customers", "unlocked_by": "the book orders, or subscriptions"}
	}
	d["cohorts_by_group"], d["warnings"] = []any{}, []any{}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	k.Document = string(text)
	return k
}

// A close of books of people alone leads to who works here: the room and the statement say what the books lack for customers, and hold no section about them.
func TestBooksOfPeopleAloneLeadToThePeopleStatement(t *testing.T) {
	f := openFace(t, "Marrow & Finch, bookbinders (simulated)", "GBP", []kept{peopleAlone(t)})
	for _, path := range []string{"/room", "/statement"} {
		page := f.page(access.People, path)
		text := visible(t, page)
		for _, want := range []string{"The books do not allow a customer statement yet.", "127 people work here", "19.3%", "there are no lines of customers", "the book orders, or subscriptions"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", path, want, text)
			}
		}
		if !strings.Contains(page, `href="/statement/1/people"`) {
			t.Errorf("%s does not lead to the people statement", path)
		}
		for _, none := range []string{"What of it we earned", "What changed since the last close", "Revenue bridge", "2024: \n"} {
			if strings.Contains(text, none) {
				t.Errorf("%s says %q:\n%s", path, none, text)
			}
		}
	}
	for _, part := range []string{"base", "subscriptions", "referrals", "profit", "equity", "contracts", "loyalty", "behaviour", "prices"} {
		if text := visible(t, f.page(access.Analyst, "/statement/1/"+part)); !strings.Contains(text, "there are no lines of customers") {
			t.Errorf("%s does not say that the books are of people alone:\n%s", part, text)
		}
	}
	if text := visible(t, f.page(access.People, "/statement/1/people")); !strings.Contains(text, "127 people work here") {
		t.Errorf("the people statement says\n%s", text)
	}
	f.page(access.Finance, "/closes")
	f.page(access.Finance, "/closes/1")
}

// A sealed document without a customer statement prints whole.
func TestBooksOfPeopleAlonePrint(t *testing.T) {
	f := openFace(t, "Marrow & Finch", "GBP", []kept{peopleAlone(t)})
	for _, form := range []string{"txt", "csv", "html", "json"} {
		if page := f.page(access.Finance, "/statement/1/download."+form); !strings.Contains(page, "there are no lines of customers") || !strings.Contains(page, "Bindery") {
			t.Errorf("%s lacks a part:\n%s", form, page)
		}
	}
}
