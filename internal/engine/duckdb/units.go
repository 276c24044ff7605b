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
// unit, excluded, entity). The unit of an account or household is numbered
// beyond the customers' keys; entity is a customer's own, at the grain of
// entities, and NULL at any other.
func (l *Ledger) unitTable(ctx context.Context) error {
	if err := l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE unit AS "+l.unitQuery()); err != nil {
		return err
	}
	var n int64
	if err := l.e.one(ctx, "SELECT count(*) FROM unit", &n); err != nil {
		return err
	}
	l.units = n > 0 || l.from.Grain == "entity"
	return nil
}

func (l *Ledger) unitQuery() string {
	return l.numbered() + `
		SELECT standing AS customer_key, unit, excluded, entity FROM numbered
		UNION ALL
		SELECT k.old_key, coalesce(n.unit, CAST(k.new_key AS BIGINT)), n.excluded, n.entity FROM link k LEFT JOIN numbered n ON n.standing = k.new_key
		WHERE k.old_key NOT IN (SELECT standing FROM numbered)`
}

// numbered opens a query with numbered (standing, excluded, grouped, unit,
// entity). A merged customer is excluded when any of its ids is, and belongs
// to the account and entity that the id that stands has, or else the first of
// the others.
func (l *Ledger) numbered() string {
	group := map[string]string{"account": "account_id", "household": "household_id"}[l.from.Grain]
	if group == "" {
		group = "CAST(NULL AS VARCHAR)"
	}
	entity := "CAST(NULL AS VARCHAR)"
	if l.from.Grain == "entity" {
		entity = "entity"
	}
	return fmt.Sprintf(`WITH known AS (
			SELECT coalesce(k.new_key, c.customer_key) AS standing, c.customer_key = coalesce(k.new_key, c.customer_key) AS itself, %s AS grouped, %s AS entity, excluded
			FROM customer c LEFT JOIN link k ON k.old_key = c.customer_key),
		standing AS (
			SELECT standing, coalesce(min(grouped) FILTER (itself), min(grouped)) AS grouped, coalesce(min(entity) FILTER (itself), min(entity)) AS entity, max(excluded) AS excluded FROM known GROUP BY 1
			HAVING max(excluded) IS NOT NULL OR min(grouped) IS NOT NULL OR min(entity) IS NOT NULL),
		numbered AS (
			SELECT standing, excluded, grouped, entity, CASE WHEN grouped IS NULL THEN CAST(standing AS BIGINT) ELSE 4294967296 + dense_rank() OVER (ORDER BY grouped) END AS unit FROM standing)`, group, entity)
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
// keys decides. At the grain of entities what is known of a customer holds for
// each of their units, whose entity is its own.
func (l *Ledger) origins(ctx context.Context) error {
	unit, join := "CAST(x.customer_key AS BIGINT)", ""
	if l.units {
		unit, join = "coalesce(u.unit, CAST(x.customer_key AS BIGINT))", " LEFT JOIN unit u ON u.customer_key = x.customer_key WHERE u.excluded IS NULL"
	}
	origin := "SELECT " + unit + " AS unit, acquired_on, acquired_via AS via, acquired_how AS how, segment, entity FROM customer x"
	if l.units {
		origin = `SELECT ` + unit + ` AS unit, min(acquired_on) AS acquired_on,
			arg_min(acquired_via, (coalesce(acquired_on, DATE '9999-12-31'), acquired_via, coalesce(acquired_how, ''))) FILTER (coalesce(acquired_via, 'unknown') <> 'unknown') AS via,
			arg_min(coalesce(acquired_how, ''), (coalesce(acquired_on, DATE '9999-12-31'), acquired_via, coalesce(acquired_how, ''))) FILTER (coalesce(acquired_via, 'unknown') <> 'unknown') AS how,
			arg_min(segment, (coalesce(acquired_on, DATE '9999-12-31'), segment)) FILTER (segment IS NOT NULL) AS segment,
			arg_min(x.entity, (coalesce(acquired_on, DATE '9999-12-31'), x.entity)) FILTER (x.entity IS NOT NULL) AS entity
			FROM customer x` + join + ` GROUP BY 1`
	}
	if l.from.Grain == "entity" {
		if err := l.heldUnits(ctx); err != nil {
			return err
		}
		origin = "SELECT h.unit, k.acquired_on, k.via, k.how, k.segment, h.entity FROM (" + origin + ") k JOIN held_unit h ON h.customer = k.unit"
	}
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP VIEW origin AS "+origin)
}

// heldUnits makes held_unit (customer, unit, entity): the entities that each
// customer has a line or subscription of. There are as many as the books hold,
// however many entities there are.
func (l *Ledger) heldUnits(ctx context.Context) error {
	return l.e.exec(ctx, "CREATE OR REPLACE TEMP TABLE held_unit AS "+l.heldQuery())
}

func (l *Ledger) heldQuery() string {
	var books []string
	if l.from.Basis != "subscriptions" && len(l.from.Orders) > 0 {
		books = append(books, "SELECT customer_key, "+l.column("orders", "entity", "VARCHAR")+" FROM read_parquet("+l.e.files(paths(l.from.Orders))+", union_by_name = true) WHERE customer_key IS NOT NULL")
	}
	if l.from.Basis != "orders" && len(l.from.Subscriptions) > 0 {
		books = append(books, "SELECT customer_key, CAST(NULL AS VARCHAR) AS entity FROM read_parquet("+l.e.files(paths(l.from.Subscriptions))+", union_by_name = true) WHERE customer_key IS NOT NULL")
	}
	if len(books) == 0 {
		books = []string{"SELECT CAST(NULL AS INTEGER) AS customer_key, CAST(NULL AS VARCHAR) AS entity WHERE FALSE"}
	}
	return fmt.Sprintf(`SELECT customer, %s AS unit, entity FROM (
		SELECT DISTINCT coalesce(u.unit, CAST(x.customer_key AS BIGINT)) AS customer, %s AS entity FROM (%s) x LEFT JOIN unit u ON u.customer_key = x.customer_key)`,
		l.entityUnit("customer", "entity"), lineEntity, strings.Join(books, " UNION ALL "))
}

// lineEntity is the entity of a line x at the grain of entities, where unit u
// is joined to its customer: its own, or else the customer's. A subscription
// has none of its own.
const lineEntity = "coalesce(x.entity, u.entity)"

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

// entityNames lists the entities of all lines and customers, when the grain
// asks for them.
func (l *Ledger) entityNames(ctx context.Context) error {
	if l.from.Grain != "entity" {
		return nil
	}
	var named []string
	for book, parts := range map[string][]engine.Part{"orders": l.from.Orders, "customers": l.from.Customers} {
		if l.has[book]["entity"] {
			named = append(named, "SELECT entity FROM read_parquet("+l.e.files(paths(parts))+", union_by_name = true) WHERE entity IS NOT NULL")
		}
	}
	if len(named) == 0 {
		return nil
	}
	return l.e.each(ctx, "SELECT DISTINCT entity FROM ("+strings.Join(named, " UNION ALL ")+") ORDER BY 1", func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		if l.entities = append(l.entities, name); len(l.entities) >= maxEntities {
			return &engine.Unanswerable{What: fmt.Sprintf("orders and customers name more than %d entities", maxEntities), Do: "map entity to the brand or legal entity", Kind: engine.ManyEntities}
		}
		return err
	})
}
