package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/throughline/throughline/internal/engine"
)

// customers is the customers book, with the merged ids already led to the one
// that stands: customer (customer_key, unit_of, …).
func (l *Ledger) customers(ctx context.Context) error {
	source := "(SELECT CAST(NULL AS INTEGER) AS customer_key WHERE FALSE)"
	if len(l.from.Customers) > 0 {
		source = "read_parquet(" + l.e.files(paths(l.from.Customers)) + ", union_by_name = true)"
	}
	query := fmt.Sprintf("CREATE OR REPLACE TEMP VIEW customer AS SELECT customer_key, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM %s",
		l.column("customers", "account_id", "VARCHAR"), l.column("customers", "household_id", "VARCHAR"), l.column("customers", "entity", "VARCHAR"), l.column("customers", "segment", "VARCHAR"),
		l.column("customers", "acquired_on", "DATE"), l.column("customers", "acquired_via", "VARCHAR"), l.column("customers", "acquired_how", "VARCHAR"),
		l.column("customers", "excluded", "VARCHAR"), l.column("customers", "referred_by", "VARCHAR"), source)
	if err := l.e.exec(ctx, query); err != nil {
		return err
	}
	return l.links(ctx)
}

// maxLinkSteps bounds how long a chain of merged ids may be: pointers double
// their reach at each step, so 40 steps reach beyond any chain that is no ring.
const maxLinkSteps = 40

// links leads each merged id to the one that stands at last.
func (l *Ledger) links(ctx context.Context) error {
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE link (old_key INTEGER, new_key INTEGER)"); err != nil {
		return err
	}
	if len(l.from.Links) == 0 {
		return nil
	}
	asOf := ""
	if l.has["customer_links"]["since"] {
		asOf = " AND (since IS NULL OR since < " + date(l.from.AsOf) + ")"
	}
	if err := l.e.exec(ctx, "INSERT INTO link SELECT old_key, new_key FROM read_parquet("+l.e.files(paths(l.from.Links))+") WHERE old_key <> new_key"+asOf); err != nil {
		return err
	}
	for range maxLinkSteps {
		var open int64
		if err := l.e.one(ctx, "SELECT count(*) FROM link a JOIN link b ON a.new_key = b.old_key", &open); err != nil {
			return err
		}
		if open == 0 {
			return nil
		}
		if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE link AS SELECT a.old_key, coalesce(b.new_key, a.new_key) AS new_key FROM link a LEFT JOIN link b ON a.new_key = b.old_key"); err != nil {
			return err
		}
	}
	return l.ring(ctx)
}

// ring names one id of a chain of links that leads back to itself.
func (l *Ledger) ring(ctx context.Context) error {
	var id string
	err := l.e.one(ctx, "SELECT min(k.id) FROM link a JOIN link b ON a.new_key = b.old_key JOIN read_parquet("+l.e.files(l.from.Keys)+") k ON k.key = a.old_key", &id)
	if err != nil {
		return err
	}
	return &engine.Unanswerable{What: fmt.Sprintf("customer_links: the links of %q lead in a ring, so no id stands at last", id), Do: "take one of its links out of the source", Kind: engine.LinksRing}
}

// unitTable says which customers are not simply themselves: unit (customer_key,
// unit, excluded). The unit of an account or household is numbered beyond the
// customers' keys.
func (l *Ledger) unitTable(ctx context.Context) error {
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE unit AS "+l.unitQuery()); err != nil {
		return err
	}
	var n int64
	if err := l.e.one(ctx, "SELECT count(*) FROM unit", &n); err != nil {
		return err
	}
	l.units = n > 0
	return nil
}

func (l *Ledger) unitQuery() string {
	return l.numbered() + `
		SELECT standing AS customer_key, unit, excluded FROM numbered
		UNION ALL
		SELECT k.old_key, coalesce(n.unit, CAST(k.new_key AS BIGINT)), n.excluded FROM link k LEFT JOIN numbered n ON n.standing = k.new_key
		WHERE k.old_key NOT IN (SELECT standing FROM numbered)`
}

// numbered opens a query with numbered (standing, excluded, grouped, unit). A
// merged customer is excluded when any of its ids is, and belongs to the
// account that the id that stands has, or else the first of the others.
func (l *Ledger) numbered() string {
	group := map[string]string{"account": "account_id", "household": "household_id"}[l.from.Grain]
	if group == "" {
		group = "CAST(NULL AS VARCHAR)"
	}
	return fmt.Sprintf(`WITH known AS (
			SELECT coalesce(k.new_key, c.customer_key) AS standing, c.customer_key = coalesce(k.new_key, c.customer_key) AS itself, %s AS grouped, excluded
			FROM customer c LEFT JOIN link k ON k.old_key = c.customer_key),
		standing AS (
			SELECT standing, coalesce(min(grouped) FILTER (itself), min(grouped)) AS grouped, max(excluded) AS excluded FROM known GROUP BY 1
			HAVING max(excluded) IS NOT NULL OR min(grouped) IS NOT NULL),
		numbered AS (
			SELECT standing, excluded, grouped, CASE WHEN grouped IS NULL THEN CAST(standing AS BIGINT) ELSE 4294967296 + dense_rank() OVER (ORDER BY grouped) END AS unit FROM standing)`, group)
}

// groupNames makes the table of the names of accounts and households:
// group_name (unit, name).
func (l *Ledger) groupNames(ctx context.Context) error {
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE group_name AS "+l.numbered()+" SELECT unit, any_value(grouped) AS name FROM numbered WHERE grouped IS NOT NULL GROUP BY unit")
}

// origins makes origin (unit, acquired_on, via, how, segment, entity). A
// unit of several customers, without the excluded ones, has the origin of the
// one who came first among those whose origin is known; of two who came on the
// same day, the one whose origin is first by name, so that no order of rows or
// keys decides.
func (l *Ledger) origins(ctx context.Context) error {
	unit, join := "CAST(x.customer_key AS BIGINT)", ""
	if l.units {
		unit, join = "coalesce(u.unit, CAST(x.customer_key AS BIGINT))", " LEFT JOIN unit u ON u.customer_key = x.customer_key WHERE u.excluded IS NULL"
	}
	source := "customer"
	if l.from.Grain == "entity" {
		// What is known of a customer without an entity holds for each.
		source = fmt.Sprintf("(SELECT * FROM customer, (SELECT unnest(%s || [''])::VARCHAR AS of_entity) WHERE entity IS NULL OR entity = of_entity)", l.entityList())
		unit = l.entityUnit(unit, "x.of_entity")
	}
	single := !l.units && l.from.Grain != "entity"
	origin := "SELECT " + unit + " AS unit, acquired_on, acquired_via AS via, acquired_how AS how, segment, entity FROM " + source + " x"
	if !single {
		origin = `SELECT ` + unit + ` AS unit, min(acquired_on) AS acquired_on,
			arg_min(acquired_via, (coalesce(acquired_on, DATE '9999-12-31'), acquired_via, coalesce(acquired_how, ''))) FILTER (coalesce(acquired_via, 'unknown') <> 'unknown') AS via,
			arg_min(coalesce(acquired_how, ''), (coalesce(acquired_on, DATE '9999-12-31'), acquired_via, coalesce(acquired_how, ''))) FILTER (coalesce(acquired_via, 'unknown') <> 'unknown') AS how,
			arg_min(segment, (coalesce(acquired_on, DATE '9999-12-31'), segment)) FILTER (segment IS NOT NULL) AS segment,
			arg_min(entity, (coalesce(acquired_on, DATE '9999-12-31'), entity)) FILTER (entity IS NOT NULL) AS entity
			FROM ` + source + ` x` + join + ` GROUP BY 1`
	}
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW origin AS "+origin)
}

// maxEntities bounds the legal entities and brands of a company.
const maxEntities = 10000

// entityUnit makes a customer of each legal entity a unit of its own.
func (l *Ledger) entityUnit(unit, entity string) string {
	return fmt.Sprintf("(%s) * %d + coalesce(list_position(%s, %s), 0)", unit, maxEntities, l.entityList(), entity)
}

func (l *Ledger) entityList() string {
	names := make([]string, len(l.entities))
	for i, n := range l.entities {
		names[i] = literal(n)
	}
	return "[" + strings.Join(names, ", ") + "]::VARCHAR[]"
}

// entityNames lists the entities of all lines, when the grain asks for them.
func (l *Ledger) entityNames(ctx context.Context) error {
	if l.from.Grain != "entity" || !l.has["orders"]["entity"] {
		return nil
	}
	return l.e.each(ctx, "SELECT DISTINCT entity FROM read_parquet("+l.e.files(paths(l.from.Orders))+", union_by_name = true) WHERE entity IS NOT NULL ORDER BY 1", func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		if l.entities = append(l.entities, name); len(l.entities) >= maxEntities {
			return &engine.Unanswerable{What: fmt.Sprintf("orders name more than %d entities", maxEntities), Do: "map entity to the brand or legal entity", Kind: engine.ManyEntities}
		}
		return err
	})
}
