-- Question:   what did the customers who were known at the cut do after it?
-- Grain:      one row for customers who have the month of their first purchase, their history at the cut and its mean spend in common.
-- Inputs:     history (history.sql).
-- Definition: equity.HeldOut.
SELECT cn - 1 AS repeats, CASE WHEN cn > 1 THEN clast - first ELSE 0 END AS recency, {{.Cut}} - 1 - first AS age, CASE WHEN cn > 1 THEN CAST(cs - f AS DOUBLE) / (cn - 1) ELSE 0 END AS mean,
  CAST(year(first) * 12 + month(first) - 1 AS INTEGER) AS began, count(*) AS together,
  {{- range $i, $p := .Quarters}} CAST(sum(a{{$i}}) AS BIGINT) AS a{{$i}},{{end}}
  CAST(sum(after) AS DOUBLE) AS after, CAST(sum(b - CASE WHEN first >= {{.Lead}} THEN 1 ELSE 0 END) AS BIGINT) AS b, CAST(sum(before - CASE WHEN first >= {{.Lead}} THEN f ELSE 0 END) AS DOUBLE) AS before
FROM history WHERE cn > 0
GROUP BY ALL ORDER BY ALL
