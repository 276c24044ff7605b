package web

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/books"
	"github.com/throughline/throughline/internal/office"
)

// refusedView is a page that was refused: why, and what opens it.
type refusedView struct {
	What string
	advice
}

var refusedPage = page[refusedView]("refused.html")

// refuse answers with a page that says what is missing and what to do.
func (v *visit) refuse(status int, what, do string, doors ...door) error {
	return refusedPage.render(v, status, title{Text: what}, refusedView{What: what, advice: advice{Do: do, Doors: doors}})
}

// quotation is what a refusal quotes of the books.
var quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// fail answers an error: a refusal in its own words, a defect in ours.
func (v *visit) fail(r route, err error) {
	status, what, do := http.StatusInternalServerError, v.t("This page met a defect of ours"), v.t("Nothing was changed by it. Try again; if it stays, give the time and this address to whoever runs the server.")
	var input *books.Refusal
	var denied *access.Refusal
	var large *http.MaxBytesError
	var doors []door
	reason, refused := office.Reason(err)
	switch {
	case errors.Is(err, context.Canceled):
		return // the visitor went away
	case errors.As(err, &denied):
		status, what, do = http.StatusUnprocessableEntity, denied.What, denied.Do
	case errors.Is(err, access.ErrBusy):
		status, what, do = http.StatusServiceUnavailable, v.t("Too much is asked at this moment"), v.t("Nothing was changed. Try again in a few seconds.")
	case errors.Is(err, access.ErrStale):
		status, what, do = http.StatusConflict, v.t("This was changed meanwhile"), v.t("Nothing was changed by you. Open the page again and look at what is there now.")
	case errors.As(err, &large):
		status, what, do = http.StatusRequestEntityTooLarge, v.t("What was sent is larger than this page takes"), v.t("Nothing was changed. Go back, shorten it and send it again. Files are given on the files page, which takes large ones.")
	case errors.Is(err, errIllegible):
		status, what, do = http.StatusBadRequest, v.t("This form could not be read"), v.t("Nothing was changed. Open its page again and send it from there.")
	case errors.Is(err, office.ErrNoCompany):
		status, what, do = http.StatusNotFound, v.t("There are no books yet"), v.t("The first run sets them up.")
	case refused:
		advised := v.advise(reason, office.Order{})
		status, what, do, doors = http.StatusUnprocessableEntity, reason.Text, advised.Do, advised.Doors
	case office.DiskFull(err):
		v.log(r, err) // whoever runs the server has something to do
		status, what, do = http.StatusInsufficientStorage, v.t("The disk that holds the data folder is full"), v.t("Nothing was changed. Free some space on the server, or have whoever runs it do so, then ask again.")
	default:
		v.log(r, err)
	}
	if !errors.As(err, &input) && !v.may(access.ReadCustomers) && !v.may(access.ChangeBooks) {
		what = quotation.ReplaceAllString(what, "…") // it may be a customer's id
	}
	if err := v.refuse(status, what, do, doors...); err != nil && !errors.Is(err, errAnswered) {
		v.log(r, err)
		http.Error(v.w, what, status)
	}
}
