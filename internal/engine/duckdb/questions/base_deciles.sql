-- Question:   what does each tenth of the customers of a period bring?
-- Grain:      one row for each window (0 comparison, 1 period), measure and decile.
-- Inputs:     audited, as audited.sql makes it.
-- Definition: base.Decile; only the active count.
{{- range $i, $v := .Values}}
{{if $i}}UNION ALL {{end}}SELECT {{$v.Window}} AS w, '{{$v.Measure}}' AS measure, {{$v.Rank}} AS decile, count(*), sum(n{{$v.Window}}), CAST(sum(r{{$v.Window}}) AS VARCHAR), CAST(sum(g{{$v.Window}}) AS VARCHAR), sum(u{{$v.Window}}),
  CAST(min({{$v.Value}}) AS VARCHAR), CAST(max({{$v.Value}}) AS VARCHAR)
FROM audited WHERE a{{$v.Window}} GROUP BY decile
{{- end}}
ORDER BY 1, 2, 3
