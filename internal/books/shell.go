package books

import (
	"strings"
	"unicode"
)

// ShellQuoted quotes a text for a shell where it needs it, so that a command
// that is said can be pasted.
func ShellQuoted(text string) string {
	needs := strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_./:@%+,=-", r)
	})
	if needs || text == "" {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}
