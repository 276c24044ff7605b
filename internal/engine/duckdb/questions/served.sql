-- Question:   how many customers were served at each touchpoint?
-- Grain:      one row for each touchpoint with an identified customer.
-- Inputs:     contact, as in contacts.sql.
SELECT touchpoint, count(DISTINCT unit)
FROM contact
WHERE who = 'identified' AND started_at >= {{.Start}} AND started_at < {{.End}}
GROUP BY 1
ORDER BY 1
