-- +goose Up
-- Numbers of rows that may be deleted are never given twice, because the
-- history and the audit log go on naming them: hence AUTOINCREMENT.

-- Every change of what can be edited, written with the change.
CREATE TABLE change (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  kind    TEXT    NOT NULL,
  entity  INTEGER NOT NULL,
  version INTEGER NOT NULL, -- that the change made
  at      TEXT    NOT NULL,
  who     INTEGER NOT NULL, -- a user; 0: the command line or a schedule
  before  TEXT,             -- JSON; NULL: it was made
  after   TEXT,             -- JSON; NULL: it was removed
  UNIQUE (kind, entity, version)
) STRICT;

-- Named texts that people edit.
CREATE TABLE document (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  name    TEXT    NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  text    TEXT    NOT NULL,
  at      TEXT    NOT NULL,
  who     INTEGER NOT NULL
) STRICT;

CREATE TABLE upload (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  name     TEXT    NOT NULL,
  size     INTEGER NOT NULL,
  received INTEGER NOT NULL,
  digest   TEXT    NOT NULL, -- SHA-256 in hex; empty until it is complete
  who      INTEGER NOT NULL,
  at       TEXT    NOT NULL,
  changed  TEXT    NOT NULL,
  state    TEXT    NOT NULL
) STRICT;

CREATE TABLE schedule (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  kind    TEXT    NOT NULL,
  spec    TEXT    NOT NULL, -- JSON
  due     TEXT    NOT NULL, -- empty: paused
  at      TEXT    NOT NULL,
  who     INTEGER NOT NULL
) STRICT;

CREATE TABLE run (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  schedule INTEGER NOT NULL, -- which may be gone
  due      TEXT    NOT NULL,
  began    TEXT    NOT NULL,
  ended    TEXT    NOT NULL,
  outcome  TEXT    NOT NULL,
  note     TEXT    NOT NULL,
  link     TEXT    NOT NULL,
  UNIQUE (schedule, due)     -- each due moment runs once
) STRICT;

-- Receipts, without who it was.
CREATE TABLE erasure (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  at        TEXT    NOT NULL,
  who       INTEGER NOT NULL,
  kind      TEXT    NOT NULL,
  tombstone TEXT    NOT NULL,
  counts    TEXT    NOT NULL, -- JSON
  elsewhere TEXT    NOT NULL  -- JSON
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER erasure_is_final BEFORE UPDATE ON erasure BEGIN
  SELECT RAISE(ABORT, 'a receipt never changes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER erasure_is_kept BEFORE DELETE ON erasure BEGIN
  SELECT RAISE(ABORT, 'a receipt is never deleted');
END;
-- +goose StatementEnd
-- INSERT OR REPLACE deletes without asking the triggers of DELETE.
-- +goose StatementBegin
CREATE TRIGGER erasure_is_not_replaced BEFORE INSERT ON erasure WHEN EXISTS (SELECT 1 FROM erasure WHERE id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'a receipt never changes');
END;
-- +goose StatementEnd

-- Forms that were sent, so that sending one twice does it once.
CREATE TABLE submission (
  key      TEXT    NOT NULL,
  who      INTEGER NOT NULL,
  at       TEXT    NOT NULL,
  location TEXT    NOT NULL, -- of the outcome; empty: being worked on
  PRIMARY KEY (key, who)
) STRICT, WITHOUT ROWID;
