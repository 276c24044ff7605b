package web

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// The script sends files in pieces by tus 1.0 (https://tus.io/protocols/resumable-upload, core and creation): POST makes an
// upload, HEAD says how far it is, PATCH goes on from there. Answers that refuse are plain text, which the script shows.
const (
	tusVersion = "1.0.0"
	pieceSize  = 64 << 20 // the most that one PATCH may carry
)

// object names something of ours in the audit log.
func object(kind string, id int64) string { return kind + " " + strconv.FormatInt(id, 10) }

// upload is the sender's upload that the address names, or program.ErrNone.
func (v *visit) upload() (program.Upload, error) {
	id, err := strconv.ParseInt(v.r.PathValue("upload"), 10, 64)
	if err != nil {
		return program.Upload{}, program.ErrNone
	}
	return v.server.Office.Upload(v.r.Context(), v.user().ID, id)
}

// wholeText makes sentences of a refusal.
func wholeText(what, do string) string {
	if do == "" {
		return what + "."
	}
	return what + ". " + sentence(do) + "."
}

// taken answers a script that all is well.
func (v *visit) taken(status int) error {
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.WriteHeader(status)
	return nil
}

// sayWhy answers a script with what an upload was refused for.
func (v *visit) sayWhy(err error) error {
	var refused *books.Refusal
	var twice *office.Twice
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errAnswered // the sender's line broke; what had arrived is kept, and nobody hears an answer
	case errors.As(err, &twice):
		return v.say(http.StatusUnprocessableEntity, v.t("%s is the same, byte for byte, as %s, which is here already", twice.Name, twice.Has))
	case errors.As(err, &refused):
		return v.say(http.StatusUnprocessableEntity, wholeText(refused.Where+" "+refused.What, refused.Do))
	case errors.As(err, &large):
		return v.say(http.StatusRequestEntityTooLarge, v.t("The piece is larger than one request may carry."))
	case errors.Is(err, office.ErrWriting), errors.Is(err, program.ErrMoved):
		return v.say(http.StatusConflict, err.Error())
	case errors.Is(err, program.ErrNone):
		return v.say(http.StatusNotFound, v.t("There is no such upload."))
	}
	return err
}

// tusOnly refuses a client of another protocol.
func (v *visit) tusOnly() bool {
	v.w.Header().Set("Tus-Resumable", tusVersion)
	return v.r.Header.Get("Tus-Resumable") == tusVersion
}

func (v *visit) otherTus() error {
	v.w.Header().Set("Tus-Version", tusVersion)
	return v.say(http.StatusPreconditionFailed, v.t("Uploads are sent by tus %s.", tusVersion))
}

// uploadBegun makes an upload.
func (s *Server) uploadBegun(v *visit) error {
	if !v.tusOnly() {
		return v.otherTus()
	}
	size, err := strconv.ParseInt(v.r.Header.Get("Upload-Length"), 10, 64)
	if err != nil {
		return v.say(http.StatusBadRequest, v.t("The size of the file is missing."))
	}
	u, err := s.Office.NewUpload(v.r.Context(), v.user().ID, fileNamed(v.r.Header.Get("Upload-Metadata")), size)
	if err != nil {
		return v.sayWhy(err)
	}
	v.w.Header().Set("Location", "/uploads/"+strconv.FormatInt(u.ID, 10))
	v.w.Header().Set("Upload-Offset", strconv.FormatInt(u.Received, 10))
	return v.taken(http.StatusCreated)
}

// fileNamed reads the file's name of tus' metadata: "filename bmFtZQ==,…".
func fileNamed(metadata string) string {
	for pair := range strings.SplitSeq(metadata, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if key != "filename" {
			continue
		}
		if name, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value)); err == nil {
			return strings.ToValidUTF8(string(name), "\uFFFD")
		}
	}
	return ""
}

// uploadAsked says how far an upload is.
func (s *Server) uploadAsked(v *visit) error {
	if !v.tusOnly() {
		return v.otherTus()
	}
	u, err := v.upload()
	if err == nil && u.State == program.Receiving && u.Received == u.Size { // a crash came before its end
		if err = s.Office.RecoverUploads(v.r.Context()); err == nil {
			u, err = v.upload()
		}
	}
	if err == nil && u.State == program.Discarded {
		err = program.ErrNone
	}
	if err != nil {
		return v.sayWhy(err)
	}
	h := v.w.Header()
	h.Set("Upload-Offset", strconv.FormatInt(u.Received, 10))
	h.Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	return v.taken(http.StatusOK)
}

// uploadMoved takes a piece.
func (s *Server) uploadMoved(v *visit) error {
	if !v.tusOnly() {
		return v.otherTus()
	}
	if v.r.Header.Get("Content-Type") != "application/offset+octet-stream" {
		return v.say(http.StatusUnsupportedMediaType, v.t("A piece is sent as application/offset+octet-stream."))
	}
	offset, err := strconv.ParseInt(v.r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		return v.say(http.StatusBadRequest, v.t("The place of the piece is missing."))
	}
	u, err := v.upload()
	if err == nil && u.Received != offset {
		err = program.ErrMoved
	}
	if err != nil {
		return v.sayWhy(err)
	}
	moved, err := s.Office.AppendUpload(v.r.Context(), u, v.r.Body, digestSaid(v.r.Header.Get("Repr-Digest")))
	if err != nil {
		return v.sayWhy(err)
	}
	if moved.State == program.Complete {
		if err := v.noted("file given", object("upload", moved.ID)); err != nil {
			return err
		}
	}
	v.w.Header().Set("Upload-Offset", strconv.FormatInt(moved.Received, 10))
	return v.taken(http.StatusNoContent)
}

// digestSaid reads the SHA-256 of the whole file, in hex: "sha-256=:BASE64:"
// (RFC 9530). Another or none is empty.
func digestSaid(header string) string {
	value, ok := strings.CutPrefix(header, "sha-256=:")
	if !ok {
		return ""
	}
	sum, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(value, ":"))
	if err != nil || len(sum) != 32 {
		return ""
	}
	return hex.EncodeToString(sum)
}

// bytesText is a number of bytes as it is said: 4.2 MB.
func (l *locale) bytesText(n int64) string {
	for _, unit := range []struct {
		size int64
		text string
	}{{1 << 30, "%s GB"}, {1 << 20, "%s MB"}, {1 << 10, "%s kB"}} {
		if n >= unit.size {
			return l.t(unit.text, strconv.FormatFloat(float64(n)/float64(unit.size), 'f', 1, 64))
		}
	}
	return l.tn(n, "%s byte", "%s bytes", count(n))
}
