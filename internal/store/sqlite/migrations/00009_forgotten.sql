-- +goose Up
-- Markers of everybody erased, as hashes under the company's secret, so that
-- a later import of a source that is not ours does not bring them back.
CREATE TABLE forgotten (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  subject   TEXT    NOT NULL,
  kind      TEXT    NOT NULL,
  hash      BLOB    NOT NULL CHECK (length(hash) = 32),
  tombstone TEXT    NOT NULL,
  words     INTEGER NOT NULL,
  UNIQUE (kind, hash)
) STRICT;
