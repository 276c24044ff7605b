-- Question:   what became of each customer between two periods?
-- Grain:      one row for each customer (account, household, customer of an entity) with a line in either.
-- Inputs:     as in tally.sql.
-- Definition: placed.sql.
WITH
{{template "placed.sql" .}}
SELECT unit, state, via, how, r0, r1 FROM placed
