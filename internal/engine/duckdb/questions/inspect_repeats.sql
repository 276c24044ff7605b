-- Question:   how many rows of one source stand in it more than once?
-- Grain:      one row: rows beyond the first of each content.
-- Inputs:     the parts of one source of one book.
-- Definition: rows are the same when all their stored columns are, by two hashes of 64 bits.
SELECT CAST(coalesce(sum(n - 1), 0) AS BIGINT)
FROM (
  SELECT count(*) AS n
  FROM read_parquet({{.Parts}}, union_by_name = true)
  GROUP BY hash({{.Columns}}), hash('again', {{.Columns}})
  HAVING count(*) > 1
)
