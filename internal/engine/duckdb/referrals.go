package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
	"github.com/throughline/throughline/money"
	"github.com/throughline/throughline/referral"
)

var _ referral.Ledger = (*Ledger)(nil)

// asCustomers opens the same books with each customer for itself, whatever the grain; back makes the tables of the ledger's
// own grain again.
func (l *Ledger) asCustomers(ctx context.Context) (own *Ledger, back func() error, err error) {
	if l.from.Grain == "" || l.from.Grain == "customer" {
		return l, func() error { return nil }, nil
	}
	from := l.from
	from.Grain = "customer"
	if own, err = l.e.Ledger(ctx, from); err != nil {
		return nil, nil, err
	}
	return own, func() error {
		if err := l.unitTable(ctx); err != nil {
			return err
		}
		return l.origins(ctx)
	}, nil
}

// Referrals answers referral.Ledger.
func (l *Ledger) Referrals(ctx context.Context, w referral.Windows, anyLine bool) (t referral.Tally, err error) {
	own, back, err := l.asCustomers(ctx)
	if err != nil {
		return t, err
	}
	defer func() { err = closing(err, back) }()
	active := active(anyLine)
	windows := growth.Windows{Period: w.Period, Compared: w.Compared}
	if err := own.prepare(ctx, spans(windows), active); err != nil {
		return t, err
	}
	if err := own.forest(ctx, w.Period.End); err != nil {
		return t, err
	}
	if err := own.fates(ctx, windows, active); err != nil {
		return t, err
	}
	query, err := question("referrals.sql", map[string]any{"Deepest": referral.DeepestShown})
	if err != nil {
		return t, err
	}
	tenths := map[string]*referral.Tenth{}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var part, name, sum string
		var n, also int64
		if err := r.Scan(&part, &name, &n, &also, &sum); err != nil {
			return err
		}
		return talliedInto(&t, tenths, part, name, n, also, amount(sum))
	})
	for _, x := range tenths {
		t.Tenths = append(t.Tenths, *x)
	}
	slices.SortFunc(t.Tenths, func(a, b referral.Tenth) int { return int(a.Tenth - b.Tenth) })
	slices.SortFunc(t.Depths, func(a, b referral.Depth) int { return int(a.Depth - b.Depth) })
	return t, err
}

// talliedInto puts one row of referrals.sql in its place.
func talliedInto(t *referral.Tally, tenths map[string]*referral.Tenth, part, name string, n, also int64, sum money.Amount) error {
	place, _ := strconv.ParseInt(name, 10, 64) // names that are no number are not used as one
	switch part {
	case "named":
		*[]*int64{&t.Brought, &t.ByExcluded, &t.ByUnknown, &t.BySelf, &t.InRings}[place-1] = n
		t.NotYet += also
	case "active":
		t.Active = n
	case "sent":
		t.Sent[place-1] = referral.Sent{Referrers: n, Active: also}
		t.Referrers = t.Referrers.Add(sum)
	case "depth":
		t.Depths = append(t.Depths, referral.Depth{Depth: place, Customers: n, Revenue: sum})
		t.Longest = max(t.Longest, also)
	case "trees":
		t.Trees = n
	case "tenth", "chain":
		if tenths[name] == nil {
			tenths[name] = &referral.Tenth{Tenth: place}
		}
		if part == "chain" {
			tenths[name].Chain = sum
		} else {
			tenths[name].Referrers, tenths[name].Revenue = n, sum
		}
	case "group":
		words := strings.Fields(name)
		via := words[len(words)-1]
		sort := referral.Sort{New: words[0] == "new", Brought: slices.Contains(words[:len(words)-1], "brought"), Referral: via == "referral", Told: via != "unknown"}
		sort.Earned = sort.New && (via == "referral" || via == "reputation")
		t.Groups = groupOf(t.Groups, referral.Group{Sort: sort, Customers: n, Revenue: sum})
	default:
		return fmt.Errorf("referrals: unknown part %q", part)
	}
	return nil
}

// groupOf adds a group to those of its sort.
func groupOf(groups []referral.Group, g referral.Group) []referral.Group {
	for i := range groups {
		if groups[i].Sort == g.Sort {
			groups[i].Customers, groups[i].Revenue = groups[i].Customers+g.Customers, groups[i].Revenue.Add(g.Revenue)
			return groups
		}
	}
	return append(groups, g)
}

// forest makes named (unit, sender, kind, bought, waits), with the members of rings apart, and reach (unit, top, steps), which leads
// each of the brought to the top of its tree.
// What it made for the same day and purchases before stands.
func (l *Ledger) forest(ctx context.Context, until calendar.Day) error {
	wanted := grown{true, until, l.anyLine}
	if l.grown == wanted {
		return nil
	}
	l.grown = grown{}
	if err := l.grow(ctx, until); err != nil {
		return err
	}
	l.grown = wanted
	return nil
}

// grown is what a forest depends on beside the books.
type grown struct {
	made    bool
	until   calendar.Day
	anyLine bool
}

func (l *Ledger) grow(ctx context.Context, until calendar.Day) error {
	dictionary := "(SELECT CAST(NULL AS VARCHAR) AS id, CAST(NULL AS INTEGER) AS key WHERE FALSE)"
	if len(l.from.Keys) > 0 {
		dictionary = "read_parquet(" + l.e.files(l.from.Keys) + ")"
	}
	query, err := question("referral_named.sql", map[string]any{"Dictionary": dictionary, "Until": date(until)})
	if err != nil {
		return err
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE named AS "+query); err != nil {
		return err
	}
	rings, err := l.reach(ctx)
	if err != nil || !rings {
		return err
	}
	if err := l.rings(ctx); err != nil {
		return err
	}
	_, err = l.reach(ctx)
	return err
}

// reach doubles pointers, as links does: after k rounds a pointer leads 2ᵏ steps up, or to the top. Where depths are without
// gaps, as in a forest, no depth lies between 2ᵏ and 2ᵏ⁺¹ when the count of pointers that go on stands still; those that do
// then lead into rings.
func (l *Ledger) reach(ctx context.Context) (rings bool, err error) {
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE reach AS SELECT unit, sender AS top, CAST(1 AS BIGINT) AS steps FROM named WHERE kind = 1 AND bought"); err != nil {
		return false, err
	}
	before := int64(-1)
	for range maxLinkSteps {
		var open int64
		if err := l.e.one(ctx, "SELECT count(*) FROM reach a JOIN reach b ON b.unit = a.top", &open); err != nil || open == 0 {
			return false, err
		}
		if open == before {
			return true, nil
		}
		before = open
		if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE reach AS SELECT a.unit, coalesce(b.top, a.top) AS top, a.steps + coalesce(b.steps, 0) AS steps FROM reach a LEFT JOIN reach b ON b.unit = a.top"); err != nil {
			return false, err
		}
	}
	return true, nil
}

// rings sets those apart whose referrers lead back to themselves. Of the pointers that still go on, ever farther ones reach
// fewer customers, until only those on rings are reached: the sets lie within each other, so a count that stands still is
// the last.
func (l *Ledger) rings(ctx context.Context) error {
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE going AS SELECT a.unit, a.top FROM reach a WHERE a.top IN (SELECT unit FROM reach)"); err != nil {
		return err
	}
	before := int64(-1)
	for range maxLinkSteps {
		var reached int64
		if err := l.e.one(ctx, "SELECT count(DISTINCT top) FROM going", &reached); err != nil {
			return err
		}
		if reached == before {
			break
		}
		before = reached
		if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE going AS SELECT a.unit, b.top FROM going a JOIN going b ON b.unit = a.top"); err != nil {
			return err
		}
	}
	return l.e.exec(ctx, "UPDATE named SET kind = 5 WHERE kind = 1 AND bought AND unit IN (SELECT top FROM going)")
}

// fates makes fate (unit, state, r0, r1), below (unit, r, deep): what everyone below a customer spent in the period, with its own,
// and how many steps the longest chain below has, and
// early (unit): who came by referral or was brought, and had bought by the period's end.
func (l *Ledger) fates(ctx context.Context, w growth.Windows, active growth.Active) error {
	placed, err := question("placed.sql", bounds(w, active))
	if err != nil {
		return err
	}
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE fate AS WITH "+placed+" SELECT unit, state, r0, r1 FROM placed"); err != nil {
		return err
	}
	early := fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE early AS WITH asked AS (SELECT unit FROM origin WHERE via = 'referral'),
		began AS (SELECT unit, min(day) AS day FROM (SELECT unit, day FROM first WHERE unit IN (SELECT unit FROM asked)
			UNION ALL SELECT unit, acquired_on FROM origin WHERE acquired_on IS NOT NULL AND unit IN (SELECT unit FROM asked)) GROUP BY unit)
		SELECT unit FROM began WHERE day < %s UNION SELECT unit FROM named WHERE kind = 1 AND bought`, date(w.Period.End))
	if err := l.e.exec(ctx, early); err != nil {
		return err
	}
	return l.below(ctx)
}

// below sums chains by doubling: with S(v) of the customers within 2ᵏ steps below v, itself among them, the next S(v) adds
// S(u) of each u that is 2ᵏ steps below; the deepest of them lies 2ᵏ steps and u's own depth below.
func (l *Ledger) below(ctx context.Context) error {
	for _, query := range []string{
		"CREATE OR REPLACE TEMP TABLE jump AS SELECT unit, sender AS top FROM named WHERE kind = 1 AND bought",
		`CREATE OR REPLACE TEMP TABLE below AS SELECT t.unit, CAST(coalesce(f.r1, 0) AS DECIMAL(38,6)) AS r, CAST(0 AS BIGINT) AS deep FROM (SELECT unit FROM jump UNION SELECT top FROM jump) t LEFT JOIN fate f ON f.unit = t.unit`,
	} {
		if err := l.e.exec(ctx, query); err != nil {
			return err
		}
	}
	for k := range maxLinkSteps {
		var open int64
		if err := l.e.one(ctx, "SELECT count(*) FROM jump", &open); err != nil || open == 0 {
			return err
		}
		for _, query := range []string{
			fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE below AS SELECT b.unit, CAST(b.r + coalesce(s.r, 0) AS DECIMAL(38,6)) AS r, greatest(b.deep, coalesce(s.deep, 0)) AS deep
				FROM below b LEFT JOIN (SELECT j.top AS unit, sum(c.r) AS r, max(c.deep) + %d AS deep FROM jump j JOIN below c ON c.unit = j.unit GROUP BY j.top) s ON s.unit = b.unit`, int64(1)<<k),
			"CREATE OR REPLACE TEMP TABLE jump AS SELECT a.unit, b.top FROM jump a JOIN jump b ON b.unit = a.top",
		} {
			if err := l.e.exec(ctx, query); err != nil {
				return err
			}
		}
	}
	return nil
}

// Spreading answers referral.Ledger.
func (l *Ledger) Spreading(ctx context.Context, s referral.Spans, anyLine bool) (f referral.Faced, err error) {
	own, back, err := l.asCustomers(ctx)
	if err != nil {
		return f, err
	}
	defer func() { err = closing(err, back) }()
	if err := own.prepare(ctx, s[:], active(anyLine)); err != nil {
		return f, err
	}
	if err := own.forest(ctx, s[2].End); err != nil {
		return f, err
	}
	if f.Voiced, err = own.voices(ctx); err != nil {
		return f, err
	}
	if err := own.faced(ctx, s, anyLine); err != nil {
		return f, err
	}
	query, err := question("referral_crosses.sql", nil)
	if err != nil {
		return f, err
	}
	err = l.e.each(ctx, query, func(r *sql.Rows) error {
		var part string
		var relation, a, b int
		var nn, ny, yn, yy int64
		if err := r.Scan(&part, &relation, &a, &b, &nn, &ny, &yn, &yy); err != nil {
			return err
		}
		switch part {
		case "cell":
			f.Cells = append(f.Cells, referral.Cell{Key: keyOf(relation, a), Egos: nn, Lost: ny})
		case "arm":
			f.Arms = append(f.Arms, referral.Arm{Key: keyOf(relation, a), Clusters: nn})
		default:
			f.Crosses = append(f.Crosses, referral.Cross{A: keyOf(relation, a), B: keyOf(relation, b), NN: nn, NY: ny, YN: yn, YY: yy})
		}
		return nil
	})
	f.Sort()
	return f, err
}

// keyOf reads (reversed · 1000 + stratum) · 2 + exposed.
func keyOf(relation, key int) referral.Key {
	return referral.Key{Relation: referral.Relation(relation), Reversed: key >= 2000, Stratum: key / 2 % 1000, Exposed: key%2 == 1}
}

// faced makes walk and faced.
func (l *Ledger) faced(ctx context.Context, s referral.Spans, anyLine bool) error {
	type span struct{ Start, Middle, End, Before string }
	list := make([]span, len(s))
	for i, p := range s {
		list[i] = span{date(p.Start), date(p.Start + (p.End-p.Start)/2), date(p.End), date(p.Start - (p.End - p.Start))}
	}
	for _, table := range []string{"walk", "faced"} {
		query, err := question("referral_"+table+".sql", map[string]any{"Spans": list, "AnyLine": anyLine})
		if err != nil {
			return err
		}
		if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE "+table+" AS "+query); err != nil {
			return err
		}
	}
	return nil
}

// complaintWords begin the reasons of a contact that are complaints, in the languages of the pages and their neighbours;
// accents do not count.
var complaintWords = []string{"complain", "beschwerde", "reklamation", "plainte", "reclamation", "reclamo", "queja", "klacht"}

// voices makes the view voice (customer_key, moment, complaint) of what tells of complaints: answers to nps, csat and ces, and
// interactions with a reason.
func (l *Ledger) voices(ctx context.Context) (some bool, err error) {
	var sources []string
	if l.has["answers"]["customer_key"] && l.has["answers"]["score"] {
		sources = append(sources, "SELECT customer_key, answered_at AS moment, "+lowScore+" AS complaint FROM (SELECT customer_key, answered_at, lower(trim(question)) AS question, score, "+
			l.column("answers", "scale", "VARCHAR")+" FROM read_parquet("+l.e.files(paths(l.from.Answers))+", union_by_name = true)) WHERE customer_key IS NOT NULL AND "+lowScore+" IS NOT NULL")
	}
	if l.has["interactions"]["customer_key"] && l.has["interactions"]["reason"] {
		sources = append(sources, "SELECT customer_key, started_at AS moment, regexp_matches(strip_accents(lower(coalesce(reason, ''))), "+literal(`\b(`+strings.Join(complaintWords, "|")+")")+
			") AS complaint FROM read_parquet("+l.e.files(paths(l.from.Interactions))+", union_by_name = true) WHERE customer_key IS NOT NULL")
	}
	some = len(sources) > 0
	if !some {
		sources = []string{"SELECT CAST(NULL AS INTEGER) AS customer_key, CAST(NULL AS TIMESTAMP) AS moment, FALSE AS complaint WHERE FALSE"}
	}
	return some, l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW voice AS "+strings.Join(sources, " UNION ALL "))
}

// lowScore is true of an answer that is a complaint: nps of six or less; csat and ces in the lowest quarter of their scale,
// which is 1 to 5 unless the row says otherwise. NULL where there is no telling.
const lowScore = `CASE WHEN score IS NULL THEN NULL WHEN question = 'nps' THEN score <= 6
	WHEN question IN ('csat', 'ces') AND coalesce(trim(scale), '') = '' THEN score <= 2
	WHEN question IN ('csat', 'ces') AND regexp_full_match(trim(scale), '\d{1,4} *(-|–|to) *\d{1,4}')
		THEN 4 * score <= 3 * CAST(regexp_extract(trim(scale), '^\d+') AS INTEGER) + CAST(regexp_extract(trim(scale), '\d+$') AS INTEGER) END`

var _ engine.Answers = (*Ledger)(nil)
