-- +goose Up
-- How often a number was called lately, over all campaigns, is looked up
-- before each call (ceilings per number).
CREATE INDEX attempts_phone ON attempts (phone, placed);
