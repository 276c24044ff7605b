-- Question:   what did other systems measure at touchpoints?
-- Grain:      one row for each span, touchpoint and measure.
-- Inputs:     figure (span, moment, touchpoint, measure, value, n): rows of measures with the first day of their period; value and n are millionths; place, as in touchpoint_names.sql.
-- Definition: journey.Measured. value · n is told by the high and the low 32 bits of the value, so that none runs over.
SELECT f.span, p.touchpoint, {{.Measure}} AS measure, count(*), CAST(sum(f.value) AS VARCHAR), bool_and(coalesce(f.n > 0, FALSE)),
  CAST(coalesce(sum(f.n), 0) AS VARCHAR), CAST(coalesce(sum(CAST(f.value >> 32 AS HUGEINT) * f.n), 0) AS VARCHAR), CAST(coalesce(sum(CAST(f.value & 4294967295 AS HUGEINT) * f.n), 0) AS VARCHAR)
FROM figure f JOIN place p ON p.name = {{.Folded}} AND f.moment >= p."from" AND f.moment < p."until"
GROUP BY ALL
ORDER BY ALL
