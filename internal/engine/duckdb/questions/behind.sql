-- Question:   who is behind the line "{{.Line}}", and with how much?
-- Grain:      one row for each customer (account, household, customer of an entity), the largest stake first.
-- Inputs:     {{if .Table}}standing: what became of each, by placed.sql{{else}}as in tally.sql{{end}}.
-- Definition: {{.Definition}}
{{- if not .Table}}
WITH
{{template "placed.sql" .}}
{{- end}}
SELECT unit, state, via, how, r0, r1, {{.Stake}} AS stake
FROM {{if .Table}}{{.Table}}{{else}}placed{{end}}
WHERE {{.Where}}
ORDER BY abs(stake) DESC, unit
