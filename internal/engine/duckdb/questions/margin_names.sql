-- Question:   which of some names stands as the product of a line, the plan of a subscription or the segment of a customer?
-- Grain:      one row a name that does.
-- Inputs:     parts of orders, subscriptions and customers, as far as the books have them and the statement is made of them; lines before a day.
-- Definition: docs/books.md, margin: names are compared as they are written.
SELECT DISTINCT name FROM (
	SELECT CAST(NULL AS VARCHAR) AS name WHERE FALSE
{{range .Sources}}	UNION ALL SELECT DISTINCT CAST({{.Column}} AS VARCHAR) FROM read_parquet({{.Files}}, union_by_name = true) WHERE {{.Column}} IN ({{$.Names}}){{with .Before}} AND {{.}}{{end}}
{{end}})
