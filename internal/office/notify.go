package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
)

// NoticeKind is what people are told.
type NoticeKind string

// The kinds of notices.
const (
	SealedNotice  NoticeKind = "sealed" // or restated, as the seal says
	RefusedNotice NoticeKind = "refused"
	FailedNotice  NoticeKind = "failed"
	Overdue       NoticeKind = "overdue"
)

// Notice is one thing to tell one person. It names the person by a user's
// number or by a mark that only a schedule's own list can be matched with, and
// quotes nothing from the books.
type Notice struct {
	What     NoticeKind `json:"what"`
	Kind     JobKind    `json:"kind"`     // what was done, or should have been
	Label    string     `json:"label"`    // the period
	Schedule int64      `json:"schedule"` // whose list is told; 0: of all that close such periods
	Seal     int64      `json:"seal"`
	Job      int64      `json:"job"` // what was refused or failed
	Why      string     `json:"why"` // bare, as Do is
	Do       string     `json:"do"`
	Due      time.Time  `json:"due"` // zero: no schedule asked
	Began    time.Time  `json:"began"`
	To       string     `json:"to"`
}

// Post sends letters. An error never holds an address or a secret.
type Post interface {
	// Send hands a letter on. It returns ErrUndeliverable for one that will
	// never be taken; after any other error it may be sent again.
	Send(ctx context.Context, l Letter) error
}

// ErrUndeliverable is returned for a letter that no trying again would deliver.
var ErrUndeliverable = errors.New("the mail server will not take it")

// tell has people told how a job ended: of every seal, once; of what a
// schedule asked for, also that it was refused or failed.
func (o *Office) tell(ctx context.Context, j Job, outcome Outcome) error {
	n := Notice{Kind: j.Kind, Job: j.ID, Began: j.At, Why: Bare(outcome.Text), Do: Bare(outcome.Do)}
	if outcome.Kind != "" {
		n.Do = "open the page of this run, which leads to where it is done"
	}
	if j.Turn != nil {
		n.Schedule, n.Label, n.Due = j.Turn.Schedule, j.Turn.Label, j.Turn.Due
	}
	key := fmt.Sprintf("job %d", j.ID)
	switch {
	case j.Kind == CloseJob && outcome.State == Done && outcome.Seal != 0:
		order, err := j.order()
		if err != nil {
			return err
		}
		n.What, n.Label, n.Seal, n.Why, n.Do = SealedNotice, order.Period, outcome.Seal, "", ""
		key = fmt.Sprintf("seal %d", outcome.Seal)
	case j.Turn != nil && outcome.State == Refused:
		n.What = RefusedNotice
	case j.Turn != nil && outcome.State == Failed:
		n.What = FailedNotice
	default:
		return nil
	}
	return o.notify(ctx, n, key)
}

// notify asks for a letter to each who is to be told. The key makes telling
// the same thing again telling it once.
func (o *Office) notify(ctx context.Context, n Notice, key string) error {
	if o.Post == nil || o.Queue == nil || o.Times == nil {
		return nil
	}
	told, err := o.told(ctx, n)
	if err != nil {
		return err
	}
	for _, to := range told {
		n.To = mark(to)
		arguments, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("write a notice: %w", err)
		}
		if _, err := o.Ask(ctx, Task{Kind: NotifyJob, Arguments: arguments, Key: "letter " + key + "/" + n.To}); err != nil {
			return err
		}
	}
	return nil
}

// told lists who is told: the list of the schedule, or of every schedule that
// closes periods of the same kind.
func (o *Office) told(ctx context.Context, n Notice) ([]string, error) {
	all, err := o.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	every := ""
	if n.Schedule == 0 {
		c, err := o.Company(ctx)
		if err != nil {
			return nil, err
		}
		cal, err := c.Config.NewCalendar()
		if err != nil {
			return nil, err
		}
		named, err := cal.Parse(n.Label)
		if err != nil {
			return nil, err
		}
		every = string(named.Kind)
	}
	var out []string
	for _, s := range all {
		if s.ID != n.Schedule && (n.Schedule != 0 || !s.On || s.Kind != CloseJob || s.Every != every) {
			continue
		}
		for _, to := range s.Tell {
			if !slices.ContainsFunc(out, func(has string) bool { return mark(has) == mark(to) }) {
				out = append(out, to)
			}
		}
	}
	return out, nil
}

// userOf reads "user 7".
func userOf(to string) (int64, error) {
	number, ok := strings.CutPrefix(to, "user ")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || id < 1 {
		return 0, fmt.Errorf("%q is not a user", to)
	}
	return id, nil
}

// mark names a reader without the address.
func mark(to string) string {
	if _, err := userOf(to); err == nil {
		return to
	}
	sum := sha256.Sum256([]byte("throughline letter\n" + strings.ToLower(to)))
	return hex.EncodeToString(sum[:8])
}

// checkAddress accepts a bare address: no display name, no comment, nothing
// that could become a second line of a header.
func checkAddress(address string) error {
	const longestAddress = 254 // RFC 5321, section 4.5.3.1.3
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" || len(address) > longestAddress || strings.ContainsAny(address, "\r\n\t<>(), ;\"") {
		return errors.New("it is not a mail address")
	}
	return nil
}

// deliver sends the letter of a notice.
func (o *Office) deliver(ctx context.Context, j Job) (Outcome, error) {
	var n Notice
	if err := strict(j.Arguments, &n); err != nil {
		return Outcome{}, fmt.Errorf("read a notice: %w", err)
	}
	if o.Post == nil {
		return Outcome{State: Failed, Text: "no mail server is set up", Do: "set THROUGHLINE_SMTP_HOST and start the server again"}, nil
	}
	address, err := o.address(ctx, n)
	if err != nil {
		return Outcome{}, err
	}
	if address == "" {
		return Outcome{Text: "the reader is no longer told"}, nil
	}
	letter, err := o.letter(ctx, n)
	if err != nil {
		return Outcome{}, err
	}
	letter.To, letter.ID = address, fmt.Sprintf("job-%d.%d", j.ID, j.At.Unix())
	err = o.Post.Send(ctx, letter)
	if errors.Is(err, ErrUndeliverable) {
		return Outcome{State: Failed, Text: err.Error(), Do: "look whether the address in the schedule is right, and whether the mail server takes letters for it"}, nil
	}
	return Outcome{Text: "sent"}, err
}

// address finds the reader on the list as it is now; who has been taken off it
// is no longer told.
func (o *Office) address(ctx context.Context, n Notice) (string, error) {
	told, err := o.told(ctx, n)
	if err != nil {
		return "", err
	}
	for _, to := range told {
		if mark(to) != n.To {
			continue
		}
		id, err := userOf(to)
		if err != nil {
			return to, nil
		}
		if o.Address == nil {
			return "", nil
		}
		return o.Address(ctx, id)
	}
	return "", nil
}

// letter looks up what a notice is about and puts it in words.
func (o *Office) letter(ctx context.Context, n Notice) (Letter, error) {
	c, err := o.Company(ctx)
	if err != nil {
		return Letter{}, err
	}
	w := writing{say: o.Say, company: c, notice: n}
	switch n.What {
	case SealedNotice:
		seal, err := o.Store.Sealed(ctx, n.Seal)
		if err != nil {
			return Letter{}, err
		}
		if err := w.sealed(seal.Seal); err != nil {
			return Letter{}, err
		}
		w.page("/closes/" + strconv.FormatInt(n.Seal, 10))
	case RefusedNotice, FailedNotice:
		w.refused()
		w.page("/runs/" + strconv.FormatInt(n.Job, 10))
	case Overdue:
		w.overdue()
		w.page("/closes")
	default:
		return Letter{}, fmt.Errorf("write a letter: there is no notice %q", n.What)
	}
	return w.done(o.Page), nil
}
