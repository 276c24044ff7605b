package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/office"
	"github.com/throughline/throughline/internal/program"
)

// keepingView is what is kept for safety, and how somebody is taken out.
type keepingView struct {
	MayErase, MayExport, MayBackup bool

	Running  bool
	Act      string
	Done     int64
	Total    int64
	Outcome  *erasedView
	Why, Do  string // of the last erasure, which was not done, or of what was typed
	Kind, ID string // as typed
	Receipts []receiptRow
	Backups  []backupRow
}

// erasedView is what became of the last erasure.
type erasedView struct {
	Tombstone                   string
	Removed, Elsewhere, Written []string
	Left                        int
}

// receiptRow is one receipt.
type receiptRow struct {
	ID, Rows  int64
	At, By    string
	Kind      string
	Tombstone string
	Counts    []countRow
	Elsewhere []string
}

type countRow struct {
	Name  string
	Count int64
}

// backupRow is a file in the data folder's backups.
type backupRow struct {
	Path, Name, At string
	Megabytes      int64
}

var keepingPage = page[keepingView]("keeping.html")

func (s *Server) keeping(v *visit) error { return v.keepingPage(http.StatusOK, keepingView{}) }

func (v *visit) keepingPage(status int, view keepingView) error {
	view.MayErase, view.MayExport, view.MayBackup = v.may(access.Erase), v.may(access.Export), v.may(access.Backup)
	head := title{Text: v.t("Keeping and erasing")}
	if view.MayErase {
		now := v.server.Office.Erasing()
		if view.Running = now.Running; now.Running {
			view.Act, view.Done, view.Total, head.Refresh = now.Progress.Act, now.Progress.Done, now.Progress.Total, 2
		}
		if now.Done != nil {
			view.Outcome = erasedOf(*now.Done)
		}
		if now.Err != nil && view.Why == "" {
			view.Why, view.Do = v.notErased(now.Err)
		}
	}
	receipts, err := v.server.Office.Erasures(v.r.Context())
	if err != nil {
		return err
	}
	for _, e := range receipts {
		view.Receipts = append(view.Receipts, v.receiptRow(e))
	}
	if view.Backups, err = v.backups(); err != nil {
		return err
	}
	return keepingPage.render(v, status, head, view)
}

func erasedOf(e office.Erased) *erasedView {
	out := &erasedView{Tombstone: e.Tombstone, Removed: e.Uploads, Elsewhere: e.Elsewhere, Left: len(engine.TracedFiles(e.Left))}
	for _, m := range e.Mentions {
		out.Written = append(out.Written, fmt.Sprintf("%s, %s", m.Table, m.Column))
	}
	return out
}

// notErased says why an erasure was not done.
func (v *visit) notErased(err error) (what, do string) {
	if errors.Is(err, engine.ErrUnknown) {
		return v.t("The books name nobody by this id"), v.t("Write the id as the books have it, with its zeros and capitals.")
	}
	return v.t("Nobody was erased"), err.Error()
}

func (v *visit) receiptRow(e program.Erasure) receiptRow {
	row := receiptRow{ID: e.ID, At: v.moment(e.At), By: v.server.whose(v, e.By), Kind: v.t("a customer"), Tombstone: e.Tombstone, Elsewhere: e.Elsewhere}
	if e.Kind == string(engine.APerson) {
		row.Kind = v.t("an employee")
	}
	for _, name := range slices.Sorted(maps.Keys(e.Counts)) {
		row.Counts = append(row.Counts, countRow{name, e.Counts[name]})
	}
	return row
}

// backups lists the data folder's backups, newest first; their names are
// telling to whoever may take them.
func (v *visit) backups() ([]backupRow, error) {
	if !v.may(access.Backup) {
		return nil, nil
	}
	paths, err := v.server.Office.Backups()
	if err != nil {
		return nil, err
	}
	var out []backupRow
	for _, path := range slices.Backward(paths) {
		info, err := os.Stat(path)
		if err != nil {
			continue // removed meanwhile
		}
		name := filepath.Base(path)
		out = append(out, backupRow{Path: "/keeping/backups/" + name, Name: name, At: v.moment(info.ModTime()), Megabytes: (info.Size() + 999_999) / 1_000_000})
	}
	return out, nil
}

// backupSent downloads a backup.
func (s *Server) backupSent(v *visit) error {
	paths, err := s.Office.Backups()
	if err != nil {
		return err
	}
	name := v.r.PathValue("file")
	i := slices.IndexFunc(paths, func(path string) bool { return filepath.Base(path) == name })
	if i < 0 {
		return s.nowhere(v)
	}
	if err := v.noted("backup downloaded", ""); err != nil {
		return err
	}
	v.attached(fileName(name))
	v.w.Header().Set("Content-Type", "application/octet-stream")
	v.w.Header().Set("Cache-Control", "no-store")
	http.ServeFile(v.w, v.r, paths[i])
	return nil
}

// backupAsked takes a backup as a job.
func (s *Server) backupAsked(v *visit) error {
	job, err := s.Office.Ask(v.r.Context(), office.Task{Kind: office.BackupJob, By: v.user().ID})
	if err != nil {
		return err
	}
	if err := v.noted("backup asked", object("job", job.ID)); err != nil {
		return err
	}
	return v.goTo(fmt.Sprintf("/runs/%d", job.ID))
}

// whom reads whom a form is about.
func (v *visit) whom() (subject engine.Subject, id string, ok bool) {
	subject, id = engine.Subject(v.r.PostFormValue("kind")), strings.TrimSpace(v.r.PostFormValue("id"))
	return subject, id, id != "" && (subject == engine.ACustomer || subject == engine.APerson)
}

func (s *Server) eraseAsked(v *visit) error {
	subject, id, ok := v.whom()
	view := keepingView{Kind: string(subject), ID: id}
	switch {
	case !ok:
		view.Why, view.Do = v.t("Nobody was named"), v.t("Choose whom it is about and write their id.")
		return v.keepingPage(http.StatusUnprocessableEntity, view)
	case v.r.PostFormValue("sure") != "yes":
		view.Why, view.Do = v.t("It was not confirmed"), v.t("Erasing cannot be undone: tick that you are sure.")
		return v.keepingPage(http.StatusUnprocessableEntity, view)
	}
	by := v.user().ID
	began := s.Office.BeginErasing(v.r.Context(), subject, id, by, s.erased(by, subject))
	if !began {
		view.Why, view.Do = v.t("Another erasure is running"), v.t("Wait for it and send this again.")
		return v.keepingPage(http.StatusConflict, view)
	}
	return v.goTo("/keeping")
}

// exported writes all about somebody into a file of the browser's.
func (s *Server) exported(v *visit) error {
	subject, id, ok := v.whom()
	if !ok {
		return v.keepingPage(http.StatusUnprocessableEntity, keepingView{Kind: string(subject), ID: id, Why: v.t("Nobody was named"), Do: v.t("Choose whom it is about and write their id.")})
	}
	return v.export(subject, id)
}

func (v *visit) export(subject engine.Subject, id string) error {
	var all bytes.Buffer
	_, err := v.server.Office.Export(v.r.Context(), subject, id, &all)
	if errors.Is(err, engine.ErrUnknown) {
		what, do := v.notErased(err)
		return v.keepingPage(http.StatusNotFound, keepingView{Kind: string(subject), ID: id, Why: what, Do: do})
	}
	if err != nil {
		return err
	}
	if err := v.noted("all exported", "a "+string(subject)); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/x-ndjson; charset=utf-8")
	v.attached("all-about-one-" + string(subject) + ".ndjson")
	h.Set("Cache-Control", "no-store")
	if _, err := all.WriteTo(v.w); err != nil {
		return errAnswered
	}
	return nil
}

// eraseCustomer asks whether a customer shall be erased, on the page where
// that is done.
func (s *Server) eraseCustomer(v *visit) error {
	id, err := v.customerID()
	if err != nil {
		return err
	}
	return v.keepingPage(http.StatusOK, keepingView{Kind: string(engine.ACustomer), ID: id})
}

// exportCustomer writes all about a customer.
func (s *Server) exportCustomer(v *visit) error {
	id, err := v.customerID()
	if err != nil {
		return err
	}
	return v.export(engine.ACustomer, id)
}

// customerID is the id of the customer that the address names by a pseudonym.
// Whoever may not see who customers are brings the id along: a pseudonym gives
// them none.
func (v *visit) customerID() (string, error) {
	if !v.may(access.ReadCustomers) {
		view := keepingView{Kind: string(engine.ACustomer), Why: v.t("You may not see who this customer is"), Do: v.t("Write their id here, as whoever asks for it has brought it along.")}
		return "", errors.Join(v.keepingPage(http.StatusForbidden, view), errAnswered)
	}
	seer := v.seer()
	key, ok := seer.Veil.Uncover(v.r.PathValue("customer"))
	if !ok {
		return "", errors.Join(v.noCustomer(), errAnswered)
	}
	history, err := v.server.Office.Timeline(v.r.Context(), engine.Timeline{Key: key, Limit: 1, Seer: seer})
	if errors.Is(err, engine.ErrUnknown) || err == nil && history.Customer.Identity == nil {
		return "", errors.Join(v.noCustomer(), errAnswered)
	}
	if err != nil {
		return "", err
	}
	return history.Customer.Identity.ID, nil
}

// erased records an erasure in the audit log when it is done.
func (s *Server) erased(by int64, subject engine.Subject) func(context.Context, office.Erased) error {
	return func(ctx context.Context, e office.Erased) error {
		return s.Gate.Record(ctx, access.Entry{Who: by, What: "erased", Object: object("erasure", e.ID), Detail: access.Detail(map[string]any{"kind": string(subject)})})
	}
}
