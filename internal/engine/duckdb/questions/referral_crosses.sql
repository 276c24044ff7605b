-- Question:   what do the losses along ties come to, with what their variance by cluster needs?
-- Grain:      one row for each pair of cells of a relation that share a cluster, and two for each side: its cells and its clusters.
-- Inputs:     faced (relation, reversed, stratum, exposed, cluster, n, y): referral_faced.sql.
-- Definition: docs/referrals.md. nn, ny, yn, yy are sums over clusters of the products of the two cells' counts; whole numbers.
WITH keyed AS (
  SELECT *, (CASE WHEN reversed THEN 1000 ELSE 0 END + stratum) * 2 + CASE WHEN exposed THEN 1 ELSE 0 END AS key FROM faced
)
SELECT 'cell' AS part, relation, key, 0 AS other, sum(n)::BIGINT AS nn, sum(y)::BIGINT AS ny, 0 AS yn, 0 AS yy FROM keyed GROUP BY relation, key
UNION ALL
SELECT 'arm', relation, (key // 2000) * 2000 + key % 2, 0, count(DISTINCT cluster), 0, 0, 0 FROM keyed GROUP BY relation, (key // 2000) * 2000 + key % 2
UNION ALL
SELECT 'cross', a.relation, a.key, b.key, sum(a.n * b.n)::BIGINT, sum(a.n * b.y)::BIGINT, sum(a.y * b.n)::BIGINT, sum(a.y * b.y)::BIGINT
FROM keyed a JOIN keyed b ON b.relation = a.relation AND b.cluster = a.cluster AND b.key >= a.key GROUP BY a.relation, a.key, b.key
