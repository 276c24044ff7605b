-- Question:   how many customers did the same and said the same, what did they spend, and how many answers are there?
-- Grain:      one row for each behaviour ('base'), one for each question, behaviour and pair of grades ('cell'), one for each question ('heard').
-- Inputs:     stayed: loyalty_stayed.sql; graded: loyalty_graded.sql; given: loyalty_given.sql.
-- Definition: loyalty.Tally. Sums are exact decimals.
SELECT 'base' AS part, '' AS question, behaviour AS a, 0 AS b, 0 AS c, CAST(sum(n) AS BIGINT) AS n, CAST(sum(r0) AS VARCHAR) AS prior, CAST(sum(r1) AS VARCHAR) AS current FROM stayed GROUP BY behaviour
UNION ALL
SELECT 'cell', question, behaviour, grade, before, count(*), CAST(sum(r0) AS VARCHAR), CAST(sum(r1) AS VARCHAR) FROM stayed JOIN graded USING (unit) GROUP BY question, behaviour, grade, before
UNION ALL
SELECT 'heard', question, count(*) FILTER (customer_key IS NULL), count(*) FILTER (customer_key IS NOT NULL AND grade IS NULL), 0, count(*), '0', '0' FROM given GROUP BY question
ORDER BY ALL
