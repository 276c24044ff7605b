package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/access"
)

// auditView is a page of the audit log, newest first.
type auditView struct {
	Who, What string // what is looked for
	Wrong     string
	Rows      []auditRow
	Turn      turn
	Head      string // the newest entry's number and hash
	Verified  int64  // entries that follow one another; 0: not asked for
	Broken    string
}

// auditRow is an entry.
type auditRow struct {
	N                     int64
	At, Who, What, Object string
	Detail                []said
}

var auditPage = page[auditView]("audit.html")

// auditShown is how many entries stand on a page.
const auditShown = 100

func (s *Server) audit(v *visit) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	view := auditView{Who: strings.TrimSpace(q.Get("who")), What: strings.TrimSpace(q.Get("what"))}
	all, err := s.Gate.Users(ctx)
	if err != nil {
		return err
	}
	trail := access.Trail{What: view.What, Limit: auditShown}
	if trail.Before, err = strconv.ParseInt(q.Get("before"), 10, 64); err != nil {
		trail.Before = 0
	}
	if view.Who != "" {
		i := slices.IndexFunc(all, func(u access.User) bool {
			return strings.EqualFold(v.address(u), view.Who) || strconv.FormatInt(u.ID, 10) == view.Who
		})
		if i < 0 {
			view.Wrong = v.t("Nobody here has this number or mail address.")
			return s.showAudit(v, view, all, nil)
		}
		trail.Who = all[i].ID
	}
	entries, err := s.Gate.Trail(ctx, trail)
	if err != nil {
		return err
	}
	if trail.Before != 0 {
		view.Turn.First = auditPath(view, 0)
	}
	if len(entries) == auditShown {
		view.Turn.Next = auditPath(view, entries[len(entries)-1].N)
	}
	return s.showAudit(v, view, all, entries)
}

func auditPath(view auditView, before int64) string {
	q := url.Values{}
	for name, value := range map[string]string{"who": view.Who, "what": view.What} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if before != 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	if len(q) == 0 {
		return "/audit"
	}
	return "/audit?" + q.Encode()
}

func (s *Server) showAudit(v *visit, view auditView, all []access.User, entries []access.Entry) error {
	ctx := v.r.Context()
	for _, e := range entries {
		row := auditRow{N: e.N, At: v.second(e.At), Who: v.t("no user"), What: v.t(e.What), Object: e.Object, Detail: details(e.Detail)}
		if i := slices.IndexFunc(all, func(u access.User) bool { return u.ID == e.Who }); i >= 0 {
			row.Who = v.address(all[i])
		}
		view.Rows = append(view.Rows, row)
	}
	head, err := s.Gate.Head(ctx)
	if err != nil {
		return err
	}
	if head.N > 0 {
		view.Head = head.String()
	}
	status := http.StatusOK
	if v.r.URL.Query().Get("verify") != "" {
		var broken *access.Broken
		switch verified, err := s.Gate.Verify(ctx); {
		case errors.As(err, &broken):
			view.Broken, status = broken.Error(), http.StatusConflict
		case err != nil:
			return err
		default:
			view.Verified, view.Head = verified.N, verified.String()
		}
	}
	return auditPage.render(v, status, title{Text: v.t("Audit log")}, view)
}

// second is a time to the second, as an auditor wants it.
func (v *visit) second(at time.Time) string {
	return at.In(v.company.Location()).Format("2006-01-02 15:04:05")
}

// details are an entry's values, by name.
func details(raw json.RawMessage) []said {
	var values map[string]any
	if len(raw) == 0 || json.Unmarshal(raw, &values) != nil {
		return nil
	}
	var out []said
	for name, value := range values {
		text, err := json.Marshal(value)
		if err != nil || value == "" {
			continue
		}
		out = append(out, said{strings.ReplaceAll(name, "_", " "), strings.NewReplacer(`"`, "", "[", "", "]", "", ",", ", ").Replace(string(text))})
	}
	slices.SortFunc(out, func(a, b said) int { return strings.Compare(a.Name, b.Name) })
	return out
}
