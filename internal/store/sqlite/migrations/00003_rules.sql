-- +goose Up
-- How a book's sources were brought together in a snapshot; a book that a
-- later snapshot does not name keeps its last rule.
CREATE TABLE rule (
  snapshot INTEGER NOT NULL REFERENCES snapshot (id),
  book     TEXT    NOT NULL,
  rule     TEXT    NOT NULL,
  PRIMARY KEY (snapshot, book)
) STRICT, WITHOUT ROWID;

-- The rule holds the order of the sources from now on.
INSERT INTO rule (snapshot, book, rule)
  SELECT (SELECT max(id) FROM snapshot), book,
    json_object('sources', json_group_array(path), 'key', json_array(), 'overlaps', '')
  FROM (SELECT book, path FROM source WHERE removed IS NULL ORDER BY book, place, id)
  GROUP BY book;
ALTER TABLE source DROP COLUMN place;
