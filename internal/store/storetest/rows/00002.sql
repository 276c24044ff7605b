-- Rows as release with schema 2 wrote them.
INSERT INTO snapshot (id, at) VALUES (1, '2024-05-06T12:00:00.5Z'), (2, '2024-06-06T12:00:00Z');
INSERT INTO source (id, book, path, place, state, signature, rows, refused, skipped, rounded, repeated, refused_in, read_at, added, removed) VALUES
  (1, 'orders', 'a.csv', 1, 'sa', 'ga', 10, 1, 2, 3, 4, 'parts/orders/1/refused.csv', '2024-05-06T11:59:59.25Z', 1, NULL),
  (2, 'orders', 'b.csv', 0, 'sb', 'gb', 20, 0, 0, 0, 0, '', '2024-05-06T11:59:59.25Z', 1, NULL),
  (3, 'orders', 'c.csv', 2, 'sc', 'gc', 5, 0, 0, 0, 0, '', '2024-05-06T11:59:59.25Z', 1, 2);
INSERT INTO part (id, source, book, role, month, path, rows, bytes, sum, first_day, last_day, added, removed) VALUES
  (1, 1, 'orders', 'rows', 24289, 'parts/orders/1/a.parquet', 10, 4096, x'000102030405060708090a0b0c0d0eff', 19723, 19753, 1, NULL),
  (2, NULL, 'orders', 'merged', 24289, 'parts/orders/2/m.parquet', 30, 8192, x'000102030405060708090a0b0c0d0eff', 19723, 19753, 1, NULL),
  (3, 3, 'orders', 'rows', 24289, 'parts/orders/3/c.parquet', 5, 2048, x'000102030405060708090a0b0c0d0eff', 19723, 19753, 1, 2);
INSERT INTO overlap (id, book, month, a, b, rows, first_day, last_day, snapshot) VALUES (1, 'orders', 24289, 'a.csv', 'b.csv', 5, 19723, 19724, 2);
INSERT INTO seal (id, statement, label, at, snapshot, fingerprint, inputs, preparer, restates, difference, document) VALUES
  (1, 'a', '2024-01', '2024-05-06T12:00:01Z', 1, 'f1', '{"b": 1, "a": 2}', 'Preparer', NULL, '', x'6f6e6500ff'),
  (2, 'a', '2024-01', '2024-06-06T12:00:01.000000001Z', 2, 'f2', '{}', 'Preparer', 1, '[{"line":"lost"}]', x'74776f');
INSERT INTO review (id, seal, reviewer, at, note) VALUES (1, 1, 'Reviewer', '2024-05-07T08:00:00Z', 'checked the returns');
INSERT INTO cohort_column (key, cells) VALUES ('k', '[1]');
