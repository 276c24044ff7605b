package books

import (
	"os/exec"
	"testing"
)

// What is quoted is one word for a shell, as it was; a plain path stays plain.
func TestWhatIsQuotedIsOneWordForAShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	for _, text := range []string{"s2.xlsx#A 2023", "files/o'hara.csv", "", "a{b,c}.csv", "$HOME", "x;y", "äpfel.csv", "a\nb", `back\slash`, "`date`"} {
		out, err := exec.Command(sh, "-c", "printf '<%s>' "+ShellQuoted(text)).Output()
		if err != nil || string(out) != "<"+text+">" {
			t.Errorf("%q: %q %v", text, out, err)
		}
	}
	if plain := "files/orders-2023.csv"; ShellQuoted(plain) != plain {
		t.Error(ShellQuoted(plain))
	}
}
