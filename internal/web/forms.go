package web

import (
	"encoding/hex"
	"errors"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/program"
)

// onceName is the field by which a form that is sent twice is known; it is
// drawn anew each time that a form is shown.
const onceName = "once"

func onceField(chance io.Reader) (template.HTML, error) {
	key := make([]byte, 16)
	if _, err := io.ReadFull(chance, key); err != nil {
		return "", err
	}
	return template.HTML(`<input type="hidden" name="` + onceName + `" value="` + hex.EncodeToString(key) + `">`), nil
}

// claimed does what a form asks once: sending it again leads to what the first
// time came to. A form that is refused may be sent again.
func (v *visit) claimed(do func(*visit) error) (err error) {
	if v.r.Method != http.MethodPost || !v.plainForm() {
		return do(v)
	}
	if !onceKey(v.r.PostFormValue(onceName)) {
		return do(v)
	}
	ctx := v.r.Context()
	claim := program.Submission{Key: v.r.PostFormValue(onceName), By: v.user().ID, At: v.server.Now()}
	got, first, err := v.server.Forms.Claim(ctx, claim)
	switch {
	case errors.Is(err, program.ErrUnfinished):
		return v.refuse(http.StatusConflict, v.t("This form is being worked on already"), v.t("It was sent a moment ago. Wait a little and reload the page that it belongs to."))
	case err != nil:
		return err
	case !first && got.By == claim.By:
		http.Redirect(v.w, v.r, got.Location, http.StatusSeeOther)
		return nil
	case !first:
		return v.refuse(http.StatusConflict, v.t("This form was sent by somebody else"), v.t("Open the page again and send it from there."))
	}
	v.claim = &claim
	defer func() {
		if v.claim != nil {
			err = errors.Join(err, v.server.Forms.Release(ctx, claim))
		}
	}()
	return do(v)
}

// onceKey tells a key that a page of ours drew. Another one would let a
// stranger keep a text of any length here.
func onceKey(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == 16
}

// errIllegible says that a form came that cannot be read whole.
var errIllegible = errors.New("this form cannot be read")

// legible reads a form's fields, before any handler asks for one and takes
// what could not be read for empty. It makes text of them: without what no
// field holds and not every store keeps (NUL, and bytes that are no UTF-8).
// Who takes files reads them as they come, and is not asked this.
func (v *visit) legible() error {
	if v.r.Method != http.MethodPost {
		return nil
	}
	err := v.r.ParseForm()
	if err == nil {
		if err = v.r.ParseMultipartForm(formSize); errors.Is(err, http.ErrNotMultipart) {
			err = nil
		}
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return err
	case err != nil:
		return errors.Join(errIllegible, err)
	}
	for _, form := range []url.Values{v.r.PostForm, v.r.Form} {
		for _, values := range form {
			for i, value := range values {
				values[i] = strings.ToValidUTF8(strings.ReplaceAll(value, "\x00", ""), "\uFFFD")
			}
		}
	}
	return nil
}

// settle keeps where a form's outcome is shown.
func (v *visit) settle(location string) error {
	if v.claim == nil {
		return nil
	}
	v.claim.Location = location
	err := v.server.Forms.Settle(v.r.Context(), *v.claim)
	v.claim = nil
	return err
}

// plainForm tells whether the body is a form's fields and no file.
func (v *visit) plainForm() bool {
	kind, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// formAge is how long a parked form may wait for its sender to sign in.
const formAge = 12 * time.Hour
