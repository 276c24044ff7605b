-- What each customer (unit) bought, as it was known at three midnights, for every question about what the base is worth.
-- Grain:      one row for each customer who bought before {{.Until}}.
-- Inputs:     line (unit, ordered_at, amount, profit{{if .ByLine}}, entity{{end}}): lines of orders, as in tally.sql.
-- Definition: package equity. A purchase is a day on which a customer's lines come to more than nothing. Of each moment (w: {{.Opened}}, c: {{.Cut}}, and the
--             end): purchases n, the last of them, and what they came to. f is the first purchase; after and before are net revenue around the cut.
CREATE OR REPLACE TEMP TABLE history AS
WITH bought AS ( -- lines are read here alone
  SELECT unit, CAST(ordered_at AS DATE) AS day, sum(amount) AS r, sum(profit) AS g, coalesce(sum(amount) FILTER (profit IS NOT NULL), 0) AS k{{if .ByLine}}, coalesce(min(entity), '') AS entity{{end}}
  FROM line WHERE ordered_at < {{.Until}} GROUP BY ALL
)
SELECT unit, min(day) FILTER (r > 0) AS first, arg_min(r, day) FILTER (r > 0) AS f{{if .ByLine}}, arg_min(entity, day) FILTER (r > 0) AS entity{{end}},
  count(*) FILTER (r > 0) AS n, max(day) FILTER (r > 0) AS last, sum(r) FILTER (r > 0) AS s,
  count(*) FILTER (r > 0 AND day < {{.Opened}}) AS wn, max(day) FILTER (r > 0 AND day < {{.Opened}}) AS wlast, sum(r) FILTER (r > 0 AND day < {{.Opened}}) AS ws,
  count(*) FILTER (r > 0 AND day < {{.Cut}}) AS cn, max(day) FILTER (r > 0 AND day < {{.Cut}}) AS clast, sum(r) FILTER (r > 0 AND day < {{.Cut}}) AS cs,
  {{- range $i, $p := .Quarters}}
  count(*) FILTER (r > 0 AND day >= {{$p.Start}} AND day < {{$p.End}}) AS a{{$i}},
  {{- end}}
  coalesce(sum(r) FILTER (day >= {{.Cut}}), 0) AS after,
  count(*) FILTER (r > 0 AND day >= {{.Lead}} AND day < {{.Cut}}) AS b, coalesce(sum(r) FILTER (day >= {{.Lead}} AND day < {{.Cut}}), 0) AS before
  {{- range $i, $y := .Years}},
  coalesce(sum(r) FILTER ({{$y}}), 0) AS net{{$i}}, coalesce(sum(r) FILTER (r > 0 AND {{$y}}), 0) AS sold{{$i}}, coalesce(sum(g) FILTER ({{$y}}), 0) AS g{{$i}}, coalesce(sum(k) FILTER ({{$y}}), 0) AS k{{$i}}
  {{- end}}
FROM bought GROUP BY unit HAVING count(*) FILTER (r > 0) > 0
