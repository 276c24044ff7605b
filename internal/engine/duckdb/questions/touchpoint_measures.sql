-- Question:   what did other systems measure at touchpoints?
-- Grain:      one row for each span, touchpoint and measure.
-- Inputs:     figure (span, moment, "end", touchpoint, measure, value, n): rows of measures with the first day of their period and the first after it; value and n are millionths; place, as in touchpoint_names.sql.
-- Definition: journey.Measured. value · n is told by the high and the low 32 bits of the value, so that none runs over.
WITH led AS (
  SELECT f.*, p.touchpoint AS leads, EXISTS (SELECT 1 FROM place o WHERE o.name = p.name AND o.touchpoint <> p.touchpoint AND o."from" < f."end" AND o."until" > f.moment) AS shared
  FROM figure f JOIN place p ON p.name = {{.Folded}} AND f.moment >= p."from" AND f.moment < p."until"
)
SELECT f.span, f.leads, {{.Measure}} AS measure, count(*), CAST(sum(f.value) AS VARCHAR), bool_and(coalesce(f.n > 0, FALSE)),
  CAST(coalesce(sum(f.n), 0) AS VARCHAR), CAST(coalesce(sum(CAST(f.value >> 32 AS HUGEINT) * f.n), 0) AS VARCHAR), CAST(coalesce(sum(CAST(f.value & 4294967295 AS HUGEINT) * f.n), 0) AS VARCHAR), count(*) FILTER (f.shared)
FROM led f
GROUP BY ALL
ORDER BY ALL
