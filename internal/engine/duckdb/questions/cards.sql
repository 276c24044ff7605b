-- Question:   what do all books together say of each customer?
-- Grain:      one row for each id of the dictionary, by its dense key.
-- Inputs:     the dictionary (id, key); the customers book; link (old_key, new_key): merged ids with the one that stands at last;
--             orders; the other books with customers, of which only is asked in which parts a customer occurs.
-- Definition: lines, days and revenue are those of orders, as they are, whatever is excluded; revenue by currency. The parts of all
--             books are numbered, and a customer's p0, p1, … have the bits of those that hold it, so that a timeline opens no others.
--             Who sent a customer is who referred_by names, when the dictionary knows that id; of those whom somebody sent, how many and the first few.
WITH known AS (
  SELECT customer_key AS key, TRUE AS known{{range .Columns}}, {{.}}{{end}} FROM {{.Customers}}
)
,
refers AS (
  SELECT k.key, sender.key AS sent_by FROM known k JOIN {{.Dictionary}} sender ON sender.id = k.referred_by WHERE sender.key <> k.key
),
sent AS (
  SELECT sent_by AS key, count(*) AS sent, min(key, {{.Sent}}) AS sent_first FROM refers GROUP BY sent_by
)
{{- if .Orders}},
bought AS (
  SELECT customer_key AS key{{if .Currency}}, currency{{end}}, count(*) AS lines, min(CAST(ordered_at AS DATE)) AS first_line, max(CAST(ordered_at AS DATE)) AS last_line,
    min(CASE WHEN amount > 0 THEN CAST(ordered_at AS DATE) END) AS first_sale, CAST(sum(amount) AS VARCHAR) AS amount
    {{- range $i, $w := .Orders.Words}}, bit_or({{$w}}) AS p{{$i}}{{end}}
  FROM {{.Orders.From}} WHERE customer_key IS NOT NULL GROUP BY customer_key{{if .Currency}}, currency{{end}}
),
summed AS (
{{- if .Currency}}
  SELECT key, CAST(sum(lines) AS BIGINT) AS lines, min(first_line) AS first_line, max(last_line) AS last_line, min(first_sale) AS first_sale,
    list({c: coalesce(currency, ''), a: amount} ORDER BY currency NULLS FIRST) AS revenue{{range $i, $w := .Orders.Words}}, bit_or(p{{$i}}) AS p{{$i}}{{end}}
  FROM bought GROUP BY key
{{- else}}
  SELECT * EXCLUDE (amount), [{c: '', a: amount}] AS revenue FROM bought
{{- end}}
)
{{- end}}
{{- if .Others}},
placed AS (
  SELECT key{{range $i, $w := .Words}}, bit_or(p{{$i}}) AS p{{$i}}{{end}}
  FROM (
  {{- range $i, $p := .Others}}
    {{if $i}}UNION ALL {{end}}SELECT {{$p.Key}} AS key{{range $j, $w := $p.Words}}, {{$w}} AS p{{$j}}{{end}} FROM {{$p.From}} WHERE {{$p.Key}} IS NOT NULL
  {{- end}}
  ) GROUP BY key
)
{{- end}}
SELECT d.key, d.id, c.* EXCLUDE (key), l.new_key AS merged_into, m.merged, f.sent_by, g.sent, g.sent_first
  {{- if .Orders}}, s.lines, s.first_line, s.last_line, s.first_sale, s.revenue{{end}}
  {{- range $i, $w := .Words}}, {{if $.Orders}}coalesce(s.p{{$i}}, 0){{else}}CAST(0 AS UBIGINT){{end}} | {{if $.Others}}coalesce(p.p{{$i}}, 0){{else}}CAST(0 AS UBIGINT){{end}} AS p{{$i}}{{end}}
FROM {{.Dictionary}} d
LEFT JOIN known c ON c.key = d.key
LEFT JOIN link l ON l.old_key = d.key
LEFT JOIN (SELECT new_key, list(old_key ORDER BY old_key) AS merged FROM link GROUP BY new_key) m ON m.new_key = d.key
LEFT JOIN refers f ON f.key = d.key
LEFT JOIN sent g ON g.key = d.key
{{- if .Orders}}
LEFT JOIN summed s ON s.key = d.key
{{- end}}
{{- if .Others}}
LEFT JOIN placed p ON p.key = d.key
{{- end}}
ORDER BY d.key
