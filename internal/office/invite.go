package office

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNoPost is returned where no mail server is set up.
var ErrNoPost = errors.New("no mail server is set up")

// handPatience is how long a page waits for the mail server.
const handPatience = 20 * time.Second

// Handing is a link by which somebody comes in.
type Handing struct {
	To, Link string
	Anew     bool          // they have lost the way in that they had
	Lasts    time.Duration // how long the link can be used
}

// Hand sends somebody their link, at once: no queue keeps it, because whoever
// has it comes in as them. It may be tried again.
func (o *Office) Hand(ctx context.Context, h Handing) error {
	if o.Post == nil {
		return ErrNoPost
	}
	c, err := o.Company(ctx)
	if err != nil && !errors.Is(err, ErrNoCompany) {
		return err
	}
	w := writing{say: o.Say, company: c}
	days := int(h.Lasts / (24 * time.Hour))
	lasts := w.t("The link can be used once, within %d days.", days)
	if days <= 1 {
		lasts = w.t("The link can be used once, within a day.")
	}
	if w.letter.Subject = w.t("you are invited to Throughline"); h.Anew {
		w.letter.Subject = w.t("a new way to sign in to Throughline")
		w.add(w.t("An administrator has made a link for you, by which you choose a new password or passkey. Your earlier ones end when you use it."))
		w.add(lasts)
		w.letter.After = []string{w.t("If you did not ask for it, tell your administrator, and do not use it.")}
	} else {
		w.add(w.t("You are invited to see how the company's customers come, stay and leave. By the link you choose a password or a passkey."))
		w.add(lasts)
	}
	l := w.done(nil)
	l.To, l.Link, l.Open = h.To, h.Link, w.t("Come in")
	l.ID = fmt.Sprintf("link-%d", o.Now().UnixNano())
	ctx, cancel := context.WithTimeout(ctx, handPatience)
	defer cancel()
	return o.Post.Send(ctx, l)
}
