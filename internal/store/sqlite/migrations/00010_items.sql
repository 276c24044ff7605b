-- +goose Up
-- Things of the program that people edit one by one. One that was removed
-- keeps its row without a body, so that its history is found by its key and
-- goes on when it is made again.
CREATE TABLE item (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  kind    TEXT    NOT NULL,
  key     TEXT    NOT NULL,
  version INTEGER NOT NULL,
  body    TEXT,             -- JSON; NULL: it was removed
  at      TEXT    NOT NULL,
  who     INTEGER NOT NULL,
  saved   INTEGER NOT NULL, -- the number of the save that wrote this version
  UNIQUE (kind, key)
) STRICT;
CREATE INDEX item_by_save ON item (saved);
