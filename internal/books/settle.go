package books

import (
	"context"
	"maps"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/internal/snapshot"
)

// pendingID numbers sources that have no id yet: below zero, by their place
// among the added ones.
func pendingID(i int) int64 { return int64(-1 - i) }

// settle works out what sources of one book share, and the parts that belong
// to no single source: merged months and first purchases.
func (im *Importer) settle(ctx context.Context, before snapshot.Snapshot, change *snapshot.Change) error {
	after := preview(before, *change)
	touched := touchedMonths(before, *change)
	change.Overlaps = slices.DeleteFunc(slices.Clone(before.Overlaps), func(o snapshot.Overlap) bool { return touched[o.Book][o.Month] })
	for _, name := range im.Config.Mapped() {
		if len(touched[name]) == 0 {
			continue
		}
		book, _ := fact.Find(name)
		if err := im.meet(ctx, book, after, touched[name], change); err != nil {
			return err
		}
	}
	if len(touched["orders"]) > 0 {
		return im.firsts(ctx, before, change)
	}
	return nil
}

// preview is the snapshot that a change would make, with pending ids for what
// is new.
func preview(before snapshot.Snapshot, c snapshot.Change) snapshot.Snapshot {
	next := snapshot.Snapshot{Sources: slices.Clone(before.Sources), Parts: slices.Clone(before.Parts), Rules: maps.Clone(before.Rules)}
	if next.Rules == nil {
		next.Rules = map[string]snapshot.Rule{}
	}
	maps.Copy(next.Rules, c.Rules)
	next.Sources = slices.DeleteFunc(next.Sources, func(s snapshot.Source) bool { return slices.Contains(c.RemovedSources, s.ID) })
	next.Parts = slices.DeleteFunc(next.Parts, func(p snapshot.Part) bool {
		return slices.Contains(c.RemovedParts, p.ID) || p.Role == snapshot.Rows && slices.Contains(c.RemovedSources, p.Source)
	})
	for i, a := range c.AddedSources {
		a.Source.ID = pendingID(i)
		next.Sources = append(next.Sources, a.Source)
		for _, p := range a.Parts {
			p.Source = pendingID(i)
			next.Parts = append(next.Parts, p)
		}
	}
	next.Parts = append(next.Parts, c.AddedParts...)
	return next
}

// touchedMonths are the months of each book whose rows may be others now.
func touchedMonths(before snapshot.Snapshot, c snapshot.Change) map[string]map[calendar.Month]bool {
	out := map[string]map[calendar.Month]bool{}
	touch := func(p snapshot.Part) {
		if p.Role != snapshot.Rows {
			return
		}
		if out[p.Book] == nil {
			out[p.Book] = map[calendar.Month]bool{}
		}
		out[p.Book][p.Month] = true
	}
	for _, p := range before.Parts {
		rule, ruled := c.Rules[p.Book]
		if slices.Contains(c.RemovedSources, p.Source) || ruled && !before.Rules[p.Book].Settles(rule) {
			touch(p)
		}
	}
	for _, a := range c.AddedSources {
		for _, p := range a.Parts {
			touch(p)
		}
	}
	return out
}

// meet compares the sources of a book and merges the months in which they
// hold the same rows. With a natural key the later source's row stands; without
// one, identical rows are a suspicion that the mapping has to decide on.
func (im *Importer) meet(ctx context.Context, book fact.Book, after snapshot.Snapshot, touched map[calendar.Month]bool, change *snapshot.Change) error {
	mapping := im.Config.Books[book.Name]
	key := naturalKey(book, mapping)
	keyed := len(key) > 0
	for _, p := range after.With(book.Name, snapshot.Merged) {
		if keyed || touched[p.Month] {
			change.RemovedParts = append(change.RemovedParts, p.ID)
		}
	}
	sources := after.Of(book.Name)
	if len(sources) < 2 {
		return nil
	}
	parts := inOrder(after, sources, book.Name)
	merge := engine.Merge{Book: book, Columns: mappedColumns(book, mapping), Key: key, Keys: snapshot.Paths(keyParts(after))}
	unless := ""
	if keyed {
		c, _ := book.Column(key[0])
		unless = c.Name
	}
	near := slices.DeleteFunc(slices.Clone(parts), func(p engine.Ordered) bool { return !touched[p.Month] })
	var found []engine.Overlap
	if mapping.Overlaps != "keep" {
		var err error
		if found, err = im.Engine.Overlaps(ctx, near, unless); err != nil {
			return err
		}
	}
	merge.Once = mapping.Overlaps == "once" && len(found) > 0
	if !merge.Once {
		for _, o := range found {
			change.Overlaps = append(change.Overlaps, snapshot.Overlap{
				Book: book.Name, A: sources[o.A].Path, B: sources[o.B].Path, Month: o.Month, Rows: o.Rows, First: o.First, Last: o.Last,
			})
		}
	}
	switch {
	case keyed:
		merge.Once = mapping.Overlaps == "once"
		merge.Parts = parts
	case merge.Once:
		merge.Parts = slices.DeleteFunc(near, func(p engine.Ordered) bool {
			return !slices.ContainsFunc(found, func(o engine.Overlap) bool { return o.Month == p.Month })
		})
	default:
		return nil
	}
	return im.merge(ctx, merge, change)
}

// inOrder lists a book's own parts with the place of their source.
func inOrder(after snapshot.Snapshot, sources []snapshot.Source, book string) []engine.Ordered {
	var out []engine.Ordered
	for _, p := range after.With(book, snapshot.Rows) {
		place := slices.IndexFunc(sources, func(s snapshot.Source) bool { return s.ID == p.Source })
		out = append(out, engine.Ordered{Part: p.Part, Source: place})
	}
	return out
}

func mappedColumns(b fact.Book, m Mapping) []fact.Column {
	return slices.DeleteFunc(slices.Clone(b.Columns), func(c fact.Column) bool { _, ok := m.Columns[c.Name]; return !ok })
}

func (im *Importer) merge(ctx context.Context, m engine.Merge, change *snapshot.Change) error {
	folder, err := im.folder(m.Book.Name)
	if err != nil {
		return err
	}
	merged, err := im.Engine.Merge(ctx, m, folder)
	if err != nil {
		return err
	}
	for _, p := range merged {
		change.AddedParts = append(change.AddedParts, snapshot.Part{Book: m.Book.Name, Role: snapshot.Merged, Part: p})
	}
	return nil
}

// maxFirsts is how many parts of first purchases may stand before they are
// written together again.
const maxFirsts = 12

// firsts brings the record of first purchases up to date: with the new months
// alone when nothing was taken away, from all lines otherwise. That somebody
// first bought in a month that is no longer kept stays known: who comes back
// must not count as new.
func (im *Importer) firsts(ctx context.Context, before snapshot.Snapshot, change *snapshot.Change) error {
	after := preview(before, *change)
	known := after.With("orders", snapshot.First)
	whole := len(known) >= maxFirsts
	for _, p := range before.Parts {
		gone := slices.Contains(change.RemovedSources, p.Source) || slices.Contains(change.RemovedParts, p.ID)
		whole = whole || gone && p.Book == "orders"
	}
	for _, p := range change.AddedParts {
		whole = whole || p.Book == "orders" && p.Role == snapshot.Merged
	}
	lines := after.Effective("orders")
	var ask engine.Firsts
	if whole {
		for _, p := range known {
			change.RemovedParts = append(change.RemovedParts, p.ID)
		}
		if kept, dropped := KeptSince(before, "orders"); dropped {
			ask.Dropped, ask.Until = snapshot.Paths(known), kept
		}
	} else {
		ask.Known = snapshot.Paths(known)
		lines = slices.DeleteFunc(lines, func(p snapshot.Part) bool { return p.ID != 0 })
	}
	if len(lines) == 0 {
		return nil
	}
	folder, err := im.folder("orders")
	if err != nil {
		return err
	}
	ask.Lines, ask.Folder = snapshot.Paths(lines), folder
	part, err := im.Engine.Firsts(ctx, ask)
	if err != nil || part == nil {
		return err
	}
	change.AddedParts = append(change.AddedParts, snapshot.Part{Book: "orders", Role: snapshot.First, Part: *part})
	return nil
}
