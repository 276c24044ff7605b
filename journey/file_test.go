package journey

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWhatIsWrittenIsRead: a map goes through its pieces in any order and through a file without loss.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		for range rapid.IntRange(0, 5).Draw(t, "changes") {
			_ = d.change(t, drawDay(t, "day")) // what is refused changes nothing
		}
		d.Aside = []Aside{{"internal", "our own test calls"}}
		d.order()
		read, err := Read(strings.NewReader(d.text(t)))
		if err != nil {
			t.Fatal(err)
		}
		if read.text(t) != d.text(t) {
			t.Fatalf("read\n%s\nwritten\n%s", read.text(t), d.text(t))
		}
		pieces, err := d.Pieces()
		if err != nil {
			t.Fatal(err)
		}
		rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed"))).Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		put, err := Assemble(pieces)
		if err != nil {
			t.Fatal(err)
		}
		if put.text(t) != d.text(t) {
			t.Fatalf("assembled\n%s\ntaken apart\n%s", put.text(t), d.text(t))
		}
	})
}

// TestFilesWithoutAnOrderKeepTheirs: whoever writes a map by hand writes it in the order that is meant.
func TestFilesWithoutAnOrderKeepTheirs(t *testing.T) {
	m, err := Read(strings.NewReader(`{"format": "throughline journey 1", "departments": [{"key": "z", "name": "Z"}, {"key": "a", "name": "A"}]}`))
	if err != nil || len(m.Departments) != 2 || m.Departments[0].Key != "z" || m.Departments[1].Order != 2 {
		t.Fatalf("%+v, %v", m.Departments, err)
	}
}

// TestReadRefusesWithTheLine says what is wrong and where.
func TestReadRefusesWithTheLine(t *testing.T) {
	head := "{\n\"format\": \"throughline journey 1\",\n"
	for text, want := range map[string]string{
		"":                                      "line 1: this is no JSON: unexpected end of JSON input",
		"[]":                                    "line 1: a map is an object in braces",
		"{\n}":                                  `line 1: it does not say that it is a map ("format": "throughline journey 1")`,
		"{\n\"a\"":                              "line 2: this is no JSON: unexpected end of JSON input",
		"{\n\"format\": \"x\"}":                 `line 2: format "x" is not "throughline journey 1"`,
		head + "\"roles\": [],\n\"roles\": []}": `line 4: "roles" stands twice`,
		head + "\"people\": []}":                `line 3: a map has no "people"`,
		head + "\"roles\": {}}":                 "line 3: roles is a list in brackets",
		head + "\"roles\": [\n{},\n{\n\"nmae\": \"x\"}]}":                       `line 6: roles, number 2: there is no "nmae" in it`,
		head + "\"roles\": [\n{\"name\":\n5}]}":                                 "line 5: roles, number 1: the value of name is a number",
		head + "\"roles\": [\n{\"key\": \"a\",\n\"retired\": \"2024-13-01\"}]}": `line 5: roles, number 1: "2024-13-01" is not a date (YYYY-MM-DD)`,
		head + "\"roles\": []}\n{}":                                             "line 4: this is no JSON: invalid character '{' after top-level value",
		head + "\"roles\": [\n\n,]}":                                            "line 5: this is no JSON: invalid character ','",
		head + "\"touchpoints\": [5]}":                                          "line 3: touchpoints, number 1: the value is a number",
	} {
		_, err := Read(strings.NewReader(text))
		var misread *Misread
		if !errors.As(err, &misread) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\nis refused with %v, want %s", text, err, want)
		}
	}
	_, err := Read(strings.NewReader(strings.Repeat(" ", MostBytes+1)))
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a file beyond all bounds is refused with %v", err)
	}
}

// FuzzRead: whatever is read is written and read again as the same, Check does not fall over, and what is refused has a line.
func FuzzRead(f *testing.F) {
	m := two()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("{\"format\": \"throughline journey 1\", \"roles\": [{\"nmae\": 1}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(bytes.NewReader(data))
		if err != nil {
			var misread *Misread
			if !errors.As(err, &misread) || misread.Line < 1 || misread.Line > 1+bytes.Count(data, []byte("\n")) {
				t.Fatalf("%v", err)
			}
			return
		}
		m.Check()
		text := m.text(t)
		again, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.filled(), m.filled()) && again.text(t) != text {
			t.Fatalf("read\n%s\nand then\n%s", text, again.text(t))
		}
	})
}

// What a file adds without an order stands behind what is there; what is there and has none in the file stays where it stands.
func TestWhatIsTakenWithoutAnOrderStandsLast(t *testing.T) {
	m := Map{Journeys: []Journey{{Key: "buy", Order: 1}, {Key: "help", Order: 2}}}
	m.Take(Map{Journeys: []Journey{{Key: "zoo"}, {Key: "help", Name: "Help"}, {Key: "art"}, {Key: "top", Order: 1}}}, false)
	var got []string
	for _, j := range m.Journeys {
		got = append(got, j.Key)
	}
	if want := []string{"buy", "top", "help", "zoo", "art"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
