-- +goose Up
CREATE TABLE snapshot (
  id     INTEGER PRIMARY KEY,
  at     TEXT    NOT NULL
) STRICT;

-- A source or part belongs to the snapshots from `added` up to, but not
-- including, `removed`.
CREATE TABLE source (
  id         INTEGER PRIMARY KEY,
  book       TEXT    NOT NULL,
  path       TEXT    NOT NULL,
  place      INTEGER NOT NULL,
  state      TEXT    NOT NULL,
  signature  TEXT    NOT NULL,
  rows       INTEGER NOT NULL,
  refused    INTEGER NOT NULL,
  skipped    INTEGER NOT NULL,
  rounded    INTEGER NOT NULL,
  repeated   INTEGER NOT NULL,
  refused_in TEXT    NOT NULL,
  read_at    TEXT    NOT NULL,
  added      INTEGER NOT NULL REFERENCES snapshot (id),
  removed    INTEGER REFERENCES snapshot (id)
) STRICT;

CREATE TABLE part (
  id        INTEGER PRIMARY KEY,
  source    INTEGER REFERENCES source (id),
  book      TEXT    NOT NULL,
  role      TEXT    NOT NULL,
  month     INTEGER NOT NULL,
  path      TEXT    NOT NULL UNIQUE,
  rows      INTEGER NOT NULL,
  bytes     INTEGER NOT NULL,
  sum       BLOB    NOT NULL CHECK (length(sum) = 16),
  first_day INTEGER NOT NULL,
  last_day  INTEGER NOT NULL,
  added     INTEGER NOT NULL REFERENCES snapshot (id),
  removed   INTEGER REFERENCES snapshot (id)
) STRICT;
CREATE INDEX part_by_source ON part (source);

CREATE TABLE overlap (
  id        INTEGER PRIMARY KEY,
  book      TEXT    NOT NULL,
  month     INTEGER NOT NULL,
  a         TEXT    NOT NULL,
  b         TEXT    NOT NULL,
  rows      INTEGER NOT NULL,
  first_day INTEGER NOT NULL,
  last_day  INTEGER NOT NULL,
  snapshot  INTEGER NOT NULL REFERENCES snapshot (id)
) STRICT;

CREATE TABLE seal (
  id          INTEGER PRIMARY KEY,
  statement   TEXT    NOT NULL, -- which statement: period, comparison, definitions
  label       TEXT    NOT NULL, -- the period as the user named it
  at          TEXT    NOT NULL,
  snapshot    INTEGER NOT NULL REFERENCES snapshot (id),
  fingerprint TEXT    NOT NULL,
  inputs      TEXT    NOT NULL, -- fingerprints by book and month, settings
  preparer    TEXT    NOT NULL,
  restates    INTEGER UNIQUE REFERENCES seal (id),
  difference  TEXT    NOT NULL, -- what the restatement moved, line by line
  document    BLOB    NOT NULL
) STRICT;
CREATE INDEX seal_by_statement ON seal (statement, id);
-- A statement has one first seal, and a seal is restated at most once.
CREATE UNIQUE INDEX seal_first ON seal (statement) WHERE restates IS NULL;

CREATE TABLE review (
  id       INTEGER PRIMARY KEY,
  seal     INTEGER NOT NULL UNIQUE REFERENCES seal (id),
  reviewer TEXT    NOT NULL,
  at       TEXT    NOT NULL,
  note     TEXT    NOT NULL
) STRICT;

-- A sealed statement never changes.
-- +goose StatementBegin
CREATE TRIGGER seal_is_final BEFORE UPDATE ON seal BEGIN
  SELECT RAISE(ABORT, 'a seal never changes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_is_kept BEFORE DELETE ON seal BEGIN
  SELECT RAISE(ABORT, 'a seal is never deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_is_final BEFORE UPDATE ON review BEGIN
  SELECT RAISE(ABORT, 'a review never changes');
END;
-- +goose StatementEnd
