-- Question:   which customers match what was typed?
-- Grain:      one row for each customer, best matches first.
-- Inputs:     ids, mails, words (term, key): sorted lists of terms.
-- Definition: rank 0 is the id itself, 1 how an id begins, 2 how an address begins, 3 all words of a name, 4 how words of a name
--             begin, all of them; of each at most {{.Bound}} are looked at. A word of one letter has to be the whole word.
WITH hits AS MATERIALIZED (
  (SELECT 'id' AS of, key, CASE WHEN term = {{.ID}} THEN 0 ELSE 1 END AS rank, term FROM read_parquet({{.IDs}})
    WHERE {{.IDRange}} ORDER BY term, key LIMIT {{.Bound}})
  UNION ALL
  (SELECT 'mail', key, 2, term FROM read_parquet({{.Mails}}) WHERE {{.MailRange}} ORDER BY term, key LIMIT {{.Bound}})
  {{- if .Names}}
  UNION ALL
  (SELECT 'name', key, 3, '' FROM read_parquet({{.Words}}) WHERE term = {{(index .Names 0).Word}}
    {{- range slice .Names 1}} AND key IN (SELECT key FROM read_parquet({{$.Words}}) WHERE term = {{.Word}}){{end}} ORDER BY key LIMIT {{.Bound}})
  UNION ALL
  (SELECT DISTINCT 'part', key, 4, '' FROM read_parquet({{.Words}}) WHERE {{(index .Names 0).Range}}
    {{- range slice .Names 1}} AND key IN (SELECT key FROM read_parquet({{$.Words}}) WHERE {{.Range}}){{end}} ORDER BY key LIMIT {{.Bound}})
  {{- end}}
),
found AS (
  SELECT key, min(rank) AS rank, arg_min(term, rank) AS term FROM hits GROUP BY key
)
SELECT key, (SELECT count(*) FROM found), (SELECT max(n) FROM (SELECT count(*) AS n FROM hits GROUP BY of))
FROM found ORDER BY rank, term, key LIMIT {{.Limit}} OFFSET {{.Offset}}
