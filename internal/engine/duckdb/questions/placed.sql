-- What became of each customer (unit) between two periods, for every question that is asked about it.
-- Inputs:     line, first, origin as in tally.sql; spent, where a question has it of its own.
-- Definition: product.md, "The customer statement, exactly". r0 and r1 are net revenue in the comparison period and the
--             period; active (a0, a1) means {{if .AnyLine}}any line in it{{else}}net revenue above zero{{end}}. Sums are exact decimals.
{{- if not .Own}}
spent AS (
  SELECT unit,
    sum(CASE WHEN ordered_at < {{.QEnd}} THEN amount ELSE 0 END) AS r0,
    sum(CASE WHEN ordered_at >= {{.PStart}} THEN amount ELSE 0 END) AS r1
    {{- if .AnyLine}},
    count(*) FILTER (ordered_at < {{.QEnd}}) > 0 AS a0,
    count(*) FILTER (ordered_at >= {{.PStart}}) > 0 AS a1
    {{- end}}
  FROM line
  WHERE (ordered_at >= {{.QStart}} AND ordered_at < {{.QEnd}}) OR (ordered_at >= {{.PStart}} AND ordered_at < {{.PEnd}})
  GROUP BY unit
),
{{- end}}
judged AS (
  SELECT unit, r0, r1{{if .AnyLine}}, a0, a1{{else}}, r0 > 0 AS a0, r1 > 0 AS a1{{end}} FROM spent
),
came AS (
  SELECT unit, r0, r1 FROM judged WHERE a1 AND NOT a0
),
began AS (
  SELECT unit, min(day) AS day FROM first WHERE unit IN (SELECT unit FROM came) GROUP BY unit
),
arrived AS (
  SELECT c.unit, c.r0, c.r1, least(o.acquired_on, b.day) AS day, o.via, o.how, o.acquired_on IS NULL AS undated
  FROM came c
  LEFT JOIN began b ON b.unit = c.unit
  LEFT JOIN origin o ON o.unit = c.unit
),
placed AS (
  SELECT unit, CASE WHEN a0 AND a1 THEN 'retained' WHEN a0 THEN 'lost' ELSE 'idle' END AS state, '' AS via, '' AS how, r0, r1, a0, FALSE AS undated
  FROM judged WHERE a0 OR NOT a1
  UNION ALL
  SELECT unit, CASE WHEN day >= {{.PStart}} THEN 'new' WHEN day >= {{.QEnd}} THEN 'newbefore' ELSE 'returning' END,
    CASE WHEN day >= {{.QEnd}} THEN coalesce(via, '') ELSE '' END, CASE WHEN day >= {{.QEnd}} THEN coalesce(how, '') ELSE '' END, r0, r1, FALSE, undated
  FROM arrived
)
