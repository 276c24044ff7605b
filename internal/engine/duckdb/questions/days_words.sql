-- Question:   what did customers say last about each name of a touchpoint?
-- Grain:      one row for each of the {{.Most}} newest words of a folded name, the newest first.
-- Inputs:     the book {{.Book}}, of one month.
-- Definition: engine.Said; of several in one moment the one that is first by its id.
SELECT name, moment, id, customer_key, words, channel, question, scale, score, language
FROM (
  SELECT {{.Folded}} AS name, moment, id, customer_key, words, channel, question, scale, score, language
  FROM ({{.Rows}}) WHERE words IS NOT NULL
)
QUALIFY row_number() OVER (PARTITION BY name ORDER BY moment DESC, id, words) <= {{.Most}}
ORDER BY name, moment DESC, id
