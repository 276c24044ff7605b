-- Question:   how often does a book name which touchpoints?
-- Grain:      one row for each span, name and touchpoint where it leads; one for all names of a span and touchpoint that are not told apart.
-- Inputs:     noted, called: touchpoint_calls.sql; place (name, from, until, touchpoint).
-- Definition: journey.Named.
SELECT n.span, CASE WHEN c.kept THEN c.folded ELSE '' END AS name, count(DISTINCT c.folded) FILTER (NOT c.kept) AS others, coalesce(p.touchpoint, 0) AS touchpoint, count(*), count(DISTINCT n.unit)
FROM noted n JOIN called c ON c.name IS NOT DISTINCT FROM n.touchpoint
LEFT JOIN place p ON p.name = c.folded AND n.moment >= p."from" AND n.moment < p."until"
GROUP BY n.span, CASE WHEN c.kept THEN c.folded ELSE '' END, c.kept, coalesce(p.touchpoint, 0)
ORDER BY ALL
