-- Question:   how are the customers of a period distributed by orders, spend and profit?
-- Grain:      one row for each window (0 comparison, 1 period), measure and band of its values.
-- Inputs:     audited, as audited.sql makes it.
-- Definition: base.Place: the band of a value; only the active count.
{{- range $i, $v := .Values}}
{{if $i}}UNION ALL {{end}}SELECT {{$v.Window}} AS w, '{{$v.Measure}}' AS measure, {{$v.Place}} AS band, count(*), sum(n{{$v.Window}}), CAST(sum(r{{$v.Window}}) AS VARCHAR), CAST(sum(g{{$v.Window}}) AS VARCHAR), sum(u{{$v.Window}})
FROM audited WHERE a{{$v.Window}} GROUP BY band
{{- end}}
ORDER BY 1, 2, 3
