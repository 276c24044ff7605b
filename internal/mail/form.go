package mail

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/internal/office"
)

// oneLine takes line ends and everything else that steers out of a text.
func oneLine(text string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(visible), " ")
}

// short keeps a header's text to what every mail program takes.
func short(text string) string {
	const most = 150
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// text is the letter as plain text: paragraphs, then the figures in two
// columns, then the page.
func text(l office.Letter) string {
	var b strings.Builder
	for _, p := range l.Paragraphs {
		b.WriteString(oneLine(p) + "\n\n")
	}
	widest := 0
	for _, f := range l.Figures {
		widest = max(widest, utf8.RuneCountInString(oneLine(f.Name)))
	}
	for _, f := range l.Figures {
		name := oneLine(f.Name)
		b.WriteString("  " + name + strings.Repeat(" ", widest-utf8.RuneCountInString(name)+2) + oneLine(f.Value) + "\n")
	}
	if len(l.Figures) > 0 {
		b.WriteString("\n")
	}
	for _, p := range l.After {
		b.WriteString(oneLine(p) + "\n\n")
	}
	if l.Link != "" {
		b.WriteString(oneLine(l.Open) + ":\n" + oneLine(l.Link) + "\n")
	}
	return b.String()
}

// markup is the same as HTML without any style but a table's.
func markup(l office.Letter) string {
	clean := func(text string) string { return html.EscapeString(oneLine(text)) }
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>" + clean(l.Subject) + "</title></head>\n<body style=\"font-family: sans-serif; line-height: 1.5\">\n")
	paragraphs := func(all []string) {
		for _, p := range all {
			b.WriteString("<p>" + clean(p) + "</p>\n")
		}
	}
	paragraphs(l.Paragraphs)
	if len(l.Figures) > 0 {
		b.WriteString("<table cellpadding=\"4\">\n")
		for _, f := range l.Figures {
			b.WriteString("<tr><th scope=\"row\" align=\"left\" style=\"font-weight: normal\">" + clean(f.Name) + "</th><td>" + clean(f.Value) + "</td></tr>\n")
		}
		b.WriteString("</table>\n")
	}
	paragraphs(l.After)
	if strings.HasPrefix(l.Link, "https://") || strings.HasPrefix(l.Link, "http://") {
		b.WriteString("<p><a href=\"" + clean(l.Link) + "\">" + clean(l.Open) + "</a></p>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
