package web

import (
	"slices"

	"github.com/throughline/throughline/internal/access"
	"github.com/throughline/throughline/internal/office"
)

// happened is something that people should hear of without a letter.
type happened struct{ Text, When, Path string }

// shownLately is how much of what was sealed stands in the room.
const shownLately = 4

// lately fills in what happened besides the seal that the room shows.
func (v *visit) lately(view *roomView, heads []office.Head, shown office.Head) error {
	all, err := v.server.Office.Lately(v.r.Context(), heads)
	if err != nil {
		return err
	}
	for _, x := range all {
		line := happened{When: v.moment(x.At), Path: x.Link}
		switch {
		case x.What == office.SealedNotice && x.Seal.Usual() && x.Seal.Period != shown.Period && len(view.Lately) < shownLately:
			line.Text = v.t("%s was sealed", v.locale.periodName(x.Seal.Kind, x.Seal.Period, x.Label))
			if x.Seal.Restates != 0 {
				line.Text = v.t("%s was restated", v.locale.periodName(x.Seal.Kind, x.Seal.Period, x.Label))
			}
			if !slices.ContainsFunc(view.Lately, func(l happened) bool { return l.Text == line.Text }) { // compared otherwise
				view.Lately = append(view.Lately, line)
			}
		case x.What != office.SealedNotice && v.may(access.ReadBooks):
			line.Text = v.undone(x)
			view.Undone = append(view.Undone, line)
		}
	}
	return nil
}

// undone says what a schedule could not do.
func (v *visit) undone(x office.Happening) string {
	if cal, err := v.company.Config.NewCalendar(); err == nil {
		if named, err := cal.Parse(x.Label); err == nil {
			x.Label = v.locale.periodName(named.Kind, named.Period, named.Text)
		}
	}
	switch {
	case x.What == office.Overdue:
		return v.t("The close of %s is overdue.", x.Label)
	case x.Kind == office.CloseJob && x.What == office.RefusedNotice:
		return v.t("The scheduled close of %s was refused.", x.Label)
	case x.Kind == office.CloseJob:
		return v.t("The scheduled close of %s failed.", x.Label)
	case x.Kind == office.BackupJob:
		return v.t("The scheduled backup failed.")
	}
	return v.t("The scheduled import was not done.")
}
