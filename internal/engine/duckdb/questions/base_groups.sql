-- Question:   what became of each part of the base: segments, brands or legal entities, ways of coming?
-- Grain:      one row for each dimension and group; an empty name is not known.
-- Inputs:     audited, as audited.sql makes it; origin (unit, via, segment, entity);{{if .ByLine}} line, for the entities of lines.{{else}} entities are the customers'.{{end}}
-- Definition: base.Group: sums are of those active in each window. All customers with a line in either window are in a group of each dimension{{if .ByLine}}; by entities of lines in one for each that
--             they bought from, and active there by what they bought there{{end}}.
WITH member (dimension, name, fresh, a0, a1, r0, r1, n0, n1, g0, g1, u0, u1) AS (
{{- range $i, $d := .Dimensions}}
  {{if $i}}UNION ALL {{end}}SELECT '{{$d.Name}}' AS dimension, coalesce({{$d.Column}}, '') AS name, a.fresh, a.a0, a.a1, a.r0, a.r1, a.n0, a.n1, a.g0, a.g1, a.u0, a.u1
  FROM audited a LEFT JOIN origin o ON o.unit = a.unit
{{- end}}
{{- if .ByLine}}
  {{if .Dimensions}}UNION ALL {{end}}SELECT 'entity', e.name, a.fresh, {{if .AnyLine}}e.l0 > 0, e.l1 > 0{{else}}e.r0 > 0, e.r1 > 0{{end}}, e.r0, e.r1, coalesce(n.n0, 0) + e.b0, coalesce(n.n1, 0) + e.b1, e.g0, e.g1, e.u0, e.u1
  FROM (
    SELECT unit, coalesce(entity, '') AS name,
      sum(CASE WHEN ordered_at < {{.QEnd}} THEN amount ELSE 0 END) AS r0, sum(CASE WHEN ordered_at >= {{.PStart}} THEN amount ELSE 0 END) AS r1,
      coalesce(sum(profit) FILTER (ordered_at < {{.QEnd}}), 0) AS g0, coalesce(sum(profit) FILTER (ordered_at >= {{.PStart}}), 0) AS g1,
      count(*) FILTER (ordered_at < {{.QEnd}} AND profit IS NULL) AS u0, count(*) FILTER (ordered_at >= {{.PStart}} AND profit IS NULL) AS u1,
      CAST(coalesce(sum(bought) FILTER (ordered_at < {{.QEnd}}), 0) AS BIGINT) AS b0, CAST(coalesce(sum(bought) FILTER (ordered_at >= {{.PStart}}), 0) AS BIGINT) AS b1,
      count(*) FILTER (ordered_at < {{.QEnd}}) AS l0, count(*) FILTER (ordered_at >= {{.PStart}}) AS l1
    FROM line WHERE (ordered_at >= {{.QStart}} AND ordered_at < {{.QEnd}}) OR (ordered_at >= {{.PStart}} AND ordered_at < {{.PEnd}})
    GROUP BY 1, 2) e
  JOIN audited a ON a.unit = e.unit
  LEFT JOIN (
    SELECT unit, name, count(*) FILTER (earlier) AS n0, count(*) FILTER (NOT earlier) AS n1 FROM (
      SELECT DISTINCT unit, coalesce(entity, '') AS name, ordered_at < {{.QEnd}} AS earlier, purchase FROM line
      WHERE purchase IS NOT NULL AND ((ordered_at >= {{.QStart}} AND ordered_at < {{.QEnd}}) OR (ordered_at >= {{.PStart}} AND ordered_at < {{.PEnd}})))
    GROUP BY 1, 2) n ON n.unit = e.unit AND n.name = e.name
{{- end}}
)
SELECT dimension, name, count(*) FILTER (a0), count(*) FILTER (a0 AND a1), count(*) FILTER (a1), count(*) FILTER (fresh AND a1 AND NOT a0),
  CAST(coalesce(sum(n0) FILTER (a0), 0) AS BIGINT), CAST(coalesce(sum(r0) FILTER (a0), 0) AS VARCHAR), CAST(coalesce(sum(g0) FILTER (a0), 0) AS VARCHAR), CAST(coalesce(sum(u0) FILTER (a0), 0) AS BIGINT),
  CAST(coalesce(sum(n1) FILTER (a1), 0) AS BIGINT), CAST(coalesce(sum(r1) FILTER (a1), 0) AS VARCHAR), CAST(coalesce(sum(g1) FILTER (a1), 0) AS VARCHAR), CAST(coalesce(sum(u1) FILTER (a1), 0) AS BIGINT),
  CAST(coalesce(sum(r0) FILTER (a0), 0) AS VARCHAR), CAST(coalesce(sum(r1) FILTER (a0), 0) AS VARCHAR),
  CAST(coalesce(sum(CASE WHEN r1 <= 0 THEN CASE WHEN r0 < 0 THEN r0 ELSE 0 END WHEN r1 < r0 THEN r1 ELSE r0 END) FILTER (a0), 0) AS VARCHAR)
FROM member GROUP BY 1, 2 ORDER BY 1, 2
