package oracle

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// read is where what people wrote below a section's table begins.
const read = "\n**Read.**"

// WriteSection puts a section, which begins with its heading, in the place of the one with that heading in a document of what simulated truth
// says, or at its end. What was written by hand below the old one's table is kept, unless the new one has such words itself.
func WriteSection(path, section string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = []byte("# Held to simulated truth\n"), nil
	}
	if err != nil {
		return err
	}
	heading, _, _ := strings.Cut(section, "\n")
	before, after, _ := strings.Cut("\n"+string(text), "\n"+heading+"\n")
	own, rest, more := strings.Cut(after, "\n## ")
	section = strings.TrimRight(section, "\n") + "\n"
	if _, words, ok := strings.Cut("\n"+own, read); ok && !strings.Contains(section, read) {
		section += read + strings.TrimRight(words, "\n") + "\n"
	}
	out := strings.TrimPrefix(strings.TrimRight(before, "\n")+"\n\n"+section, "\n")
	if more {
		out += "\n## " + rest
	}
	return os.WriteFile(path, []byte(out), 0o644)
}
