-- +goose Up
-- Whose books these are: one company a folder.
CREATE TABLE company (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  name TEXT    NOT NULL
) STRICT;
