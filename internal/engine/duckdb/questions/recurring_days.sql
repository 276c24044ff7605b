-- What became of each customer on each day on which something changed, for recurring_cells.sql.
-- Grain:      one row for each customer and day; narrow, because it is sorted.
-- Inputs:     event (recurring_event.sql), priced.
-- Definition: package recurring, State. A customer has recurring revenue while a row above zero runs: those that ran on the day before
--             {{.From}} and the running sum of rows that began to pay since less those that ceased. balance is what began less what ended.
WITH day AS (
  SELECT unit, day,
    CAST(count(*) FILTER (pays AND NOT paid) - count(*) FILTER (paid AND NOT pays) AS INTEGER) AS net, CAST(count(*) FILTER (pays AND NOT paid) AS INTEGER) AS up,
    count(*) FILTER (what = 'began') > 0 AND count(*) FILTER (what = 'end') > 0 AS swapped,
    count(*) FILTER (what = 'back' AND pays) > 0 AS resumed,
    CAST(min(CASE WHEN NOT paid OR pays OR what = 'pause' THEN 9 {{range $i, $r := .Reasons}}WHEN what = 'end' AND reason = '{{$r}}' THEN {{$i}} {{end}}ELSE {{.OtherAt}} END) AS TINYINT) AS reason,
    sum(CASE what WHEN 'began' THEN a WHEN 'end' THEN -b ELSE 0 END) AS balance
  FROM event GROUP BY unit, day
),
base AS (
  SELECT unit, CAST(count(*) FILTER (ended_on >= {{.From}}) AS INTEGER) AS had FROM priced
  WHERE amount > 0 AND started_on < {{.From}} AND unit IN (SELECT unit FROM day) GROUP BY unit
),
state AS (
  SELECT d.*, coalesce(b.had, 0) + coalesce(sum(d.net) OVER earlier, 0) AS had, b.unit IS NOT NULL OR coalesce(sum(d.up) OVER earlier, 0) > 0 AS ever
  FROM day d LEFT JOIN base b ON b.unit = d.unit
  WINDOW earlier AS (PARTITION BY d.unit ORDER BY d.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT unit, day, {{.Span}} AS span, swapped, resumed, reason, balance,
  CASE WHEN had > 0 AND had + net > 0 THEN 'stayed' WHEN had > 0 THEN 'left' WHEN had + net <= 0 THEN 'idle' WHEN ever THEN 'back' ELSE 'new' END AS state
FROM state
