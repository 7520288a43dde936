-- +goose Up
-- What a person who listened to a recorded call says was true of it. A call may
-- be labelled again; the label with the highest id counts.
CREATE TABLE hearing_labels (
	id INTEGER PRIMARY KEY,
	attempt_id INTEGER NOT NULL REFERENCES attempts(id),
	party TEXT NOT NULL, -- who answered: human, machine, announcement, fax, tone, silence
	words TEXT NOT NULL DEFAULT '', -- JSON: what was really said, one for each Said of the attempt
	sample TEXT NOT NULL, -- how the call was chosen: random, unsure, named
	labeller TEXT NOT NULL DEFAULT '',
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX hearing_labels_attempt ON hearing_labels (attempt_id, id);
