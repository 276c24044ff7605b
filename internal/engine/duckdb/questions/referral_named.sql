-- Question:   whom does each customer say that they were brought by?
-- Grain:      one row for each customer (unit) who names somebody.
-- Inputs:     customer (customer_key, acquired_on, referred_by); unit (customer_key, unit, excluded): customers that are not simply themselves;
--             the dictionary's parts (id, key); first, origin as in tally.sql.
-- Definition: docs/referrals.md, who brought whom. Of several referrers that the merged ids of a customer name, a known customer goes before an
--             excluded one, that before an unknown id, that before the customer itself; then the one whose row came first. `bought`: the first
--             purchase, or acquired_on where that is earlier, lies before the period's end; `waits`: a purchase does not. What comes later moves neither.
WITH aimed AS (
  SELECT coalesce(u.unit, CAST(c.customer_key AS BIGINT)) AS unit, coalesce(s.unit, CAST(k.key AS BIGINT)) AS sender, c.acquired_on, c.referred_by,
    CASE WHEN k.key IS NULL THEN 3 WHEN s.excluded IS NOT NULL THEN 2
      WHEN coalesce(s.unit, CAST(k.key AS BIGINT)) = coalesce(u.unit, CAST(c.customer_key AS BIGINT)) THEN 4 ELSE 1 END AS kind
  FROM customer c
  LEFT JOIN unit u ON u.customer_key = c.customer_key
  LEFT JOIN {{.Dictionary}} k ON k.id = c.referred_by
  LEFT JOIN unit s ON s.customer_key = k.key
  WHERE c.referred_by IS NOT NULL AND u.excluded IS NULL
),
named AS (
  SELECT unit, min(kind) AS kind, arg_min(sender, (kind, coalesce(acquired_on, DATE '9999-12-31'), referred_by)) AS sender FROM aimed GROUP BY unit
),
began AS (
  SELECT unit, min(day) AS day, min(day) FILTER (purchase) AS purchase FROM (
    SELECT unit, day, TRUE AS purchase FROM first WHERE unit IN (SELECT unit FROM named)
    UNION ALL
    SELECT unit, acquired_on, FALSE FROM origin WHERE acquired_on IS NOT NULL AND unit IN (SELECT unit FROM named))
  GROUP BY unit
)
SELECT n.unit, n.sender, n.kind, coalesce(b.day < {{.Until}}, FALSE) AS bought, coalesce(b.purchase >= {{.Until}}, TRUE) AS waits
FROM named n LEFT JOIN began b ON b.unit = n.unit
