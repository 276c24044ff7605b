-- Question:   who was a customer when a period ended, of what kind, and what did they do in the next?
-- Grain:      one row for each customer.
-- Inputs:     line, first, origin as in tally.sql; branded (unit, brand){{if .Running}}; running (unit, …): loyalty_running.sql{{end}}.
-- Definition: journey.Stratum. The bands are numbered in the order of journey.Tenures, Purchases and Since. A purchase is a day on which what was bought comes to more than nothing.
WITH day AS (
  SELECT unit, CAST(ordered_at AS DATE) AS day, sum(amount) AS r FROM line
  WHERE ordered_at < {{.End}} OR ordered_at >= {{.NextStart}} AND ordered_at < {{.NextEnd}} GROUP BY unit, CAST(ordered_at AS DATE)
),
bought AS (
  SELECT unit, count(*) FILTER (r > 0 AND day < {{.End}}) AS n, max(day) FILTER (r > 0 AND day < {{.End}}) AS last, coalesce(sum(r) FILTER (day >= {{.NextStart}} AND day < {{.NextEnd}}), 0) AS net
  FROM day GROUP BY unit
),
came AS (
  SELECT unit, min(day) AS day FROM (SELECT unit, day FROM first UNION ALL SELECT unit, acquired_on FROM origin) GROUP BY unit HAVING min(day) < {{.End}}
),
known AS (
  SELECT c.unit, coalesce(o.segment, '') AS segment, coalesce(d.brand, 0) AS brand, {{.End}} - 1 - c.day AS age, coalesce(b.n, 0) AS n, {{.End}} - 1 - b.last AS since, coalesce(b.net, 0) AS net
  FROM came c LEFT JOIN bought b ON b.unit = c.unit LEFT JOIN origin o ON o.unit = c.unit LEFT JOIN branded d ON d.unit = c.unit
),
large AS (
  SELECT segment FROM known WHERE segment <> '' GROUP BY segment ORDER BY count(*) DESC, segment LIMIT {{.Segments}}
)
SELECT unit, CASE WHEN segment IN (SELECT segment FROM large) THEN segment ELSE '' END AS segment, brand,
  CASE {{range $i, $d := .Tenures}}WHEN age <= {{$d}} THEN {{$i}} {{end}}ELSE {{len .Tenures}} END AS tenure,
  CASE {{range $i, $n := .Purchases}}WHEN n <= {{$n}} THEN {{$i}} {{end}}ELSE {{len .Purchases}} END AS purchases,
  CASE WHEN since IS NULL THEN {{len .Since}} + 1 {{range $i, $d := .Since}}WHEN since <= {{$d}} THEN {{$i}} {{end}}ELSE {{len .Since}} END AS since,
  {{if .Running}}unit IN (SELECT unit FROM running){{else}}net > 0{{end}} AS again, net
FROM known
