-- +goose Up
-- Times are nanoseconds since 1970 in UTC; 0 means "never" or "at once".

CREATE TABLE campaigns (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    hash       TEXT    NOT NULL DEFAULT '',
    region     TEXT    NOT NULL DEFAULT '',
    zone       TEXT    NOT NULL DEFAULT '',
    recent     INTEGER NOT NULL DEFAULT 0,
    state      TEXT    NOT NULL DEFAULT 'draft',
    reason     TEXT    NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0
);

-- A base is one file, known by the sha256 of its bytes. header and vars are
-- JSON arrays of the same length: the columns' titles as they came, and the
-- scenario variable that each of them fills.
CREATE TABLE bases (
    id          INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
    fingerprint TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    header      TEXT    NOT NULL,
    vars        TEXT    NOT NULL,
    complete    INTEGER NOT NULL DEFAULT 0,
    rejected    INTEGER NOT NULL DEFAULT 0, -- rows in rejected_rows
    UNIQUE (campaign_id, fingerprint)
);

-- row is a JSON array of a base's values as they came, or, for leads without a
-- base, a JSON object of columns by variable.
CREATE TABLE leads (
    id          INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
    base_id     INTEGER NOT NULL DEFAULT 0,
    line        INTEGER NOT NULL DEFAULT 0,
    external_id TEXT    NOT NULL DEFAULT '',
    partner     TEXT    NOT NULL DEFAULT '',
    phone       TEXT    NOT NULL,
    zone        TEXT    NOT NULL,
    row         TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'ready',
    next_at     INTEGER NOT NULL DEFAULT 0,
    promised    INTEGER NOT NULL DEFAULT 0,
    list        TEXT    NOT NULL DEFAULT '',
    last        TEXT    NOT NULL DEFAULT '',
    answers     TEXT    NOT NULL DEFAULT '',
    attempts    INTEGER NOT NULL DEFAULT 0,
    progress    TEXT    NOT NULL DEFAULT '',
    first_call  INTEGER NOT NULL DEFAULT 0,
    last_call   INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX leads_due ON leads (campaign_id, promised, next_at) WHERE state IN ('ready', 'waiting');
CREATE INDEX leads_campaign ON leads (campaign_id);
CREATE INDEX leads_phone ON leads (campaign_id, phone);
CREATE UNIQUE INDEX leads_external ON leads (campaign_id, external_id) WHERE external_id <> '';
CREATE INDEX leads_list ON leads (campaign_id, list) WHERE list <> '';
CREATE INDEX leads_partner ON leads (partner) WHERE partner <> '';

CREATE TABLE attempts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id     INTEGER NOT NULL REFERENCES leads(id),
    campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
    phone       TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    trunk       TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    placed      INTEGER NOT NULL,
    ringing     INTEGER NOT NULL DEFAULT 0,
    answered    INTEGER NOT NULL DEFAULT 0,
    ended       INTEGER NOT NULL DEFAULT 0,
    disposition TEXT    NOT NULL DEFAULT '',
    result      TEXT    NOT NULL DEFAULT '' -- the rest of dialer.Result as JSON
);
CREATE INDEX attempts_lead ON attempts (lead_id);
CREATE INDEX attempts_open ON attempts (campaign_id) WHERE state <> 'ended';
CREATE INDEX attempts_answered ON attempts (phone, answered)
    WHERE answered > 0 AND disposition NOT IN ('machine', 'fax', 'silent');

CREATE TABLE dnc (
    phone    TEXT    NOT NULL PRIMARY KEY,
    reason   TEXT    NOT NULL,
    source   TEXT    NOT NULL,
    added_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE rejected_rows (
    base_id INTEGER NOT NULL REFERENCES bases(id),
    line    INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    row     TEXT    NOT NULL,
    PRIMARY KEY (base_id, line)
) WITHOUT ROWID;

-- A stream is what leaves for one lead to one sink (kind, endpoint); it keeps
-- its order. head marks the earliest undelivered row of its stream: only heads
-- can be sent. Rows of no lead (lead_id 0) have no order: all are heads.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    endpoint    TEXT    NOT NULL,
    campaign_id INTEGER NOT NULL,
    lead_id     INTEGER NOT NULL,
    body        BLOB    NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    next_at     INTEGER NOT NULL DEFAULT 0,
    sent_at     INTEGER NOT NULL DEFAULT 0,
    last_error  TEXT    NOT NULL DEFAULT '',
    state       TEXT    NOT NULL DEFAULT 'pending',
    head        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (key, endpoint)
);
CREATE INDEX outbox_due ON outbox (kind, endpoint, next_at, id) WHERE head = 1 AND state IN ('pending', 'waiting');
CREATE INDEX outbox_stream ON outbox (lead_id, kind, endpoint, id) WHERE state IN ('pending', 'waiting');
CREATE INDEX outbox_lead ON outbox (lead_id) WHERE lead_id > 0;
CREATE INDEX outbox_open ON outbox (created_at) WHERE state IN ('pending', 'waiting');
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';

-- Endpoints that are off; the others have no row.
CREATE TABLE endpoints_off (
    name  TEXT    NOT NULL PRIMARY KEY,
    why   TEXT    NOT NULL,
    since INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE replies (
    campaign_id INTEGER NOT NULL,
    key         TEXT    NOT NULL,
    request     TEXT    NOT NULL, -- sha256 of the request
    answer      TEXT    NOT NULL, -- JSON
    at          INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, key)
) WITHOUT ROWID;
CREATE INDEX replies_at ON replies (at);

CREATE TABLE tokens (
    name       TEXT    NOT NULL PRIMARY KEY,
    hash       TEXT    NOT NULL UNIQUE, -- sha256 of the secret
    role       TEXT    NOT NULL,
    partner    TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Counters, kept right by the database itself so that progress is cheap.
CREATE TABLE lead_totals (
    campaign_id INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    list        TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, state, list)
) WITHOUT ROWID;

CREATE TABLE attempt_totals (
    campaign_id INTEGER NOT NULL,
    disposition TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, disposition)
) WITHOUT ROWID;

CREATE TABLE outbox_totals (
    state TEXT    NOT NULL PRIMARY KEY,
    n     INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER leads_counted AFTER INSERT ON leads BEGIN
    INSERT INTO lead_totals VALUES (new.campaign_id, new.state, new.list, 1)
        ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER leads_moved AFTER UPDATE OF state, list ON leads
WHEN old.state <> new.state OR old.list <> new.list BEGIN
    UPDATE lead_totals SET n = n - 1
        WHERE campaign_id = old.campaign_id AND state = old.state AND list = old.list;
    INSERT INTO lead_totals VALUES (new.campaign_id, new.state, new.list, 1)
        ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER attempts_counted AFTER UPDATE OF state ON attempts
WHEN old.state <> 'ended' AND new.state = 'ended' BEGIN
    INSERT INTO attempt_totals VALUES (new.campaign_id, new.disposition, 1)
        ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER outbox_counted AFTER INSERT ON outbox BEGIN
    INSERT INTO outbox_totals VALUES (new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER outbox_moved AFTER UPDATE OF state ON outbox WHEN old.state <> new.state BEGIN
    UPDATE outbox_totals SET n = n - 1 WHERE state = old.state;
    INSERT INTO outbox_totals VALUES (new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rejected_counted AFTER INSERT ON rejected_rows BEGIN
    UPDATE bases SET rejected = rejected + 1 WHERE id = new.base_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rejected_uncounted AFTER DELETE ON rejected_rows BEGIN
    UPDATE bases SET rejected = rejected - 1 WHERE id = old.base_id;
END;
-- +goose StatementEnd
