-- Rows as release with schema 10 wrote them.
INSERT INTO snapshot (id, at) VALUES (1, '2024-05-06T12:00:00.5Z'), (2, '2024-06-06T12:00:00Z');
INSERT INTO source (id, book, path, state, signature, rows, refused, skipped, rounded, repeated, refused_in, read_at, added, removed) VALUES
  (1, 'orders', 'a.csv', 'sa', 'ga', 10, 1, 2, 3, 4, 'parts/orders/1/refused.csv', '2024-05-06T11:59:59.25Z', 1, NULL),
  (2, 'orders', 'b.csv', 'sb', 'gb', 20, 0, 0, 0, 0, '', '2024-05-06T11:59:59.25Z', 1, NULL),
  (3, 'orders', 'c.csv', 'sc', 'gc', 5, 0, 0, 0, 0, '', '2024-05-06T11:59:59.25Z', 1, 2);
INSERT INTO rule (snapshot, book, rule) VALUES (1, 'orders', '{"sources":["b.csv","a.csv","c.csv"],"key":["line_id"],"overlaps":"once"}'),
  (2, 'orders', '{"sources":["b.csv","a.csv"],"key":[],"overlaps":""}');
INSERT INTO part (id, source, book, role, month, path, rows, bytes, sum, first_day, last_day, added, removed, digest) VALUES
  (1, 1, 'orders', 'rows', 24289, 'parts/orders/1/a.parquet', 10, 4096, x'000102030405060708090a0b0c0d0eff', 19723, 19753, 1, NULL, x'abababababababababababababababababababababababababababababababab'),
  (2, NULL, 'orders', 'merged', 24289, 'parts/orders/2/m.parquet', 30, 8192, x'000102030405060708090a0b0c0d0eff', 19723, 19753, 1, NULL, x'abababababababababababababababababababababababababababababababab'),
  (3, 3, 'orders', 'rows', 24289, 'parts/orders/3/c.parquet', 5, 2048, x'000102030405060708090a0b0c0d0eff', 19723, 19753, 1, 2, x'abababababababababababababababababababababababababababababababab');
INSERT INTO overlap (id, book, month, a, b, rows, first_day, last_day, snapshot) VALUES (1, 'orders', 24289, 'a.csv', 'b.csv', 5, 19723, 19724, 2);
INSERT INTO seal (id, statement, label, at, snapshot, fingerprint, inputs, preparer, restates, difference, document) VALUES
  (1, 'a', '2024-01', '2024-05-06T12:00:01Z', 1, 'f1', '{"b": 1, "a": 2}', 'Preparer', NULL, '', x'6f6e6500ff'),
  (2, 'a', '2024-01', '2024-06-06T12:00:01.000000001Z', 2, 'f2', '{}', 'Preparer', 1, '[{"line":"lost"}]', x'74776f');
INSERT INTO review (id, seal, reviewer, at, note) VALUES (1, 1, 'Reviewer', '2024-05-07T08:00:00Z', 'checked the returns');
INSERT INTO cohort_column (key, cells) VALUES ('k', '[1]');
INSERT INTO company (one, name) VALUES (1, 'Example & Söhne');
INSERT INTO change (id, kind, entity, version, at, who, before, after) VALUES
  (1, 'document', 1, 1, '2024-06-06T12:00:00.123456789Z', 7, NULL, '{"name":"books.yaml","text":"one\n"}'),
  (2, 'document', 1, 2, '2024-06-06T12:00:00.123456789Z', 0, '{"name":"books.yaml","text":"one\n"}', '{"name":"books.yaml","text":"two\n"}');
INSERT INTO document (id, name, version, text, at, who) VALUES (1, 'books.yaml', 2, 'two
', '2024-06-06T12:00:00.123456789Z', 0);
INSERT INTO upload (id, name, size, received, digest, who, at, changed, state) VALUES (1, 'orders.csv', 100, 60, '', 7, '2024-06-06T12:00:00.123456789Z', '2024-06-06T12:00:00.123456789Z', 'receiving');
INSERT INTO schedule (id, version, kind, spec, due, at, who) VALUES (1, 1, 'close', '{"day": 3}', '2024-06-06T12:00:00.123456789Z', '2024-06-06T12:00:00.123456789Z', 7);
INSERT INTO run (id, schedule, due, began, ended, outcome, note, link) VALUES (1, 1, '2024-06-06T12:00:00.123456789Z', '2024-06-06T12:00:00.123456789Z', '', 'running', '', '');
INSERT INTO erasure (id, at, who, kind, tombstone, counts, elsewhere) VALUES (1, '2024-06-06T12:00:00.123456789Z', 7, 'customer', 'gone-1', '{"orders":3}', '["data/*.csv"]');
INSERT INTO submission (key, who, at, location) VALUES ('k', 7, '2024-06-06T12:00:00.123456789Z', '/closes/1');
INSERT INTO users (id, version, email, name, roles, department, manager, person_id, locale, disabled, created) VALUES
  (1, 1, 'lead@example.com', 'Somebody', '["administrator"]', 'Care/Phone', 0, 'p-17', 'en-GB', 0, '2024-06-06T12:00:00.123456789Z');
INSERT INTO password (account, phc, at) VALUES (1, '$argon2id$', '2024-06-06T12:00:00.123456789Z');
INSERT INTO passkey (id, account, handle, name, record, count, made, used) VALUES (x'00ff', 1, x'01', 'laptop', x'7b7d', 4294967295, '2024-06-06T12:00:00.123456789Z', '');
INSERT INTO identity (issuer, subject, account, made) VALUES ('https://id.example.com', 's', 1, '2024-06-06T12:00:00.123456789Z');
INSERT INTO device (id, hash, account, made, seen) VALUES (5, x'05', 1, '2024-06-06T12:00:00.123456789Z', '2024-06-06T12:00:00.123456789Z');
INSERT INTO session (id, hash, account, at, seen, until, method, agent, place, device) VALUES (6, x'06', 1, '2024-06-06T12:00:00.123456789Z', '2024-06-06T12:00:00.123456789Z', '2024-06-06T12:00:00.123456789Z', 'passkey', 'Firefox', '192.0.2.0', 5);
INSERT INTO link (hash, kind, account, who, data, made, until) VALUES (x'07', 'reset', 1, 0, x'', '2024-06-06T12:00:00.123456789Z', '2024-06-06T12:00:00.123456789Z');
INSERT INTO token (id, hash, account, name, scopes, made, until, used, revoked) VALUES (8, x'08', 1, 'export', '["read-rows"]', '2024-06-06T12:00:00.123456789Z', '', '', '');
INSERT INTO tally (key, count, last) VALUES ('t', 1000000, '2024-06-06T12:00:00.123456789Z');
INSERT INTO audit (n, at, who, what, object, detail, previous, hash) VALUES (1, '2024-06-06T12:00:00.123456789Z', 0, 'signed in', 'user 1', '{"b":1, "a":2}', x'00', x'01');
INSERT INTO forgotten (id, subject, kind, hash, tombstone, words) VALUES (1, 'customer', 'id', x'0101010101010101010101010101010101010101010101010101010101010101', 'erased-1', 0), (2, 'customer', 'text', x'0202020202020202020202020202020202020202020202020202020202020202', '', 2);
INSERT INTO item (id, kind, key, version, body, at, who, saved) VALUES
  (1, 'touchpoint', 'delivery', 2, '{"owner":"Logistics"}', '2024-06-06T12:00:00.123456789Z', 7, 2),
  (2, 'touchpoint', 'fax', 2, NULL, '2024-06-06T12:00:00.123456789Z', 0, 2);
INSERT INTO change (id, kind, entity, version, at, who, before, after) VALUES
  (3, 'touchpoint', 1, 1, '2024-05-06T12:00:00.123456789Z', 7, NULL, '{"owner":""}'),
  (4, 'touchpoint', 2, 1, '2024-05-06T12:00:00.123456789Z', 7, NULL, '{}'),
  (5, 'touchpoint', 1, 2, '2024-06-06T12:00:00.123456789Z', 7, '{"owner":""}', '{"owner":"Logistics"}'),
  (6, 'touchpoint', 2, 2, '2024-06-06T12:00:00.123456789Z', 0, '{}', NULL);
