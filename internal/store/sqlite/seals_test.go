package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/snapshot"
)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "throughline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var noon = time.Date(2024, 5, 6, 12, 0, 0, 123456789, time.UTC)

// sealOf makes a seal of the first snapshot.
func sealOf(statement, document string) closing.Seal {
	return closing.Seal{Statement: statement, Label: "2024-01", At: noon, Snapshot: 1, Fingerprint: "f", Inputs: []byte("{}"), Preparer: "Ada", Document: []byte(document)}
}

func withSnapshot(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.Commit(t.Context(), snapshot.Change{At: noon}); err != nil {
		t.Fatal(err)
	}
}

// Whatever is tried on the file itself, a seal and its review stay as they are.
func TestSealsAndReviewsAreFinalInTheDatabaseItself(t *testing.T) {
	s := open(t)
	withSnapshot(t, s)
	ctx := t.Context()
	first, err := s.Keep(ctx, sealOf("a", "one"))
	if err != nil {
		t.Fatal(err)
	}
	again := sealOf("a", "two")
	again.Restates = first.ID
	if _, err := s.Keep(ctx, again); err != nil {
		t.Fatal(err)
	}
	if err := s.Review(ctx, first, Review{Reviewer: "Grace", At: noon}); err != nil {
		t.Fatal(err)
	}
	columns := "(id, statement, label, at, snapshot, fingerprint, inputs, preparer, restates, difference, document)"
	for _, statement := range []string{
		"UPDATE seal SET document = 'forged'", "UPDATE seal SET at = at", "UPDATE OR REPLACE seal SET id = 1 WHERE id = 2", "DELETE FROM seal", "DELETE FROM seal WHERE id = 2",
		"INSERT OR REPLACE INTO seal " + columns + " VALUES (1, 'b', '', '', 1, '', '', '', NULL, '', 'forged')",
		"INSERT OR REPLACE INTO seal " + columns + " VALUES (NULL, 'a', '', '', 1, '', '', '', NULL, '', 'forged')",
		"INSERT OR REPLACE INTO seal " + columns + " VALUES (NULL, 'a', '', '', 1, '', '', '', 1, '', 'forged')",
		"UPDATE review SET reviewer = 'forged'", "DELETE FROM review", "INSERT OR REPLACE INTO review (id, seal, reviewer, at, note) VALUES (1, 2, 'forged', '', '')",
		"INSERT OR REPLACE INTO review (seal, reviewer, at, note) VALUES (1, 'forged', '', '')",
	} {
		if _, err := s.db.ExecContext(ctx, statement); err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
	seals, err := s.Seals(ctx)
	if err != nil || len(seals) != 2 || string(seals[0].Document) != "one" || string(seals[1].Document) != "two" || seals[0].Review == nil || seals[0].Review.Reviewer != "Grace" {
		t.Errorf("seals %+v, %v", seals, err)
	}
	if seals[0].RestatedBy != seals[1].ID || !seals[0].At.Equal(noon) {
		t.Errorf("seal %+v", seals[0])
	}
}

func TestReviewNeedsASecondPersonAndHappensOnce(t *testing.T) {
	s := open(t)
	withSnapshot(t, s)
	seal, err := s.Keep(t.Context(), sealOf("a", "one"))
	if err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{"Ada", " ada ", "ADA"} {
		if err := s.Review(t.Context(), seal, Review{Reviewer: own, At: noon}); !errors.Is(err, closing.ErrOwnReview) {
			t.Errorf("%q, who prepared it: %v", own, err)
		}
	}
	if err := s.Review(t.Context(), seal, Review{Reviewer: "Grace", At: noon, Note: "checked the returns"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Review(t.Context(), seal, Review{Reviewer: "Joan", At: noon}); !errors.Is(err, closing.ErrReviewed) {
		t.Errorf("a second review: %v", err)
	}
}

// Of many who seal or restate one statement at once, in stores of their own as
// processes have, exactly one succeeds and the others are told.
func TestOneOfManySealsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "throughline.db")
	first, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	withSnapshot(t, first)
	race := func(restates int64) closing.Seal {
		t.Helper()
		var mu sync.Mutex
		var kept []closing.Seal
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				s, err := Open(context.Background(), path)
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				seal := sealOf("a", "one")
				seal.Restates = restates
				seal, err = s.Keep(context.Background(), seal)
				switch {
				case err == nil:
					mu.Lock()
					kept = append(kept, seal)
					mu.Unlock()
				case !errors.Is(err, closing.ErrSealed):
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if len(kept) != 1 {
			t.Fatalf("%d sealed, want 1", len(kept))
		}
		return kept[0]
	}
	one := race(0)
	two := race(one.ID)
	current, ok, err := first.Current(t.Context(), "a")
	if err != nil || !ok || current.ID != two.ID {
		t.Errorf("current seal %d, want %d: %v", current.ID, two.ID, err)
	}
}

// Of many imports that start from the same snapshot, one commits.
func TestStaleCommitIsRefused(t *testing.T) {
	s := open(t)
	withSnapshot(t, s)
	if _, err := s.Commit(t.Context(), snapshot.Change{At: noon}); !errors.Is(err, snapshot.ErrStale) {
		t.Errorf("a change from before the first snapshot: %v", err)
	}
	latest, err := s.Latest(t.Context())
	if err != nil || latest.ID != 1 {
		t.Errorf("latest %d, %v", latest.ID, err)
	}
}

func TestStoreOfANewerReleaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "throughline.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), path)
	var newer *Newer
	if !errors.As(err, &newer) || newer.Has != 99 || !strings.Contains(err.Error(), "newer Throughline") {
		t.Errorf("opened a newer store: %v", err)
	}
	// It was not touched.
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var version int
	if err := db.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil || version != 99 {
		t.Errorf("version %d, %v", version, err)
	}
}
