-- +goose Up
-- SHA-256 of each part's file; empty for parts written before.
ALTER TABLE part ADD COLUMN digest BLOB NOT NULL DEFAULT x'';
