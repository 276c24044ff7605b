-- Question:   what became of the customers between two periods?
-- Grain:      one row for each state and, of the new, each origin.
-- Inputs:     line (unit, ordered_at, amount): lines of both windows, identified, linked, without the excluded, converted;
--             first (unit, day): first lines that count as a purchase, over all history; the earliest of a unit is its first;
--             origin (unit, acquired_on, via, how): what is known of a customer.
-- Definition: product.md, "The customer statement, exactly". r0 and r1 are net revenue in the comparison period and the
--             period; active means {{if .AnyLine}}any line in it{{else}}net revenue above zero{{end}}. Sums are exact decimals.
WITH spent AS (
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
  SELECT CASE WHEN a0 AND a1 THEN 'retained' WHEN a0 THEN 'lost' ELSE 'idle' END AS state, '' AS via, '' AS how, r0, r1, a0, FALSE AS undated
  FROM judged WHERE a0 OR NOT a1
  UNION ALL
  SELECT CASE WHEN day >= {{.PStart}} THEN 'new' WHEN day >= {{.QEnd}} THEN 'newbefore' ELSE 'returning' END,
    CASE WHEN day >= {{.QEnd}} THEN coalesce(via, '') ELSE '' END, CASE WHEN day >= {{.QEnd}} THEN coalesce(how, '') ELSE '' END, r0, r1, FALSE, undated
  FROM arrived
)
SELECT state, via, how, count(*),
  CAST(sum(r0) AS VARCHAR), CAST(sum(r1) AS VARCHAR),
  CAST(sum(CASE WHEN r0 > r1 THEN r0 - r1 ELSE 0 END) AS VARCHAR),
  CAST(sum(CASE WHEN r1 > r0 THEN r1 - r0 ELSE 0 END) AS VARCHAR),
  CAST(sum(CASE WHEN NOT a0 OR r1 <= 0 THEN CASE WHEN a0 AND r0 < 0 THEN r0 ELSE 0 END WHEN r1 < r0 THEN r1 ELSE r0 END) AS VARCHAR),
  CAST(sum(high * high) AS VARCHAR), CAST(sum(high * low) AS VARCHAR), CAST(sum(low * low) AS VARCHAR),
  count(*) FILTER (undated AND state IN ('new', 'newbefore'))
FROM (
  -- A revenue in millionths is high · 2⁴⁸ + low, so that its square is summed without running over.
  SELECT *, CASE WHEN state IN ('new', 'newbefore') THEN CAST(r1 * 1000000 AS HUGEINT) // 281474976710656 ELSE 0 END AS high,
    CASE WHEN state IN ('new', 'newbefore') THEN CAST(r1 * 1000000 AS HUGEINT) % 281474976710656 ELSE 0 END AS low
  FROM placed)
GROUP BY state, via, how
ORDER BY state, via, how
