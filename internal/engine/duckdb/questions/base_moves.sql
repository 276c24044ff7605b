-- Question:   who moved between the deciles of two periods?
-- Grain:      one row for each measure, decile in the comparison period and decile in the period; 0 is not active.
-- Inputs:     audited, as audited.sql makes it.
-- Definition: base.Move.
{{- range $i, $v := .Ranks}}
{{if $i}}UNION ALL {{end}}SELECT '{{$v.Measure}}' AS measure, coalesce({{$v.Then}}, 0) AS was, coalesce({{$v.Now}}, 0) AS now, count(*), CAST(sum(r0) AS VARCHAR), CAST(sum(r1) AS VARCHAR)
FROM audited WHERE a0 OR a1 GROUP BY was, now
{{- end}}
ORDER BY 1, 2, 3
