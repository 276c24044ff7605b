package office_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/books"
)

const mapped = `company: Acme
settings:
  currency: EUR
books:
  orders:
    from: orders.csv
    columns:
      customer_id: customer
      ordered_at: day
      amount: amount
`

// A refusal quotes the header of a file that is no calendar, so that a path out
// of the folder would hand out keys and passwords to whoever may change
// settings.
func TestPagesNameNoFileOutsideTheFolderOfTheBooks(t *testing.T) {
	dir := t.TempDir()
	o := opened(t, dir)
	secret := "s3cret-of-the-server"
	outside := filepath.Join(t.TempDir(), "secret")
	for path, text := range map[string]string{
		outside: secret, o.Config: mapped, filepath.Join(dir, ".env"): secret, filepath.Join(o.Dir, "server.key"): secret,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "calendar.csv")); err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(dir, outside)
	if err != nil {
		t.Fatal(err)
	}
	now, err := o.Settings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{outside, relative, "/proc/self/environ", ".env", ".throughline/server.key", "./.throughline/server.key", "calendar.csv", "."} {
		err := o.ChangeSettings(context.Background(), now.Version, lead, func(c *books.Config) error {
			c.Settings.Calendar, c.Settings.CalendarFile = "file", path
			return nil
		})
		var refused *books.Refusal
		if !errors.As(err, &refused) || !strings.Contains(refused.What, "beside books.yaml") || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
