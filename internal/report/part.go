package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// part is a statement that is printed by itself too: its lines, and where it stands in a document, with what stands around it.
type part struct {
	passages func(*document) []passage
	blocks   []string
	around   string
}

var parts = map[string]part{
	"touchpoints": {(*document).everyTouchpoint, []string{"touchpoints", "touchpoint_coverage"}, ""},
	"training":    {(*document).trainingPassages, []string{"training_asset"}, "people"},
	"income":      {(*document).incomePassages, []string{"income_statement"}, ""},
	"people":      {(*document).workforcePassages, []string{"workforce"}, "people"},
}

// PartNames are those statements.
func PartNames() []string { return []string{"touchpoints", "training", "income", "people"} }

// everyTouchpoint is the statement of touchpoints with all figures of each.
func (d *document) everyTouchpoint() []passage {
	lines := d.touchpointLines()
	out := d.touchpointPassages(len(lines))
	for i := range lines {
		out = append(out, d.onePassages(&lines[i])...)
	}
	return out
}

// Part prints one statement of a sealed document by itself; name is one of PartNames.
func Part(w io.Writer, name string, document []byte, h Heading) error {
	d, err := read(document)
	if err != nil {
		return err
	}
	_, heads := d.columns(h)
	p := newPage(heads)
	if company := clean(h.Company); company != "" {
		p.hang("", company, 0)
	}
	if h.Simulated {
		p.hang("", "SIMULATED COMPANY: every figure is made up", 0)
	}
	d.seal(p)
	passages := parts[name].passages(d)
	for _, x := range passages {
		p.passage(x)
	}
	d.restated(p)
	if len(passages) == 0 {
		p.hang("", "This was sealed by a release that did not make this statement; a restatement has it.", 0)
	}
	if _, err := io.WriteString(w, p.String()); err != nil {
		return fmt.Errorf("print the statement: %w", err)
	}
	return nil
}

// PartJSON is one statement as the document has it: its block, or an object of its blocks where there are several; null where the document has none.
func PartJSON(name string, document []byte) ([]byte, error) {
	at := parts[name]
	blocks, err := object(document)
	if err != nil {
		return nil, err
	}
	if at.around != "" {
		whole := blocks[at.around]
		if blocks, err = object(whole); err != nil {
			return nil, err
		}
		if _, ok := blocks[at.blocks[0]]; !ok && len(whole) > 0 {
			blocks = map[string]json.RawMessage{at.blocks[0]: whole} // all of it is refused
		}
	}
	var b bytes.Buffer
	one := func(block string) []byte {
		if x := blocks[block]; len(x) > 0 {
			return x
		}
		return []byte("null")
	}
	if len(at.blocks) == 1 {
		b.Write(one(at.blocks[0]))
	} else {
		for i, block := range at.blocks {
			b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
			fmt.Fprintf(&b, "%q:%s", block, one(block))
		}
		b.WriteString("}")
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("read the sealed document: %w", err)
	}
	return append(slices.Clip(out.Bytes()), '\n'), nil
}

// object are the members of a JSON object; none of no JSON.
func object(text []byte) (map[string]json.RawMessage, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var out map[string]json.RawMessage
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("read the sealed document: %w", err)
	}
	return out, nil
}
