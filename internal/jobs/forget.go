package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Forget takes a person's words out of the jobs: finished ones that hold one,
// whatever its case, are deleted, what others have reported is emptied, and the
// tables are rewritten, so that no byte of them is left. It returns how many
// jobs it touched, and an error when one that is not finished was asked for
// with such a word.
func (q *Queue) Forget(ctx context.Context, words ...string) (int, error) {
	touched, err := q.forget(ctx, words)
	if err != nil {
		return touched, fmt.Errorf("forget in the jobs: %w", err)
	}
	if err := q.base.compact(ctx); err != nil {
		return touched, fmt.Errorf("rewrite the jobs: %w", err)
	}
	return touched, nil
}

func (q *Queue) forget(ctx context.Context, words []string) (touched int, err error) {
	if slices.ContainsFunc(words, func(w string) bool { return strings.TrimSpace(w) == "" }) {
		return 0, errors.New("an empty word would be found everywhere")
	}
	held := 0
	page := river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(most)
	for {
		found, err := q.river.JobList(ctx, page)
		if err != nil {
			return touched, err
		}
		for _, row := range found.Jobs {
			asked, told := mentions(row.EncodedArgs, words), mentions(row.Output(), words)
			switch {
			case !asked && !told:
				continue
			case row.FinalizedAt != nil:
				_, err = q.river.JobDelete(ctx, row.ID)
			case asked:
				held++
			default:
				_, err = q.river.JobUpdate(ctx, row.ID, &river.JobUpdateParams{Output: report{}})
			}
			if err != nil && !errors.Is(err, rivertype.ErrNotFound) {
				return touched, err
			}
			touched++
		}
		if len(found.Jobs) < most || found.LastCursor == nil {
			break
		}
		page = page.After(found.LastCursor)
	}
	if held > 0 {
		return touched, fmt.Errorf("%d unfinished jobs were asked for with these words; forget again when they are done", held)
	}
	return touched, nil
}

// mentions tells whether a text within JSON holds one of the words.
func mentions(data []byte, words []string) bool {
	if len(data) == 0 {
		return false
	}
	var all any
	var plain bytes.Buffer
	e := json.NewEncoder(&plain)
	e.SetEscapeHTML(false)
	if json.Unmarshal(data, &all) != nil || e.Encode(all) != nil {
		return true // what cannot be read may hold anything
	}
	text := strings.ToLower(plain.String())
	return slices.ContainsFunc(words, func(w string) bool {
		quoted, err := json.Marshal(w)
		return strings.Contains(text, strings.ToLower(w)) || err == nil && strings.Contains(text, strings.ToLower(strings.Trim(string(quoted), `"`)))
	})
}
