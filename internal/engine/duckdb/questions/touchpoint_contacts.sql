-- Question:   how many contacts were there, and what is known of them?
-- Grain:      one row for each part: span, touchpoint and brand.
-- Inputs:     met (unit, part, moment, wait, handled, transfers, abandoned, contained, resolved, reopened): contacts without those of the excluded. A unit is
--             NULL where nobody is named; times and hand-offs are whole millionths, NULL where they are not known or below nothing.
-- Definition: journey.Served. A square of h · 2⁴⁸ + l is told by the sums of h², h · l and l², so that none runs over. Who gave up was not served within any time.
SELECT part, count(*), count(unit), CAST(CAST(min(moment) AS DATE) AS VARCHAR), CAST(CAST(max(moment) AS DATE) AS VARCHAR)
{{- range .Means}},
  count({{.}}), CAST(coalesce(sum({{.}}), 0) AS VARCHAR),
  CAST(coalesce(sum(({{.}} >> 48) * ({{.}} >> 48)), 0) AS VARCHAR), CAST(coalesce(sum(({{.}} >> 48) * ({{.}} & 281474976710655)), 0) AS VARCHAR),
  CAST(coalesce(sum(CAST({{.}} & 281474976710655 AS HUGEINT) * CAST({{.}} & 281474976710655 AS HUGEINT)), 0) AS VARCHAR)
{{- end}}
{{- range .Flags}},
  count({{.}}), count(*) FILTER ({{.}})
{{- end}},
  count(*) FILTER (wait IS NOT NULL OR abandoned)
{{- range .Within}},
  count(*) FILTER (wait <= {{.}} AND abandoned IS NOT TRUE)
{{- end}},
  count(*) FILTER (abandoned AND unit IS NULL)
FROM met
GROUP BY part
ORDER BY part
