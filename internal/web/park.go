package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// parked is a form that was sent when its sender's session had ended. It is
// handed to the browser, sealed, and handed back by the sign-in form, so that
// nothing of it is kept here for whoever never signs in.
type parked struct {
	By     int64      `json:"by"` // the user as whom the browser was known; 0: nobody, as after signing out everywhere
	Path   string     `json:"path"`
	Fields url.Values `json:"fields"`
	At     time.Time  `json:"at"`
}

// secrets are fields that are never handed out again.
var secrets = []string{"password", "old", "again", "credential", onceName}

func (s *Server) sealer() (cipher.AEAD, error) {
	// A key for this alone: the server's own has other uses.
	key, err := hkdf.Key(sha256.New, s.Key, nil, "throughline parked forms", len(s.Key))
	if err != nil {
		return nil, fmt.Errorf("read the server's key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("read the server's key: %w", err)
	}
	return cipher.NewGCM(block)
}

// park seals the form of a visit; empty when there is none to keep.
func (v *visit) park() (string, error) {
	if v.r.Method != http.MethodPost || !v.plainForm() {
		return "", nil
	}
	if err := v.legible(); err != nil {
		return "", err
	}
	by, err := v.server.Gate.KnownAs(v.r.Context(), v.origin())
	if err != nil {
		return "", err
	}
	p := parked{By: by, Path: v.r.URL.Path, Fields: v.r.PostForm, At: v.server.Now()}
	for _, name := range secrets {
		p.Fields.Del(name)
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	sealer, err := v.server.sealer()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, sealer.NonceSize())
	if _, err := io.ReadFull(v.server.Chance, nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealer.Seal(nonce, nonce, plain, nil)), nil
}

var errNotParked = errors.New("this is no form that was kept, or it is too old")

// unpark opens what park sealed.
func (s *Server) unpark(text string) (parked, error) {
	var p parked
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return p, errNotParked
	}
	sealer, err := s.sealer()
	if err != nil {
		return p, err
	}
	if len(sealed) < sealer.NonceSize() {
		return p, errNotParked
	}
	plain, err := sealer.Open(nil, sealed[:sealer.NonceSize()], sealed[sealer.NonceSize():], nil)
	if err != nil || json.Unmarshal(plain, &p) != nil || s.Now().Sub(p.At) > formAge {
		return p, errNotParked
	}
	return p, nil
}

// resumeView shows a form that was kept, for its sender to send.
type resumeView struct {
	Path   string
	Fields []field
}

type field struct{ Name, Value string }

var resumePage = page[resumeView]("resume.html")

// resume shows what was typed before the session ended, to whom it belongs
// alone; sending it is left to the person, who may have come back much later.
func (v *visit) resume(text string) error {
	p, err := v.server.unpark(text)
	if errors.Is(err, errNotParked) || err == nil && p.By != 0 && p.By != v.user().ID { // somebody else has come back
		return v.goTo("/")
	}
	if err != nil {
		return err
	}
	if err := v.settle("/"); err != nil {
		return err
	}
	view := resumeView{Path: p.Path}
	for _, name := range sortedKeys(p.Fields) {
		for _, value := range p.Fields[name] {
			view.Fields = append(view.Fields, field{name, value})
		}
	}
	return resumePage.render(v, http.StatusOK, title{Text: v.t("What you had typed is kept")}, view)
}

func sortedKeys(m url.Values) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// signInFirst leads to the sign-in page, with the way back and what was typed.
func (v *visit) signInFirst() error {
	if strings.HasPrefix(v.r.URL.Path, "/uploads") { // a script asks, not a person
		if err := v.say(http.StatusUnauthorized, v.t("Your session has ended.")); err != nil {
			return err
		}
		return errAnswered
	}
	kept, err := v.park()
	if err != nil {
		return err
	}
	if kept != "" {
		if err := v.signInPage(http.StatusUnauthorized, signInView{Parked: kept, Why: v.t("Your session has ended. Sign in, and what you had typed is still here.")}); err != nil {
			return err
		}
		return errAnswered
	}
	to := "/sign-in"
	if v.r.Method == http.MethodGet && v.r.URL.Path != "/" {
		to += "?to=" + url.QueryEscape(v.r.URL.RequestURI())
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return errAnswered
}

// inside is an address of ours, or the home page: nobody is sent to another
// site by a link that only begins here.
func inside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(to, `\`) {
		return "/"
	}
	return u.RequestURI()
}
