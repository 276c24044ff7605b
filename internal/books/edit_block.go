package books

import (
	"maps"
	"slices"
	"strings"
)

// AddBook puts a book, written as in a proposal and with its comments, in
// place of the one of that name, or beside the others.
func AddBook(path string, text []byte, book ProposedBook) ([]byte, error) {
	block, err := ParseDraft(path, slices.Concat([]byte("books:\n"), book.Text))
	if err != nil {
		return nil, err
	}
	without, err := Edit(path, text, "", func(c *Config) error { delete(c.Books, book.Name); return nil })
	if err != nil {
		return nil, err
	}
	e := newEditor(without, "")
	var lines []string
	for line := range strings.Lines(string(book.Text)) {
		lines = append(lines, strings.TrimPrefix(strings.TrimRight(line, "\n"), "  "))
	}
	e.add([]string{"books"}, lines)
	out := e.text()
	before, err := ParseDraft(path, without)
	if err != nil {
		return nil, err
	}
	if before.Books == nil {
		before.Books = map[string]Mapping{}
	}
	maps.Copy(before.Books, block.Books)
	after, err := ParseDraft(path, out)
	if err != nil || len(differences(after.said(), before.said())) > 0 {
		return nil, &Refusal{Where: path, What: "is written in a form to which no book can be added here", Do: "add it with a text editor; docs/books.md lists every key"}
	}
	return out, nil
}

// Why is the comment that stands behind a key, such as why a proposal chose
// it; empty where there is none.
func Why(text []byte, key ...string) string {
	e := newEditor(text, "")
	b, ok := e.find(key)
	if !ok {
		return ""
	}
	_, value, _ := strings.Cut(e.lines[b.from], ":")
	return behind(value)
}

// behind is the comment behind a value on one line.
func behind(value string) string {
	quote := rune(0)
	for i, r := range value {
		switch {
		case quote != 0:
			if r == quote && (quote == '\'' || !strings.HasSuffix(value[:i], `\`)) {
				quote = 0
			}
		case r == '"' || r == '\'':
			if before := strings.TrimSpace(value[:i]); before == "" || strings.HasSuffix(before, ",") || strings.HasSuffix(before, "[") || strings.HasSuffix(before, ":") {
				quote = r
			}
		case r == '#' && (i == 0 || value[i-1] == ' '):
			return strings.TrimSpace(value[i+1:])
		}
	}
	return ""
}

// Checks are the guesses of a proposal that a person should look at, by the
// key that they are about, in the order in which they stand.
func Checks(text []byte, book string) []Clash {
	e := newEditor(text, "")
	b, ok := e.find([]string{"books", book})
	if !ok {
		return nil
	}
	_, taxed := e.find([]string{"books", book, "tax"})
	var out []Clash
	for _, line := range e.lines[b.from+1 : b.to] {
		key, value, found := strings.Cut(strings.TrimSpace(line), ":")
		comment := behind(value)
		if rest, isComment := strings.CutPrefix(strings.TrimSpace(line), "#"); isComment {
			key, comment, found = "", strings.TrimSpace(rest), true
		}
		if taxed && asksGross(comment) {
			continue
		}
		if found && slices.ContainsFunc([]string{"CHECK", "CHANGE ME", "AMBIGUOUS"}, func(w string) bool { return strings.Contains(comment, w) }) {
			out = append(out, Clash{Key: key, Their: comment})
		}
	}
	return out
}
