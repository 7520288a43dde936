-- +goose Up
-- Calls to numbers that are no lead's, for the ceilings per number and per
-- hour: operators at numbers, transfers. Only the last day's matter.
CREATE TABLE outside (
	phone TEXT NOT NULL,
	placed INTEGER NOT NULL
) STRICT;
CREATE INDEX outside_phone ON outside (phone, placed);
CREATE INDEX outside_placed ON outside (placed);
