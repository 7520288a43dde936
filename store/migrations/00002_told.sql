-- +goose Up
-- The state and the leads by list (JSON) with which the campaign's end was last told to
-- other systems; '' if it never was. A run that finds nothing to do ends with
-- the same lists and tells nothing.
ALTER TABLE campaigns ADD COLUMN told TEXT NOT NULL DEFAULT '';
