-- Question:   which customer ids look like a stand-in for "unknown"?
-- Grain:      one row an id, at most ten, by rows.
-- Inputs:     inspected (customer_key, amount); the dictionary's parts (id, key).
-- Definition: words for nothing, zeros, −1, or nines alone; which of them are many is judged by the reader.
SELECT k.id, count(*) AS n, CAST(coalesce(sum(i.amount), 0) AS VARCHAR) AS amount
FROM inspected i
JOIN (
  SELECT id, key FROM read_parquet({{.Keys}})
  WHERE regexp_full_match(lower(id), '(-1|0+|0\.0|-1\.0|9{4,}(\.0)?|null|nil|none|nan|n/?a|n\.a\.|#n/a|unknown|unbekannt|undefined|guest|gast|anonymous|anon|test|dummy|default|missing|\?+|-+|x+|\(null\)|\\n)')
) k ON k.key = i.customer_key
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT 10
