-- +goose Up
-- Users are never deleted; one that was forgotten has no address.
CREATE TABLE users (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  version    INTEGER NOT NULL,
  email      TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  roles      TEXT    NOT NULL, -- JSON
  department TEXT    NOT NULL,
  manager    INTEGER NOT NULL, -- a user; 0: none
  person_id  TEXT    NOT NULL, -- in the book of people
  locale     TEXT    NOT NULL,
  disabled   INTEGER NOT NULL,
  created    TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE email <> '';

CREATE TABLE password (
  account INTEGER PRIMARY KEY REFERENCES users (id),
  phc     TEXT    NOT NULL, -- argon2id
  at      TEXT    NOT NULL
) STRICT;

CREATE TABLE passkey (
  id      BLOB    PRIMARY KEY NOT NULL,
  account INTEGER NOT NULL REFERENCES users (id),
  handle  BLOB    NOT NULL,
  name    TEXT    NOT NULL,
  record  BLOB    NOT NULL,
  count   INTEGER NOT NULL,
  made    TEXT    NOT NULL,
  used    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_by_account ON passkey (account);

CREATE TABLE identity (
  issuer  TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  account INTEGER NOT NULL REFERENCES users (id),
  made    TEXT    NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_by_account ON identity (account);

CREATE TABLE device (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  hash    BLOB    NOT NULL UNIQUE, -- SHA-256
  account INTEGER NOT NULL REFERENCES users (id),
  made    TEXT    NOT NULL,
  seen    TEXT    NOT NULL
) STRICT;
CREATE INDEX device_by_account ON device (account);

CREATE TABLE session (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  hash    BLOB    NOT NULL UNIQUE, -- SHA-256
  account INTEGER NOT NULL REFERENCES users (id),
  at      TEXT    NOT NULL,
  seen    TEXT    NOT NULL,
  until   TEXT    NOT NULL,
  method  TEXT    NOT NULL,
  agent   TEXT    NOT NULL,
  place   TEXT    NOT NULL,
  device  INTEGER NOT NULL -- 0: none; it may be forgotten by now
) STRICT;
CREATE INDEX session_by_account ON session (account);

CREATE TABLE link (
  hash    BLOB    PRIMARY KEY NOT NULL, -- SHA-256
  kind    TEXT    NOT NULL,
  account INTEGER NOT NULL, -- 0: nobody yet
  who     INTEGER NOT NULL,
  data    BLOB    NOT NULL,
  made    TEXT    NOT NULL,
  until   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_account ON link (account);

CREATE TABLE token (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  hash    BLOB    NOT NULL UNIQUE, -- SHA-256
  account INTEGER NOT NULL REFERENCES users (id),
  name    TEXT    NOT NULL,
  scopes  TEXT    NOT NULL, -- JSON
  made    TEXT    NOT NULL,
  until   TEXT    NOT NULL, -- empty: no end
  used    TEXT    NOT NULL,
  revoked TEXT    NOT NULL  -- empty: not
) STRICT;
CREATE INDEX token_by_account ON token (account);

-- Wrong tries.
CREATE TABLE tally (
  key   TEXT    PRIMARY KEY NOT NULL,
  count INTEGER NOT NULL,
  last  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  n        INTEGER PRIMARY KEY,
  at       TEXT    NOT NULL,
  who      INTEGER NOT NULL,
  what     TEXT    NOT NULL,
  object   TEXT    NOT NULL,
  detail   TEXT    NOT NULL,
  previous BLOB    NOT NULL,
  hash     BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_by_object ON audit (object, n);

-- +goose StatementBegin
CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'an entry of the audit log never changes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'an entry of the audit log is never deleted');
END;
-- +goose StatementEnd
-- INSERT OR REPLACE deletes without asking the triggers of DELETE.
-- +goose StatementBegin
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE n = NEW.n) BEGIN
  SELECT RAISE(ABORT, 'an entry of the audit log never changes');
END;
-- +goose StatementEnd
