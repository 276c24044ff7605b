-- Question:   after how many days was put right what a contact left?
-- Grain:      one row for each part and number of days.
-- Inputs:     met, follow, as in touchpoint_lost.sql.
-- Definition: journey.Remedy. The first contact of a customer in the part that was abandoned, not resolved, or came up again; put right by the first contact that was resolved and is
--             none of these; up to {{.Most}} days, and what is known when the span ends (until).
WITH left_over AS (
  SELECT part, unit, min(moment) AS moment, {{.Until}} AS until FROM met WHERE unit IS NOT NULL AND (coalesce(abandoned, FALSE) OR coalesce(reopened, FALSE) OR resolved IS FALSE) GROUP BY part, unit
),
settled AS (
  SELECT unit, moment FROM follow WHERE resolved AND abandoned IS NOT TRUE AND reopened IS NOT TRUE AND unit IN (SELECT unit FROM left_over)
),
told AS (
  SELECT l.part, CASE WHEN s.moment < l.until THEN CAST(s.moment AS DATE) - CAST(l.moment AS DATE) END AS days, least({{.Most}}, l.until - 1 - CAST(l.moment AS DATE)) AS seen
  FROM left_over l ASOF LEFT JOIN settled s ON s.unit = l.unit AND s.moment >= l.moment
)
SELECT part, CASE WHEN days <= {{.Most}} THEN days ELSE seen END AS after, count(*) FILTER (days <= {{.Most}}), count(*) FILTER (days IS NULL OR days > {{.Most}})
FROM told GROUP BY part, after ORDER BY part, after
