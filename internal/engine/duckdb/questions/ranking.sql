-- Question:   how is profit spread over the customers?
-- Grain:      one row for each hundredth of the customers in order of profit, the highest first.
-- Inputs:     line and contact of the period; price (touchpoint, span, per_contact, per_microsecond): what a unit of a touchpoint's
--             driver cost, in units of which 10^scale are a millionth.
-- Definition: docs/profit.md: profit is gross profit less the cost of one's own contacts; everybody with a line or a contact counts.
--             Equal profits are ordered by revenue and then gross profit; who is equal in all is the same in every sum, so that no
--             key decides a figure. Rank r of N, from 0, is in hundredth ⌊100·r/N⌋. Sums are of whole numbers.
WITH earned AS (
  SELECT unit, sum(amount) AS revenue, sum(profit) AS gross
  FROM line
  WHERE ordered_at >= {{.Start}} AND ordered_at < {{.End}}
  GROUP BY unit
),
served AS (
  SELECT c.unit, sum(coalesce(p.per_contact + p.per_microsecond * CAST(CAST(coalesce(c.seconds, 0) AS DECIMAL(38,6)) * 1000000 AS HUGEINT), 0)) AS cost
  FROM (SELECT unit, touchpoint, seconds, {{.Span}} AS span FROM contact WHERE who = 'identified' AND started_at >= {{.Start}} AND started_at < {{.End}}) c
  LEFT JOIN price p ON p.touchpoint = c.touchpoint AND p.span = c.span
  GROUP BY c.unit
),
each AS (
  SELECT coalesce(e.revenue, 0) AS revenue, coalesce(e.gross, 0) AS gross,
    CAST(coalesce(e.gross, 0) * 1000000 AS HUGEINT) * CAST({{.Scale}} AS HUGEINT) - coalesce(s.cost, 0) AS profit
  FROM earned e FULL JOIN served s ON s.unit = e.unit
),
ranked AS (
  SELECT *, CAST((row_number() OVER (ORDER BY profit DESC, revenue DESC, gross DESC) - 1) * 100 // count(*) OVER () AS INTEGER) AS hundredth
  FROM each
)
SELECT hundredth, count(*), CAST(sum(revenue) AS VARCHAR), CAST(sum(gross) AS VARCHAR), CAST(sum(profit) AS VARCHAR),
  CAST(min(profit) AS VARCHAR), CAST(max(profit) AS VARCHAR),
  count(*) FILTER (profit > 0), CAST(coalesce(sum(profit) FILTER (profit > 0), 0) AS VARCHAR),
  count(*) FILTER (profit < 0), CAST(coalesce(sum(profit) FILTER (profit < 0), 0) AS VARCHAR)
FROM ranked
GROUP BY 1
ORDER BY 1
