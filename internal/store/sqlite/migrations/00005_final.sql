-- +goose Up
-- INSERT OR REPLACE deletes without asking the triggers of DELETE.
-- +goose StatementBegin
CREATE TRIGGER seal_is_not_replaced BEFORE INSERT ON seal
WHEN EXISTS (SELECT 1 FROM seal WHERE id = NEW.id OR restates = NEW.restates OR (statement = NEW.statement AND restates IS NULL AND NEW.restates IS NULL)) BEGIN
  SELECT RAISE(ABORT, 'a seal never changes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_is_kept BEFORE DELETE ON review BEGIN
  SELECT RAISE(ABORT, 'a review is never deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_is_not_replaced BEFORE INSERT ON review WHEN EXISTS (SELECT 1 FROM review WHERE id = NEW.id OR seal = NEW.seal) BEGIN
  SELECT RAISE(ABORT, 'a review never changes');
END;
-- +goose StatementEnd
