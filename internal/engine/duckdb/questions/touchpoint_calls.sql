-- Question:   which names of touchpoints does a book use most?
-- Grain:      one row for each name as it is written (name), NULL where a row has none.
-- Inputs:     noted (span, moment, touchpoint, unit): the book's rows in the spans, without those of the excluded.
-- Definition: folded is journey.Fold of the name, '' where there is none; kept: it is among the {{.Most}} folded names with the most rows, of equal ones the first by name.
WITH written AS (
  SELECT touchpoint AS name, coalesce({{.Folded}}, '') AS folded, count(*) AS n FROM noted GROUP BY touchpoint
),
ranked AS (
  SELECT folded, row_number() OVER (ORDER BY sum(n) DESC, folded) AS rank FROM written WHERE folded <> '' GROUP BY folded
)
SELECT w.name, w.folded, w.folded = '' OR r.rank <= {{.Most}} AS kept FROM written w LEFT JOIN ranked r ON r.folded = w.folded
