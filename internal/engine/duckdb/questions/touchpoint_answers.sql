-- Question:   what did customers answer?
-- Grain:      one row for each part, question and scale.
-- Inputs:     said (unit, part, moment, question, scale, score, worded): answers with a score without those of the excluded; asked: touchpoint_asked.sql.
-- Definition: journey.Answered. A score on its scale is at most 9,999, so that no square of a sum runs over. An answer that names nobody stands for itself.
WITH read AS (
  SELECT s.unit, s.part, a.kind, s.worded, CASE WHEN s.score >= a.low AND s.score <= a.high THEN CAST(s.score * 1000000 AS HUGEINT) END AS score,
    CASE WHEN s.score >= a.low AND s.score <= a.high THEN CASE WHEN s.score >= a.top THEN 1 WHEN s.score <= a.bottom THEN -1 ELSE 0 END END AS side,
    a.question = 'nps' AS net
  FROM said s JOIN asked a ON a.said = s.question AND a.written = s.scale
),
told AS (
  SELECT *, CASE WHEN net THEN side WHEN side = 1 THEN 1 ELSE side * 0 END AS u FROM read
),
own AS (
  SELECT part, kind, unit, count(side) AS n, count(*) - count(side) AS unread, count(*) FILTER (worded AND side IS NOT NULL) AS words,
    count(*) FILTER (side = -1) AS low, count(*) FILTER (side = 0) AS middle, count(*) FILTER (side = 1) AS high,
    coalesce(sum(u), 0) AS u, coalesce(sum(u * u), 0) AS uu, coalesce(sum(score), 0) AS s, coalesce(sum(score * score), 0) AS ss
  FROM told WHERE unit IS NOT NULL GROUP BY part, kind, unit
),
nameless AS (
  SELECT part, kind, unit, CAST(side IS NOT NULL AS BIGINT) AS n, CAST(side IS NULL AS BIGINT) AS unread, CAST(worded AND side IS NOT NULL AS BIGINT) AS words,
    CAST(coalesce(side = -1, FALSE) AS BIGINT) AS low, CAST(coalesce(side = 0, FALSE) AS BIGINT) AS middle, CAST(coalesce(side = 1, FALSE) AS BIGINT) AS high,
    CAST(coalesce(u, 0) AS HUGEINT) AS u, CAST(coalesce(u * u, 0) AS HUGEINT) AS uu, coalesce(score, 0) AS s, coalesce(score * score, 0) AS ss
  FROM told WHERE unit IS NULL
),
summed AS (
  SELECT part, kind, CAST(sum(n) AS BIGINT) AS n, CAST(sum(unread) AS BIGINT) AS unread, count(unit) FILTER (n > 0) AS customers, CAST(sum(words) AS BIGINT) AS words,
    CAST(sum(low) AS BIGINT) AS low, CAST(sum(middle) AS BIGINT) AS middle, CAST(sum(high) AS BIGINT) AS high,
    CAST(sum(u) AS VARCHAR) AS u, CAST(sum(uu) AS VARCHAR) AS uu, CAST(sum(u * u) AS VARCHAR) AS usum, CAST(sum(u * n) AS VARCHAR) AS un,
    CAST(sum(s) AS VARCHAR) AS s, CAST(sum(ss) AS VARCHAR) AS ss, CAST(sum(s * s) AS VARCHAR) AS ssum, CAST(sum(s * n) AS VARCHAR) AS sn, CAST(sum(n * n) AS BIGINT) AS nn
  FROM (SELECT * FROM own UNION ALL SELECT * FROM nameless) GROUP BY part, kind
)
SELECT s.part, a.question, a.scale, s.n, s.unread, s.customers, s.words, s.low, s.middle, s.high, s.u, s.uu, s.usum, s.un, s.s, s.ss, s.ssum, s.sn, s.nn
FROM summed s JOIN (SELECT DISTINCT kind, question, scale FROM asked) a ON a.kind = s.kind
ORDER BY s.part, a.question, a.scale
