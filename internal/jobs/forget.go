package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
			var t task
			if err := json.Unmarshal(row.EncodedArgs, &t); err != nil {
				return touched, fmt.Errorf("read job %d: %w", row.ID, err)
			}
			asked, told := mentions(t.Task.Arguments, words), mentions(row.Output(), words)
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

// mentions tells whether a text within JSON holds one of the words, standing by
// itself: a customer's id 17 is in "customer 17" and neither in 2017 nor in a
// number of our own.
func mentions(data []byte, words []string) bool {
	if len(data) == 0 {
		return false
	}
	var all any
	if err := json.Unmarshal(data, &all); err != nil {
		return true // what cannot be read may hold anything
	}
	return within(all, words)
}

func within(value any, words []string) bool {
	switch v := value.(type) {
	case string:
		text := strings.ToLower(v)
		return slices.ContainsFunc(words, func(w string) bool { return standsIn(text, strings.ToLower(strings.TrimSpace(w))) })
	case []any:
		return slices.ContainsFunc(v, func(x any) bool { return within(x, words) })
	case map[string]any:
		for _, x := range v {
			if within(x, words) {
				return true
			}
		}
	}
	return false
}

// standsIn finds a word between what is neither letter nor digit.
func standsIn(text, word string) bool {
	part := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:begin])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if !part(before) && !part(after) {
			return true
		}
		from = begin + 1
	}
}
