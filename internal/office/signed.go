package office

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/throughline/throughline/closing"
	"github.com/throughline/throughline/internal/access"
)

// signed is who prepares or reviews, as it is kept. Who has an account stands
// there as "user 7", whether named by number or by mail address: under two
// names one person could review the own close, and a number alone can stay
// when the person is forgotten. Others are called as they were named.
func (o *Office) signed(ctx context.Context, text string) (string, error) {
	text = strings.TrimSpace(text)
	if o.Users == nil || text == "" {
		return text, nil
	}
	users, err := o.Users(ctx)
	if err != nil {
		return "", err
	}
	if known := knownAs(text, users); known != "" {
		return known, nil
	}
	if id, ok := numberOf(text); ok {
		return "", &closing.Refusal{What: fmt.Sprintf("there is no user %d", id), Do: "name a user as in user 7 or by mail address, or anybody else by name"}
	}
	return text, nil
}

// knownAs is the user that a text names; empty: none.
func knownAs(text string, users []access.User) string {
	id, byNumber := numberOf(text)
	for _, u := range users {
		if byNumber && u.ID == id || u.Email != "" && strings.EqualFold(u.Email, text) {
			return fmt.Sprintf("user %d", u.ID)
		}
	}
	return ""
}

// own tells whether who reviews has prepared the seal. A preparer who had no
// account then stands in it by mail address.
func (o *Office) own(ctx context.Context, seal closing.Seal, reviewer string) (bool, error) {
	if o.Users == nil {
		return false, nil
	}
	users, err := o.Users(ctx)
	return err == nil && knownAs(strings.TrimSpace(seal.Preparer), users) == reviewer, err
}

// numberOf reads "user 7". A bare number may be anybody's, such as of a badge.
func numberOf(text string) (int64, bool) {
	words := strings.Fields(strings.ToLower(text))
	if len(words) != 2 || words[0] != "user" {
		return 0, false
	}
	id, err := strconv.ParseInt(words[1], 10, 64)
	return id, err == nil
}
