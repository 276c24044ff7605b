-- +goose Up
CREATE TABLE cohort_column (
  key   TEXT PRIMARY KEY,
  cells TEXT NOT NULL
) STRICT, WITHOUT ROWID;
