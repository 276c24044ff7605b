-- Question:   what did the well-served and the poorly served buy of a product?
-- Grain:      one row for each measure of service, product, kind, and month of the watch; month 0 is how many customers there are.
-- Inputs:     bought (unit, place, month, quantity): pricing_bought.sql; the parts of interactions and answers; unit (customer_key, unit, excluded).
-- Definition: docs/prices.md. Of the customers who bought the product in the twelve months before the watch: by resolved, well when all of their
--             interactions then that tell were resolved, poorly when one was not; by nps, well when the last score then was 9 or 10, poorly when
--             it was 0 to 6 (of several at one time the lowest).
WITH judged AS (
  SELECT 'resolved' AS measure, coalesce(u.unit, CAST(i.customer_key AS BIGINT)) AS unit, bool_and(i.resolved) AS well
  FROM ({{.Interactions}}) i LEFT JOIN unit u ON u.customer_key = i.customer_key
  WHERE i.customer_key IS NOT NULL AND i.resolved IS NOT NULL AND i.started_at >= {{.Since}} AND i.started_at < {{.Start}}
  GROUP BY 2
  UNION ALL
  SELECT 'nps', unit, score >= 9
  FROM (
    SELECT coalesce(u.unit, CAST(a.customer_key AS BIGINT)) AS unit, arg_max(a.score, (a.answered_at, -a.score)) AS score
    FROM ({{.Answers}}) a LEFT JOIN unit u ON u.customer_key = a.customer_key
    WHERE a.customer_key IS NOT NULL AND a.score BETWEEN 0 AND 10 AND lower(trim(a.question)) = 'nps' AND a.answered_at >= {{.Since}} AND a.answered_at < {{.Start}}
    GROUP BY 1)
  WHERE score >= 9 OR score <= 6
),
before AS (
  SELECT DISTINCT unit, place FROM bought WHERE month >= {{.SinceMonth}} AND month < {{.StartMonth}}
),
watched AS (
  SELECT j.measure, j.well, b.unit, b.place FROM before b JOIN judged j ON j.unit = b.unit
)
SELECT measure, place, well, 0 AS month, count(*) AS n, '0' AS quantity FROM watched GROUP BY measure, place, well
UNION ALL
SELECT w.measure, w.place, w.well, b.month, count(*), CAST(sum(b.quantity) AS VARCHAR)
FROM watched w JOIN bought b ON b.unit = w.unit AND b.place = w.place
WHERE b.month >= {{.StartMonth}} AND b.month < {{.EndMonth}}
GROUP BY w.measure, w.place, w.well, b.month
ORDER BY 1, 2, 3, 4
