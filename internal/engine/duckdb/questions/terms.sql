-- Question:   which customers have an id, an e-mail address or a word of their name that begins so?
-- Grain:      one row for each term of a customer, sorted, so that a beginning is a few neighbouring rows.
-- Inputs:     card (key, id, name, email): what is known of each customer.
-- Definition: {{if eq .Kind "ids"}}ids without case and accents{{else if eq .Kind "mails"}}e-mail addresses without case{{else}}words of names: runs of letters and digits, without case and accents{{end}}.
{{if eq .Kind "ids" -}}
SELECT strip_accents(lower(id)) AS term, key FROM {{.Card}} ORDER BY term, key
{{- else if eq .Kind "mails" -}}
SELECT lower(email) AS term, key FROM {{.Card}} WHERE email IS NOT NULL ORDER BY term, key
{{- else -}}
SELECT term, key FROM (SELECT DISTINCT unnest({{.Words}}) AS term, key FROM {{.Card}} WHERE name IS NOT NULL) WHERE term <> '' ORDER BY term, key
{{- end}}
