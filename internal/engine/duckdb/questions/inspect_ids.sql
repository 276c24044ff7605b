-- Question:   which customer ids look like one id written in two ways?
-- Grain:      one row for each pair of twins, at most five; at least one row, with NULL twins when there are none.
-- Inputs:     held (key): the customers of all books; the dictionary's parts (id, key).
-- Definition: twins differ by letter case, blanks or a final ".0" alone; a float is digits with a final ".0".
WITH written AS (
  SELECT k.id FROM read_parquet({{.Keys}}) k SEMI JOIN held h ON h.key = k.key
),
alike AS (
  SELECT min(id) AS one, max(id) AS other, count(*) AS n
  FROM written
  GROUP BY regexp_replace(regexp_replace(lower(id), '\s+', '', 'g'), '^([0-9]+)\.0$', '\1')
  HAVING count(*) > 1
),
facts AS (
  SELECT count(*) AS ids, count(*) FILTER (regexp_full_match(id, '[0-9]+\.0')) AS floats,
    min(id) FILTER (regexp_full_match(id, '[0-9]+\.0')) AS example, (SELECT coalesce(sum(n), 0) FROM alike) AS twins
  FROM written
)
SELECT f.ids, f.floats, coalesce(f.example, ''), CAST(f.twins AS BIGINT), a.one, a.other
FROM facts f LEFT JOIN (SELECT one, other FROM alike ORDER BY one LIMIT 5) a ON TRUE
ORDER BY a.one
