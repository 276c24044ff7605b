package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// filesView is the page on which files are given.
type filesView struct {
	Steps      []stop
	Version    int64
	Largest    string
	Files      []givenFile
	Unfinished []unfinishedFile
	Sent       []sentFile // what became of a plain form's files
	Wrong      bool       // some of them were refused
	Books      []option   // that a file may be said to be
	Ready      bool       // there is a file to go on with
	Stale      *meanwhile
	Why, Do    string
}

// givenFile is a file that lies in the folder of files.
type givenFile struct {
	Name, Size, At string
	Books          []string
	Note           string
	Options        []option
}

// unfinishedFile is an upload that has not arrived whole.
type unfinishedFile struct {
	ID        int64
	Name      string
	Part      string // 43%
	Size      string
	Began     string
	Abandoned bool
}

// sentFile is what became of one file of a form.
type sentFile struct {
	Name, What, Do string
	Kept           bool
}

// filesSize is the most that one plain form may carry; each file is bounded
// on its own.
const filesSize = 1 << 40

var filesPage = page[filesView]("start-files.html")

func (s *Server) startFiles(v *visit) error { return s.showFiles(v, http.StatusOK, filesView{}) }

func (s *Server) showFiles(v *visit, status int, view filesView) error {
	ctx := v.r.Context()
	if err := s.Office.RecoverUploads(ctx); err != nil {
		return err
	}
	d, err := s.Office.Draft(ctx)
	if err != nil {
		return err
	}
	files, err := s.Office.Files(ctx)
	if err != nil {
		return err
	}
	unfinished, err := s.Office.Unfinished(ctx, v.user().ID)
	if err != nil {
		return err
	}
	view.Steps, view.Version, view.Largest, view.Ready = v.stepsAt(1), d.Version, v.locale.bytesText(s.Office.LargestFile()), len(files) > 0
	for _, f := range files {
		line := givenFile{Name: f.Name, Size: v.locale.bytesText(f.Size), At: v.moment(f.At), Note: f.Note}
		for _, b := range f.Books {
			line.Books = append(line.Books, v.t(bookName(b)))
		}
		line.Options = v.bookOptions(f.Books)
		view.Files = append(view.Files, line)
	}
	for _, u := range unfinished {
		view.Unfinished = append(view.Unfinished, unfinishedFile{ID: u.ID, Name: u.Name, Part: partText(u.Received, u.Size), Size: v.locale.bytesText(u.Size), Began: v.moment(u.At)})
	}
	return filesPage.render(v, status, title{Text: v.t("Give your files")}, view)
}

// bookOptions are the books that a file may be.
func (v *visit) bookOptions(chosen []string) []option {
	out := []option{{"", v.t("no book"), len(chosen) == 0}}
	for _, b := range fact.Books {
		out = append(out, option{b.Name, v.t(bookName(b.Name)), slices.Contains(chosen, b.Name)})
	}
	return out
}

// filesSent takes the files of a plain form, one after the other as they come.
func (s *Server) filesSent(v *visit) error {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return v.notWhole("/start/files")
	}
	view, torn := filesView{}, false
	for !torn {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // the reader wraps it where the form ends too early
			break
		}
		if torn = err != nil; torn || part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		sent, err := s.fileSent(v, part)
		if torn = errors.Is(err, io.ErrUnexpectedEOF); torn {
			continue
		}
		if err != nil {
			return err
		}
		view.Sent = append(view.Sent, sent)
		view.Wrong = view.Wrong || !sent.Kept
	}
	switch {
	case torn: // files before that place are kept, and are said
		view.Why, view.Do = v.t("The rest of the form could not be read"), v.t("What arrived before that place is listed here. Send the other files again; where one has a strange name, give it a plain one first.")
		return s.showFiles(v, http.StatusBadRequest, view)
	case len(view.Sent) == 0:
		view.Why, view.Do = v.t("No file was chosen"), v.t("Choose one or several files, then send them.")
		return s.showFiles(v, http.StatusUnprocessableEntity, view)
	case view.Wrong:
		return s.showFiles(v, http.StatusUnprocessableEntity, view)
	}
	return v.goTo("/start/books")
}

// fileSent keeps one file, or says why not.
func (s *Server) fileSent(v *visit, part *multipart.Part) (sentFile, error) {
	u, err := s.Office.ReceiveUpload(v.r.Context(), v.user().ID, part.FileName(), part)
	out := sentFile{Name: shown(part.FileName()), What: v.t("is here"), Kept: true}
	var refused *books.Refusal
	var twice *office.Twice
	switch {
	case errors.As(err, &twice):
		out.What = v.t("is the same, byte for byte, as %s, which is here already", twice.Has)
	case errors.As(err, &refused):
		out.What, out.Do, out.Kept = refused.What, refused.Do, false
	case err != nil:
		return out, err
	default:
		return out, v.noted("file given", object("upload", u.ID))
	}
	return out, nil
}

// fileRemoved deletes a file that no book reads.
func (s *Server) fileRemoved(v *visit) error {
	err := s.Office.RemoveFile(v.r.Context(), v.r.PostFormValue("file"))
	var refused *books.Refusal
	switch {
	case errors.As(err, &refused):
		return s.showFiles(v, http.StatusConflict, filesView{Why: refused.Where + ": " + refused.What, Do: refused.Do})
	case errors.Is(err, program.ErrNone): // it is gone already
	case err != nil:
		return err
	default:
		if err := v.noted("file deleted", "file"); err != nil {
			return err
		}
	}
	return v.goTo("/start/files")
}

// fileAssigned says which book a file is.
func (s *Server) fileAssigned(v *visit) error {
	version, err := v.version()
	if err != nil {
		return v.notWhole("/start/files")
	}
	a := office.Assignment{File: v.r.PostFormValue("file"), Book: v.r.PostFormValue("book"), Replace: v.r.PostFormValue("replace") != ""}
	_, err = s.Office.Assign(v.r.Context(), version, v.user().ID, a)
	var refused *books.Refusal
	var wrong *access.Refusal
	var clash *office.Clashing
	switch {
	case errors.As(err, &clash):
		return s.showFiles(v, http.StatusConflict, filesView{Stale: v.clashes(clash.Clashes)})
	case errors.As(err, &refused):
		return s.showFiles(v, http.StatusUnprocessableEntity, filesView{Why: refused.Where + " " + refused.What, Do: refused.Do})
	case errors.As(err, &wrong):
		return s.showFiles(v, http.StatusUnprocessableEntity, filesView{Why: wrong.What, Do: wrong.Do})
	case errors.Is(err, office.ErrEngaged):
		return s.showFiles(v, http.StatusConflict, filesView{Why: err.Error()})
	case errors.Is(err, program.ErrNone):
		return v.goTo("/start/files")
	case err != nil:
		return err
	}
	if a.Book == "" {
		return v.goTo("/start/files")
	}
	return v.goTo(startBookPath(a.Book))
}

// uploadDiscarded gives an unfinished upload up.
func (s *Server) uploadDiscarded(v *visit) error {
	u, err := v.upload()
	if err == nil {
		err = s.Office.DiscardUpload(v.r.Context(), u)
	}
	if err != nil && !errors.Is(err, program.ErrNone) && !errors.Is(err, program.ErrMoved) && !errors.Is(err, office.ErrWriting) {
		return err
	}
	return v.goTo("/start/files")
}
