-- Question:   which customers gave up and did not come through?
-- Grain:      one row for each part with an abandoned contact that names a customer.
-- Inputs:     met, as in touchpoint_contacts.sql; follow (unit, moment, abandoned, contained, resolved, reopened): contacts of customers in the spans.
-- Definition: journey.Served: followed within {{.Reach}} days by the calendar by one that is known neither as abandoned nor as contained; open while these are not over when the span ends
--             (until), and by nothing after it.
WITH gave AS (
  SELECT part, unit, moment, {{.Until}} AS until FROM met WHERE abandoned AND unit IS NOT NULL
),
through AS (
  SELECT unit, moment FROM follow WHERE abandoned IS NOT TRUE AND contained IS NOT TRUE AND unit IN (SELECT unit FROM gave)
),
judged AS (
  SELECT g.part, g.unit, coalesce(CAST(t.moment AS DATE) - CAST(g.moment AS DATE) <= {{.Reach}} AND t.moment < g.until, FALSE) AS followed, CAST(g.moment AS DATE) + {{.Reach}} < g.until AS over
  FROM gave g ASOF LEFT JOIN through t ON t.unit = g.unit AND t.moment >= g.moment
),
customer AS (
  SELECT part, unit, bool_or(over AND NOT followed) AS lost, bool_or(NOT over AND NOT followed) AS open FROM judged GROUP BY part, unit
)
SELECT part, count(*) FILTER (lost), count(*) FILTER (open AND NOT lost) FROM customer GROUP BY part ORDER BY part
