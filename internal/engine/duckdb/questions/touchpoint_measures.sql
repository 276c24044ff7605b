-- Question:   what did other systems measure at touchpoints?
-- Grain:      one row for each span, touchpoint and measure.
-- Inputs:     figure (span, moment, "end", touchpoint, measure, value, n): rows of measures with the first day of their period and the first after it; value and n are millionths; place, as in touchpoint_names.sql.
-- Definition: journey.Measured. value · n is told by the high and the low 32 bits of the value, so that none runs over.
--             That a name leads elsewhere too is asked by a join: DuckDB 1.5 answers EXISTS wrongly where <> stands beside other comparisons with the rows outside.
WITH led AS (
  SELECT f.*, p.name, p.touchpoint AS leads
  FROM figure f JOIN place p ON p.name = {{.Folded}} AND f.moment >= p."from" AND f.moment < p."until"
),
elsewhere AS (
  SELECT DISTINCT l.name, l.moment, l."end", l.leads FROM led l JOIN place o ON o.name = l.name AND o."from" < l."end" AND o."until" > l.moment WHERE o.touchpoint <> l.leads
)
SELECT f.span, f.leads, {{.Measure}} AS measure, count(*), CAST(sum(f.value) AS VARCHAR), bool_and(coalesce(f.n > 0, FALSE)),
  CAST(coalesce(sum(f.n), 0) AS VARCHAR), CAST(coalesce(sum(CAST(f.value >> 32 AS HUGEINT) * f.n), 0) AS VARCHAR), CAST(coalesce(sum(CAST(f.value & 4294967295 AS HUGEINT) * f.n), 0) AS VARCHAR), count(e.name)
FROM led f LEFT JOIN elsewhere e USING (name, moment, "end", leads)
GROUP BY ALL
ORDER BY ALL
