-- Question:   which subscriptions run on the last day of the period?
-- Grain:      one row for each row of the book that does.
-- Inputs:     the book subscriptions; unit (customer_key, unit, excluded). Rows that begin after the period are not known.
-- Definition: a row runs from started_on up to and without the earlier of ended_on and the start of the subscription's next row, as accruals have it.
SELECT {{.Unit}} AS unit, plan, billed
FROM (
  SELECT *, least(coalesce(ended_on, DATE '9999-12-31'), coalesce(lead(started_on) OVER (PARTITION BY subscription_id ORDER BY started_on), DATE '9999-12-31')) AS until
  FROM (SELECT subscription_id, customer_key, started_on, {{.Columns}} FROM read_parquet({{.Files}}, union_by_name = true)) WHERE started_on < {{.PEnd}}) x{{.Join}}
WHERE x.until >= {{.PEnd}}{{.Included}}
