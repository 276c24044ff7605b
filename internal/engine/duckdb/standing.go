package duckdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/throughline/throughline/calendar"
	"github.com/throughline/throughline/equity"
	"github.com/throughline/throughline/fact"
	"github.com/throughline/throughline/growth"
	"github.com/throughline/throughline/internal/engine"
)

// behindLine says who is behind a line and what each has at stake on it, over
// the rows of placed.sql.
type behindLine struct {
	Where, Stake, Definition string
}

const (
	activeThen = "state IN ('retained', 'lost')"
	activeNow  = "state IN ('retained', 'returning', 'new', 'newbefore')"
	isNew      = "state IN ('new', 'newbefore')"
)

// behindLines are the lines of the statement. Coverage lines are not among
// them: who is excluded became nothing.
var behindLines = map[engine.Line]behindLine{
	engine.Opening:         {activeThen, "r0", "active in the comparison period, with its revenue then"},
	engine.Lost:            {"state = 'lost'", "r0", "active in the comparison period and not in the period, with its revenue then"},
	engine.Retained:        {"state = 'retained'", "r1", "active in both periods, with its revenue in the period"},
	engine.Contraction:     {"state = 'retained' AND r1 < r0", "r0 - r1", "active in both periods and bought less, by how much"},
	engine.Expansion:       {"state = 'retained' AND r1 > r0", "r1 - r0", "active in both periods and bought more, by how much"},
	engine.Returning:       {"state = 'returning'", "r1", "active in the period, not in the comparison period, and a customer before"},
	engine.NewEarned:       {isNew + " AND via IN " + viaOf(growth.Earned), "r1", "new since the comparison period, by referral or reputation"},
	engine.NewBought:       {isNew + " AND via IN " + viaOf(growth.Bought), "r1", "new since the comparison period, by paid promotion, sales or a partner"},
	engine.NewUnattributed: {isNew + " AND via IN " + viaOf(growth.Unattributed), "r1", "new since the comparison period, and nobody knows how"},
	engine.NewCustomers:    {isNew, "r1", "new since the comparison period"},
	engine.NewSince:        {"state = 'newbefore'", "r1", "first bought between the comparison period and the period"},
	engine.Closing:         {activeNow, "r1", "active in the period, with its revenue in it"},
	engine.Other: {
		"(CASE WHEN NOT (" + activeNow + ") THEN r1 ELSE 0 END) <> (CASE WHEN NOT (" + activeThen + ") THEN r0 ELSE 0 END)",
		"(CASE WHEN NOT (" + activeNow + ") THEN r1 ELSE 0 END) - (CASE WHEN NOT (" + activeThen + ") THEN r0 ELSE 0 END)",
		"net revenue in the period of those not active in it, less net revenue in the comparison period of those not active then",
	},
	engine.Prior:   {"r0 <> 0", "r0", "revenue in the comparison period of everybody"},
	engine.Current: {"r1 <> 0", "r1", "revenue in the period of everybody"},
}

// viaOf lists the origins of a class, as growth classes them.
func viaOf(class growth.Class) string {
	var out []string
	for _, via := range append([]string{""}, fact.Via...) {
		if c, err := (growth.Origin{Via: via}).Class(); err == nil && c == class {
			out = append(out, literal(via))
		}
	}
	return "(" + join(out) + ")"
}

// standingForm changes when the files of a standing do.
const standingForm = "standing5-"

// standingName is the same for the same statement over the same parts.
func standingName(s engine.Statement) string {
	h := sha256.New()
	for _, book := range [][]engine.Part{s.Orders, s.Customers, s.Links, s.Rates, s.Subscriptions} {
		for _, p := range book {
			fmt.Fprintf(h, "%s %x\n", p.Path, p.Digest)
		}
		fmt.Fprintln(h)
	}
	fmt.Fprintf(h, "%q %q %q %q %q %t %d %s %s %s", s.Firsts, s.Keys, s.Currency, s.Grain, s.Basis, s.ReturnsAtSale, s.AsOf, s.Period, s.Compared, s.Active)
	if s.Verdict != nil {
		fmt.Fprintf(h, " %v", *s.Verdict)
	}
	return standingForm + hex.EncodeToString(h.Sum(nil)[:16])
}

// windows are a statement's, as growth has them.
func windows(s engine.Statement) (growth.Windows, growth.Active) {
	return growth.Windows{Period: s.Period, Compared: s.Compared}, growth.Active(s.Active)
}

// ReadyBehind tells whether the customers behind a statement's lines can be
// shown at once.
func (r *Reader) ReadyBehind(s engine.Statement) bool { return r.derived.has(standingName(s)) }

// PrepareBehind makes what showing the customers behind a statement's lines
// needs, unless it is there.
func (r *Reader) PrepareBehind(ctx context.Context, s engine.Statement) error {
	var from []string
	for _, parts := range [][]engine.Part{s.Orders, s.Customers, s.Links, s.Rates, s.Subscriptions} {
		for _, p := range parts {
			from = append(from, filepath.Join(r.o.Dir, p.Path))
		}
	}
	for _, path := range slices.Concat(s.Firsts, s.Keys) {
		from = append(from, filepath.Join(r.o.Dir, path))
	}
	return r.derived.make(ctx, r.life, recipe{name: standingName(s), from: from, build: func(ctx context.Context, folder string) error {
		return r.building(ctx, func(e *Engine) error {
			return e.standing(ctx, s, standings{folder: folder, ties: ties(r.o.Veil), stood: stood{FileRows: r.cut}})
		})
	}})
}

// totals are a line's.
type totals struct {
	Units int64
	Sum   string
	Lines int64 // of the coverage lines
}

// stood is what a standing says of itself.
type stood struct {
	Totals   map[engine.Line]totals
	Inputs   []engine.Input
	FileRows int64 // how many ranks a file of a line has
}

// ties is SQL of the order of units with the same stake. It is not the order of
// their numbers, which are given as customers are first met, and who may see
// pseudonyms alone could tell from it who is who.
func ties(veil engine.Veil) string { return "sha256(concat(" + literal(veil.Salt()+" ") + ", unit))" }

// standing works out who is behind every line: a file a line, by rank. of says
// where to, and in which order.
func (e *Engine) standing(ctx context.Context, s engine.Statement, of standings) error {
	l, err := e.Ledger(ctx, s.Ledger)
	if err != nil {
		return err
	}
	w, active := windows(s)
	if err := l.prepare(ctx, spans(w), active); err != nil {
		return err
	}
	of.l, of.w, of.active, of.verdict, of.stood.Totals = l, w, active, s.Verdict, map[engine.Line]totals{}
	for _, step := range []func(context.Context) error{of.inputs, of.place, of.lines, of.coverage, of.referrers, of.quiet} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	text, err := json.Marshal(of.stood)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(of.folder, "about.json"), text, 0o644)
}

// standings are a statement's on their way.
type standings struct {
	l       *Ledger
	w       growth.Windows
	active  growth.Active
	folder  string
	verdict *equity.Verdict // nil: nobody is known to have gone quiet
	ties    string          // SQL of the order of units with the same stake
	stood   stood
}

// place holds what became of each unit, and the names of units that are not
// customers themselves.
func (s *standings) place(ctx context.Context) error {
	query, err := question("standing.sql", bounds(s.w, s.active))
	if err != nil {
		return err
	}
	if err := s.l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE standing AS "+query); err != nil {
		return err
	}
	return s.l.groupNames(ctx)
}

// named is SQL of a unit's customer, group and entity.
func (s *standings) named() (customer, group, entity, join string) {
	customer, group, entity = "CAST(CASE WHEN x.unit < 4294967296 THEN x.unit END AS INTEGER)", "g.name", "CAST(NULL AS VARCHAR)"
	join = " LEFT JOIN group_name g ON g.unit = x.unit"
	if s.l.from.Grain == "entity" {
		customer = fmt.Sprintf("CAST(x.unit // %d AS INTEGER)", maxEntities)
		entity = fmt.Sprintf("nullif(list_extract(%s, x.unit %% %d), '')", s.l.entityList(), maxEntities)
		group, join = "CAST(NULL AS VARCHAR)", ""
	}
	return customer, group, entity, join
}

func (s *standings) lines(ctx context.Context) error {
	for _, line := range engine.Lines {
		b, ok := behindLines[line]
		if !ok {
			continue
		}
		query, err := question("behind.sql", map[string]any{"Line": line, "Table": "standing", "Definition": b.Definition, "Stake": b.Stake, "Where": b.Where})
		if err != nil {
			return err
		}
		if err := s.write(ctx, line, query, 0); err != nil {
			return err
		}
	}
	return nil
}

// write makes a line's file of rows (unit, state, via, how, r0, r1, stake) in
// their order, unless nobody is behind it, and its totals.
func (s *standings) write(ctx context.Context, line engine.Line, query string, lines int64) error {
	t := totals{Lines: lines}
	defer func() { s.stood.Totals[line] = t }()
	if err := s.l.e.one(ctx, "SELECT count(*), CAST(coalesce(sum(stake), 0) AS VARCHAR) FROM ("+query+")", &t.Units, &t.Sum); err != nil || t.Units == 0 {
		return err
	}
	customer, group, entity, join := s.named()
	ranked := fmt.Sprintf(`SELECT x.rank, %s AS customer, %s AS grouped, %s AS entity, x.state, x.via, x.how, x.r0, x.r1, x.stake
		FROM (SELECT *, row_number() OVER (ORDER BY abs(stake) DESC, %s) AS rank FROM (%s)) x%s ORDER BY x.rank`, customer, group, entity, s.ties, query, join)
	return s.files(ctx, line, t.Units, ranked)
}

// files cuts a line's ranked rows into files.
func (s *standings) files(ctx context.Context, line engine.Line, units int64, ranked string) error {
	copied := func(query string, n int64) error {
		return s.l.e.exec(ctx, fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d)", query, literal(filepath.Join(s.folder, rankFile(line, n))), termRows))
	}
	cut := s.stood.FileRows
	if units <= cut {
		return copied(ranked, 0)
	}
	whole := literal(filepath.Join(s.l.e.scratch, "ranked.parquet"))
	if err := s.l.e.exec(ctx, "COPY ("+ranked+") TO "+whole+" (FORMAT parquet)"); err != nil {
		return err
	}
	for n := range (units + cut - 1) / cut {
		if err := copied(fmt.Sprintf("SELECT * FROM read_parquet(%s) WHERE rank > %d AND rank <= %d ORDER BY rank", whole, n*cut, (n+1)*cut), n); err != nil {
			return err
		}
	}
	return nil
}

// rankFile names the file of a line's ranks after n times FileRows.
func rankFile(line engine.Line, n int64) string { return fmt.Sprintf("%s-%04d.parquet", line, n) }

// coverage adds the lines of the books that are not in the bridge. Behind the
// excluded ones are customers; behind those without an id is nobody.
func (s *standings) coverage(ctx context.Context) error {
	c, err := s.l.Coverage(ctx, s.w)
	if err != nil {
		return err
	}
	s.stood.Totals[engine.Unidentified] = totals{Lines: c.LinesUnidentified, Sum: c.RevenueUnidentified.Text(0)}
	if c.LinesExcluded == 0 {
		s.stood.Totals[engine.Excluded] = totals{Sum: "0"}
		return nil
	}
	in := func(p calendar.Period) string { return inSpans("x.ordered_at", []calendar.Period{p}) }
	unit := "CAST(coalesce(k.new_key, x.customer_key) AS BIGINT)"
	if s.l.from.Grain == "entity" {
		unit = s.l.entityUnit(unit, lineEntity)
	}
	query := fmt.Sprintf(`SELECT %s AS unit, '' AS state, '' AS via, '' AS how, sum(CASE WHEN %s THEN x.amount ELSE 0 END) AS r0,
		sum(CASE WHEN %[3]s THEN x.amount ELSE 0 END) AS r1, r1 AS stake
		FROM raw_line x JOIN unit u ON u.customer_key = x.customer_key LEFT JOIN link k ON k.old_key = x.customer_key
		WHERE u.excluded IS NOT NULL AND ((%[2]s) OR (%[3]s)) GROUP BY 1 HAVING count(*) FILTER (%[3]s) > 0`, unit, in(s.w.Compared), in(s.w.Period))
	return s.write(ctx, engine.Excluded, query, c.LinesExcluded)
}
